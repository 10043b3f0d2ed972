"""``hub check``: load a site as the hub would, run its examples, prove its mappings, and print every finding."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from hub.commands.sarif import sarif
from hub.commands.show import print_json
from hub.commands.start import SITE, JsonOption, SiteOption, Usage
from hub.findings import Finding, Findings, nearest
from hub.mapping.hatches import HATCHES
from hub.proving.examples import load_examples, without_example
from hub.proving.reach import unreached
from hub.proving.run import run_example, update
from hub.proving.verdict import SchemaVerdict
from hub.site.site import Site
from hub.wiring.checking import load_checked_site


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(
    site: SiteOption = SITE,
    as_json: JsonOption = False,
    sarif_file: Annotated[
        Path | None, typer.Option("--sarif", help="Write the findings to this file too, for code hosts (SARIF 2.1.0).")
    ] = None,
    examples: Annotated[bool, typer.Option("--examples/--no-examples", help="Run the mappings' examples.")] = True,
    rewrite: Annotated[
        bool, typer.Option("--update", help="Rewrite what examples expect with what the mappings make.")
    ] = False,
    prove: Annotated[
        int, typer.Option("--prove", min=0, metavar="N", help="Generated cases for each mapping, direction and grant.")
    ] = 0,
    seed: Annotated[int | None, typer.Option(help="Seed of --prove: the same seed gives the same cases.")] = None,
    mapping: Annotated[str, typer.Option(metavar="AGENCY/TYPE", help="Prove this mapping only.")] = "",
) -> None:
    """Check a whole site: agencies, contracts, canonical schemas, mappings, grants, examples.

    Prints each finding as FILE:LINE and exits 1 where one is an error. The hub does not start with a site that has
    errors outside its examples.

    Examples: hub check; hub check --sarif findings.sarif; hub check --prove 200 --mapping court/case-referral
    """
    facts: dict[str, Any] = {}
    with SchemaVerdict(site) as verdict:
        loaded, findings = attempt(site)
        if loaded is not None and examples:
            ran, found = _run_examples(loaded, rewrite)
            facts["examples"] = ran
            findings += found
        if loaded is not None and prove:
            proof = _prove(loaded, prove, seed, mapping, quiet=as_json)
            facts["proof"] = proof.as_json()
            findings += proof.findings
        findings += verdict.findings()
    findings = _sorted(findings)
    wrong = any(finding.severity == "error" for finding in findings)
    if sarif_file is not None:
        sarif_file.write_bytes(orjson.dumps(sarif(findings, _prefix(site)), option=orjson.OPT_INDENT_2))
    if as_json:
        print_json({"ok": not wrong, "findings": [asdict(finding) for finding in findings], **facts})
    else:
        for finding in findings:
            typer.echo(str(finding))
        typer.echo(_summary(loaded, findings, facts))
    raise typer.Exit(1 if wrong else 0)


def attempt(folder: Path) -> tuple[Site | None, list[Finding]]:
    """The site, or None, with what was found."""
    try:
        site = load_checked_site(folder)
    except Findings as error:
        return None, list(error.findings)
    return site, list(site.notes)


def _run_examples(site: Site, rewrite: bool) -> tuple[int, list[Finding]]:
    examples, findings = load_examples(site)
    for example in examples:
        outcome = run_example(site, example)
        if rewrite and update(outcome):
            typer.echo(f"updated {outcome.expected.relative_to(site.root)}", err=True)
        else:
            findings += outcome.findings
    return len(examples), [*findings, *without_example(site, examples), *unreached(site, examples)]


def _prove(site: Site, cases: int, seed: int | None, mapping: str, *, quiet: bool) -> Any:
    chosen = None
    if mapping:
        agency, _, type = mapping.partition("/")
        chosen = (agency, type)
        if chosen not in site.dialects:
            known = [f"{owner}/{name}" for owner, name in site.dialects]
            raise Usage(f"no mapping {mapping!r} {nearest(mapping, known)}")
    # Loaded only where it is asked for: the generator's engine costs a second at start.
    run = importlib.import_module("hub.commands.prove").run
    return run(site, cases, seed if seed is not None else int.from_bytes(os.urandom(4)), chosen, quiet=quiet)


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(findings), key=lambda finding: (finding.file, finding.line, finding.code))


def _prefix(site: Path) -> str:
    """From the repository (or the working directory) to the site, as code hosts want their paths."""
    folder = site.resolve()
    root = next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), Path.cwd())
    if folder == root or not folder.is_relative_to(root):
        return ""
    return folder.relative_to(root).as_posix() + "/"


def _hatches(findings: Sequence[Finding]) -> int:
    return sum(1 for finding in findings if finding.code in HATCHES)


def _summary(site: Site | None, findings: Sequence[Finding], facts: dict[str, Any]) -> str:
    errors = sum(1 for finding in findings if finding.severity == "error")
    notes = len(findings) - errors
    if site is None:
        return f"{errors} errors, {notes} notes: this site cannot run"
    told = [f"{facts['examples']} examples"] if "examples" in facts else []
    told += [f"escape hatches: {hatches}"] if (hatches := _hatches(findings)) else []
    if "proof" in facts:
        told.append(f"{facts['proof']['cases']} generated cases (seed {facts['proof']['seed']})")
    return (
        f"{f'{errors} errors' if errors else 'ok'}: {len(site.agencies)} agencies, {len(site.types)} message types,"
        f" {len(site.dialects)} mappings, {len(site.grants.all)} grants,"
        f" {', '.join([*told, f'{notes} notes'])} (site {site.digest[:12]})"
    )
