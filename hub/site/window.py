"""When an agency takes deliveries: a daily window in its own time zone, on some days, not on holidays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LOOKED_AHEAD = 400  # days: more than any run of holidays


@dataclass(frozen=True, slots=True)
class Window:
    """Opens on each of ``days`` (0 is Monday) that is no holiday; ``opens`` and ``closes`` in minutes after midnight.

    ``closes`` not after ``opens`` is a time of the next day. Times are what clocks in ``zone`` show: one that a clock
    put forward leaves out is taken by the clock before; of one that a clock put back shows twice, the first counts.
    """

    days: frozenset[int]
    opens: int
    closes: int
    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()

    def closed_until(self, now: float) -> float | None:
        """When it opens next (epoch seconds), or None where it is open."""
        for opening, closing in self._from(now):
            if closing > now:
                return opening if opening > now else None
        return now + 86_400.0  # nothing but holidays in sight

    def opened_at(self, now: float) -> float:
        """When the opening that holds at ``now`` began; 0 where it is closed, or never closed in between."""
        before = 0.0
        for opening, closing in self._from(now):
            if opening <= now < closing:
                return 0.0 if opening <= before else opening
            before = closing
        return 0.0

    def changes_at(self, now: float) -> float:
        """When what ``closed_until`` says is over."""
        for opening, closing in self._from(now):
            if closing > now:
                return opening if opening > now else closing
        return now + 86_400.0

    def open_s(self, begin: float, end: float) -> float:
        """For how many of the seconds from ``begin`` to ``end`` it is open."""
        total = 0.0
        for opening, closing in self._from(begin):
            if opening >= end:
                break
            total += max(0.0, min(closing, end) - max(opening, begin))
        return total

    def _from(self, now: float) -> Iterator[tuple[float, float]]:
        """The openings of the days around ``now``, in order; the first may be over."""
        today = datetime.fromtimestamp(now, self.zone).date()
        days = (today + timedelta(days=offset) for offset in range(-2, _LOOKED_AHEAD))
        return (self._on(day) for day in days if day.weekday() in self.days and day not in self.holidays)

    def _on(self, day: date) -> tuple[float, float]:
        last = day if self.closes > self.opens else day + timedelta(days=1)
        return self._moment(day, self.opens), self._moment(last, self.closes)

    def _moment(self, day: date, minutes: int) -> float:
        shown = datetime(day.year, day.month, day.day, tzinfo=self.zone) + timedelta(minutes=minutes)
        return shown.timestamp()
