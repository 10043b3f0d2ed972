"""Records of fixed width under a layout file: bytes to records, checked line by line and cell by cell, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hub.errors import Problem
from hub.formats.columns import Column, broken_rule
from hub.formats.contract import ParsedDocument, Tree
from hub.formats.cuts import Records
from hub.formats.fixed_width_cuts import cut_fixed_width
from hub.formats.fixed_width_layout import load_fixed_width
from hub.formats.fixed_width_lines import Field, LineKind
from hub.formats.fixed_width_reading import OUTSIDE, Line, read_lines
from hub.formats.fixed_width_writing import Writing
from hub.formats.text import decode_table, shown
from hub.schema.shape import Shape

_PLACE = re.compile(r"(?:row ([0-9]+)(?:, ([^,]*) ([0-9]+))?|(header|trailer))(?:, column .*)?", re.DOTALL)


class FixedWidthContract:
    """A layout file compiled once (``hub.formats.contract.Contract``); paths read ``row 3, column Status``.

    Row 1 is the first record; its list lines read ``row 3, persons 2, column Name`` as grouped rows do, and there are
    ``header, column Date`` and ``trailer, column Label``. A line without an end of its own is counted by its length.
    """

    media_type = "text/plain"

    def __init__(self, layout: Path, name: str) -> None:
        """``name`` is the layout file's path inside the site. Raises ``Findings``."""
        self._layout = load_fixed_width(layout, name)
        self.alphabet = self._layout.alphabet
        self.shape: Shape = self._layout.shape()

    def parse(self, body: bytes, charset: str | None = None) -> ParsedDocument:
        """``{"header": {...}, "rows": [...], "trailer": {...}}``, each with its columns' texts (``""`` where empty).

        Raises ``HubError``: wrong-encoding, forbidden-character, malformed, schema-violation (which line is which).
        """
        lines = list(read_lines(decode_table(body, charset or self._layout.alphabet.codec), self._layout))
        return ParsedDocument(body, self._tree(lines), lines)

    def cut(self, body: bytes, charset: str | None, names: tuple[str, ...], most: int | None) -> Records | None:
        """Its records, each part with header and trailer; the trailer of a part counts what the part holds."""
        return cut_fixed_width(body, charset, self._layout)

    def problems(self, parsed: ParsedDocument) -> tuple[Problem, ...]:
        """Lines that are too long or too short, cells that break their column's rules, a count that is wrong."""
        found = [problem for line in parsed.source for problem in self._broken(line)]
        found += self._miscounted(parsed.source, parsed.tree["rows"])
        return tuple(dict.fromkeys(found))

    def line_of(self, parsed: ParsedDocument, path: str) -> int | None:
        """The line of ``row 3, column Status``."""
        if (found := _PLACE.fullmatch(path)) is None:
            return None
        record, name, place, outside = found.groups()
        kind = outside or ("rows" if name in (None, self._layout.grouping.rows) else name)
        wanted = (kind, OUTSIDE if outside else int(record) - 1, int(place or 1) - 1)
        places = ((line.kind.name, line.row.record, line.row.place) for line in parsed.source)
        return next((line.row.line for line, at in zip(parsed.source, places, strict=True) if at == wanted), None)

    def render(self, output: Any) -> bytes:
        """A tree to bytes in the layout's encoding. Raises ``HubError`` output-invalid, not-encodable."""
        return Writing(self._layout).document(output)

    def _tree(self, lines: Sequence[Line]) -> Tree:
        layout = self._layout
        records = layout.grouping.trees([line.row for line in lines if line.kind is layout.rows])
        for record in records if layout.lists else ():
            record |= {name: [] for name in layout.lists}
        tree: Tree = {"rows": records}
        for line in lines:
            if line.kind is not layout.rows:
                cells = dict(zip((column.name for column in line.kind.columns), line.row.cells, strict=True))
                if line.kind.name in layout.lists:
                    records[line.row.record][line.kind.name].append(cells)
                elif cells:
                    tree[line.kind.name] = cells
        return tree

    def _broken(self, line: Line) -> Iterator[Problem]:
        record = None if line.row.record == OUTSIDE else line.row.record
        length, expected = len(line.piece.text), line.kind.length
        if length > expected or (length < expected and not self._layout.trimmed):
            text, field = f"{length} characters, {expected} are expected", _field_at(line.kind, length)
            where = f"ends in {field.said}" if length < expected else f"goes on after {field.said}"
            path = self._path(line, field.column.name if field.column else None)
            yield Problem(f"{text}: the line {where}", path, line.row.line, "line-length", record=record)
            return
        for field, column, cell in _cells(line):
            if (broken := broken_rule(column, cell)) is None and cell and (lost := field.padding.lost(cell)):
                broken = "padding", lost
            if broken is not None:
                text, path = f"{field.said}: {broken[1]}", self._path(line, column.name)
                yield Problem(text, path, line.row.line, broken[0], record=record)

    def _miscounted(self, lines: Sequence[Line], records: Sequence[Tree]) -> Iterator[Problem]:
        layout = self._layout
        field = layout.trailer.counting if layout.trailer else None
        if field is None or not lines:
            return
        text = lines[-1].piece.text[field.start : field.end]
        found = layout.counted(field, len(records), len(lines))
        if field.padding.strip(text) != found:
            said = f"{field.said}: the trailer counts {shown(text.strip())} {field.counts}, the file has {found}"
            path = f"trailer, column {field.name}" if field.name else "trailer"
            yield Problem(said, path, lines[-1].row.line, "count")

    def _path(self, line: Line, column: str | None) -> str:
        if line.row.record == OUTSIDE:
            path = line.kind.name
        elif line.kind is self._layout.rows:
            return self._layout.grouping.path(line.row, column)
        else:
            path = f"row {line.row.record + 1}, {line.kind.name} {line.row.place + 1}"
        return path if column is None else f"{path}, column {column}"


def _cells(line: Line) -> Iterator[tuple[Field, Column, str]]:
    fields = [field for field in line.kind.fields if field.column is not None]
    for field, cell in zip(fields, line.row.cells, strict=True):
        if field.column is not None:
            yield field, field.column, cell


def _field_at(kind: LineKind, length: int) -> Field:
    """The field in which a line of this length ends."""
    return next((field for field in kind.fields if field.end > length), kind.fields[-1])
