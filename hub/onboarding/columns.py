"""What the cells of one column of a sample have in common: whether all are filled, type, code list, pattern."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ISO_DATE = re.compile(r"(1[6-9]|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_FEW, _ROWS_FOR_CODES = 12, 6

Rules = list[tuple[str, str | list[str]]]


def rules_of(cells: Sequence[str], *, length: bool) -> Rules:
    """The keys of a layout's column, in their order; ``length``: whether it says how long a text may be."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    rules: Rules = []
    if filled and len(filled) == len(cells):
        rules.append(("required", "true"))
    if filled and all(_ISO_DATE.fullmatch(cell) for cell in filled):
        return [*rules, ("type", "date")]
    distinct = sorted(set(filled))
    if (
        len(filled) >= _ROWS_FOR_CODES
        and 1 < len(distinct) <= min(_FEW, len(filled) // 2)
        and max(map(len, distinct)) <= 20
    ):
        return [*rules, ("codes", distinct)]
    if pattern := _pattern(filled):
        rules.append(("pattern", pattern))
    elif filled and length:
        rules.append(("max-length", str(max(60, 2 * max(map(len, filled))))))
    return [*rules, ("type", "string")]


def _pattern(cells: Sequence[str]) -> str:
    """The shape that all cells share where they are made of digits and signs (numbers, dates, references)."""
    shapes = {re.sub("[0-9]+", "0", cell) for cell in cells}
    if len(shapes) != 1 or not any(letter.isdecimal() and letter.isascii() for letter in next(iter(shapes))):
        return ""
    runs = list(zip(*(re.findall("[0-9]+", cell) for cell in cells), strict=True))
    widths = iter([(min(map(len, run)), max(map(len, run))) for run in runs])

    def digits(_: re.Match[str]) -> str:
        least, most = next(widths)
        return f"[0-9]{{{least}}}" if least == most else f"[0-9]{{{least},{most}}}"

    return re.sub(
        "0", digits, re.escape(next(iter(shapes))).replace("\\-", "-").replace("\\ ", " ").replace("\\/", "/")
    )
