"""Scalars between text and JSON's types, as each schema spells them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hub.mapping.convert import Unfit
from hub.schema.shape import ValueType

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
# What a JSON number surely keeps, and the longest whole number that is read as one.
EXACT_DIGITS, INTEGER_DIGITS = 15, 18
# The texts that JSON gives back as they were.
EXACT_TEXTS = {
    "integer": "^(0|-?[1-9][0-9]*)$",
    "number": "^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)[.][0-9]*[1-9])$",
    "boolean": "^(true|false)$",
}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def text_of(value: Any) -> str:
    """A JSON scalar as text: ``true``, ``3``, ``1.5`` (never with an exponent)."""
    if isinstance(value, str):
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    if isinstance(value, int):
        return str(value)
    raise Unfit("one value is expected here, not an object or a list")


def integer_of(text: str) -> int:
    """XSD integer text to int."""
    text = text.strip()
    if not _INTEGER.fullmatch(text):
        raise Unfit("this is not a whole number")
    return int(text)


def number_of(text: str) -> int | float:
    """XSD decimal or double text to a JSON number."""
    text = text.strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text):
        raise Unfit("this is not a number")
    number = float(text)
    # Up to 15 digits every decimal keeps its value; beyond, and at the ends of the exponents, some do not.
    if (len(text) > EXACT_DIGITS or "e" in text.lower()) and not _kept(number, text):
        raise Unfit("a JSON number does not keep all these digits")
    return number


def _kept(number: float, text: str) -> bool:
    return math.isfinite(number) and Decimal(repr(number)) == Decimal(text)


def boolean_of(text: str) -> bool:
    """XSD boolean text to bool."""
    try:
        return _BOOLEANS[text.strip()]
    except KeyError:
        raise Unfit("this is neither true nor false") from None


def from_text(target: ValueType) -> Callable[[str], Any] | None:
    """How text becomes what JSON of this type holds; None where text stays text."""
    return {"string": None, "integer": integer_of, "number": number_of, "boolean": boolean_of}[target.json]


def exactly(target: ValueType) -> Callable[[str], Any] | None:
    """The same for text that has to come back as it was: ``007`` is no JSON number, ``1`` no JSON boolean."""
    change = from_text(target)
    if change is None:
        return None

    def exact(text: str) -> Any:
        value = change(text)
        if text_of(value) != text:
            raise Unfit(f"JSON would keep this as {text_of(value)}")
        return value

    return exact


def to_text(source: ValueType) -> Callable[[Any], str] | None:
    """How JSON of this type becomes text; None where it is text already."""
    return None if source.json == "string" else text_of


def literal(text: str, target: ValueType | None) -> Any:
    """A scalar of a mapping file as the canonical schema types it; raises ``Unfit``."""
    change = from_text(target) if target else None
    return change(text) if change else str(text)
