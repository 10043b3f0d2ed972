"""``hub schema``: the JSON Schemas by which editors complete and check a site's YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.show import print_json
from hub.commands.start import JsonOption, Usage
from hub.editor import FOLDER, editor_schemas, write_schemas
from hub.findings import nearest
from hub.mapping.reference import NoSuchPart, brought_up_to_date


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(schema)


def schema(
    name: Annotated[str, typer.Argument(help="Kind of file; without it they are listed.")] = "",
    reference: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Bring a text's parts of the mapping reference up to date.")
    ] = None,
    write: Annotated[Path | None, typer.Option(help=f"Write all into this folder (a site's: {FOLDER}).")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the JSON Schema of one kind of YAML file, or write all of them.

    An editor with a YAML language server uses them where a file begins with
    "# yaml-language-server: $schema=PATH"; what hub new-agency drafts does. --reference makes the tables of keys,
    converters and findings anew in a Markdown file that asks for them (mappings/README.md).

    Examples: hub schema; hub schema mapping; hub schema --write schemas/editor --reference mappings/README.md
    """
    schemas = editor_schemas()
    written = write_schemas(write) if write is not None else []
    if reference is not None:
        _bring_up_to_date(reference)
        written.append(reference)
    if written:
        paths = [path.as_posix() for path in written]
        print_json({"written": paths}) if as_json else typer.echo("\n".join(paths))
    elif name:
        if name not in schemas:
            raise Usage(f"no schema {name!r} (known: {', '.join(schemas)}) {nearest(name, schemas)}")
        print_json(schemas[name])
    elif as_json:
        print_json(dict(schemas))
    else:
        typer.echo("\n".join(schemas))


def _bring_up_to_date(path: Path) -> None:
    try:
        path.write_text(brought_up_to_date(path.read_text(encoding="utf-8")), encoding="utf-8")
    except OSError as error:
        raise Usage(f"{path}: {error.strerror}") from None
    except NoSuchPart as error:
        raise Usage(f"{path}: {error}") from None
