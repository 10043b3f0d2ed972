"""``hub schema``: the JSON Schemas by which editors complete and check a site's YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.show import print_json
from hub.commands.start import JsonOption, Usage
from hub.editor import FOLDER, editor_schemas, write_schemas
from hub.findings import nearest


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(schema)


def schema(
    name: Annotated[str, typer.Argument(help="Kind of file; without it they are listed.")] = "",
    write: Annotated[Path | None, typer.Option(help=f"Write all into this folder (a site's: {FOLDER}).")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the JSON Schema of one kind of YAML file, or write all of them.

    An editor with a YAML language server uses them where a file begins with
    "# yaml-language-server: $schema=PATH"; what hub new-agency drafts does.

    Examples: hub schema; hub schema mapping; hub schema --write schemas/editor
    """
    schemas = editor_schemas()
    if write is not None:
        paths = [path.as_posix() for path in write_schemas(write)]
        print_json({"written": paths}) if as_json else typer.echo("\n".join(paths))
    elif name:
        if name not in schemas:
            raise Usage(f"no schema {name!r} (known: {', '.join(schemas)}) {nearest(name, schemas)}")
        print_json(schemas[name])
    elif as_json:
        print_json(dict(schemas))
    else:
        typer.echo("\n".join(schemas))
