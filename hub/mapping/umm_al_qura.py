"""The Umm al-Qura calendar by the tables of ``hijridate``, without its objects (a tenth of the time)."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date

from hijridate.ummalqura import HIJRI_OFFSET, MONTH_STARTS

# MONTH_STARTS counts reduced Julian days; day 1 of ``datetime`` is Julian day 1,721,426.
_TO_ORDINAL = 2_400_000 - 1_721_425
_FIRST_YEAR = HIJRI_OFFSET // 12 + 1
_LAST_YEAR = _FIRST_YEAR + (len(MONTH_STARTS) - 1) // 12 - 1


def to_gregorian(year: int, month: int, day: int) -> date:
    """The Gregorian day. Raises ``ValueError`` where the calendar (1343 to 1500) has no such day."""
    if not (_FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= 12):
        raise ValueError("outside the calendar")
    index = (year - 1) * 12 + month - 1 - HIJRI_OFFSET
    start = MONTH_STARTS[index]
    if not 1 <= day <= MONTH_STARTS[index + 1] - start:
        raise ValueError("no such day in this month")
    return date.fromordinal(start + day - 1 + _TO_ORDINAL)


def to_hijri(day: date) -> tuple[int, int, int]:
    """Year, month and day of a Gregorian day. Raises ``ValueError`` outside 1924-08-01 to 2077-11-16."""
    number = day.toordinal() - _TO_ORDINAL
    index = bisect_right(MONTH_STARTS, number) - 1
    if not 0 <= index < len(MONTH_STARTS) - 1:
        raise ValueError("outside the calendar")
    years, month = divmod(index + HIJRI_OFFSET, 12)
    return years + 1, month + 1, number - MONTH_STARTS[index] + 1
