"""Text of fixed width to lines: where each begins and ends, of which kind it is, and to which record it belongs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.errors import HubError, Problem
from hub.formats.fixed_width_lines import FixedWidthLayout, LineKind
from hub.formats.grouping import Row
from hub.formats.text import shown

OUTSIDE = -1  # the record of header and trailer


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of a text before anything is known of it: its number from 1, where it begins and ends (after what ends
    a line), and its characters."""

    number: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one kind; ``row`` has its cells and its place (the record is ``OUTSIDE`` for header and trailer)."""

    piece: Piece
    kind: LineKind
    row: Row


def read_lines(text: str, layout: FixedWidthLayout) -> Iterator[Line]:
    """All lines but empty ones, in order.

    Raises ``HubError``: malformed (no whole lines), schema-violation (a line that must not stand where it stands, or
    one that is missing): then nobody knows what the others belong to.
    """
    pieces = list(_by_line_ends(text) if layout.newline else _by_length(text, layout.rows.length))
    _check_ends(pieces, layout)
    record, place, last = -1, 0, [""]
    below: Counter[str] = Counter()
    for index, piece in enumerate(pieces):
        kind = _kind(piece, index, len(pieces), layout)
        cells = _cells(piece.text, kind)
        if kind is layout.rows:
            key = layout.grouping.key(cells)
            if layout.grouping.by and key == last and record >= 0:
                place += 1
            else:
                record, place, last = record + 1, 0, key
                below.clear()
            yield Line(piece, kind, Row(piece.number, cells, record, place))
        elif kind.name in layout.lists:
            if record < 0:
                raise _misplaced(piece, f"a line of {kind.name} (code {shown(kind.code)}) stands before any row")
            yield Line(piece, kind, Row(piece.number, cells, record, below[kind.name]))
            below[kind.name] += 1
        else:
            yield Line(piece, kind, Row(piece.number, cells, OUTSIDE, 0))


def _by_line_ends(text: str) -> Iterator[Piece]:
    start, number = 0, 0
    while start < len(text):
        number += 1
        found = text.find("\n", start)
        end = len(text) if found < 0 else found + 1
        line = text[start:end].removesuffix("\n").removesuffix("\r")
        if line:
            yield Piece(number, start, end, line)
        start = end


def _by_length(text: str, length: int) -> Iterator[Piece]:
    last = len(text) - len(text.rstrip("\r\n"))
    whole, left = divmod(len(text) - last, length)
    if left:
        said = f"{len(text) - last} characters are no whole number of lines of {length}; {left} are left over"
        raise HubError("malformed", said, [Problem(said, line=whole + 1, rule="line-length")])
    for index in range(whole):
        start = index * length
        end = len(text) if index == whole - 1 else start + length
        yield Piece(index + 1, start, end, text[start : start + length])


def _check_ends(pieces: Sequence[Piece], layout: FixedWidthLayout) -> None:
    """Header and trailer are there: a file without its trailer may have been cut off on the way."""
    for kind, piece in (
        (layout.header, pieces[:1]),
        (layout.trailer, pieces[1:][-1:] if layout.header else pieces[-1:]),
    ):
        if kind is not None and not (piece and (layout.code is None or _code(piece[0], layout) == kind.code)):
            where = "first" if kind is layout.header else "last"
            told = f" (code {shown(kind.code)})" if kind.code else ""
            said = f"the {kind.name}{told} is missing: it is the {where} line"
            line = piece[0].number if piece else 1
            raise HubError("schema-violation", said, [Problem(said, kind.name, line, kind.name)])


def _kind(piece: Piece, index: int, count: int, layout: FixedWidthLayout) -> LineKind:
    first, last = index == 0, index == count - 1
    if layout.header is not None and first:
        return layout.header
    if layout.trailer is not None and last:
        return layout.trailer
    if layout.code is None:
        return layout.rows
    code = _code(piece, layout)
    kind = next((kind for kind in layout.kinds if kind.code == code), None)
    if kind is None:
        known = ", ".join(f"{kind.code} ({kind.name})" for kind in layout.kinds)
        raise _misplaced(piece, f"{shown(code)} is no kind of line; these are: {known}")
    if kind in (layout.header, layout.trailer):
        raise _misplaced(piece, f"a {kind.name} (code {shown(code)}) stands between other lines")
    return kind


def _code(piece: Piece, layout: FixedWidthLayout) -> str:
    start, end = layout.code or (0, 0)
    return piece.text[start:end]


def _misplaced(piece: Piece, said: str) -> HubError:
    return HubError(
        "schema-violation", f"Line {piece.number}: {said}", [Problem(said, None, piece.number, "line-kind")]
    )


def _cells(text: str, kind: LineKind) -> list[str]:
    return [field.padding.strip(text[field.start : field.end]) for field in kind.fields if field.column is not None]
