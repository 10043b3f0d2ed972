"""Every converter does what its examples say, and refuses what its domain excludes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hijridate import Gregorian

from hub.mapping.convert import Example, Options, Refused, Unfit
from hub.mapping.convert_texts import has_check_digit
from hub.mapping.converters import CONVERTERS
from hub.mapping.scalars import number_of
from hub.mapping.umm_al_qura import to_gregorian, to_hijri

REFUSED = [(name, refused) for name, converter in CONVERTERS.items() for refused in converter.refused]
EXAMPLES = [(name, example) for name, converter in CONVERTERS.items() for example in converter.examples]


def read(name: str, value: object, whole: bool = False, **options: object) -> object:
    codec = CONVERTERS[name].make(Options({key.replace("_", "-"): text for key, text in options.items()}, whole))
    return codec.read(value)


def write(name: str, value: object, whole: bool = False, **options: object) -> object:
    return CONVERTERS[name].make(Options(options, whole)).writes[""](value)


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=lambda part: part if isinstance(part, str) else "")
def test_examples_are_true(name: str, example: Example) -> None:
    """Each shipped example reads as shown, and writes back where it says so."""
    codec = CONVERTERS[name].make(Options(example.options, example.whole))
    assert codec.read(example.agency) == example.canonical
    if not example.back:
        return
    written = {port: write(example.canonical) for port, write in codec.writes.items()}
    got = {port: text for port, text in written.items() if text is not None}
    assert got == (example.agency if isinstance(example.agency, dict) else {"": example.agency})


@pytest.mark.parametrize(("name", "refused"), REFUSED, ids=lambda part: part if isinstance(part, str) else "")
def test_what_is_said_to_be_refused_is_refused_so(name: str, refused: Refused) -> None:
    """Each shipped refusal is one, with exactly these words."""
    codec = CONVERTERS[name].make(Options(refused.options, refused.whole))
    with pytest.raises(Unfit) as error:
        codec.writes[""](refused.value) if refused.writing else codec.read(refused.value)
    assert error.value.text == refused.says


def test_every_converter_has_examples() -> None:
    """No converter ships without an executed example, nor one that refuses anything without an example of that."""
    assert [name for name, converter in CONVERTERS.items() if not converter.examples] == []
    assert [name for name, converter in CONVERTERS.items() if not converter.refused] == ["name-whole"]


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=lambda part: part if isinstance(part, str) else "")
def test_declared_defaults_are_the_real_ones(name: str, example: Example) -> None:
    """An option that is left out means what the reference says."""
    converter = CONVERTERS[name]
    defaults = {
        key: option.default.strip("[]").split(", ") if option.many else option.default
        for key, option in converter.options.items()
        if option.default
        and key not in example.options
        and not (key == "abroad" and example.options.get("form", "e164") in ("e164", "00"))
    }
    spelt_out = converter.make(Options({**defaults, **example.options}, example.whole))
    plain = converter.make(Options(example.options, example.whole))
    assert spelt_out.read(example.agency) == plain.read(example.agency)
    for port, write in plain.writes.items():
        assert spelt_out.writes[port](example.canonical) == write(example.canonical)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("date", "1443-05-12"),
        ("date", "2025-02-29"),
        ("date", "2025-3-1"),
        ("hijri-date", "1446-13-01"),
        ("hijri-date", "1342-01-01"),
        ("hijri-date", "2025-03-01"),
        ("date-time", "2025-03-01T08:00:00"),
        ("date-time", "2025-03-01T25:00:00Z"),
        ("local-time", "2025-03-01T08:00:00Z"),
        ("year-month", "2016-13"),
        ("integer", "1.5"),
        ("integer", "³"),
        ("decimal", "1e5"),
        ("decimal", ""),
        ("boolean", "yes"),
        ("national-id", "1000000000"),
        ("national-id", "1071724369"),
        ("national-id", "3000000008"),
    ],
)
def test_what_is_outside_the_domain_is_refused(name: str, value: str) -> None:
    """A value outside a converter's domain is an error, never a guess."""
    with pytest.raises(Unfit):
        read(name, value)


def test_a_day_that_only_the_hijri_calendar_has_is_read() -> None:
    """1443-02-30 is no Gregorian day, but Umm al-Qura may have it."""
    assert read("hijri-date", "1444-02-29") == "2022-09-25"


def test_calendars_that_disagree_are_refused_unless_one_is_preferred() -> None:
    """Two different days under one date are refused by default and decided by `clash`."""
    pair = {"hijri": "1446-09-01", "gregorian": "2025-03-02"}
    with pytest.raises(Unfit):
        read("date-pair", pair)
    assert read("date-pair", pair, clash="gregorian") == "2025-03-02"
    assert read("date-pair", pair, clash="hijri") == "2025-03-01"


def test_local_time_refuses_an_hour_that_would_not_come_back() -> None:
    """The second of two equal local hours at the end of summer time cannot be written."""
    assert write("local-time", "2025-11-02T05:30:00Z", zone="America/New_York") == "2025-11-02T01:30:00"
    with pytest.raises(Unfit):
        write("local-time", "2025-11-02T06:30:00Z", zone="America/New_York")


def test_template_refuses_a_part_that_holds_the_separator() -> None:
    """What could not be taken apart again is not joined."""
    with pytest.raises(Unfit):
        read("template", {"year": "14/46", "number": "1"}, pattern="{year}/{number}")


def test_check_digit() -> None:
    """The published examples of DOMAIN.md."""
    assert has_check_digit("1000000008")
    assert not has_check_digit("1071724369")


def test_name_parts_join_to_a_whole_and_a_whole_is_never_split() -> None:
    """Four parts are written as one name."""
    assert write("name-whole", {"given": "Omar", "father": "Ali", "family": "Saleh"}, True) == "Omar Ali Saleh"


def test_every_day_of_the_calendar_is_the_librarys() -> None:
    """The fast conversion agrees with hijridate on every day that it covers, both ways."""
    day, last = date(1924, 8, 1), date(2077, 11, 16)
    while day <= last:
        expected = Gregorian(day.year, day.month, day.day).to_hijri().datetuple()
        assert to_hijri(day) == expected
        assert to_gregorian(*expected) == day
        day += timedelta(days=1)


@pytest.mark.parametrize("day", [date(1924, 7, 31), date(2077, 11, 17)])
def test_days_outside_the_calendar_are_refused(day: date) -> None:
    """Before 1 Muharram 1343 and after the end of 1500 there is no table."""
    with pytest.raises(ValueError, match="calendar"):
        to_hijri(day)


@pytest.mark.parametrize(
    "parts", [(1342, 12, 1), (1501, 1, 1), (1446, 0, 1), (1446, 13, 1), (1446, 9, 0), (1446, 9, 31)]
)
def test_hijri_days_that_do_not_exist_are_refused(parts: tuple[int, int, int]) -> None:
    """Years, months and days outside the tables raise."""
    with pytest.raises(ValueError, match=r"calendar|month"):
        to_gregorian(*parts)


@pytest.mark.parametrize("digits", ["3064267912460699481.91", "1e400", "0.1234567890123456789"])
def test_a_number_that_would_lose_digits_is_refused(digits: str) -> None:
    """A JSON number is a double; what it cannot hold must not change on the way."""
    with pytest.raises(Unfit):
        number_of(digits)
    assert number_of("21.4225000000000000000") == 21.4225
