"""JSON Schemas of a site's YAML files for editors, each from the definition by which the hub reads that file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from connectors.registry import CONNECTORS
from hub.access.rules import ACCESS_FILE
from hub.demo.cast import SIMULATOR_FILE
from hub.formats.fixed_width_layout import FIXED_WIDTH
from hub.formats.layout import DELIMITED
from hub.mapping.editor import mapping_schema
from hub.proving.examples import EXAMPLE
from hub.schema.json_schema import DIALECT
from hub.site.agency_file import AGENCY_FILE
from hub.site.environment import ENVIRONMENT_FILE

# Where a site keeps them, and what the first line of a YAML file says to have one.
FOLDER = "schemas/editor"
MODELINE = "# yaml-language-server: $schema="


def editor_schemas() -> Mapping[str, dict[str, Any]]:
    """Name of a kind of file to its JSON Schema."""
    made = {
        "agency": _agency(),
        "access": ACCESS_FILE.json_schema(),
        "mapping": mapping_schema(),
        "layout": _layout(),
        "environment": ENVIRONMENT_FILE.json_schema(),
        "example": EXAMPLE.json_schema(),
        "simulator": SIMULATOR_FILE.json_schema(),
    }
    return {name: {"$schema": DIALECT, **schema} for name, schema in made.items()}


def kind_of(path: Path) -> str | None:
    """Which of them a file of a site has, by its name and place; None for any other file."""
    if path.name in ("agency.yaml", "access.yaml", "environment.yaml", "simulator.yaml"):
        return path.stem
    if path.name.endswith(".layout.yaml"):
        return "layout"
    if path.name == "example.yaml" and "examples" in path.parts:
        return "example"
    is_mapping = path.suffix == ".yaml" and len(path.parts) > 2 and path.parts[-3] == "mappings"
    return "mapping" if is_mapping else None


def modeline(site: Path, file: Path) -> str:
    """The first line that gives a file of the site its schema, in editors with a YAML language server."""
    schema = site / FOLDER / f"{kind_of(file)}.schema.json"
    return f"{MODELINE}{Path(os.path.relpath(schema, file.parent)).as_posix()}\n"


def write_schemas(folder: Path) -> list[Path]:
    """Write all schemas into ``folder``; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in editor_schemas().items():
        path = folder / f"{name}.schema.json"
        path.write_bytes(as_file(schema))
        written.append(path)
    return written


def as_file(schema: Mapping[str, Any]) -> bytes:
    """One schema as it stands in its file."""
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _layout() -> dict[str, Any]:
    """Layout files by the format that they say they are."""
    formats = {"delimited": DELIMITED, "fixed-width": FIXED_WIDTH}
    return {
        "type": "object",
        "properties": {"format": {"description": "the kind of layout", "enum": list(formats)}},
        "required": ["format"],
        "allOf": [
            {"if": {"properties": {"format": {"const": name}}, "required": ["format"]}, "then": keys.json_schema()}
            for name, keys in formats.items()
        ],
    }


def _agency() -> dict[str, Any]:
    """``agency.yaml`` with the options of the connector that its ``transport`` names."""
    schema = AGENCY_FILE.json_schema()
    schema["properties"]["delivers"]["allOf"] = [
        {
            "if": {"properties": {"transport": {"const": name}}, "required": ["transport"]},
            "then": {"properties": {"options": transport.keys.json_schema()}},
        }
        for name, transport in CONNECTORS.items()
    ]
    return schema
