"""Tables of text with a separator (CSV) under a layout file: bytes to rows, checked cell by cell, and rows to bytes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hub.errors import HubError, Problem
from hub.formats.columns import broken_rule
from hub.formats.contract import ParsedDocument
from hub.formats.cuts import Records
from hub.formats.delimited_cuts import cut_delimited
from hub.formats.layout import Layout, load_layout
from hub.formats.text import decode_table, shown
from hub.schema.shape import Shape

_PLACE = re.compile(r"row ([0-9]+)(?:, [^,]* ([0-9]+))?(?:, column (.*))?", re.DOTALL)


class DelimitedContract:
    """A layout file compiled once (``hub.formats.contract.Contract``); paths read ``row 3, column Status``.

    Row 1 is the first row of data; a row whose cells hold line breaks has the line on which it starts. Where the layout
    groups rows, a row means a group: ``row 3, column Status``, and ``row 3, persons 2, column Name`` inside it.
    """

    media_type = "text/csv"

    def __init__(self, layout: Path, name: str) -> None:
        """``name`` is the layout file's path inside the site. Raises ``Findings``."""
        self._layout: Layout = load_layout(layout, name)
        self._names = list(self._layout.grouping.names)
        self.alphabet = self._layout.alphabet
        self.shape: Shape = self._layout.shape()

    def parse(self, body: bytes, charset: str | None = None) -> ParsedDocument:
        """``{"rows": [...]}`` with the text of every cell (empty cells are ``""``), grouped as the layout says.

        Raises ``HubError``: wrong-encoding, forbidden-character, malformed (quotes), schema-violation (header).
        """
        text = decode_table(body, charset or self._layout.alphabet.codec)
        numbered = _split(text, self._layout)
        if self._layout.header:
            self._check_header(numbered)
        rows = list(self._layout.grouping.numbered(numbered))
        return ParsedDocument(body, {"rows": self._layout.grouping.trees(rows)}, rows)

    def cut(self, body: bytes, charset: str | None, names: tuple[str, ...], most: int | None) -> Records | None:
        """Its rows, or groups of rows."""
        return cut_delimited(body, charset, self._layout)

    def problems(self, parsed: ParsedDocument) -> tuple[Problem, ...]:
        """Every cell that breaks its column's rules, with row, column, line, rule and the record it belongs to."""
        found: list[Problem] = []
        path = self._layout.grouping.path
        for row in parsed.source:
            if len(row.cells) != len(self._names):
                text = f"{len(row.cells)} cells, {len(self._names)} columns are expected"
                found.append(Problem(text, path(row), row.line, "column-count", record=row.record))
            for column, cell in zip(self._layout.columns, row.cells, strict=False):
                if (broken := broken_rule(column, cell)) is not None:
                    rule, text = broken
                    at = path(row, column.name)
                    found.append(Problem(f"{column.name}: {text}", at, row.line, rule, record=row.record))
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
        rows = (row for record in output["rows"] for row in layout.grouping.cells(record))
        for number, cells in enumerate(rows, 1):
            written = []
            for cell, column in zip(cells, layout.columns, strict=True):
                path = f"row {number}, column {column.name}"
                written.append(layout.alphabet.written(cell, column.name, path))
                if (broken := broken_rule(column, written[-1])) is not None:
                    rule, text = broken
                    problems.append(Problem(f"{column.name}: {text}", path, rule=rule))
            lines.append(self._line(written))
        if problems:
            raise HubError("output-invalid", problems[0].text, problems)
        try:
            return "".join(lines).encode(layout.alphabet.codec)
        except UnicodeEncodeError as error:
            char, encoding = error.object[error.start], layout.alphabet.encoding
            raise HubError("not-encodable", f"The header has U+{ord(char):04X}, which {encoding} has not") from None

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

    def _line(self, cells: Sequence[str]) -> str:
        layout = self._layout
        quoted = [_quoted(cell, layout) for cell in cells]
        return (layout.separator.join(quoted) or layout.quote * 2) + layout.newline


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


def _quoted(cell: str, layout: Layout) -> str:
    risky = layout.separator in cell or layout.quote in cell or "\n" in cell or "\r" in cell or cell != cell.strip()
    return f"{layout.quote}{cell.replace(layout.quote, layout.quote * 2)}{layout.quote}" if risky else cell
