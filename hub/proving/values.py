"""Random scalars: any value that a schema's type allows, awkward ones first."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from hub.schema.automaton import TooLarge, build, outside
from hub.schema.pattern import Chars, OutsideSubset, parse_pattern
from hub.schema.shape import ValueType

_LETTERS = "aZ0ابتةي٣é<&>\"';,|-."
_WORDS = ("x", "محمد", "a b", "<&>\"'", "عبد الله ١٢٣", "12", "é;,|", "-1", "true")
# What a partner's patterns usually mean: tried wherever they fit, because few random digits are a day.
_PLAUSIBLE = (
    "2026-06-22", "20260622", "2026/06/22", "22/06/2026", "1448-01-07", "14480107", "1448/01/07",
    "07/01/1448", "2026-06-22T10:05:00Z", "2026-06-22T10:05:00.25Z", "2026-06-22T10:05:00+03:00", "20260622100500",
    "2026-06-22T10:05:00", "2026/06/22 10:05", "1005", "10:05", "10:05:00", "2026-06", "2026", "1000000008",
    "2000000006", "+966500000001", "1448-MK-0001234", "1448-RM-0000451", "1448-RP-0004521", "1448/90011",
)  # fmt: skip
_DAYS = (date(2026, 6, 22), date(1924, 8, 1), date(1985, 11, 2), date(2024, 2, 29), date(2077, 11, 16))
_BINARIES = ("", "QQ==", "YWJj", "4A6B")
_LONG = 300


class Values:
    """A strategy for each value type, made once. JSON spells numbers and booleans, ``as_text`` everything as text."""

    def __init__(self, *, as_text: bool = False) -> None:
        self._as_text = as_text
        self._made: dict[ValueType, st.SearchStrategy[Any]] = {}

    def of(self, value: ValueType) -> st.SearchStrategy[Any]:
        """Values of one type. May give some that a rule outside the type forbids: the validator has the last word."""
        if value not in self._made:
            texts = _texts(value)
            json = "string" if self._as_text else value.json
            self._made[value] = texts if json == "string" else texts.map(_READERS[json])
        return self._made[value]


def plausible(value: ValueType) -> str | None:
    """One text of a type: one that people might write, or the shortest; None where none is found."""
    known = next((text for text in (*_PLAUSIBLE, *_WORDS) if fits(value, text)), None)
    return known if known is not None else _shortest(value)


def _shortest(value: ValueType) -> str | None:
    try:
        languages = [build(parse_pattern(pattern, "ecma")) for pattern in value.patterns]
        found = outside(languages, build(Chars(())), value.min_length, value.max_length) if languages else None
    except (OutsideSubset, TooLarge):
        return None
    return found[0] if found is not None and fits(value, found[0]) else None


def fits(value: ValueType, text: str) -> bool:
    """Whether a text keeps the type's lengths, codes and patterns."""
    if not value.min_length <= len(text) <= (value.max_length if value.max_length is not None else len(text)):
        return False
    if value.codes is not None and text not in value.codes:
        return False
    return all(_matches(pattern, text) for pattern in value.patterns)


def _texts(value: ValueType) -> st.SearchStrategy[Any]:
    if value.codes is not None:
        return st.sampled_from(value.codes) if value.codes else st.nothing()
    if value.base in ("integer", "decimal"):
        return _numbers(value)
    if value.base == "boolean":
        return st.sampled_from(("false", "true"))
    if value.base == "binary":
        return st.sampled_from([text for text in _BINARIES if fits(value, text)] or ["YWJj"])
    likely = [text for text in _PLAUSIBLE if value.patterns and fits(value, text)]
    if value.base in _MOMENTS:
        found = [text for text in _moments(value.base) if fits(value, text)]
        return st.sampled_from([*(found or likely)[:1] * 4, *(found or likely or ["2026-06-22"])])
    if value.patterns and not _is_free(value):
        return _matching(value, likely)
    return _words(value)


def _is_free(value: ValueType) -> bool:
    """Whether the patterns let any words through that are not too long (a column's edges)."""
    return all(_matches(pattern, word) for pattern in value.patterns for word in _WORDS)


def _moments(base: str) -> Sequence[str]:
    return tuple(day.strftime(_MOMENTS[base]) for day in _DAYS)


def _numbers(value: ValueType) -> st.SearchStrategy[str]:
    room = value.max_length if value.max_length is not None else 9
    digits = value.total_digits or min(room, 9)
    negative = min(digits, 6) if room > digits else min(digits - 1, 6)
    least = Decimal(value.minimum) if value.minimum is not None else Decimal(-(10**negative) + 1)
    most = Decimal(value.maximum) if value.maximum is not None else Decimal(10 ** min(digits, 9) - 1)
    whole = st.integers(math.ceil(least), math.floor(most)).map(str)
    if value.base == "integer" or value.fraction_digits == 0:
        return st.one_of(st.sampled_from((str(math.ceil(least)), str(math.floor(most)))), whole)
    fractions = [text for text in ("0.5", "21.4225", "0.000001", "-1.25") if least <= Decimal(text) <= most]
    if value.fraction_digits is not None:
        fractions = [text for text in fractions if len(text.partition(".")[2]) <= (value.fraction_digits or 0)]
    fractions = [text for text in fractions if value.max_length is None or len(text) <= value.max_length]
    return st.one_of(whole, st.sampled_from(fractions)) if fractions else whole


def _matching(value: ValueType, likely: Sequence[str]) -> st.SearchStrategy[str]:
    pattern, *others = value.patterns
    try:
        made = st.from_regex(re.compile(_python(pattern), re.ASCII), fullmatch=True)
    except re.error:
        return st.sampled_from(likely) if likely else _words(value)
    if others or value.min_length or value.max_length is not None:
        made = made.filter(lambda text: fits(value, text))
    # ``$`` lets a line break in at the end, which no schema means; no format carries control characters.
    made = made.map(lambda text: text.removesuffix("\n")).filter(str.isprintable)
    often = st.sampled_from(likely) if likely else made
    return st.one_of(often, often, often, made)


def _words(value: ValueType) -> st.SearchStrategy[str]:
    least, most = value.min_length, value.max_length
    words = [word for word in _WORDS if fits(value, word)]
    if most is not None and most < least:
        return st.nothing()
    longest = min(most if most is not None else 12, max(least, 12))
    shaped = st.text(_LETTERS, min_size=least, max_size=longest).filter(lambda text: text == text.strip())
    ways = [st.sampled_from(words)] if words else []
    ways.append(shaped)
    if most is not None and most > longest:
        full = st.sampled_from("xع").map(lambda letter: letter * most)
        # A document full of longest texts is slow and tells no more than one of them.
        ways += [shaped, st.one_of(shaped, full)] if most > _LONG else [full]
    return st.one_of(ways).filter(lambda text: fits(value, text)) if value.patterns else st.one_of(ways)


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(_python(pattern), text, re.ASCII) is not None
    except re.error:
        return True


def _python(pattern: str) -> str:
    """A schema's regular expression as Python's: XSD's are anchored without saying so (``hub.schema.xsd_types`` gives
    them bare), JSON Schema's where they say so."""
    return pattern.replace(r"\i", "[A-Za-z_:]").replace(r"\c", "[A-Za-z0-9._:-]").replace(r"\/", "/")


def anchored(value: ValueType) -> ValueType:
    """The same type with its patterns matching the whole text, as XSD means them."""
    patterns = tuple(f"^(?:{pattern})$" for pattern in value.patterns)
    return ValueType(**{**{name: getattr(value, name) for name in value.__slots__}, "patterns": patterns})


_MOMENTS = {
    "date": "%Y-%m-%d",
    "time": "10:05:00",
    "date-time": "%Y-%m-%dT10:05:00Z",
    "year-month": "%Y-%m",
    "year": "%Y",
}
_READERS: dict[str, Callable[[str], Any]] = {"integer": int, "number": float, "boolean": lambda text: text == "true"}
