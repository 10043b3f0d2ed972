"""Records of fixed width: reading, checks by line and cell, kinds of line, lists and groups, writing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.errors import HubError
from hub.formats.fixed_width import FixedWidthContract

PLAIN = """format: fixed-width
encoding: windows-1256
fold: [presentation-forms, digits]
rows:
  columns:
    - {name: CaseNo, at: 1-6, required: true, pattern: "[0-9]{4}/[0-9]"}
    - {name: Status, at: 7-9, required: true, codes: [REG, CLS]}
    - {at: 10, filler: "was a flag once"}
    - {name: Sum, at: 11-15, align: right, pad: "0", type: integer}
    - {name: Note, at: 16-25}
"""
KINDS = """format: fixed-width
encoding: windows-1256
code: 1-1
header: {code: H, columns: [{name: Day, at: 2-9, type: string}]}
rows:
  code: A
  columns: [{name: No, at: 2-5, required: true}, {name: Text, at: 6-9}]
  lists:
    persons: {code: P, columns: [{name: Name, at: 2-9, required: true}]}
    cars: {code: C, columns: [{name: Plate, at: 2-9}]}
trailer:
  code: T
  columns: [{name: Count, at: 2-5, align: right, pad: "0", counts: COUNTED}, {name: Label, at: 6-9}]
"""
FILE = ["H20260622", "A0001x   ", "Pعلي     ", "C123     ", "Pفهد     ", "A0002    ", "T0002S   "]


def contract(folder: Path, layout: str = PLAIN) -> FixedWidthContract:
    (folder / "x.layout.yaml").write_text(layout.replace("COUNTED", "records"))
    return FixedWidthContract(folder / "x.layout.yaml", "schemas/agencies/x/x.layout.yaml")


def lines(*rows: str, end: str = "\r\n", codec: str = "cp1256") -> bytes:
    return "".join(row + end for row in rows).encode(codec)


def refused(made: FixedWidthContract, body: bytes) -> HubError:
    with pytest.raises(HubError) as caught:
        made.parse(body)
    return caught.value


ROW = "1446/1REG 00012ضبط       "


def test_lines_become_records_without_what_fills_the_columns(tmp_path: Path) -> None:
    """Texts are taken out of their positions; fillers are no values, empty columns are empty."""
    made = contract(tmp_path)
    parsed = made.parse(lines(ROW, "1446/2CLSx     " + " " * 10, "1446/3CLS 00000 a  b     "))
    assert parsed.tree == {
        "rows": [
            {"CaseNo": "1446/1", "Status": "REG", "Sum": "12", "Note": "ضبط"},
            {"CaseNo": "1446/2", "Status": "CLS", "Sum": "", "Note": ""},
            {"CaseNo": "1446/3", "Status": "CLS", "Sum": "0", "Note": " a  b"},
        ]
    }
    assert made.problems(parsed) == ()


@pytest.mark.parametrize("codec", ["cp1256", "utf-8", "utf-8-sig"])
def test_positions_are_characters_whatever_the_encoding(tmp_path: Path, codec: str) -> None:
    """UTF-8 is believed before the layout's codec, and its letters are one position each."""
    made = contract(tmp_path)
    parsed = made.parse(lines(ROW, codec=codec))
    assert (parsed.tree["rows"][0]["Note"], made.problems(parsed)) == ("ضبط", ())


@pytest.mark.parametrize("end", ["\r\n", "\n", ""])
def test_lines_end_as_they_like_and_records_may_follow_each_other_at_once(tmp_path: Path, end: str) -> None:
    """With `newline: none` it is the length alone that parts them; empty lines are none."""
    made = contract(tmp_path, PLAIN if end else PLAIN.replace("fold:", "newline: none\nfold:"))
    body = lines(ROW, *([""] if end else []), ROW.replace("/1", "/2"), end=end)
    parsed = made.parse(body)
    assert [row["CaseNo"] for row in parsed.tree["rows"]] == ["1446/1", "1446/2"]
    assert made.line_of(parsed, "row 2, column Note") == (3 if end else 2)


@pytest.mark.parametrize(
    ("row", "column", "text"),
    [
        (ROW[:-3], "Note", "22 characters, 25 are expected: the line ends in Note (positions 16 to 25)"),
        (ROW[:9], None, "9 characters, 25 are expected: the line ends in position 10"),
        (ROW[:8], "Status", "8 characters, 25 are expected: the line ends in Status (positions 7 to 9)"),
        (ROW + "xyz", "Note", "28 characters, 25 are expected: the line goes on after Note (positions 16 to 25)"),
    ],
)
def test_a_line_of_another_length_is_told_with_the_column_it_ends_in(
    tmp_path: Path, row: str, column: str | None, text: str
) -> None:
    """In the sender's terms; nothing else is said of a line whose columns may all be shifted."""
    made = contract(tmp_path)
    (problem,) = made.problems(made.parse(lines(ROW, row)))
    assert (problem.text, problem.line, problem.rule, problem.record) == (text, 2, "line-length", 1)
    assert problem.path == "row 2" + (f", column {column}" if column else "")


def test_lines_may_be_trimmed_where_the_layout_says_so(tmp_path: Path) -> None:
    """Many systems take the spaces at the end of a line away; longer lines stay wrong."""
    made = contract(tmp_path, PLAIN.replace("fold:", "trimmed: true\nfold:"))
    parsed = made.parse(lines(ROW.rstrip(), "1446/2CLS", ROW + "x"))
    assert [(problem.line, problem.rule) for problem in made.problems(parsed)] == [(3, "line-length")]
    assert parsed.tree["rows"][0]["Note"] == "ضبط"


def test_a_file_without_line_ends_is_whole_lines(tmp_path: Path) -> None:
    """A character too few shifts everything behind it: nothing of it is read."""
    error = refused(contract(tmp_path, PLAIN.replace("fold:", "newline: none\nfold:")), lines(ROW, ROW[1:], end=""))
    assert error.code.name == "malformed"
    assert error.text == "49 characters are no whole number of lines of 25; 24 are left over"


@pytest.mark.parametrize(
    ("old", "new", "rule", "column"),
    [
        ("1446/1", "      ", "required", "CaseNo"),
        ("1446/1", "1446/x", "pattern", "CaseNo"),
        ("1446/1", "١٤٤٦/1", "pattern", "CaseNo"),
        ("REG", "reg", "codes", "Status"),
        ("00012", "0001x", "type", "Sum"),
        ("00012", "   12", "type", "Sum"),
        ("REG 00012", "REG 0 012", "type", "Sum"),
    ],
)
def test_a_broken_cell_names_row_column_positions_line_and_rule(
    tmp_path: Path, old: str, new: str, rule: str, column: str
) -> None:
    """Each with the record it belongs to, so that only this one is refused."""
    made = contract(tmp_path)
    parsed = made.parse(lines(ROW, ROW.replace(old, new), codec="utf-8"))
    (problem,) = made.problems(parsed)
    assert (problem.rule, problem.path, problem.line, problem.record) == (rule, f"row 2, column {column}", 2, 1)
    assert problem.text.startswith(f"{column} (positions ")


def test_a_text_filled_with_something_else_than_agreed_is_told(tmp_path: Path) -> None:
    """Spaces before a number that is to be filled with zeros: it would be written otherwise than it came."""
    made = contract(tmp_path, PLAIN.replace(", type: integer", ""))
    (problem,) = made.problems(made.parse(lines(ROW.replace("00012", "   12"))))
    assert (problem.rule, problem.path) == ("padding", "row 1, column Sum")


def test_header_rows_lists_and_trailer_are_one_tree(tmp_path: Path) -> None:
    """Lines below a row go to its lists by their codes, in whatever order they stand."""
    made = contract(tmp_path, KINDS)
    parsed = made.parse(lines(*FILE))
    assert parsed.tree == {
        "header": {"Day": "20260622"},
        "rows": [
            {"No": "0001", "Text": "x", "persons": [{"Name": "علي"}, {"Name": "فهد"}], "cars": [{"Plate": "123"}]},
            {"No": "0002", "Text": "", "persons": [], "cars": []},
        ],
        "trailer": {"Label": "S"},
    }
    assert made.problems(parsed) == ()
    places = {"row 1, persons 2, column Name": 5, "row 1, cars 1": 4, "row 2, column No": 6, "trailer": 7, "header": 1}
    assert {path: made.line_of(parsed, path) for path in places} == places
    assert made.line_of(parsed, "row 3") is None


@pytest.mark.parametrize(
    ("row", "text", "path", "line"),
    [
        (0, "HX", "header, column Day", 1),
        (2, "P        ", "row 1, persons 1, column Name", 3),
        (4, "P", "row 1, persons 2, column Name", 5),
        (6, "T0002", "trailer, column Label", 7),
    ],
)
def test_a_problem_in_any_kind_of_line_has_its_place(tmp_path: Path, row: int, text: str, path: str, line: int) -> None:
    """Header and trailer belong to no record: they refuse the file."""
    made = contract(tmp_path, KINDS)
    (problem,) = made.problems(made.parse(lines(*FILE[:row], text, *FILE[row + 1 :])))
    assert (problem.path, problem.line, problem.record) == (path, line, 0 if path.startswith("row") else None)


@pytest.mark.parametrize(
    ("changed", "text", "line"),
    [
        (FILE[1:], "the header (code 'H') is missing: it is the first line", 1),
        (FILE[:-1], "the trailer (code 'T') is missing: it is the last line", 6),
        ([], "the header (code 'H') is missing: it is the first line", 1),
        (FILE[:1], "the trailer (code 'T') is missing: it is the last line", 1),
        ([FILE[0], *FILE], "Line 2: a header (code 'H') stands between other lines", 2),
        ([FILE[0], *FILE[2:]], "Line 2: a line of persons (code 'P') stands before any row", 2),
        (
            [*FILE[:3], "X", *FILE[3:]],
            "Line 4: 'X' is no kind of line; these are: H (header), A (rows), P (persons), C (cars), T (trailer)",
            4,
        ),
    ],
)
def test_lines_that_stand_wrong_refuse_the_file(tmp_path: Path, changed: list[str], text: str, line: int) -> None:
    """A file without its trailer may have been cut off; behind an unknown line nobody knows what belongs to what."""
    error = refused(contract(tmp_path, KINDS), lines(*changed))
    assert (error.code.name, error.text, error.problems[0].line) == ("schema-violation", text, line)


@pytest.mark.parametrize(("counts", "right"), [("records", "0002"), ("lines", "0007"), ("body-lines", "0005")])
def test_the_trailer_counts(tmp_path: Path, counts: str, right: str) -> None:
    """Checked on reading, written by itself; the lists of a row are written one after the other."""
    made = contract(tmp_path, KINDS.replace("COUNTED", counts))
    parsed = made.parse(lines(*FILE[:-1], f"T{right}S   "))
    assert made.problems(parsed) == ()
    assert made.render(parsed.tree) == lines(*FILE[:3], FILE[4], FILE[3], FILE[5], f"T{right}S   ")
    (problem,) = made.problems(made.parse(lines(*FILE[:-1], "T0009S   ")))
    said = f"Count (positions 2 to 5): the trailer counts '0009' {counts}, the file has {int(right)}"
    assert (problem.text, problem.path, problem.line, problem.record) == (said, "trailer, column Count", 7, None)


def test_header_and_trailer_without_codes_are_the_first_and_last_line(tmp_path: Path) -> None:
    """Where lines do not say what they are, their place does."""
    made = contract(
        tmp_path,
        "format: fixed-width\nencoding: utf-8\nheader: {columns: [{name: Day, at: 1-2}]}\n"
        "rows: {columns: [{name: A, at: 1-3}]}\ntrailer: {columns: [{at: 1-4, counts: records}]}\n",
    )
    parsed = made.parse(b"22\nabc\nd  \n2   \n")
    assert [child.name for child in made.shape.children] == ["header", "rows"]
    assert parsed.tree == {"header": {"Day": "22"}, "rows": [{"A": "abc"}, {"A": "d"}]}
    assert made.problems(parsed) == ()


def test_consecutive_rows_of_one_group_are_one_record(tmp_path: Path) -> None:
    """As in tables with a separator."""
    group = "  group: {by: [CaseNo, Status], rows: items}\n"
    made = contract(tmp_path, PLAIN + group)
    body = lines(ROW, ROW.replace("12", "13"), ROW.replace("/1", "/2"))
    parsed = made.parse(body)
    assert [len(record["items"]) for record in parsed.tree["rows"]] == [2, 1]
    assert made.line_of(parsed, "row 1, items 2, column Sum") == 2
    assert made.render(parsed.tree) == body
    assert [path for path, _ in made.shape.leaves()][-2:] == ["rows/items/Sum", "rows/items/Note"]


def row(**cells: Any) -> dict[str, Any]:
    return {"rows": [{"CaseNo": "1446/1", "Status": "REG", **cells}]}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Texts at the left, numbers at the right, fillers empty, every line whole."""
    made = contract(tmp_path)
    body = made.render(row(Sum="12", Note=" a  b"))
    assert body == "1446/1REG 00012 a  b     \r\n".encode("cp1256")
    assert made.parse(body).tree == row(Sum="12", Note=" a  b")
    assert made.parse(made.render(row(Sum="0"))).tree["rows"][0]["Sum"] == "0"
    assert made.parse(made.render(row())).tree["rows"][0]["Sum"] == ""


@pytest.mark.parametrize(
    ("cells", "rule", "text"),
    [
        ({"Note": "eleven char"}, "max-length", "Note (positions 16 to 25): 11 characters, at most 10 are allowed"),
        ({"Sum": "012"}, "padding", "Sum (positions 11 to 15): the text begins with '0', which cannot be told from"),
        ({"Note": "abc "}, "padding", "Note (positions 16 to 25): the text ends with a space, which cannot be told"),
        ({"Note": "a\nb"}, "padding", "Note (positions 16 to 25): a line break cannot stand in a column"),
        ({"Status": ""}, "required", "Status (positions 7 to 9): the cell is empty"),
        ({"Status": "X"}, "codes", "Status (positions 7 to 9): 'X' is not one of the agreed codes"),
    ],
)
def test_what_would_be_cut_or_lost_does_not_leave(tmp_path: Path, cells: dict[str, str], rule: str, text: str) -> None:
    """Nothing is shortened, and nothing is written that would be read as something else."""
    with pytest.raises(HubError) as caught:
        contract(tmp_path).render(row(**cells))
    (problem,) = caught.value.problems
    assert (caught.value.code.name, problem.rule) == ("output-invalid", rule)
    assert problem.text.startswith(text)


def test_a_count_that_its_columns_cannot_hold_does_not_leave(tmp_path: Path) -> None:
    """Ten records where the trailer has one digit."""
    made = contract(
        tmp_path,
        "format: fixed-width\nencoding: utf-8\nrows: {columns: [{name: A, at: 1-3}]}\n"
        "trailer: {columns: [{at: 1, counts: records}, {at: 2-3, filler: none}]}\n",
    )
    assert made.render({"rows": [{"A": "x"}] * 9}).endswith(b"x  \r\n9  \r\n")
    with pytest.raises(HubError, match="10 records do not fit"):
        made.render({"rows": [{"A": "x"}] * 10})


def test_only_what_the_encoding_lacks_is_folded_and_lengths_count_afterwards(tmp_path: Path) -> None:
    """A ligature becomes two letters: they have to fit."""
    made = contract(tmp_path)
    assert made.render(row(Note="ﻣﺤﻀﺮ ﻻ ٣۴")).decode("cp1256") == "1446/1REG      محضر لا 34\r\n"
    with pytest.raises(HubError, match="11 characters"):
        made.render(row(Note="ﻻﻻﻻﻻﻻx"))


@pytest.mark.parametrize(("note", "char"), [("ی", "06CC"), ("😀", "1F600")])
def test_what_cannot_be_encoded_stops_the_delivery(tmp_path: Path, note: str, char: str) -> None:
    """Column and character are named; there is never a question mark."""
    with pytest.raises(HubError) as caught:
        contract(tmp_path).render(row(Note=note))
    assert caught.value.text == f"Note: the character U+{char} does not exist in windows-1256"
    assert (caught.value.code.name, caught.value.problems[0].path) == ("not-encodable", "row 1, column Note")


def test_the_shape_says_what_comes_back(tmp_path: Path) -> None:
    """The width is the greatest length, and texts whose edge would be lost are outside of the type."""
    shape = contract(tmp_path, KINDS).shape
    assert [path for path, _ in shape.leaves()] == [
        "header/Day", "rows/No", "rows/Text", "rows/persons/Name", "rows/cars/Plate", "trailer/Label",
    ]  # fmt: skip
    assert [(child.name, child.repeats) for child in shape.children] == [
        ("header", False), ("rows", True), ("trailer", False),
    ]  # fmt: skip
    name = shape.by_name["rows"].by_name["persons"].by_name["Name"].value
    assert name is not None
    assert (name.min_length, name.max_length, name.patterns) == (1, 8, ("^(?:[^\\r\\n]*[^ \\r\\n])?$",))
