"""``hub new-agency``: a working draft of an agency from its contract or from a sample of what it sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from hub.commands.show import print_json
from hub.commands.start import SITE, JsonOption, SiteOption, Usage
from hub.editor import FOLDER, as_file, editor_schemas, kind_of, modeline
from hub.onboarding.contract import ContractDraft, Unusable
from hub.onboarding.draft import Draft, Request, draft_agency
from hub.onboarding.openapi import read_json_schema, read_openapi
from hub.onboarding.sample import read_sample
from hub.onboarding.words import load_glossary
from hub.onboarding.wsdl import read_wsdl
from hub.onboarding.xsd import read_xsd

Direction = Literal["send", "receive", "both"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="new-agency")(new_agency)


def new_agency(
    name: Annotated[str, typer.Argument(help="The agency's folder name: small letters, digits, hyphens.")],
    wsdl: Annotated[Path | None, typer.Option(help="Its WSDL.")] = None,
    xsd: Annotated[Path | None, typer.Option(help="Its XSD.")] = None,
    openapi: Annotated[Path | None, typer.Option(help="Its OpenAPI or Swagger description.")] = None,
    json_schema: Annotated[Path | None, typer.Option(help="Its JSON Schema.")] = None,
    sample: Annotated[Path | None, typer.Option(help="A sample: a table, lines of fixed width, JSON or XML.")] = None,
    columns: Annotated[str, typer.Option(help="With --sample of fixed width: 1-10,11-25,26 (first to last).")] = "",
    root: Annotated[str, typer.Option(help="With --xsd: the element that is the document.")] = "",
    type: Annotated[list[str] | None, typer.Option(help="Message type, or TYPE=DOCUMENT; several.")] = None,
    direction: Annotated[Direction | None, typer.Option(help="What it does; default by the contract.")] = None,
    site: SiteOption = SITE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Draft a new agency: its contract copied in, agency.yaml, an access.yaml that grants nothing, and mappings.

    Everything that the contract imports must lie beside it; nothing is fetched. Existing files are never changed.
    DOCUMENT is an operation (WSDL), element (XSD) or operationId (OpenAPI). What a person must decide is printed, and
    written to mappings/NAME/DECISIONS.md. Afterwards hub check reports no errors, and what is missing once a grant is
    given.

    Examples: hub new-agency customs --wsdl customs.wsdl --type case-referral;
    hub new-agency clinic --sample injuries.csv --type incident-report --direction send
    """
    if (site / "connectors/agencies" / name / "agency.yaml").exists():
        raise Usage(
            f"nothing was written: the site has an agency {name}, and a draft changes no file (draft under another"
            " name, and take over what you need)"
        )
    given = {"wsdl": wsdl, "xsd": xsd, "openapi": openapi, "json-schema": json_schema, "sample": sample}
    contract = _read(given, root, columns)
    ways = _ways(direction or ("receive" if wsdl or openapi or json_schema else "send"))
    wanted = dict(_split(each) for each in type or ())
    try:
        draft = draft_agency(site, Request(name, wanted, ways), contract, load_glossary())
    except Unusable as error:
        raise Usage(str(error)) from None
    files = _complete(site, draft)
    standing = [path for path in files if (site / path).exists()]
    if standing:
        raise Usage(f"nothing was written, for these exist: {', '.join(standing)}")
    if not dry_run:
        _write(site, files)
    _show(name, draft, files, dry_run, as_json)


def _read(given: Mapping[str, Path | None], root: str, columns: str) -> ContractDraft:
    chosen = [(kind, path) for kind, path in given.items() if path is not None]
    if len(chosen) != 1:
        raise Usage("give one of --wsdl, --xsd, --openapi, --json-schema and --sample")
    (kind, path) = chosen[0]
    if root and kind != "xsd":
        raise Usage("--root goes with --xsd; --type TYPE=DOCUMENT names a document of any contract")
    if columns and kind != "sample":
        raise Usage("--columns goes with --sample: the positions of columns of fixed width")
    if not path.is_file():
        raise Usage(f"{path}: there is no such file")
    readers: dict[str, Callable[[], ContractDraft]] = {
        "wsdl": lambda: read_wsdl(path),
        "xsd": lambda: read_xsd(path, root),
        "openapi": lambda: read_openapi(path),
        "json-schema": lambda: read_json_schema(path),
        "sample": lambda: read_sample(path, columns),
    }
    try:
        return readers[kind]()
    except Unusable as error:
        raise Usage(str(error)) from None


def _ways(direction: str) -> frozenset[str]:
    return frozenset(("send", "receive") if direction == "both" else (direction,))


def _split(type: str) -> tuple[str, str]:
    name, _, document = type.partition("=")
    return name, document


def _complete(site: Path, draft: Draft) -> dict[str, bytes]:
    """The draft's files with the line that gives them a schema in editors, and the schemas that the site lacks."""
    files = {
        path: modeline(site, site / path).encode() + content if kind_of(Path(path)) else content
        for path, content in draft.files.items()
    }
    for name, schema in editor_schemas().items():
        path = f"{FOLDER}/{name}.schema.json"
        if not (site / path).exists():
            files[path] = as_file(schema)
    return files


def _write(site: Path, files: Mapping[str, bytes]) -> None:
    """All of them, or none: where one cannot be written, those before it are taken away again."""
    written: list[Path] = []
    try:
        for path, content in files.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            with (site / path).open("xb") as file:
                written.append(site / path)
                file.write(content)
    except OSError as error:
        for each in written:
            each.unlink(missing_ok=True)
        raise Usage(f"nothing was written: {path}: {error.strerror}") from None


def _show(name: str, draft: Draft, files: Mapping[str, bytes], dry_run: bool, as_json: bool) -> None:
    if as_json:
        types = {type: {"document": document, "score": score} for type, (document, score) in draft.types.items()}
        print_json({"written": not dry_run, "files": list(files), "types": types, "decisions": dict(draft.decisions)})
        return
    typer.echo("would write:" if dry_run else "written:")
    for path in files:
        typer.echo(f"  {path}")
    typer.echo(f"\nto decide (mappings/{name}/DECISIONS.md):")
    for heading, items in draft.decisions.items():
        typer.echo(f"  {heading}")
        _show_items(items)
    typer.echo(f"\nnext: hub check; then give a grant in connectors/agencies/{name}/access.yaml, and hub check again")


def _show_items(items: Sequence[str]) -> None:
    for item in items:
        typer.echo(f"    - {item}")
