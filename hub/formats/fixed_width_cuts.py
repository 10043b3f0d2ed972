"""Where the records of a file of fixed width stand in its bytes, so that a large file is read in parts."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from hub.errors import HubError
from hub.formats.cuts import Records
from hub.formats.fixed_width_lines import Field, FixedWidthLayout
from hub.formats.fixed_width_reading import OUTSIDE, Line, read_lines
from hub.formats.text import decode


@dataclass(slots=True)
class CountedRecords(Records):
    """Records before a trailer that says how much the file holds: the trailer of a part says it of the part.

    So a part is a file that could have been sent alone, and is stored and read again as one. ``extents`` are the lines
    of each record, ``outside`` those of header and trailer.
    """

    layout: FixedWidthLayout | None = None
    counting: Field | None = None
    trailer: str = ""
    outside: int = 0
    extents: array[int] = field(default_factory=lambda: array("q"))

    def tail(self, first: int, count: int) -> bytes:
        """The trailer of some records."""
        if self.layout is None or self.counting is None:
            return Records.tail(self, first, count)
        lines = sum(self.extents[first : first + count]) + self.outside
        told = self.layout.counted(self.counting, count, lines)
        return self.counting.into(self.trailer, told).encode() + self.layout.newline.encode()


def cut_fixed_width(body: bytes, charset: str | None, layout: FixedWidthLayout) -> Records | None:
    """The records with the lines below them; None where the file has to be read as a whole, which tells what is wrong.

    Another encoding is written as UTF-8 first: a part of such a file could be taken for UTF-8 by chance.
    """
    try:
        text = decode(body, charset or layout.alphabet.codec)
        lines = list(read_lines(text, layout))
    except HubError:
        return None
    if "\0" in text or not lines:
        return None
    return _filled(text, lines, layout)


def _filled(text: str, lines: list[Line], layout: FixedWidthLayout) -> Records | None:
    last = lines[-1]
    counting = layout.trailer.counting if layout.trailer else None
    records = CountedRecords(text.encode(), "utf-8", "table", 0, layout=layout, counting=counting)
    records.trailer, at, byte = last.piece.text, 0, 0
    for line in lines:
        if line.row.record == OUTSIDE:
            records.outside += 1
            continue
        start = byte + len(text[at : line.piece.start].encode())
        end = start + len(text[line.piece.start : line.piece.end].encode())
        at, byte = line.piece.end, end
        if line.row.record == len(records):
            records.add(start, end, line.row.line)
            records.extents.append(1)
        else:
            records.ends[-1] = end
            records.extents[-1] += 1
    if counting is not None:
        told = counting.padding.strip(last.piece.text[counting.start : counting.end])
        if told != layout.counted(counting, len(records), len(lines)):
            return None
    return records
