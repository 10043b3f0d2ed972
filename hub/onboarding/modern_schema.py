"""Schemas of OpenAPI, Swagger and older JSON Schema drafts as JSON Schema 2020-12, each reference to a local file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from hub.findings import Finding, Findings
from hub.onboarding.described import Documents, at_pointer, steps_of
from hub.schema.json_schema import DIALECT

# Keywords of OpenAPI that JSON Schema does not have, or has otherwise; and the names that files had elsewhere.
_LEFT_OUT = (
    "nullable", "discriminator", "xml", "externalDocs", "example", "readOnly", "writeOnly", "deprecated",
    "id", "$id", "$schema",
)  # fmt: skip
_DATA = ("enum", "const", "default", "examples")
_BY_NAME = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")


class SchemaFiles:
    """The schemas of every document, in a file for each: what is asked for, and all that it refers to."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._files: dict[Path, dict[str, Any]] = {}
        self._carried: dict[Path, list[str]] = {}

    def schema(self, node: Any, file: Path) -> dict[str, Any]:
        """A schema that stands in ``file``, to be written in a file of its own."""
        made = self._made(node, file, self._documents.names[file])
        return made if isinstance(made, dict) else {}

    def written(self) -> dict[str, bytes]:
        """The files by name."""
        return {self._documents.names[file]: as_schema(content) for file, content in self._files.items()}

    def _carry(self, file: Path, pointer: str) -> None:
        """Have what a pointer leads to at the same place of the document's own file."""
        target = at_pointer(self._documents.parsed.get(file), pointer)
        if target is None:
            raise Findings([Finding("missing-reference", file.name, 0, f"#{pointer} points to nothing")])
        if any(f"{pointer}/".startswith(f"{above}/") for above in self._carried.get(file, ())):
            return
        self._carried.setdefault(file, []).append(pointer)
        place, steps = self._files.setdefault(file, {}), steps_of(pointer)
        made = self._made(target, file, "")
        for step in steps[:-1]:
            place = place.setdefault(step, {})
        if steps:
            place[steps[-1]] = made
        elif isinstance(made, dict):
            place.update(made)

    def _made(self, node: Any, file: Path, home: str) -> Any:
        if isinstance(node, list):
            return [self._made(item, file, home) for item in node]
        if not isinstance(node, dict):
            return node
        made: dict[str, Any] = {}
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                made[key] = self._reference(value, file, home)
            elif key in _DATA:
                made[key] = value
            elif key in _BY_NAME and isinstance(value, dict):
                made[key] = {name: self._made(each, file, home) for name, each in value.items()}
            elif key not in _LEFT_OUT and not key.startswith("x-"):
                made[key] = self._made(value, file, home)
        return _modern(made, node)

    def _reference(self, reference: str, file: Path, home: str) -> str:
        target, pointer = self._documents.target(reference, file)
        self._carry(target, pointer)
        same = target == file
        return f"{home if same else self._documents.names[target]}#{reference.partition('#')[2]}"


def as_schema(content: Mapping[str, Any]) -> bytes:
    """A file of the hub's dialect."""
    schema = {"$schema": DIALECT, **content}
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _modern(made: dict[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """What OpenAPI 3.0 and older drafts spell in another way."""
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and bound in made:
            made[exclusive] = made.pop(bound)
    if node.get("nullable") is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        if "enum" in made and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
    if isinstance(made.get("items"), list):
        made["prefixItems"] = made.pop("items")
        if "additionalItems" in made:
            made["items"] = made.pop("additionalItems")
    if isinstance(made.get("required"), list):
        given = set(_only_given(node))
        made["required"] = [name for name in made["required"] if name not in given]
    return made


def _only_given(node: Mapping[str, Any]) -> Iterator[str]:
    """The properties that only answers hold (``readOnly``): a request need not have them (OpenAPI 3.0, 4.7.24)."""
    properties = node.get("properties")
    for name, schema in properties.items() if isinstance(properties, dict) else ():
        if isinstance(schema, dict) and schema.get("readOnly") is True:
            yield name
