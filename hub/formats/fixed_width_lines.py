"""Records of fixed width as their layout declares them: kinds of line, and the positions of their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.formats.alphabet import Alphabet
from hub.formats.columns import Column
from hub.formats.grouping import Grouping
from hub.formats.padding import Padding
from hub.schema.shape import Shape


@dataclass(frozen=True, slots=True)
class Field:
    """Positions ``start`` to ``end`` (from 0, without ``end``) of a line. No ``column``: what stands there is no value:
    the line's ``code``, what it ``counts`` (and that column's ``name``), or nothing."""

    start: int
    end: int
    padding: Padding
    column: Column | None = None
    code: str = ""
    counts: str = ""
    name: str = ""

    @property
    def width(self) -> int:
        """In characters."""
        return self.end - self.start

    @property
    def said(self) -> str:
        """As the agency knows it."""
        name = self.column.name if self.column else self.name
        return f"{name} ({self.positions})" if name else self.positions

    def into(self, line: str, text: str) -> str:
        """The line with this text in these positions."""
        return line[: self.start] + self.padding.fill(text, self.width) + line[self.end :]

    @property
    def positions(self) -> str:
        """As the agency counts them."""
        return f"position {self.end}" if self.width == 1 else f"positions {self.start + 1} to {self.end}"


@dataclass(frozen=True, slots=True)
class LineKind:
    """One kind of line: ``header``, ``rows``, ``trailer`` or the name of a list."""

    name: str
    code: str
    fields: tuple[Field, ...]

    @property
    def length(self) -> int:
        """In characters."""
        return self.fields[-1].end if self.fields else 0

    @property
    def columns(self) -> tuple[Column, ...]:
        """What a tree holds of it."""
        return tuple(field.column for field in self.fields if field.column is not None)

    @property
    def counting(self) -> Field | None:
        """Where it says how much the document holds."""
        return next((field for field in self.fields if field.counts), None)


@dataclass(frozen=True, slots=True)
class FixedWidthLayout:
    """A file of such lines as its layout declares it. ``code`` are the positions of the lines' codes, if they have."""

    alphabet: Alphabet
    newline: str
    trimmed: bool
    code: tuple[int, int] | None
    header: LineKind | None
    rows: LineKind
    lists: Mapping[str, LineKind]
    trailer: LineKind | None
    grouping: Grouping

    @property
    def kinds(self) -> tuple[LineKind, ...]:
        """All kinds of line."""
        return tuple(kind for kind in (self.header, self.rows, *self.lists.values(), self.trailer) if kind is not None)

    def counted(self, field: Field, records: int, lines: int) -> str:
        """What a trailer's field says of a file with so many records and lines (header and trailer too)."""
        outside = (self.header is not None) + (self.trailer is not None)
        return str({"records": records, "lines": lines, "body-lines": lines - outside}[field.counts])

    def shape(self) -> Shape:
        """The document: ``header``, ``rows`` with their lists or groups, ``trailer`` (those that hold values)."""
        row = (
            *self.grouping.shapes(_shapes(self.rows)),
            *(_list(name, 0, _shapes(kind)) for name, kind in self.lists.items()),
        )
        parts = [_list("rows", 0, row)]
        if self.header is not None and self.header.columns:
            parts.insert(0, _once("header", _shapes(self.header)))
        if self.trailer is not None and self.trailer.columns:
            parts.append(_once("trailer", _shapes(self.trailer)))
        return Shape(name="", expand=lambda: tuple(parts))


def _shapes(kind: LineKind) -> list[Shape]:
    return [column.shape for column in kind.columns]


def _once(name: str, columns: Sequence[Shape]) -> Shape:
    least = int(any(column.minimum for column in columns))  # the line is always written, empty where it may be
    return Shape(name=name, minimum=least, expand=lambda: tuple(columns))


def _list(name: str, least: int, columns: Sequence[Shape]) -> Shape:
    return Shape(name=name, minimum=least, maximum=None, expand=lambda: tuple(columns))
