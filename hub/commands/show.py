"""How commands print: JSON, or a table of plain text."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence

import orjson


def print_json(value: object) -> None:
    """One JSON value, readable, UTF-8."""
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.flush()


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, the last one as it is."""
    widths = [max(map(_width, column)) for column in zip(heads, *rows, strict=True)]
    return "\n".join(_line(row, widths) for row in (heads, *rows))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)]
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Columns on a terminal: marks that sit on a letter take none (Arabic vowel signs)."""
    return sum(1 for letter in text if not unicodedata.combining(letter))
