"""Which kinds of line a sample of fixed width holds: told by codes at their beginning, or all alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hub.onboarding.fixed_positions import Span

_LONGEST_CODE, _MOST_KINDS = 3, 6


@dataclass(frozen=True, slots=True)
class Kinds:
    """``code``: how many characters say of which kind a line is (0: none). ``lists``: lines below rows, by their code.

    ``names`` is a first line that names the columns. ``is_trimmed``: lines of one kind have different lengths.
    """

    rows: Sequence[str]
    code: int = 0
    header: str = ""
    trailer: str = ""
    names: str = ""
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    is_trimmed: bool = False

    @property
    def alike(self) -> float:
        """How many rows have the length that most have, as a fraction."""
        return max(Counter(map(len, self.rows)).values()) / len(self.rows)

    @property
    def told(self) -> list[tuple[str, str]]:
        """Codes and what they are taken for."""
        named = [(self.header, "header"), (self.rows[0], "rows"), (self.trailer, "trailer")]
        found = [(line[: self.code], kind) for line, kind in named if line]
        return found[:-1] + [(code, f"lines{code}") for code in self.lists] + found[-1:]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """What a trailer may count."""
        body = len(self.rows) + sum(map(len, self.lists.values()))
        outside = bool(self.header or self.names) + bool(self.trailer)
        return [("records", len(self.rows)), ("lines", body + outside), ("body-lines", body)]


def kinds_of(lines: Sequence[str], known: Sequence[Span]) -> Kinds:
    """``known``: the columns of a row where they were given; then a code is the first of them."""
    code = _code_length(lines)
    if code == 0 or (known and known[0].end != code):
        named = _names_columns(lines)
        rows = lines[1:] if named else lines
        return Kinds(rows, names=lines[0] if named else "", is_trimmed=len(set(map(len, rows))) > 1)
    counted = Counter(line[:code] for line in lines)
    header = lines[0] if counted[lines[0][:code]] == 1 else ""
    trailer = lines[-1] if counted[lines[-1][:code]] == 1 else ""
    body = lines[bool(header) : len(lines) - bool(trailer)]
    by_code: dict[str, list[str]] = {}
    for line in body:
        by_code.setdefault(line[:code], []).append(line)
    rows = by_code.pop(body[0][:code])
    is_trimmed = any(len(set(map(len, group))) > 1 for group in (rows, *by_code.values()))
    return Kinds(rows, code, header, trailer, lists=by_code, is_trimmed=is_trimmed)


def _code_length(lines: Sequence[str]) -> int:
    """The longest beginning of letters by which lines fall into few kinds; only the first and last may stand alone."""
    found = 0
    for length in range(1, _LONGEST_CODE + 1):
        codes = [line[:length] for line in lines]
        counted = Counter(codes)
        few = 2 <= len(counted) <= min(_MOST_KINDS, len(lines) - 1)
        alone = {code for code, count in counted.items() if count == 1} - {codes[0], codes[-1]}
        if not few or alone or not all(code.isascii() and code.isalpha() and code.isupper() for code in codes):
            break
        if found and len(counted) > len({code[:found] for code in codes}):
            break
        found = length
    return found


def _names_columns(lines: Sequence[str]) -> bool:
    """A first line without digits, over lines that all have some."""
    has_digits = [any(letter.isdecimal() for letter in line) for line in lines]
    return len(lines) > 2 and not has_digits[0] and all(has_digits[1:])
