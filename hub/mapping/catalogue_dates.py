"""What is declared of the converters of dates and times."""

from __future__ import annotations

from hub.mapping import convert_dates as dates
from hub.mapping import reach_dates as reach
from hub.mapping.convert import Converter, Example, Option, Refused


def _format(default: str) -> Option:
    return Option("made of `yyyy MM dd HH mm ss`; all else stands for itself", default)


DATE_CONVERTERS = (
    Converter(
        "date",
        dates.date_codec,
        "either",
        "always",
        "a Gregorian date from 1700 on",
        "date",
        reach.date_read,
        reach.date_write,
        {"format": _format("yyyy-MM-dd")},
        examples=(
            Example("2025-03-01", "2025-03-01", {}),
            Example(
                "01/03/2025",
                {"date": "2025-03-01", "calendar": "gregorian", "text": "01/03/2025"},
                {"format": "dd/MM/yyyy"},
                whole=True,
            ),
        ),
        refused=(
            Refused("1443-05-12", "a Gregorian date before 1700 is not accepted (is it Hijri?)"),
            Refused("2025-02-29", "there is no such day in the Gregorian calendar"),
        ),
        needs=("date",),
    ),
    Converter(
        "hijri-date",
        dates.hijri_date_codec,
        "either",
        "always",
        "an Umm al-Qura date, 1343 to 1500",
        "date with calendar hijri and the text",
        reach.hijri_read,
        reach.hijri_write,
        {"format": _format("yyyy-MM-dd")},
        examples=(
            Example("1446-09-01", {"date": "2025-03-01", "calendar": "hijri", "text": "1446-09-01"}, {}, whole=True),
            Example("1443/05/12H", "2021-12-16", {"format": "yyyy/MM/ddH"}),
        ),
        refused=(Refused("1342-01-01", "there is no such day in the Umm al-Qura calendar (1343 to 1500)"),),
        needs=("date",),
    ),
    Converter(
        "date-pair",
        dates.date_pair_codec,
        "either",
        "always",
        "one day in both calendars; either may be missing",
        "date, with the calendar it was taken from",
        reach.pair_read,
        reach.pair_write,
        {
            "format": Option("of the Gregorian date", "yyyy-MM-dd"),
            "hijri-format": Option("of the Hijri date", "yyyy-MM-dd"),
            "clash": Option("which day counts where the two differ", "refuse", ("refuse", "hijri", "gregorian")),
        },
        ("hijri", "gregorian"),
        examples=(
            Example(
                {"hijri": "1446-09-01", "gregorian": "2025-03-01"},
                {"date": "2025-03-01", "calendar": "hijri", "text": "1446-09-01"},
                {},
                whole=True,
            ),
            Example({"gregorian": "2025-03-01"}, "2025-03-01", {}, back=False),
            Example({"gregorian": "1900-01-31"}, "1900-01-31", {}),
        ),
        refused=(
            Refused(
                {"hijri": "1446-09-01", "gregorian": "2025-03-02"},
                "the Hijri and the Gregorian date are different days",
            ),
        ),
        needs=("date",),
    ),
    Converter(
        "date-time",
        dates.date_time_codec,
        "scalar",
        "always",
        "date and time with offset or Z",
        "UTC time ...Z",
        reach.date_time_read,
        reach.date_time_write,
        {"zone": Option("IANA name: written with that zone's offset; without it with Z", "")},
        examples=(
            Example("2025-03-01T11:00:00+03:00", "2025-03-01T08:00:00Z", {"zone": "Asia/Riyadh"}),
            Example("2025-03-01T08:00:00.5Z", "2025-03-01T08:00:00.5Z", {}),
        ),
        refused=(Refused("2025-03-01T08:00:00", "this is not a date and time with its offset from UTC"),),
    ),
    Converter(
        "local-time",
        dates.local_time_codec,
        "scalar",
        "refuses",
        "date and time of the zone, without offset",
        "UTC time ...Z",
        reach.local_time_read,
        reach.local_time_write,
        {
            "zone": Option("IANA name of the zone that is meant", "Asia/Riyadh"),
            "format": _format("yyyy-MM-ddTHH:mm:ss"),
        },
        examples=(
            Example("2025-03-01T11:00:00", "2025-03-01T08:00:00Z", {}),
            Example("2016-02-19T10:00:00", "2016-02-19T15:00:00Z", {"zone": "America/New_York"}),
            Example("01/03/2025 11:00", "2025-03-01T08:00:00Z", {"format": "dd/MM/yyyy HH:mm"}),
        ),
        refused=(
            Refused("2025-03-01T25:00:00", "there is no such time"),
            Refused("2025-03-01T08:00:00.5Z", "yyyy-MM-ddTHH:mm:ss cannot show this time exactly", writing=True),
        ),
    ),
    Converter(
        "time",
        dates.time_codec,
        "scalar",
        "refuses",
        "a time of day",
        "HH:mm:ss",
        reach.time_read,
        reach.time_write,
        {"format": _format("HH:mm:ss")},
        examples=(Example("0930", "09:30:00", {"format": "HHmm"}), Example("09:30:15", "09:30:15", {})),
        refused=(
            Refused("9.30", "this does not look like HH:mm:ss"),
            Refused("09:30:15", "HHmm cannot show the seconds", {"format": "HHmm"}, writing=True),
        ),
    ),
    Converter(
        "year-month",
        dates.year_month_codec,
        "scalar",
        "always",
        "year and month",
        "yyyy-MM",
        reach.year_month_read,
        reach.year_month_write,
        {"format": _format("yyyy-MM")},
        examples=(Example("02/2016", "2016-02", {"format": "MM/yyyy"}), Example("2016-02", "2016-02", {})),
        refused=(Refused("2016-13", "there is no such day in the Gregorian calendar"),),
    ),
)
