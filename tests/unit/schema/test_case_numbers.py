"""Which numbers of a message name its case."""

from __future__ import annotations

import pytest

from hub.schema.case_numbers import CaseNumbers


def test_all_numbers_of_a_table_belong_to_the_case() -> None:
    """Every number present counts, in the order of the table, and the first is the subject."""
    cases = CaseNumbers({"case": "case.number", "report": "reportNumber"})
    assert cases.of({"reportNumber": "R-1", "case": {"number": "C-1"}}) == (("case", "C-1"), ("report", "R-1"))
    assert cases.of({"reportNumber": "R-1"}) == (("report", "R-1"),)


def test_of_alternatives_only_the_first_present_counts() -> None:
    """A list of tables names alternatives that are not linked to each other."""
    cases = CaseNumbers([{"incident": "incident.number"}, {"month": "month"}])
    assert cases.of({"incident": {"number": "7"}, "month": "2016-02"}) == (("incident", "7"),)
    assert cases.of({"month": "2016-02"}) == (("month", "2016-02"),)


def test_a_number_within_another_is_both_joined() -> None:
    """A number of several parts is there only when every part is."""
    cases = CaseNumbers({"incident": ["agency", "incident.number"]})
    assert cases.of({"agency": "A1", "incident": {"number": "7"}}) == (("incident", "A1/7"),)
    assert cases.of({"agency": "A1"}) == ()


def test_a_list_gives_its_first_item() -> None:
    """A step with brackets takes the first item of a list; an empty or missing list gives nothing."""
    cases = CaseNumbers({"arrest": "arrests[].number"})
    assert cases.of({"arrests": [{"number": "1"}, {"number": "2"}]}) == (("arrest", "1"),)
    assert cases.of({"arrests": []}) == ()


def test_every_path_is_told_with_its_scheme() -> None:
    """The flat paths serve error texts and checks of the schema."""
    cases = CaseNumbers([{"incident": ["agency", "incident.number"]}, {"month": "month"}])
    assert cases.paths == (("incident", "agency"), ("incident", "incident.number"), ("month", "month"))


@pytest.mark.parametrize(
    "declared", ["number", [{"a": "x", "b": "y"}], {"case": []}, {"case": {"at": "x"}}, ["number"]]
)
def test_anything_else_is_refused(declared: object) -> None:
    """A wrong ``x-case`` is told to whoever wrote the schema."""
    with pytest.raises(ValueError, match="x-case"):
        CaseNumbers(declared)
