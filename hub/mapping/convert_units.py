"""Measures: a closed table of units, exact arithmetic, and one declared rounding.

Factors are exact by definition: international yard and pound (1959), BIPM SI brochure, nautical mile (1929).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from hub.mapping.convert import BadOption, Codec, Options, Unfit, single
from hub.mapping.convert_texts import ARABIC_POINT, fold_digits, plain_decimal
from hub.mapping.reach import Reach, Types, one, text_of
from hub.schema.shape import ValueType

ROUNDING = ("half-even", "half-up", "down", "refuse")
_LONGEST = 1000
_MOST_DIGITS = 12
_NUMBER = "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)"

# Unit: what it measures, and how much of the first unit of that kind one of it is.
UNITS: Mapping[str, tuple[str, Fraction]] = {
    "kg": ("mass", Fraction(1)),
    "g": ("mass", Fraction(1, 1000)),
    "t": ("mass", Fraction(1000)),
    "lb": ("mass", Fraction("0.45359237")),
    "oz": ("mass", Fraction("0.028349523125")),
    "m": ("length", Fraction(1)),
    "mm": ("length", Fraction(1, 1000)),
    "cm": ("length", Fraction(1, 100)),
    "km": ("length", Fraction(1000)),
    "in": ("length", Fraction("0.0254")),
    "ft": ("length", Fraction("0.3048")),
    "yd": ("length", Fraction("0.9144")),
    "mi": ("length", Fraction("1609.344")),
    "nmi": ("length", Fraction(1852)),
    "m/s": ("speed", Fraction(1)),
    "km/h": ("speed", Fraction(1000, 3600)),
    "mph": ("speed", Fraction("1609.344") / 3600),
    "kn": ("speed", Fraction(1852, 3600)),
}


class _Measure:
    """The options read: agency units in one canonical unit, the digits of both, the rounding."""

    def __init__(self, options: Options) -> None:
        theirs, ours = _unit(options, "unit"), _unit(options, "canonical-unit")
        if theirs[0] != ours[0]:
            raise BadOption("canonical-unit", f"one unit is of {theirs[0]}, the other of {ours[0]}")
        self.factor = ours[1] / theirs[1]
        self.digits, self.own_digits = _digits(options, "digits"), _digits(options, "canonical-digits")
        self.rounding = options.one_of("rounding", *ROUNDING)

    @property
    def exact(self) -> bool:
        """Whether no canonical value is rounded on writing."""
        step = self.factor * Fraction(10**self.digits, 10**self.own_digits)
        return step.denominator == 1

    @property
    def reads_back(self) -> bool:
        """Whether the agency's step is so fine that every canonical value comes back (or is refused)."""
        finer = Fraction(1, 10**self.digits) < self.factor * Fraction(1, 10**self.own_digits)
        return self.exact or self.rounding == "refuse" or (finer and self.rounding.startswith("half"))

    def to_agency(self, number: Fraction) -> str:
        """The text that is written."""
        return _rounded(number * self.factor, self.digits, self.rounding)

    def to_canonical(self, number: Fraction) -> str:
        """The text that is read."""
        return _rounded(number / self.factor, self.own_digits, self.rounding)


def unit_codec(options: Options) -> Codec:
    """A number of one unit to a number of another."""
    measure = _Measure(options)

    def read(text: str) -> str:
        return measure.to_canonical(_number(text))

    def write(value: str) -> str:
        number = _number(value)
        if (number * 10**measure.own_digits).denominator != 1:
            raise Unfit(f"more than {measure.own_digits} digits after the point", "unwritable-value")
        return measure.to_agency(number)

    return single(read, write, reads_back=measure.reads_back)


def _unit(options: Options, key: str) -> tuple[str, Fraction]:
    name = options.text(key)
    if name not in UNITS:
        raise BadOption(key, f"the option {key!r} is one of {', '.join(UNITS)}")
    return UNITS[name]


def _digits(options: Options, key: str) -> int:
    text = options.text(key, "0")
    if not re.fullmatch("[0-9]{1,2}", text) or int(text) > _MOST_DIGITS:
        raise BadOption(key, f"the option {key!r} is a number from 0 to {_MOST_DIGITS}")
    return int(text)


def _number(text: str) -> Fraction:
    if len(text) > _LONGEST:
        raise Unfit("this number is too long")
    return Fraction(plain_decimal(fold_digits(text.strip()).replace(ARABIC_POINT, ".")))


def _rounded(number: Fraction, digits: int, rounding: str) -> str:
    scaled = number * 10**digits
    if rounding == "refuse" and scaled.denominator != 1:
        raise Unfit(f"this cannot be said exactly with {digits} digits after the point")
    whole = _WHOLE[rounding](abs(scaled))
    sign = "-" if number < 0 and whole else ""
    text = str(whole).rjust(digits + 1, "0")
    return sign + plain_decimal(f"{text[: len(text) - digits]}.{text[len(text) - digits :]}")


_WHOLE: Mapping[str, Callable[[Fraction], int]] = {
    "half-even": round,
    "half-up": lambda number: math.floor(number + Fraction(1, 2)),
    "down": math.floor,
    "refuse": math.floor,
}


def unit_read(options: Options, given: Types) -> Reach:
    """A number of the canonical unit, with its bounds and digits."""
    measure = _Measure(options)
    refuses = "what cannot be said exactly" if measure.rounding == "refuse" else ""
    gives = _type(given[""], measure.own_digits, lambda bound: 1 / measure.factor * bound, measure.rounding)
    return one(gives, text_of(_NUMBER, max_length=_LONGEST), refuses)


def unit_write(options: Options, given: Types) -> Reach:
    """A number of the agency's unit, with its bounds and digits."""
    measure, type = _Measure(options), given[""]
    refuses = "what cannot be said exactly" if measure.rounding == "refuse" and not measure.exact else ""
    takes = ValueType(
        "decimal",
        patterns=(f"^(?:{_NUMBER})$",),
        fraction_digits=measure.own_digits,
        max_length=_LONGEST if type.json == "string" else None,
    )
    return one(_type(type, measure.digits, lambda bound: measure.factor * bound, measure.rounding), takes, refuses)


def _type(given: ValueType, digits: int, scale: Callable[[Fraction], Fraction], rounding: str) -> ValueType:
    """Rounding keeps the order of numbers, so the bounds of what comes out are those of what goes in, rounded."""

    def bound(text: str | None) -> str | None:
        mode = "half-even" if rounding == "refuse" else rounding
        return None if text is None else _rounded(scale(Fraction(text)), digits, mode)

    fraction = f"([.][0-9]{{1,{digits}}})?" if digits else ""
    return ValueType(
        "decimal" if digits else "integer",
        patterns=(f"^-?(0|[1-9][0-9]*){fraction}$",),
        minimum=bound(given.minimum),
        maximum=bound(given.maximum),
        fraction_digits=digits,
    )
