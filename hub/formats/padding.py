"""Texts in columns of fixed width: how one is filled up, what is taken away again, and which texts survive both."""

from __future__ import annotations

import re
from dataclasses import dataclass

SPACE = " "
_EDGE = re.compile(r"\^\(\?:(?:\[(.)\]\|)?(?:\[\^.? \\r\\n\](\[\^\\r\\n\]\*)|\[\^\\r\\n\]\*\[\^.? \\r\\n\])\)\?\$")
# What a character class of a pattern would take for a sign of its own.
_SIGNS = "[]\\^-"


@dataclass(frozen=True, slots=True)
class Padding:
    """A text stands at the left of its column, or (``right``) at its right; ``pad`` fills the rest.

    A column full of spaces is empty, whatever fills it otherwise; one full of another ``pad`` holds it once (``000`` is
    ``0``).
    """

    pad: str = SPACE
    right: bool = False

    @property
    def fits(self) -> bool:
        """Whether it can be: one printable character of ASCII that patterns can name."""
        return len(self.pad) == 1 and self.pad.isascii() and self.pad.isprintable() and self.pad not in _SIGNS

    def fill(self, text: str, width: int) -> str:
        """The column of a text that is no longer than it."""
        if not text:
            return SPACE * width
        return text.rjust(width, self.pad) if self.right else text.ljust(width, self.pad)

    def strip(self, column: str) -> str:
        """The text of a column."""
        if not column.strip(SPACE):
            return ""
        return (column.lstrip(self.pad) if self.right else column.rstrip(self.pad)) or self.pad

    @property
    def edge(self) -> str:
        """The pattern (ECMA 262) of the texts that come back from a column as they were."""
        pad = "" if self.pad == SPACE else self.pad
        inner = rf"[^{pad} \r\n][^\r\n]*" if self.right else rf"[^\r\n]*[^{pad} \r\n]"
        alone = f"[{pad}]|" if pad else ""
        return f"^(?:{alone}{inner})?$"

    def lost(self, text: str) -> str | None:
        """Why a text would not come back, or None where it does."""
        if "\n" in text or "\r" in text:
            return "a line break cannot stand in a column"
        edge, where = (text[:1], "begins") if self.right else (text[-1:], "ends")
        if edge not in (self.pad, SPACE) or not text or (text == self.pad and text != SPACE):
            return None
        what = "a space" if edge == SPACE else f"{edge!r}"
        return f"the text {where} with {what}, which cannot be told from what fills the column"


def in_words(pattern: str) -> str | None:
    """What to say of a text that does not match the ``edge`` of a column; None for any other pattern."""
    if (found := _EDGE.fullmatch(pattern)) is None:
        return None
    pad = repr(found[1]) if found[1] else "spaces"
    return f"would not come back from its column, which is filled with {pad} at the {'left' if found[2] else 'right'}"
