"""What the converters of dates and times take and give."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.mapping.convert import Options
from hub.mapping.reach import Reach, Types, one, text_of
from hub.schema.shape import Base, ValueType

_TOKEN = re.compile("yyyy|MM|dd|HH|mm|ss")
# Years that are read: older ones are Hijri written as Gregorian, later ones mistakes.
_YEARS = "(1[7-9]|2[0-9])[0-9]{2}"
_TOKENS = {
    "MM": "(0[1-9]|1[0-2])",
    "dd": "(0[1-9]|[12][0-9]|3[01])",
    "HH": "([01][0-9]|2[0-3])",
    "mm": "[0-5][0-9]",
    "ss": "[0-5][0-9]",
}
_HIJRI = {**_TOKENS, "yyyy": "(13[4-9][0-9]|14[0-9]{2}|1500)", "dd": "(0[1-9]|[12][0-9]|30)"}
_GREGORIAN = {**_TOKENS, "yyyy": _YEARS}
_DAY = "-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_FRACTION = "([.][0-9]{1,9})?"
_OFFSET = "([Zz]|[+-][0-9]{2}:[0-9]{2})"
_NO_SUCH_DAY = "a day that the calendar does not have"
_OUTSIDE = "a day before 1924-08-01 or after 2077-11-16, which the Umm al-Qura calendar does not have"


def shaped(format: str, tokens: dict[str, str], base: Base = "string") -> ValueType:
    """The texts of a format such as ``dd/MM/yyyy``."""
    expression, last = "", 0
    for match in _TOKEN.finditer(format):
        expression += re.escape(format[last : match.start()]) + tokens[match[0]]
        last = match.end()
    return replace(text_of(expression + re.escape(format[last:])), base=base)


def _folded(format: str) -> ValueType:
    """What a format reads: Arabic-Indic digits too."""
    expression, last = "", 0
    for match in _TOKEN.finditer(format):
        expression += re.escape(format[last : match.start()]) + f"[0-9٠-٩۰-۹]{{{len(match[0])}}}"
        last = match.end()
    return text_of(f"[ ]*{expression}{re.escape(format[last:])}[ ]*")


def _day() -> ValueType:
    return ValueType("date", patterns=(f"^{_YEARS}{_DAY}$",))


def _read_day(options: Options, calendars: tuple[str, ...], text: ValueType) -> Types:
    if not options.whole:
        return {"": _day()}
    return {"date": _day(), "calendar": ValueType(codes=calendars), "text": text}


def _given_day(options: Options) -> Types:
    return {"date" if options.whole else "": _day()}


def date_read(options: Options, given: Types) -> Reach:
    """A day of the Gregorian calendar."""
    format = options.text("format", "yyyy-MM-dd")
    is_date = given[""].base == "date" and format == "yyyy-MM-dd"
    takes = _day() if is_date else _folded(format)
    text = given[""] if given[""].max_length is not None else shaped(format, _GREGORIAN)
    gives = _read_day(options, ("gregorian",), text)
    return Reach(gives, {"": takes}, "" if is_date else _NO_SUCH_DAY)


def date_write(options: Options, _: Types) -> Reach:
    """Every day."""
    format = options.text("format", "yyyy-MM-dd")
    base: Base = "date" if format == "yyyy-MM-dd" else "string"
    return Reach({"": shaped(format, _GREGORIAN, base)}, _given_day(options))


def hijri_read(options: Options, _: Types) -> Reach:
    """A day of the Umm al-Qura calendar."""
    format = options.text("format", "yyyy-MM-dd")
    gives = _read_day(options, ("hijri",), shaped(format, _HIJRI))
    return Reach(gives, {"": _folded(format)}, _NO_SUCH_DAY)


def hijri_write(options: Options, _: Types) -> Reach:
    """Days that the calendar's tables have."""
    format = options.text("format", "yyyy-MM-dd")
    return Reach({"": shaped(format, _HIJRI)}, _given_day(options), _OUTSIDE)


def pair_read(options: Options, given: Types) -> Reach:
    """One day in two calendars."""
    gregorian, hijri = options.text("format", "yyyy-MM-dd"), options.text("hijri-format", "yyyy-MM-dd")
    longest = max(len(gregorian), len(hijri))
    gives = _read_day(options, ("gregorian", "hijri"), ValueType(min_length=8, max_length=longest))
    clash = options.text("clash", "refuse") == "refuse"
    refuses = f"{_NO_SUCH_DAY}, or two different days" if clash else _NO_SUCH_DAY
    return Reach(gives, {"gregorian": _folded(gregorian), "hijri": _folded(hijri)}, refuses)


def pair_write(options: Options, _: Types) -> Reach:
    """The Gregorian date always, the Hijri one where the calendar's tables have it."""
    gregorian, hijri = options.text("format", "yyyy-MM-dd"), options.text("hijri-format", "yyyy-MM-dd")
    base: Base = "date" if gregorian == "yyyy-MM-dd" else "string"
    gives = {"gregorian": shaped(gregorian, _GREGORIAN, base), "hijri": shaped(hijri, _HIJRI)}
    return Reach(gives, _given_day(options), nothing=frozenset(("hijri",)))


def _moment(fraction: str) -> ValueType:
    return ValueType("date-time", patterns=(f"^{_YEARS}{_DAY}T{_CLOCK}{fraction}Z$",))


def date_time_read(_: Options, given: Types) -> Reach:
    """A moment with its offset."""
    takes = ValueType("date-time", patterns=(f"^{_YEARS}{_DAY}[Tt]{_CLOCK}{_FRACTION}{_OFFSET}$",))
    if given[""].base != "date-time":
        return one(_moment(_FRACTION), replace(takes, base="string"), "a time that does not exist")
    return one(_moment(_FRACTION), takes)


def date_time_write(options: Options, given: Types) -> Reach:
    """Every moment; without fraction where the message's own pattern has no room for one."""
    offset = "[+-](0[0-9]|1[0-3]):[0-5][0-9]" if "zone" in options.values else "Z"
    exact = any(not set(pattern) & set(".\\") and "[^" not in pattern for pattern in given[""].patterns)
    fraction = "" if exact else _FRACTION
    gives = ValueType("date-time", patterns=(f"^{_YEARS}{_DAY}T{_CLOCK}{fraction}{offset}$",))
    takes = ValueType("date-time", patterns=(f"^{_YEARS}{_DAY}[Tt]{_CLOCK}{_FRACTION}{_OFFSET}$",))
    return one(gives, takes)


def local_time_read(options: Options, _: Types) -> Reach:
    """A moment of a zone."""
    format = options.text("format", "yyyy-MM-ddTHH:mm:ss")
    return one(_moment(""), _folded(format), "a time that does not exist")


def local_time_write(options: Options, _: Types) -> Reach:
    """Moments that the format shows exactly, or all of them where they may be cut."""
    format = options.text("format", "yyyy-MM-ddTHH:mm:ss")
    base: Base = "date-time" if format == "yyyy-MM-ddTHH:mm:ss" else "string"
    gives = shaped(format, _GREGORIAN, base)
    if options.cut:
        return one(gives, _moment(_FRACTION))
    seconds = _moment("") if "ss" in format else replace(_moment(""), patterns=(f"^{_YEARS}{_DAY}T..:..:00Z$",))
    steady = _has_one_offset(ZoneInfo(options.text("zone", "Asia/Riyadh")))
    return one(gives, seconds, "" if steady else "an hour that the zone has twice when its clocks go back")


def time_read(options: Options, _: Types) -> Reach:
    """A time of day."""
    return one(text_of(_CLOCK), _folded(options.text("format", "HH:mm:ss")), "a time that does not exist")


def time_write(options: Options, _: Types) -> Reach:
    """Times that the format shows."""
    format = options.text("format", "HH:mm:ss")
    base: Base = "time" if format == "HH:mm:ss" else "string"
    exact = "ss" in format or options.cut
    return one(shaped(format, _TOKENS, base), text_of(_CLOCK if exact else "([01][0-9]|2[0-3]):[0-5][0-9]:00"))


def year_month_read(options: Options, _: Types) -> Reach:
    """A month of a year."""
    return one(text_of(f"{_YEARS}-(0[1-9]|1[0-2])"), shaped(options.text("format", "yyyy-MM"), _GREGORIAN))


def year_month_write(options: Options, _: Types) -> Reach:
    """The same back."""
    format = options.text("format", "yyyy-MM")
    base: Base = "year-month" if format == "yyyy-MM" else "string"
    return one(shaped(format, _GREGORIAN, base), text_of(f"{_YEARS}-(0[1-9]|1[0-2])"))


def _has_one_offset(zone: ZoneInfo) -> bool:
    """Whether the zone's clocks have not changed since 1950."""
    start = datetime(1950, 1, 1, tzinfo=UTC)
    return len({(start + timedelta(days=30 * step)).astimezone(zone).utcoffset() for step in range(1100)}) == 1
