"""Daily windows: when an agency takes deliveries, whatever its clocks do."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from hub.site.window import Window

RIYADH, BERLIN = ZoneInfo("Asia/Riyadh"), ZoneInfo("Europe/Berlin")
EVERY_DAY = frozenset(range(7))
OFFICE = Window(frozenset({6, 0, 1, 2, 3}), 7 * 60, 15 * 60, RIYADH, frozenset({date(2026, 9, 23)}))
NIGHT = Window(EVERY_DAY, 22 * 60, 6 * 60, RIYADH)


def at(text: str, zone: ZoneInfo = RIYADH) -> float:
    """The moment at which clocks show this."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def test_it_is_open_from_its_first_moment_to_its_last() -> None:
    """Sunday, 22 November 2026, seven to three."""
    assert OFFICE.closed_until(at("2026-11-22T06:59:59")) == at("2026-11-22T07:00")
    assert OFFICE.closed_until(at("2026-11-22T07:00")) is None
    assert OFFICE.closed_until(at("2026-11-22T14:59:59")) is None
    assert OFFICE.closed_until(at("2026-11-22T15:00")) == at("2026-11-23T07:00")


def test_the_weekend_and_holidays_are_left_out() -> None:
    """Thursday afternoon to Sunday; the day before the National Day to the day after it."""
    assert OFFICE.closed_until(at("2026-11-26T16:00")) == at("2026-11-29T07:00")
    assert OFFICE.closed_until(at("2026-09-22T15:00")) == at("2026-09-24T07:00")


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    """Over midnight it stays open; a holiday closes the night that begins on it, not the morning before."""
    assert NIGHT.closed_until(at("2026-11-22T03:00")) is None
    assert NIGHT.opened_at(at("2026-11-22T03:00")) == at("2026-11-21T22:00")
    assert NIGHT.closed_until(at("2026-11-22T06:00")) == at("2026-11-22T22:00")
    holiday = Window(EVERY_DAY, 22 * 60, 6 * 60, RIYADH, frozenset({date(2026, 11, 22)}))
    assert holiday.closed_until(at("2026-11-22T03:00")) is None
    assert holiday.closed_until(at("2026-11-22T22:00")) == at("2026-11-23T22:00")


def test_the_hub_s_own_clock_does_not_matter() -> None:
    """Seven in Riyadh is four in UTC."""
    assert OFFICE.closed_until(at("2026-11-22T03:30", ZoneInfo("UTC"))) == at("2026-11-22T04:00", ZoneInfo("UTC"))


def test_a_clock_that_is_put_forward_opens_on_time_afterwards() -> None:
    """29 March 2026: an hour is missing from the night, and the morning begins an hour earlier in UTC."""
    night = Window(EVERY_DAY, 22 * 60, 6 * 60, BERLIN)
    assert night.open_s(at("2026-03-28T22:00", BERLIN), at("2026-03-29T12:00", BERLIN)) == 7 * 3600
    gap = Window(EVERY_DAY, 2 * 60 + 30, 5 * 60, BERLIN)
    assert gap.closed_until(at("2026-03-29T01:59", BERLIN)) == at("2026-03-29T03:30", BERLIN)
    assert gap.closed_until(at("2026-03-30T01:59", BERLIN)) == at("2026-03-30T02:30", BERLIN)


def test_a_clock_that_is_put_back_shows_an_hour_twice() -> None:
    """25 October 2026: the night is an hour longer; what opens at half past two opens the first time."""
    night = Window(EVERY_DAY, 22 * 60, 6 * 60, BERLIN)
    assert night.open_s(at("2026-10-24T22:00", BERLIN), at("2026-10-25T12:00", BERLIN)) == 9 * 3600
    twice = Window(EVERY_DAY, 2 * 60 + 30, 5 * 60, BERLIN)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=ZoneInfo("UTC")).timestamp()
    assert twice.closed_until(first - 1) == first
    assert twice.closed_until(first + 1800) is None


def test_days_that_touch_are_one_opening() -> None:
    """Midnight is no return of the partner: nobody has to begin slowly."""
    always = Window(EVERY_DAY, 0, 24 * 60, RIYADH)
    assert always.closed_until(at("2026-11-22T23:59:59.5")) is None
    assert always.opened_at(at("2026-11-22T00:00:01")) == 0.0
    assert OFFICE.opened_at(at("2026-11-22T07:00:01")) == at("2026-11-22T07:00")


def test_only_open_time_counts_as_waiting() -> None:
    """From Thursday noon to Sunday eight: three hours and one."""
    assert OFFICE.open_s(at("2026-11-26T12:00"), at("2026-11-29T08:00")) == 4 * 3600
    assert OFFICE.open_s(at("2026-11-26T16:00"), at("2026-11-28T16:00")) == 0


def test_what_it_says_holds_until_its_next_change() -> None:
    """Open: until it closes; closed: until it opens."""
    assert OFFICE.changes_at(at("2026-11-22T08:00")) == at("2026-11-22T15:00")
    assert OFFICE.changes_at(at("2026-11-22T16:00")) == at("2026-11-23T07:00")


def test_a_calendar_of_holidays_only_never_opens() -> None:
    """It is looked at again a day later."""
    now = at("2026-11-22T08:00")
    holidays = frozenset(date.fromordinal(date(2026, 11, 1).toordinal() + day) for day in range(500))
    assert Window(EVERY_DAY, 60, 120, RIYADH, holidays).closed_until(now) == now + 86_400
