"""Mappings to and from records of fixed width: numbered columns, header and trailer, proofs, places in errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.errors import HubError
from hub.findings import Findings
from hub.mapping.lines import MappingLines
from tests.unit.mapping.workbench import Bench, list_of, object_of, text

CANONICAL = object_of(
    ["number"],
    number={"type": "string", "pattern": "^[0-9]{4}$"},
    label={"type": "string", "enum": ["PUBLIC", "SECRET"]},
    day={"type": "string", "format": "date", "pattern": "^20[0-9]{2}-[0-9]{2}-[0-9]{2}$"},
    note=text(maxLength=10),
    persons=list_of(
        object_of(
            ["name"],
            name=text(maxLength=8),
            role={"type": "string", "enum": ["driver", "hurt"]},
            numbers=list_of(object_of(["value"], value=text())),
        )
    ),
)
LAYOUT = """format: fixed-width
encoding: windows-1256
fold: [digits]
code: 1-1
header: {code: H, columns: [{name: Sent, at: 2-9, pattern: "[0-9]{8}"}, {at: 10-27, filler: none}]}
rows:
  code: A
  columns:
    - {name: No, at: 2-7, align: right, pad: "0", required: true, type: integer}
    - {name: Day, at: 8-15, pattern: "[0-9]{8}"}
    - {name: Person1Name, at: 16-20}
    - {name: Person1Role, at: 21, codes: [D, H]}
    - {name: Person2Name, at: 22-26}
    - {name: Person2Role, at: 27, codes: [D, H]}
trailer:
  code: T
  columns: [{at: 2-5, counts: records}, {name: Label, at: 6, codes: ["1", "3"]}, {at: 7-27, filler: none}]
"""
MAPPING = """root: rows[]
fields:
  number: {at: No, unfit: refuse}
  day: {at: Day, as: date, format: yyyyMMdd}
  persons[]:
    too-many: refuse
    fields:
      name: {at: Person#Name, too-long: refuse, unfit: refuse}
      role: {at: Person#Role, codes: role}
  label: {at: /trailer/Label, codes: label}
constants: {/header/Sent: "20260622"}
drops: {note: "no room", "persons[].numbers": "no room"}
"""
CODES = {"role": "D,driver,\nH,hurt,\n", "label": "1,PUBLIC,\n3,SECRET,\n"}
FILE = (
    "H20260622                  \r\nA00123420260621فهد  Dعلي  H\r\nA009999         نورةH      \r\n"
    "T2   3                     \r\n"
)


def bench(folder: Path, mapping: str = MAPPING, **options: Any) -> Bench:
    return Bench(
        folder, schema=LAYOUT, canonical=CANONICAL, mapping=mapping, format="fixed-width", codes=CODES, **options
    )


def persons(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "role": "driver"} for name in names]


def test_numbered_columns_are_a_list_and_the_trailer_is_for_all(tmp_path: Path) -> None:
    """Slots close their gaps; what stands in the trailer belongs to every record."""
    made = bench(tmp_path)
    assert [record.data for record in made.read(FILE)] == [
        {
            "number": "1234",
            "day": "2026-06-21",
            "persons": [{"name": "فهد", "role": "driver"}, {"name": "علي", "role": "hurt"}],
            "label": "SECRET",
        },
        {"number": "9999", "persons": [{"name": " نورة", "role": "hurt"}], "label": "SECRET"},
    ]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """With header, trailer, count and Arabic-Indic digits that the encoding does not have."""
    made = bench(tmp_path)
    first = {"number": "1234", "persons": persons("فهد", "٣"), "label": "SECRET"}
    body = made.write(first, {"number": "4321", "day": "2026-06-21", "label": "SECRET"})
    assert body.decode("cp1256") == (
        "H20260622                  \r\nA001234        فهد  D3    D\r\nA00432120260621            \r\n"
        "T2   3                     \r\n"
    )
    found = [record.data for record in made.read(body)]
    assert found[0]["persons"] == persons("فهد", "3")
    assert found[1] == {"number": "4321", "day": "2026-06-21", "label": "SECRET"}


@pytest.mark.parametrize(
    ("message", "code", "says", "line"),
    [
        ({"persons": persons("عبدالله")}, "output-invalid", "Person1Name (positions 16 to 20): 7 characters", 10),
        ({"persons": persons("a ")}, "output-invalid", "Person1Name (positions 16 to 20): the text ends with", 10),
        ({"number": "0123"}, "output-invalid", "No (positions 2 to 7): the text begins with '0'", 5),
        ({"persons": persons("a", "b", "c")}, "unwritable-value", "", 0),
    ],
)
def test_what_would_be_lost_is_a_dead_letter_that_names_the_line(
    tmp_path: Path, message: dict[str, Any], code: str, says: str, line: int
) -> None:
    """As the mapping declared: nothing is cut, no zero is lost, nobody is left out."""
    made = bench(tmp_path)
    with pytest.raises(HubError) as caught:
        made.write({"number": "1234", "label": "PUBLIC", **message})
    assert caught.value.code.name == code
    assert says in caught.value.text
    if line:
        assert MappingLines(made.mapping.plan).at(caught.value.problems[0].path) == line


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        (", too-long: refuse, unfit: refuse", "", "length-gap", "8 characters may come, and 5 fit"),
        (", unfit: refuse}\n      role", "}\n      role", "pattern-gap", "would not come back from its column"),
        ("{at: No, unfit: refuse}", "No", "pattern-gap", "'0000' may come"),
        ("    too-many: refuse\n", "", "too-many", ""),
        ("  label: {at: /trailer/Label, codes: label}\n", "", "unread-field", "/trailer is neither mapped nor ignored"),
        ('constants: {/header/Sent: "20260622"}\n', "", "unread-field", "/header is neither mapped nor ignored"),
        ("/trailer/Label", "/trailer/Lable", "unknown-path", "the agency's schema has no 'Lable' in 'trailer'"),
        ('"20260622"', '"2026-06"', "bad-value", ""),
    ],
)
def test_hub_check_proves_widths_edges_and_coverage(tmp_path: Path, old: str, new: str, code: str, says: str) -> None:
    """The width of a column is the greatest length of its texts; what fills it must not be their edge."""
    assert old in MAPPING
    with pytest.raises(Findings) as caught:
        bench(tmp_path, MAPPING.replace(old, new), prove=True)
    told = [finding for finding in caught.value.findings if finding.code == code]
    assert told, caught.value.findings
    assert says in told[0].text


def test_a_mapping_that_says_everything_is_proved(tmp_path: Path) -> None:
    """So it is what was taken away above that is missed."""
    assert {note.code for note in bench(tmp_path, prove=True).mapping.notes} == {"may-refuse"}


def test_a_canonical_mistake_is_told_at_the_agency_s_place(tmp_path: Path) -> None:
    """In rows by record and column, in the trailer by its name."""
    made = bench(tmp_path)
    (first, second) = made.read(FILE)
    assert made.mapping.origin("persons[1].name", first) == "row 1, column Person2Name"
    assert made.mapping.origin("number", second) == "row 2, column No"
    assert made.mapping.origin("label", second) == "trailer, column Label"
    assert made.mapping.record_of("row 2, column No") == 1
    assert made.mapping.record_of("trailer, column Label") is None


NUMBERS = """root: rows[]
fields:
  number: No
  persons[]:
    too-many: refuse
    fields: {name: Person#Name, "numbers[]": {too-many: refuse, fields: {value: Person#Role}}}
drops: {note: no, label: no, day: no, "persons[].role": no}
ignores: {Day: no, /header: no, /trailer: no}
"""


def test_the_number_of_a_slot_is_that_of_the_lists_inside_it(tmp_path: Path) -> None:
    """What stands beside the second person's name is the second person's alone."""
    made = bench(tmp_path, NUMBERS)
    (first, _) = made.read(FILE)
    expected = [{"name": "فهد", "numbers": [{"value": "D"}]}, {"name": "علي", "numbers": [{"value": "H"}]}]
    assert first.data["persons"] == expected
    with pytest.raises(HubError, match="unwritable-value"):
        made.write({"number": "1234", "persons": [{"name": "a", "numbers": [{"value": "D"}, {"value": "H"}]}]})


WHOLE = """fields:
  number: header/Sent
  persons[]: {at: rows, fields: {name: Person1Name}}
drops: {note: no, label: no, day: no, "persons[].role": no, "persons[].numbers": no}
ignores: {rows/No: no, rows/Day: no, rows/Person1Role: no, rows/Person2Name: no, rows/Person2Role: no, trailer: no}
"""


def test_a_whole_file_can_be_one_message(tmp_path: Path) -> None:
    """Its header says which, its rows are a list."""
    made = bench(tmp_path, WHOLE, directions=frozenset({"read"}))
    (record,) = made.read(FILE)
    assert record.data == {"number": "20260622", "persons": [{"name": "فهد"}, {"name": " نورة"}]}
    assert made.mapping.origin("number", record) == "header, column Sent"
    assert made.mapping.origin("persons[1].name", record) == "row 2, column Person1Name"
    assert MappingLines(made.mapping.plan).at("header, column Sent") == 4
