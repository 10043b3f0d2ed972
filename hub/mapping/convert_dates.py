"""Converters of dates and times: two calendars, zones, and formats of fixed width (DOMAIN.md, Dates)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.mapping.convert import BadOption, Codec, Options, Unfit, single
from hub.mapping.umm_al_qura import to_gregorian, to_hijri

_TOKENS = {"yyyy": 4, "MM": 2, "dd": 2, "HH": 2, "mm": 2, "ss": 2}
_TOKEN = re.compile("yyyy|MM|dd|HH|mm|ss")
_ARABIC = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_AWARE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_OLDEST_YEAR, _LATEST_YEAR = 1700, 2999

_DAY = ("yyyy", "MM", "dd")

Fields = dict[str, int]
Day = tuple[int, int, int]


class Format:
    """A fixed-width pattern such as ``dd/MM/yyyy``: numbers out of a text and back."""

    def __init__(self, pattern: str, needed: tuple[str, ...], key: str = "format") -> None:
        self.pattern = pattern
        self.tokens = _TOKEN.findall(pattern)
        if len(set(self.tokens)) != len(self.tokens) or not set(needed) <= set(self.tokens):
            raise BadOption(key, f"the format needs each of {' '.join(needed)} once")
        expression, template, last = "", "", 0
        for match in _TOKEN.finditer(pattern):
            fixed = pattern[last : match.start()]
            width = _TOKENS[match.group()]
            expression += re.escape(fixed) + f"([0-9]{{{width}}})"
            template += fixed.replace("%", "%%") + f"%({match.group()})0{width}d"
            last = match.end()
        self._match = re.compile(expression + re.escape(pattern[last:])).fullmatch
        self._template = template + pattern[last:].replace("%", "%%")
        self._days = re.sub(r"%\(\w+\)", "%", self._template) if set(self.tokens) == set(_DAY) else ""
        self._order = tuple(map(_DAY.index, self.tokens)) if self._days else ()

    def read(self, text: str) -> Fields:
        """The numbers by token; raises ``Unfit``."""
        match = self._match(text.strip().translate(_ARABIC))
        if match is None:
            raise Unfit(f"this does not look like {self.pattern}")
        return dict(zip(self.tokens, map(int, match.groups()), strict=True))

    def write(self, fields: Fields) -> str:
        """The text; the fields of the pattern must be there."""
        return self._template % fields

    def write_day(self, day: Day) -> str:
        """The text of a day, where the pattern is nothing but one (half the time of ``write``)."""
        first, second, third = self._order
        return self._days % (day[first], day[second], day[third])


def _gregorian(fields: Fields) -> str:
    if fields["yyyy"] < _OLDEST_YEAR:
        raise Unfit(f"a Gregorian date before {_OLDEST_YEAR} is not accepted (is it Hijri?)")
    if fields["yyyy"] > _LATEST_YEAR:
        raise Unfit(f"a date after {_LATEST_YEAR} is not accepted")
    try:
        return date(fields["yyyy"], fields["MM"], fields["dd"]).isoformat()
    except ValueError:
        raise Unfit("there is no such day in the Gregorian calendar") from None


def _hijri(fields: Fields) -> str:
    try:
        return to_gregorian(fields["yyyy"], fields["MM"], fields["dd"]).isoformat()
    except ValueError:
        raise Unfit("there is no such day in the Umm al-Qura calendar (1343 to 1500)") from None


def _iso(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise Unfit("the message has no full date here") from None


def _date_of(value: Any) -> date:
    return _iso(value.get("date", "") if isinstance(value, dict) else value)


def _gregorian_day(value: Any) -> Day:
    day = _date_of(value)
    return day.year, day.month, day.day


def _hijri_day(value: Any) -> Day:
    try:
        return to_hijri(_date_of(value))
    except ValueError:
        raise Unfit("the Umm al-Qura calendar starts on 1924-08-01 and ends on 2077-11-16") from None


def _as_object(day: str, calendar: str, text: str) -> dict[str, str]:
    value = {"date": day, "calendar": calendar}
    if text != day:
        value["text"] = text
    return value


def _calendar(options: Options, calendar: str, to_day: Callable[[Fields], str], day_of: Callable[[Any], Day]) -> Codec:
    form = _day_format(options.text("format", "yyyy-MM-dd"))

    def read(text: str) -> Any:
        day = to_day(form.read(text))
        return _as_object(day, calendar, text) if options.whole else day

    return single(read, lambda value: form.write_day(day_of(value)))


def _day_format(pattern: str, key: str = "format") -> Format:
    form = Format(pattern, _DAY, key)
    if len(form.tokens) > len(_DAY):
        raise BadOption(key, f"a day has no more than {' '.join(_DAY)}")
    return form


def date_codec(options: Options) -> Codec:
    """A Gregorian date."""
    return _calendar(options, "gregorian", _gregorian, _gregorian_day)


def hijri_date_codec(options: Options) -> Codec:
    """An Umm al-Qura date."""
    return _calendar(options, "hijri", _hijri, _hijri_day)


def date_pair_codec(options: Options) -> Codec:
    """One day in both calendars: ports ``hijri`` and ``gregorian``."""
    gregorian = _day_format(options.text("format", "yyyy-MM-dd"))
    hijri = _day_format(options.text("hijri-format", "yyyy-MM-dd"), "hijri-format")
    clash = options.one_of("clash", "refuse", "hijri", "gregorian")

    def read(ports: dict[str, str]) -> Any:
        days = {}
        if "hijri" in ports:
            days["hijri"] = _hijri(hijri.read(ports["hijri"]))
        if "gregorian" in ports:
            days["gregorian"] = _gregorian(gregorian.read(ports["gregorian"]))
        if len(set(days.values())) == 2 and clash == "refuse":
            raise Unfit("the Hijri and the Gregorian date are different days")
        calendar = "gregorian" if "hijri" not in days or (clash == "gregorian" and "gregorian" in days) else "hijri"
        return _as_object(days[calendar], calendar, ports[calendar]) if options.whole else days[calendar]

    def write_hijri(value: Any) -> str | None:
        try:
            return hijri.write_day(_hijri_day(value))
        except Unfit:
            return None  # the Gregorian date still stands beside it

    return Codec(read, {"hijri": write_hijri, "gregorian": lambda value: gregorian.write_day(_gregorian_day(value))})


def _utc(text: str) -> tuple[datetime, str]:
    """The moment in UTC to the second, and its fraction as text (``.5``)."""
    match = _AWARE.fullmatch(text)
    if match is None:
        raise Unfit("this is not a date and time with its offset from UTC")
    fraction, offset = match[1], match[2]
    try:
        if offset in "zZ":
            moment = datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
        else:
            moment = datetime.fromisoformat(text[:19] + offset).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unfit("there is no such time") from None
    if moment.year < _OLDEST_YEAR:
        raise Unfit(f"a Gregorian date before {_OLDEST_YEAR} is not accepted (is it Hijri?)")
    if moment.year > _LATEST_YEAR:
        raise Unfit(f"a date after {_LATEST_YEAR} is not accepted")
    return moment, fraction.rstrip("0").rstrip(".") if fraction else ""


def _zone(options: Options, default: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(options.text("zone", default))
    except (ZoneInfoNotFoundError, ValueError):
        raise BadOption("zone", "no such time zone (IANA names: Asia/Riyadh)") from None


def _in_whole_minutes(moment: datetime, zone: ZoneInfo) -> datetime:
    """A moment in a zone with an offset that can be written (RFC 3339 has no seconds there): local mean times of before
    standard time have some (Riyadh until 1947: +03:06:52), and cutting them off would tell another moment."""
    local = moment.astimezone(zone)
    offset = local.utcoffset() or timedelta()
    if offset.seconds % 60 == 0:
        return local
    return moment.astimezone(timezone(timedelta(minutes=round(offset.total_seconds() / 60))))


def _stamp(moment: datetime, fraction: str) -> str:
    """Local date and time, fraction, and no offset."""
    return moment.isoformat()[:19] + fraction


def date_time_codec(options: Options) -> Codec:
    """A moment with its offset."""
    zone = _zone(options, None) if "zone" in options.values else None

    def read(text: str) -> str:
        moment, fraction = _utc(text.strip())
        return _stamp(moment, fraction) + "Z"

    def write(value: str) -> str:
        moment, fraction = _utc(value)
        if zone is None:
            return _stamp(moment, fraction) + "Z"
        local = _in_whole_minutes(moment, zone).isoformat()
        return local[:19] + fraction + local[19:25]

    return single(read, write)


def local_time_codec(options: Options) -> Codec:
    """A moment of a zone, without offset."""
    form = Format(options.text("format", "yyyy-MM-ddTHH:mm:ss"), ("yyyy", "MM", "dd", "HH", "mm"))
    zone = _zone(options, "Asia/Riyadh")

    def read(text: str) -> str:
        fields = form.read(text)
        _gregorian(fields)
        day = (fields["yyyy"], fields["MM"], fields["dd"])
        try:
            moment = datetime(*day, fields["HH"], fields["mm"], fields.get("ss", 0), tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError):
            raise Unfit("there is no such time") from None
        return _stamp(moment, "") + "Z"

    def write(value: str) -> str:
        moment, fraction = _utc(value)
        local = moment.astimezone(zone)
        fields = {"yyyy": local.year, "MM": local.month, "dd": local.day}
        text = form.write({**fields, "HH": local.hour, "mm": local.minute, "ss": local.second})
        if not options.cut and (fraction or read(text) != value):
            raise Unfit(f"{form.pattern} cannot show this time exactly", "unwritable-value")
        return text

    return single(read, write, reads_back=not options.cut)


def time_codec(options: Options) -> Codec:
    """A time of day."""
    form = Format(options.text("format", "HH:mm:ss"), ("HH", "mm"))

    def checked(fields: Fields) -> Fields:
        if fields["HH"] > 23 or fields["mm"] > 59 or fields.get("ss", 0) > 59:
            raise Unfit("there is no such time")
        return fields

    plain = Format("HH:mm:ss", ())

    def write(value: str) -> str:
        fields = checked(plain.read(value))
        if "ss" not in form.tokens and fields["ss"] and not options.cut:
            raise Unfit(f"{form.pattern} cannot show the seconds", "unwritable-value")
        return form.write(fields)

    def read(text: str) -> str:
        return plain.write({"ss": 0, **checked(form.read(text))})

    return single(read, write, reads_back=not options.cut)


def year_month_codec(options: Options) -> Codec:
    """A month."""
    form = Format(options.text("format", "yyyy-MM"), ("yyyy", "MM"))
    plain = Format("yyyy-MM", ())

    def checked(fields: Fields) -> Fields:
        _gregorian({**fields, "dd": 1})
        return fields

    return single(
        lambda text: plain.write(checked(form.read(text))), lambda value: form.write(checked(plain.read(value)))
    )
