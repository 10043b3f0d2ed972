"""Where the columns of lines of fixed width begin and end: as somebody says, or as several lines show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hub.onboarding.contract import Unusable

_LINES_FOR_ONE_BLANK = 6
_AT = re.compile(r"([0-9]+)(?:-([0-9]+))?")


@dataclass(frozen=True, slots=True)
class Span:
    """One column: positions ``start`` to ``end``, from 0 and without ``end``."""

    start: int
    end: int

    @property
    def at(self) -> str:
        """As a layout writes it."""
        return f"{self.start + 1}-{self.end}" if self.end - self.start > 1 else str(self.end)

    def of(self, line: str) -> str:
        """What stands there."""
        return line[self.start : self.end].ljust(self.end - self.start)


def named(columns: str) -> tuple[Span, ...]:
    """``1-10,11-25,26``: every position of the line, in order. Raises ``Unusable``."""
    spans: list[Span] = []
    for part in columns.split(","):
        match = _AT.fullmatch(part.strip())
        if match is None:
            raise Unusable(f"{part.strip()!r} is not first and last position, counted from 1: 11-25")
        span = Span(int(match[1]) - 1, int(match[2] or match[1]))
        expected = spans[-1].end if spans else 0
        if span.start != expected or span.end <= span.start:
            raise Unusable(f"the column {part.strip()} does not begin at {expected + 1}: columns follow each other")
        spans.append(span)
    return tuple(spans)


def inferred(lines: Sequence[str], code: int) -> tuple[Span, ...]:
    """The columns behind a code of so many characters: one begins where blanks end that all lines share (one blank
    alone may be chance in few lines), and where digits meet letters in all of them."""
    width = max(map(len, lines))
    classes = [{_class(line[at : at + 1]) for line in lines} for at in range(width)]
    starts = [code]
    for at in range(code + 1, width):
        before, here = classes[at - 1], classes[at]
        blank = before == {" "} and (len(lines) >= _LINES_FOR_ONE_BLANK or classes[at - 2] == {" "})
        if (blank and here != {" "}) or (before, here) in (({"0"}, {"a"}), ({"a"}, {"0"})):
            starts.append(at)
    return tuple(Span(start, end) for start, end in pairwise([*starts, width]) if end > start)


def _class(letter: str) -> str:
    """Blank, digit or letter; signs (``-``, ``/``) join what stands around them."""
    if not letter.strip():
        return " "
    return "0" if letter.isdecimal() else "a" if letter.isalpha() else letter
