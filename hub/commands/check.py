"""``hub check``: load a site as the hub would, and print every finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from hub.checking import load_checked_site
from hub.commands.show import print_json
from hub.commands.start import SITE, JsonOption, SiteOption
from hub.findings import Finding, Findings
from hub.site import Site


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(site: SiteOption = SITE, as_json: JsonOption = False) -> None:
    """Check a whole site: agencies, contracts, canonical schemas, mappings, grants.

    Prints each finding as FILE:LINE and exits 1 where one is an error. The hub does not start with such a site.

    Examples: hub check; hub check --site tests/sites/nibrs --json
    """
    loaded, findings = attempt(site)
    if as_json:
        print_json({"ok": loaded is not None, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            typer.echo(str(finding))
        typer.echo(_summary(loaded, findings))
    raise typer.Exit(0 if loaded is not None else 1)


def attempt(folder: Path) -> tuple[Site | None, Sequence[Finding]]:
    """The site, or None, with what was found."""
    try:
        site = load_checked_site(folder)
    except Findings as error:
        return None, error.findings
    return site, site.notes


def _summary(site: Site | None, findings: Sequence[Finding]) -> str:
    errors = sum(1 for finding in findings if finding.severity == "error")
    notes = len(findings) - errors
    if site is None:
        return f"{errors} errors, {notes} notes: this site cannot run"
    return (
        f"ok: {len(site.agencies)} agencies, {len(site.types)} message types, {len(site.dialects)} mappings,"
        f" {len(site.grants.all)} grants, {notes} notes (site {site.digest[:12]})"
    )
