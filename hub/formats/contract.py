"""What an agency's document is to the rest of the hub, whatever its format: parse, check, locate, render."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from hub.errors import Problem
from hub.formats.cuts import Records
from hub.schema.shape import Shape

# JSON: the decoded document; one that is a list stands under ``[]``.
# Table: {"rows": [{column: text}]}, or the layout's groups in place of rows; records of fixed width may have
# {"header": {column: text}} and {"trailer": ...} beside them.
# XML: an element is a dict {child Clark name: [elements], "@name": text, "#": text}; the document is
# {root Clark name: [root element]}, so that paths of every format start at the document.
Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """One document that could be read. ``tree`` is what mappings read; ``source`` what this format's checks need."""

    body: bytes
    tree: Tree
    source: Any


class Contract(Protocol):
    """One agency's document as it publishes it (XSD, JSON Schema or table layout), compiled once, then read-only.

    Used from one thread (validators share error state). ``shape`` is the document: its children are the possible roots
    (XML), the top properties (JSON) or ``rows`` (tables; with ``header`` and ``trailer`` where the width is fixed).
    """

    media_type: str
    shape: Shape

    def parse(self, body: bytes, charset: str | None = None) -> ParsedDocument:
        """Bytes to tree; raises ``HubError`` (malformed, doctype-refused, wrong-encoding, ...).

        ``charset`` is what the transport declared. Order of belief: BOM, strict UTF-8, then only a declared codec.
        """
        ...

    def cut(self, body: bytes, charset: str | None, names: tuple[str, ...], most: int | None) -> Records | None:
        """The records of a large document at the path ``names``, to be parsed in parts (``hub.formats.cuts``).

        None where the parts would not be judged as the whole is: at most ``most`` records are allowed, or the schema
        or the document ties them together. Then it is parsed as a whole, which also tells what is wrong with it.
        """
        ...

    def problems(self, parsed: ParsedDocument) -> tuple[Problem, ...]:
        """Every break of the agency's own schema, with path, line and rule (``record`` stays None); empty if valid."""
        ...

    def line_of(self, parsed: ParsedDocument, path: str) -> int | None:
        """The line (from 1) of a place given in ``show_path`` form; None where it does not exist."""
        ...

    def render(self, output: Any) -> bytes:
        """What a mapping's writer made (XML: text; others: a tree) to final bytes, checked against the schema.

        Raises ``HubError``: output-invalid (with problems), not-encodable.
        """
        ...
