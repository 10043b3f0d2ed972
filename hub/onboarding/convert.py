"""Which converter a proposed line needs, from both types and from how the agency writes its values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hub.onboarding.places import Leaf
from hub.onboarding.words import Glossary
from hub.schema.shape import ValueType

_YES = frozenset(("y", "yes", "true", "1", "t", "نعم"))
_NO = frozenset(("n", "no", "false", "0", "f", "لا"))


@dataclass(frozen=True, slots=True)
class Conversion:
    """Options to stand beside ``at``, and what a person must confirm about them."""

    options: tuple[tuple[str, str], ...] = ()
    doubt: str = ""


def conversion_for(own: ValueType, agency: Leaf, glossary: Glossary) -> Conversion:
    """The options for a value between both types; code lists are looked at elsewhere."""
    theirs = agency.last.value or ValueType()
    if own.base == "date":
        return _date(theirs, is_hijri(agency, glossary))
    if own.base == "date-time":
        return _moment(theirs)
    if own.base == "time":
        return Conversion((("as", "time"),), "" if theirs.base == "time" else "the format of the time of day")
    if own.base == "boolean" and theirs.base != "boolean":
        return _boolean(theirs)
    return Conversion()


def is_hijri(agency: Leaf, glossary: Glossary) -> bool:
    """Whether a date is Umm al-Qura, by its name or its pattern."""
    value = agency.last.value
    named = "hijri" in glossary.meaning(agency.last.name.rpartition(":")[2]).concepts
    return named or any(re.match(r"\^?(\(\?:)?1\[?[345]", pattern) for pattern in (value.patterns if value else ()))


def _date(theirs: ValueType, hijri: bool) -> Conversion:
    name = "hijri-date" if hijri else "date"
    if theirs.base == "date":
        return Conversion((("as", name),), "this xs:date is named Hijri" if hijri else "")
    if theirs.base == "date-time":
        if hijri:
            return Conversion((("as", name),), "the agency's value has a time of day too")
        midnight = (("as", name), ("format", "yyyy-MM-ddT00:00:00"), ("unfit", "refuse"))
        return Conversion(midnight, "the agency's value has a time of day too: it is written, and read, as midnight")
    format = _format(theirs)
    options = (("as", name), ("format", format)) if format else (("as", name),)
    return Conversion(options, f"the format of this {'Hijri ' if hijri else ''}date")


def _moment(theirs: ValueType) -> Conversion:
    if theirs.base == "date-time" and not any("Z" in pattern or "T" in pattern for pattern in theirs.patterns):
        return Conversion((("as", "date-time"),), "does it always carry Z or an offset? If not: as: local-time, zone")
    if theirs.base == "date-time":
        return Conversion((("as", "date-time"),))
    format = _format(theirs)
    options = (("as", "local-time"), *((("format", format),) if format else ()))
    return Conversion(options, "zone and format of this moment (as: local-time, zone: Area/City, format: ...)")


def _boolean(theirs: ValueType) -> Conversion:
    codes = theirs.codes or ()
    yes = [code for code in codes if code.casefold() in _YES]
    no = [code for code in codes if code.casefold() in _NO]
    if len(yes) == 1 and len(no) == 1:
        return Conversion((("as", "boolean"), ("true", yes[0]), ("false", no[0])))
    return Conversion((("as", "boolean"), ("true", "Y"), ("false", "N")), "which texts mean yes and no")


def _format(theirs: ValueType) -> str:
    """A date format told by a pattern that ``hub.onboarding.sample_csv`` or an agency wrote."""
    for pattern in theirs.patterns:
        plain = pattern.removeprefix("^(?:").removesuffix(")$").strip("^$")
        parts = re.sub(r"1\[[345]+\]\[0-9\]\{2\}|(?:\[0-9\]|\\d)\{4\}", "Y", plain)
        parts = re.sub(r"(?:\[0-9\]|\\d)\{2\}", "P", parts).replace("\\", "")
        for shape, format in _FORMATS.items():
            if parts == shape:
                return format
    return ""


_FORMATS = {
    f"{day}{time}": f"{day_format}{time_format}"
    for day, day_format in {
        "Y-P-P": "yyyy-MM-dd", "Y/P/P": "yyyy/MM/dd", "YPP": "yyyyMMdd",
        "P/P/Y": "dd/MM/yyyy", "P-P-Y": "dd-MM-yyyy", "P.P.Y": "dd.MM.yyyy",
    }.items()
    for time, time_format in {
        "": "", " P:P": " HH:mm", " P:P:P": " HH:mm:ss", "TP:P:P": "THH:mm:ss", "PPP": "HHmmss",
    }.items()
}  # fmt: skip
