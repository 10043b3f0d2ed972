"""``hub new-agency --sample`` of fixed width: what several lines show, what somebody knows better, what nobody can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.formats.fixed_width import FixedWidthContract
from hub.marked import load
from tests.unit.onboarding.conftest import Hub, errors

NAMES = ["محمد سالم", "نورة فهد ", "علي حسن  ", "سارة خالد", "فهد علي  ", "منى راشد "]
ROWS = [f"A{700101 + at}{name}  144801{at + 1:02}  {at * 7:4}{'XY'[at % 2]}" for at, name in enumerate(NAMES)]
FILE = ["H20260622MKR", *ROWS, "T000006"]


def drafted(hub: Hub, site: Path, lines: list[str], *words: str, codec: str = "cp1256", end: str = "\r\n") -> Any:
    """The layout that is written, and the decisions."""
    sample = site.parent / "accidents.txt"
    sample.write_bytes("".join(line + end for line in lines).encode(codec))
    found = hub("new-agency", "newcomer", "--sample", str(sample), "--type", "incident-report", *words)
    path = site / "schemas/agencies/newcomer/accidents.layout.yaml"
    layout, contract = load(path, "layout"), FixedWidthContract(path, path.name)
    assert contract.problems(contract.parse(sample.read_bytes())) == ()  # what was inferred takes what it is from
    return layout, found["decisions"]["Its documents"]


def positions(columns: Any) -> list[str]:
    return [column["at"] for column in columns]


def test_several_lines_show_kinds_columns_and_rules(hub: Hub, site: Path) -> None:
    """Codes at the beginning, blanks that all lines share, digits beside letters, a trailer that counts."""
    layout, said = drafted(hub, site, FILE)
    assert (layout["format"], layout["encoding"], layout["newline"], layout["code"]) == (
        "fixed-width", "windows-1256", "crlf", "1-1",
    )  # fmt: skip
    assert (layout["header"]["code"], layout["rows"]["code"], layout["trailer"]["code"]) == ("H", "A", "T")
    columns = layout["rows"]["columns"]
    assert positions(columns) == ["2-7", "8-18", "19-30", "31-32", "33"]
    assert columns[0]["pattern"] == "[0-9]{6}"
    assert columns[3]["align"] == "right"
    assert columns[4]["codes"] == ["X", "Y"]
    assert [column.get("counts") for column in layout["trailer"]["columns"]] == ["records"]
    assert positions(layout["header"]["columns"]) == ["2-9", "10-12"]
    told = "\n".join(said)
    for decision in (
        "Encoding windows-1256: a guess",
        "H (header), A (rows), T (trailer)",
        "2-7,8-18,19-30",
        "a count is",
    ):
        assert decision in told
    assert errors(hub) == []


def test_positions_that_somebody_knows_count(hub: Hub, site: Path) -> None:
    """Numbers beside numbers are parted by nobody else."""
    layout, said = drafted(hub, site, FILE, "--columns", "1,2-4,5-7,8-18,19-28,29-32,33")
    assert positions(layout["rows"]["columns"]) == ["2-4", "5-7", "8-18", "19-28", "29-32", "33"]
    assert "Columns at 2-4,5-7,8-18,19-28,29-32,33: as given." in said


def test_a_first_line_of_names_names_the_columns(hub: Hub, site: Path) -> None:
    """It holds no values: on reading it is passed over."""
    lines = [f"{'Number':8}{'Place':8}", *(f"{at:08}{'جدة':8}" for at in range(4))]
    layout, said = drafted(hub, site, lines)
    assert [column["name"] for column in layout["rows"]["columns"]] == ["Number", "Place"]
    assert positions(layout["header"]["columns"]) == ["1-16"]
    assert any("Number (positions 1-8) has leading zeros" in line for line in said)


def test_lines_below_rows_and_lines_cut_at_their_end(hub: Hub, site: Path) -> None:
    """Kinds that stand between rows become lists; different lengths mean that blanks were left out."""
    lines = ["A0001  x", "P1  a  b", "P2  c", "A0002  y", "P3  d  e", "A0003", "P4  f  g"]
    layout, said = drafted(hub, site, lines)
    assert layout["trimmed"] == "true"
    assert (layout["rows"]["code"], layout["rows"]["lists"]["linesP"]["code"]) == ("A", "P")
    assert positions(layout["rows"]["lists"]["linesP"]["columns"]) == ["2-4", "5-7", "8"]
    assert any("P (linesP)" in line for line in said)
    assert errors(hub) == []


def test_records_without_line_ends_need_their_columns(hub: Hub, site: Path) -> None:
    """One line shows nothing; with its positions it is as many records as fit."""
    sample = site.parent / "accidents.txt"
    sample.write_text("0001ab0002cd")
    words = ("new-agency", "newcomer", "--sample", str(sample), "--type", "incident-report")
    assert "is one line: columns show only where lines are compared" in str(hub(*words, status=2))
    assert "its length is no multiple of 5" in str(hub(*words, "--columns", "1-4,5", status=2))
    layout, _ = drafted(hub, site, ["0001ab0002cd"], "--columns", "1-4,5-6", end="")
    assert layout["newline"] == "none"
    assert errors(hub) == []


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ("1-4,6-8", "the column 6-8 does not begin at 5"),
        ("1-4,4-8", "the column 4-8 does not begin at 5"),
        ("1-4,x", "'x' is not first and last position"),
        ("1-4,5", "the columns end at 5, and accidents has lines of 6 characters"),
    ],
)
def test_positions_that_cannot_be_are_told(hub: Hub, site: Path, columns: str, says: str) -> None:
    """Before anything is written."""
    sample = site.parent / "accidents.txt"
    sample.write_text("0001ab\n0002cd\n")
    text = hub("new-agency", "newcomer", "--sample", str(sample), "--columns", columns, status=2)
    assert says in str(text)
    assert not (site / "connectors/agencies/newcomer").exists()


def test_text_without_columns_is_refused_with_what_is_needed(hub: Hub, site: Path) -> None:
    """Prose is no table."""
    sample = site.parent / "letter.txt"
    sample.write_text("Dear colleagues\nplease find our records\nattached\n")
    text = str(hub("new-agency", "newcomer", "--sample", str(sample), status=2))
    assert "no columns of fixed width show in its 3 lines" in text
    assert "--columns 1-10,11-25,26" in text


def test_columns_go_with_a_sample(hub: Hub, contracts: Path) -> None:
    """A contract says its own."""
    text = hub("new-agency", "newcomer", "--xsd", str(contracts / "court-types.xsd"), "--columns", "1-2", status=2)
    assert "--columns goes with --sample" in str(text)
