"""Tables of text with a separator (CSV) under a layout file: bytes to rows, checked cell by cell, and rows to bytes."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from hub.errors import HubError, Problem
from hub.formats.contract import ParsedDocument, Tree
from hub.formats.cuts import Records
from hub.formats.delimited_cuts import cut_delimited
from hub.formats.layout import Column, Layout, load_layout
from hub.formats.text import decode, shown
from hub.schema.shape import Shape

_PLACE = re.compile(r"row ([0-9]+)(?:, [^,]* ([0-9]+))?(?:, column (.*))?", re.DOTALL)
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_DIGITS = {
    ord(char): str(unicodedata.digit(char)) for block in (0x660, 0x6F0) for char in map(chr, range(block, block + 10))
}


@dataclass(frozen=True, slots=True)
class Row:
    """One data row as it came: the line on which it starts, its cells, the record (row or group) that it belongs to,
    and its place in that group, both from 0."""

    line: int
    cells: Sequence[str]
    record: int
    place: int


class DelimitedContract:
    """A layout file compiled once (``hub.formats.contract.Contract``); paths read ``row 3, column Status``.

    Row 1 is the first row of data; a row whose cells hold line breaks has the line on which it starts. Where the layout
    groups rows, a row means a group: ``row 3, column Status``, and ``row 3, persons 2, column Name`` inside it.
    """

    media_type = "text/csv"

    def __init__(self, layout: Path, name: str) -> None:
        """``name`` is the layout file's path inside the site. Raises ``Findings``."""
        self._layout: Layout = load_layout(layout, name)
        self._names = [column.name for column in self._layout.columns]
        self._by = [self._names.index(column) for column in self._layout.group[0]] if self._layout.group else []
        self.shape: Shape = self._layout.shape()

    def parse(self, body: bytes, charset: str | None = None) -> ParsedDocument:
        """``{"rows": [...]}`` with the text of every cell (empty cells are ``""``), grouped as the layout says.

        Raises ``HubError``: wrong-encoding, forbidden-character, malformed (quotes), schema-violation (header).
        """
        text = decode(body, charset or self._layout.codec)
        if "\0" in text:
            line = text.count("\n", 0, text.index("\0")) + 1
            said = "The character U+0000 is not accepted"
            raise HubError("forbidden-character", f"Line {line}: {said}", [Problem(said, line=line, rule="character")])
        numbered = _split(text, self._layout)
        if self._layout.header:
            self._check_header(numbered)
        rows = list(self._rows(numbered))
        return ParsedDocument(body, {"rows": self._records(rows)}, rows)

    def cut(self, body: bytes, charset: str | None, names: tuple[str, ...], most: int | None) -> Records | None:
        """Its rows, or groups of rows."""
        return cut_delimited(body, charset, self._layout)

    def problems(self, parsed: ParsedDocument) -> tuple[Problem, ...]:
        """Every cell that breaks its column's rules, with row, column, line, rule and the record it belongs to."""
        found: list[Problem] = []
        for row in parsed.source:
            if len(row.cells) != len(self._names):
                text = f"{len(row.cells)} cells, {len(self._names)} columns are expected"
                found.append(Problem(text, self._path(row), row.line, "column-count", record=row.record))
            for column, cell in zip(self._layout.columns, row.cells, strict=False):
                if (broken := _broken(column, cell)) is not None:
                    rule, text = broken
                    path = self._path(row, column.name)
                    found.append(Problem(f"{column.name}: {text}", path, row.line, rule, record=row.record))
        return tuple(dict.fromkeys(found))

    def line_of(self, parsed: ParsedDocument, path: str) -> int | None:
        """The line on which the row of ``row 3, column Status`` starts."""
        if (found := _PLACE.fullmatch(path)) is None:
            return None
        record, place = int(found[1]) - 1, int(found[2] or 1) - 1
        return next((row.line for row in parsed.source if (row.record, row.place) == (record, place)), None)

    def render(self, output: Any) -> bytes:
        """A tree to bytes in the layout's encoding. Raises ``HubError`` output-invalid, not-encodable."""
        layout = self._layout
        lines = [self._line(self._names)] if layout.header else []
        problems: list[Problem] = []
        for number, cells in enumerate(self._cells(output), 1):
            folded = [self._fold(cell, column, number) for cell, column in zip(cells, layout.columns, strict=True)]
            for cell, column in zip(folded, layout.columns, strict=True):
                if (broken := _broken(column, cell)) is not None:
                    rule, text = broken
                    problems.append(Problem(f"{column.name}: {text}", f"row {number}, column {column.name}", rule=rule))
            lines.append(self._line(folded))
        if problems:
            raise HubError("output-invalid", problems[0].text, problems)
        try:
            return "".join(lines).encode(layout.codec)
        except UnicodeEncodeError as error:
            char = error.object[error.start]
            raise HubError(
                "not-encodable", f"The header has U+{ord(char):04X}, which {layout.encoding} has not"
            ) from None

    def _check_header(self, numbered: Iterator[tuple[int, list[str]]]) -> None:
        line, header = next(numbered, (1, []))
        if header == self._names:
            return
        problems = [
            Problem(f"the column {shown(name)} is missing in the header", f"column {name}", line, "header")
            for name in self._names
            if name not in header
        ] + [
            Problem(f"the column {shown(name)} is not known", f"column {position}", line, "header")
            for position, name in enumerate(header, 1)
            if name not in self._names
        ]
        order = Problem("the header does not name each column once, in the agreed order", "header", line, "header")
        problems = problems or [order]
        raise HubError("schema-violation", f"Line {line}: {problems[0].text}", problems)

    def _rows(self, numbered: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
        """Data rows with their records: each its own, or the same as the row before where the group's columns agree."""
        record, place, last = -1, 0, None
        for line, cells in numbered:
            key = [cells[index] if index < len(cells) else "" for index in self._by]
            if self._by and key == last:
                place += 1
            else:
                record, place, last = record + 1, 0, key
            yield Row(line, cells, record, place)

    def _path(self, row: Row, column: str | None = None) -> str:
        path = f"row {row.record + 1}"
        if self._layout.group and column not in self._layout.group[0]:
            path += f", {self._layout.group[1]} {row.place + 1}"
        return path if column is None else f"{path}, column {column}"

    def _records(self, rows: Sequence[Row]) -> list[Tree]:
        width = len(self._names)
        trees = [dict(zip(self._names, [*row.cells, *[""] * (width - len(row.cells))], strict=False)) for row in rows]
        if self._layout.group is None:
            return trees
        by, name = self._layout.group
        grouped: list[Tree] = []
        for row, tree in zip(rows, trees, strict=True):
            if row.record == len(grouped):
                grouped.append({**{column: tree[column] for column in by}, name: []})
            grouped[row.record][name].append({key: value for key, value in tree.items() if key not in by})
        for record in grouped:
            if len(record[name]) == 1 and not any(record[name][0].values()):
                record[name] = []  # a line with nothing beside the group's columns: a record without rows
        return grouped

    def _cells(self, output: Any) -> Iterator[list[str]]:
        for record in output["rows"]:
            inner = record.get(self._layout.group[1]) if self._layout.group else None
            for row in inner or [{}]:
                merged: Mapping[str, Any] = {**record, **row}
                yield ["" if merged.get(name) is None else str(merged[name]) for name in self._names]

    def _line(self, cells: Sequence[str]) -> str:
        layout = self._layout
        quoted = [_quoted(cell, layout) for cell in cells]
        return (layout.separator.join(quoted) or layout.quote * 2) + layout.newline

    def _fold(self, cell: str, column: Column, row: int) -> str:
        """The cell as the encoding can write it; only characters that it does not have are folded."""
        try:
            cell.encode(self._layout.codec)
            return cell
        except UnicodeEncodeError:
            return "".join(self._folded(char, column, row) for char in cell)

    def _folded(self, char: str, column: Column, row: int) -> str:
        codec, fold = self._layout.codec, self._layout.fold
        if _encodes(char, codec):
            return char
        other = char
        if "digits" in fold and ord(char) in _DIGITS:
            other = _DIGITS[ord(char)]
        elif "presentation-forms" in fold and ("\ufb50" <= char <= "\ufdff" or "\ufe70" <= char <= "\ufeff"):
            other = unicodedata.normalize("NFKC", char)
        if other != char and _encodes(other, codec):
            return other
        text = f"{column.name}: the character U+{ord(char):04X} does not exist in {self._layout.encoding}"
        raise HubError("not-encodable", text, [Problem(text, f"row {row}, column {column.name}", rule="encoding")])


def _split(text: str, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The rows with the line on which each starts, blank lines left out."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=layout.separator, quotechar=layout.quote, doublequote=True, strict=True
    )
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            said = f"the row that starts here cannot be split: {error}"
            raise HubError(
                "malformed", f"Line {line}: {said}", [Problem(said, line=line, rule="well-formed")]
            ) from None
        if cells:
            yield line, cells


def _broken(column: Column, cell: str) -> tuple[str, str] | None:
    """The first rule that a cell breaks, and what to say of it."""
    if not cell:
        return ("required", "the cell is empty") if column.required else None
    if column.codes is not None and cell not in column.codes:
        return "codes", f"{shown(cell)} is not one of the agreed codes"
    if column.max_length is not None and len(cell) > column.max_length:
        return "max-length", f"{len(cell)} characters, at most {column.max_length} are allowed"
    if column.pattern is not None and not column.pattern.fullmatch(cell):
        return "pattern", f"{shown(cell)} does not match the pattern {column.pattern.pattern}"
    if column.base != "string" and not _reads(column.base, cell):
        return "type", f"{shown(cell)} is not a valid {column.base}"
    return None


def _reads(base: str, cell: str) -> bool:
    if base == "integer":
        return _INTEGER.fullmatch(cell) is not None
    if base == "decimal":
        return _DECIMAL.fullmatch(cell) is not None
    readers: dict[str, Callable[[str], Any]] = {
        "date": date.fromisoformat,
        "time": time.fromisoformat,
        "date-time": datetime.fromisoformat,
    }
    try:
        readers[base](cell)
    except ValueError:
        return False
    return base != "date" or len(cell) == 10


def _encodes(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _quoted(cell: str, layout: Layout) -> str:
    risky = layout.separator in cell or layout.quote in cell or "\n" in cell or "\r" in cell or cell != cell.strip()
    return f"{layout.quote}{cell.replace(layout.quote, layout.quote * 2)}{layout.quote}" if risky else cell
