"""Tables under a layout file: reading, checks by cell, groups, writing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.errors import HubError
from hub.findings import Findings
from hub.formats.delimited import DelimitedContract

LAYOUT = """format: delimited
encoding: windows-1256
separator: ";"
fold: [presentation-forms, digits]
columns:
  - {name: CaseNo, required: true, pattern: "[0-9]{4}/[0-9]+", max-length: 8}
  - {name: Status, required: true, codes: [REG, CLS]}
  - {name: Day, type: date}
  - {name: Note}
"""
GROUP = "group: {by: [CaseNo, Status], rows: persons}\n"


def contract(folder: Path, layout: str = LAYOUT) -> DelimitedContract:
    (folder / "x.layout.yaml").write_text(layout)
    return DelimitedContract(folder / "x.layout.yaml", "schemas/agencies/x/x.layout.yaml")


def table(*rows: str, codec: str = "cp1256") -> bytes:
    return "\r\n".join(["CaseNo;Status;Day;Note", *rows, ""]).encode(codec)


def test_rows_become_records_of_text(tmp_path: Path) -> None:
    """Cells keep their text as written: no numbers, no dates, empty cells stay empty."""
    parsed = contract(tmp_path).parse(table("0144/01;REG;;ضبط", '1/2;CLS;2024-01-01;"a;""b"""'))
    assert parsed.tree == {
        "rows": [
            {"CaseNo": "0144/01", "Status": "REG", "Day": "", "Note": "ضبط"},
            {"CaseNo": "1/2", "Status": "CLS", "Day": "2024-01-01", "Note": 'a;"b"'},
        ]
    }


@pytest.mark.parametrize("codec", ["cp1256", "utf-8", "utf-8-sig"])
def test_utf_8_is_believed_before_the_layout_s_codec(tmp_path: Path, codec: str) -> None:
    """The order of belief holds for tables."""
    parsed = contract(tmp_path).parse(table("1446/1;REG;;محضر الضبط", codec=codec))
    assert parsed.tree["rows"][0]["Note"] == "محضر الضبط"


def test_bytes_outside_a_strict_codec_are_refused(tmp_path: Path) -> None:
    """A layout that says UTF-8 gets UTF-8."""
    strict = contract(tmp_path, LAYOUT.replace("windows-1256", "utf-8"))
    with pytest.raises(HubError) as caught:
        strict.parse(table("1446/1;REG;;ضبط"))
    assert (caught.value.code.name, caught.value.problems[0].line) == ("wrong-encoding", 2)


@pytest.mark.parametrize(
    ("row", "rule", "column"),
    [
        (";REG;;", "required", "CaseNo"),
        ("1446;REG;;", "pattern", "CaseNo"),
        ("1446/1\n;REG;;", "pattern", "CaseNo"),
        ("١٤٤٦/1;REG;;", "pattern", "CaseNo"),
        ("1446/12345;REG;;", "max-length", "CaseNo"),
        ("1446/1;reg;;", "codes", "Status"),
        ("1446/1;REG;2024-02-30;", "type", "Day"),
        ("1446/1;REG;20240201;", "type", "Day"),
    ],
)
def test_a_broken_cell_names_row_column_line_and_rule(tmp_path: Path, row: str, rule: str, column: str) -> None:
    """The line is the one on which the row starts, line breaks inside quotes counted."""
    made = contract(tmp_path)
    number, rest = row.split(";", 1)
    parsed = made.parse(table('1446/1;REG;;"two\r\nlines"', f'"{number}";{rest}', codec="utf-8"))
    (problem,) = made.problems(parsed)
    assert (problem.rule, problem.path, problem.line) == (rule, f"row 2, column {column}", 4)
    assert made.line_of(parsed, problem.path or "") == 4
    assert problem.record == 1


def test_a_row_with_too_few_or_too_many_cells_is_told(tmp_path: Path) -> None:
    """Neither shifts values into other columns."""
    made = contract(tmp_path)
    parsed = made.parse(table("1446/1;REG", "1446/2;REG;;;x"))
    assert [(problem.path, problem.rule) for problem in made.problems(parsed)] == [
        ("row 1", "column-count"),
        ("row 2", "column-count"),
    ]


@pytest.mark.parametrize(
    "header", ["CaseNo;Status;Day", "CaseNo;Status;Day;Note;X", "Status;CaseNo;Day;Note", "caseno;Status;Day;Note", ""]
)
def test_another_header_refuses_the_file(tmp_path: Path, header: str) -> None:
    """Values are never read by position under a header that says otherwise."""
    with pytest.raises(HubError) as caught:
        contract(tmp_path).parse(f"{header}\r\n1446/1;REG;;\r\n".encode())
    assert caught.value.code.name == "schema-violation"
    assert {problem.rule for problem in caught.value.problems} == {"header"}


@pytest.mark.parametrize(
    ("row", "code", "line"),
    [('1446/1;REG;;"open', "malformed", 3), ('1446/1;REG;;"a"b', "malformed", 3), ("\0", "forbidden-character", 3)],
)
def test_a_table_that_cannot_be_split_is_refused_with_its_line(tmp_path: Path, row: str, code: str, line: int) -> None:
    """Broken quotes and U+0000 end the reading."""
    with pytest.raises(HubError) as caught:
        contract(tmp_path).parse(table("1446/1;REG;;", row))
    assert (caught.value.code.name, caught.value.problems[0].line) == (code, line)


def test_consecutive_rows_of_one_group_are_one_record(tmp_path: Path) -> None:
    """Rows apart from each other are not brought together: order is the sender's."""
    made = contract(tmp_path, LAYOUT + GROUP)
    parsed = made.parse(table("1/1;REG;;a", "1/1;REG;;b", "1/2;REG;;c", "1/1;REG;x;d"))
    assert parsed.tree["rows"] == [
        {"CaseNo": "1/1", "Status": "REG", "persons": [{"Day": "", "Note": "a"}, {"Day": "", "Note": "b"}]},
        {"CaseNo": "1/2", "Status": "REG", "persons": [{"Day": "", "Note": "c"}]},
        {"CaseNo": "1/1", "Status": "REG", "persons": [{"Day": "x", "Note": "d"}]},
    ]
    codes = {"rule": "pattern", "path": "row 1, column CaseNo", "record": 0}
    assert {key: getattr(made.problems(parsed)[0], key) for key in codes} == codes
    assert made.line_of(parsed, "row 1, persons 2, column Note") == 3
    assert made.line_of(parsed, "row 4") is None


def test_a_group_s_problem_names_the_row_inside_it(tmp_path: Path) -> None:
    """The group's own columns are told once, the inner ones at their row."""
    made = contract(tmp_path, LAYOUT + GROUP)
    problems = made.problems(made.parse(table("1446/1;REG;;a", "1446/1;REG;x;b")))
    assert [(problem.path, problem.line) for problem in problems] == [("row 1, persons 2, column Day", 3)]


def row(**cells: Any) -> dict[str, Any]:
    return {"rows": [{"CaseNo": "1446/1", "Status": "REG", **cells}]}


def test_written_rows_read_back(tmp_path: Path) -> None:
    """Separators, quotes and line breaks in a cell survive."""
    made = contract(tmp_path, LAYOUT + GROUP)
    persons = [{"Day": "", "Note": 'a;"b"\r\nc'}, {"Day": "", "Note": " x "}, {"Day": "", "Note": "y\nz\r"}]
    body = made.render({"rows": [{"CaseNo": "1446/1", "Status": "REG", "persons": persons}]})
    assert made.parse(body).tree["rows"][0]["persons"] == persons
    assert body.startswith(b"CaseNo;Status;Day;Note\r\n")


def test_a_group_without_rows_is_one_line(tmp_path: Path) -> None:
    """A record with nothing in its list is a line with those cells empty, and reads back as that."""
    made = contract(tmp_path, LAYOUT + GROUP)
    body = made.render({"rows": [{"CaseNo": "1446/1", "Status": "REG"}]})
    assert body == b"CaseNo;Status;Day;Note\r\n1446/1;REG;;\r\n"
    assert made.parse(body).tree["rows"] == [{"CaseNo": "1446/1", "Status": "REG", "persons": []}]
    assert made.shape.by_name["rows"].by_name["persons"].minimum == 0


def test_only_what_the_encoding_lacks_is_folded(tmp_path: Path) -> None:
    """Presentation forms and Arabic-Indic digits become what windows-1256 has."""
    assert contract(tmp_path).render(row(Note="ﻣﺤﻀﺮ ﻻ ٣۴ é")).decode("cp1256").split(";")[-1] == "محضر لا 34 é\r\n"


@pytest.mark.parametrize(("note", "char"), [("ی", "06CC"), ("ٱ", "0671"), ("😀", "1F600")])
def test_what_cannot_be_encoded_stops_the_delivery(tmp_path: Path, note: str, char: str) -> None:
    """Column and character are named; there is never a question mark."""
    with pytest.raises(HubError) as caught:
        contract(tmp_path).render(row(Note=note))
    assert caught.value.code.name == "not-encodable"
    assert caught.value.text == f"Note: the character U+{char} does not exist in windows-1256"
    assert caught.value.problems[0].path == "row 1, column Note"


def test_nothing_is_folded_unless_the_layout_says_so(tmp_path: Path) -> None:
    """Changing a character is the agency's decision."""
    with pytest.raises(HubError, match="not-encodable"):
        contract(tmp_path, LAYOUT.replace("fold: [presentation-forms, digits]\n", "")).render(row(Note="٣"))


def test_written_cells_keep_the_layout_s_rules(tmp_path: Path) -> None:
    """What breaks a column does not leave."""
    with pytest.raises(HubError) as caught:
        contract(tmp_path).render(row(Status="X"))
    assert (caught.value.code.name, caught.value.problems[0].rule) == ("output-invalid", "codes")


def test_the_shape_has_columns_and_groups(tmp_path: Path) -> None:
    """Mappings see the tree that the contract makes."""
    shape = contract(tmp_path, LAYOUT + GROUP).shape
    assert [path for path, _ in shape.leaves()] == [
        "rows/CaseNo",
        "rows/Status",
        "rows/persons/Day",
        "rows/persons/Note",
    ]
    rows = shape.by_name["rows"]
    assert rows.repeats
    assert rows.by_name["Status"].value is not None
    assert rows.by_name["Status"].value.codes == ("REG", "CLS")
    assert (rows.by_name["CaseNo"].minimum, rows.by_name["persons"].by_name["Note"].minimum) == (1, 0)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("windows-1256", "utf-7", 2),
        ('";"', '";;"', 3),
        ("name: Note", "name: Day", 5),
        ('"[0-9]{4}/[0-9]+"', '"("', 6),
        ("type: date", "type: day", 8),
        ("{name: Note}", "{name: Note, size: 1}", 9),
        (LAYOUT[-1], "\ngroup: {by: [Nothing], rows: x}\n", 10),
    ],
)
def test_a_mistake_in_a_layout_is_a_finding_with_its_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    """The engineer is pointed at the file's line."""
    start, _, end = LAYOUT.rpartition(old)
    with pytest.raises(Findings) as caught:
        contract(tmp_path, start + new + end)
    assert [(found.file, found.line) for found in caught.value.findings] == [("schemas/agencies/x/x.layout.yaml", line)]
