"""The ``window`` of an agency's deliveries, as ``agency.yaml`` writes it."""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.definition import ListOf, Reading, Record, Scalar, Values
from hub.site.window import DAYS, Window

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
WINDOW = Record(
    {
        "from": Scalar("time of day at which it opens, HH:MM"),
        "to": Scalar("time of day at which it closes; not after from: of the next day"),
        "days": ListOf(Scalar("day on which it opens", DAYS), "default: every day"),
        "time-zone": Scalar("IANA name; default Asia/Riyadh"),
        "holidays": ListOf(Scalar("day on which it does not open, YYYY-MM-DD")),
    },
    ("from", "to"),
    "outside of it nothing is tried",
)


def window_of(values: Values, reading: Reading) -> Window | None:
    """The window, or None where a value was wrong (and a finding was noted)."""
    before = len(reading.findings)
    opens, closes = _minutes(values, "from", reading), _minutes(values, "to", reading)
    zone = _zone(values, reading)
    holidays = frozenset(_day(day, values.lines["holidays"], reading) for day in values.get("holidays", ()))
    days = frozenset(DAYS.index(day) for day in values.get("days", DAYS))
    if not days:
        reading.wrong("bad-value", values.lines["days"], "there is no day on which it opens")
    if len(reading.findings) > before or opens is None or closes is None:
        return None
    return Window(days, opens, closes, zone, holidays)


def _minutes(values: Values, key: str, reading: Reading) -> int | None:
    if key not in values:
        return None
    text = str(values[key])
    if not _TIME.fullmatch(text) or (text == "24:00" and key == "from"):
        reading.wrong("bad-value", values.lines[key], f"{text!r} is not a time of day such as 07:30")
        return None
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _zone(values: Values, reading: Reading) -> ZoneInfo:
    name = str(values.get("time-zone", "Asia/Riyadh"))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        reading.wrong("bad-value", values.lines["time-zone"], f"there is no time zone {name!r} (IANA: Asia/Riyadh)")
        return ZoneInfo("UTC")


def _day(text: str, line: int, reading: Reading) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        reading.wrong("bad-value", line, f"{str(text)!r} is not a day such as 2026-09-23")
        return date.min
