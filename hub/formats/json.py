"""JSON documents under an agency's JSON Schema: bytes to tree, checked, located, and a tree to bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import orjson

from hub.errors import HubError, Problem
from hub.formats.contract import ParsedDocument, Tree
from hub.formats.cuts import Records, at_most
from hub.formats.json_cuts import cut_json
from hub.formats.json_door import decode_json
from hub.formats.text import decode
from hub.schema.json_schema import SchemaSet
from hub.schema.json_shape import document_shape, ties_items
from hub.schema.positions import nearest_line, places
from hub.schema.shape import WHOLE, Shape
from hub.schema.validate import MessageValidator, pointer


class JsonContract:
    """A JSON Schema compiled once (``hub.formats.contract.Contract``); paths are JSON Pointers (RFC 6901)."""

    media_type = "application/json"

    def __init__(self, schema: Path, *, folder: Path | None = None, prefix: str = "") -> None:
        """Raises ``Findings``. ``folder`` (the schema's own unless given) bounds what a ``$ref`` may name, and
        ``prefix`` is that folder's path inside the site."""
        schemas = SchemaSet(schema, folder or schema.parent, prefix)
        self._validator = MessageValidator(schemas.validator(), pointer)
        self._schemas = schemas
        self.shape: Shape = document_shape(schemas)
        self._is_list = self.shape.array

    def parse(self, body: bytes, charset: str | None = None) -> ParsedDocument:
        """The document as decoded; ``source`` is the transport's charset. Raises ``HubError`` (``decode_json``)."""
        document = decode_json(body, charset)
        if type(document) is not (list if self._is_list else dict):
            text = f"the document is not {'a list' if self._is_list else 'an object'}"
            raise HubError("schema-violation", text, [Problem(text, path="", line=1, rule="type")])
        return ParsedDocument(body, cast(Tree, {WHOLE: document} if self._is_list else document), charset)

    def cut(self, body: bytes, charset: str | None, names: tuple[str, ...], most: int | None) -> Records | None:
        """The items of the list at ``names``; None also where its schema looks at several items at once."""
        if ties_items(self._schemas, names):
            return None
        return at_most(most, cut_json(body, charset, () if names == (WHOLE,) else names))

    def problems(self, parsed: ParsedDocument) -> tuple[Problem, ...]:
        """Every break of the schema; a missing property has the line of the object that should hold it."""
        document = self._document(parsed.tree)
        if self._validator.is_valid(document):
            return ()
        problems = self._validator.problems(document)
        lines = {place.pointer: place.line for place in places(_text(parsed))}
        return tuple(
            Problem(problem.text, problem.path, _line(lines, problem.path or ""), problem.rule) for problem in problems
        )

    def line_of(self, parsed: ParsedDocument, path: str) -> int | None:
        """The line of the value at a JSON Pointer, or of the nearest object or list above it that exists."""
        return nearest_line(_text(parsed), path)

    def render(self, output: Any) -> bytes:
        """A tree to UTF-8 bytes. Raises ``HubError`` output-invalid, and not-encodable for a lone surrogate."""
        document = self._document(output)
        if problems := self._validator.problems(document):
            raise HubError("output-invalid", problems[0].text, problems)
        try:
            return orjson.dumps(document)
        except orjson.JSONEncodeError:
            raise HubError("not-encodable", "a text holds a lone surrogate, or a number has no JSON form") from None

    def _document(self, tree: Any) -> Any:
        """What stands in the bytes, of a tree: of a document that is a list, that list."""
        return tree.get(WHOLE, []) if self._is_list else tree


def _text(parsed: ParsedDocument) -> str:
    return decode(parsed.body, parsed.source)


def _line(lines: dict[str, int], path: str) -> int | None:
    while path not in lines and path:
        path = path.rpartition("/")[0]
    return lines.get(path)
