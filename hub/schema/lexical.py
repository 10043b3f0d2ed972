"""How values of each base type are spelt as text, as patterns: what one schema promises and another demands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from hub.schema.shape import Base, ValueType

# Whose spelling: XSD 1.0, JSON Schema's formats (RFC 3339) and tables, or a JSON number that we write as text.
Spelling = Literal["xsd", "json", "number"]

_DAY = "-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?"
_OFFSET = "([Zz]|[+-][0-9]{2}:[0-9]{2})"
# XSD 1.0 knows no year 0, no leading zeros beyond four digits, a midnight at the day's end, zones up to 14 hours.
_XSD_YEAR = "-?([1-9][0-9]{3,}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_XSD_CLOCK = "(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?|24:00:00([.]0+)?)"
_XSD_OFFSET = "(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_PATTERNS: Mapping[Spelling, Mapping[Base, str]] = {
    "xsd": {
        "integer": "[+-]?[0-9]+",
        "decimal": "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)",
        "boolean": "true|false|1|0",
        "date": f"{_XSD_YEAR}{_DAY}{_XSD_OFFSET}?",
        "time": f"{_XSD_CLOCK}{_XSD_OFFSET}?",
        "date-time": f"{_XSD_YEAR}{_DAY}T{_XSD_CLOCK}{_XSD_OFFSET}?",
        "year-month": f"{_XSD_YEAR}-(0[1-9]|1[0-2]){_XSD_OFFSET}?",
        "year": f"{_XSD_YEAR}{_XSD_OFFSET}?",
    },
    "json": {
        "integer": "[+-]?[0-9]+",
        "decimal": "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)",
        "boolean": "true|false",
        "date": f"[0-9]{{4}}{_DAY}",
        "time": f"{_CLOCK}{_OFFSET}?",
        "date-time": f"[0-9]{{4}}{_DAY}[Tt ]{_CLOCK}{_OFFSET}?",
    },
    "number": {
        "integer": "-?(0|[1-9][0-9]*)",
        "decimal": "-?(0|[1-9][0-9]*)([.][0-9]+)?",
        "boolean": "true|false",
    },
}
# Bases whose texts no pattern tells apart from others (days of a month): only the same base will do.
CALENDARS: frozenset[Base] = frozenset(("date", "date-time", "binary"))


def spelling_of(value: ValueType, *, xml: bool) -> Spelling:
    """How a schema spells a value's text."""
    if value.json != "string":
        return "number"
    return "xsd" if xml else "json"


def lexical(value: ValueType, spelling: Spelling) -> str | None:
    """The pattern (of the whole text) of a base type; None where any text may stand."""
    found = _PATTERNS[spelling].get(value.base)
    if found and spelling == "number" and value.minimum is not None and not value.minimum.startswith("-"):
        found = found.removeprefix("-?")
    return f"^(?:{found})$" if found else None
