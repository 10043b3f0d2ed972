"""Layout files of fixed width: every mistake is told at its line, before a single record is read wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.findings import Findings
from hub.formats.fixed_width import FixedWidthContract

LAYOUT = """format: fixed-width
encoding: windows-1256
newline: crlf
code: 1-1
header:
  code: H
  columns: [{name: Day, at: 2-9}]
rows:
  code: A
  columns:
    - {name: No, at: 2-5, codes: [AB, C]}
    - {name: Sum, at: 6-9, align: right, pad: "0"}
  lists:
    persons: {code: P, columns: [{name: Name, at: 2-9}]}
trailer:
  code: T
  columns:
    - {at: 2-9, counts: records}
"""


def findings(folder: Path, layout: str) -> list[tuple[int, str]]:
    (folder / "x.layout.yaml").write_text(layout)
    try:
        FixedWidthContract(folder / "x.layout.yaml", "x.layout.yaml")
    except Findings as caught:
        return [(found.line, found.text) for found in caught.findings]
    return []


def test_the_layout_that_mistakes_are_planted_in_is_sound(tmp_path: Path) -> None:
    """So it is the mistake that is found."""
    assert findings(tmp_path, LAYOUT) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("fixed-width", "delimited", 1, "is not one of fixed-width"),
        ("windows-1256", "utf-7", 2, "is not accepted"),
        ("crlf", "cr", 3, "is not one of crlf, lf, none"),
        ("code: 1-1\n", "code: 0-1\n", 4, "is not first and last position"),
        ("code: 1-1\n", "", 5, "does not say where codes stand"),
        ("code: H", "code: HH", 6, "a code of 1 characters is needed"),
        ("code: P, ", "code: A, ", 4, "two kinds of line have the code 'A'"),
        ("at: 2-9}]\nrows", "at: 9-2}]\nrows", 7, "'9-2' is not first and last position, counted from 1: 11-25"),
        ("name: No, at: 2-5", "name: No, at: 2-6", 10, "'Sum' begins at position 6, and 'No' ends at 6"),
        ("name: No, at: 2-5", "name: No, at: 2-4", 10, "position 5 before 'Sum' belong to no column"),
        ("name: No, at: 2-5", "name: No, at: 1-5", 10, "'No' begins at position 1, and the code ends at 1"),
        ("name: No, ", "nmae: No, ", 11, "the key 'nmae' is not known here"),
        ("name: No, at", "at", 11, "a column has a name, or says why it has none"),
        ("name: No, at", "filler: x, at", 11, "codes says nothing here"),
        ("name: No", "name: Sum", 10, "the column 'Sum' stands here twice"),
        ("[AB, C]", "[ABCDE, C]", 11, "the code 'ABCDE' has 5 characters, the column 4"),
        ("[AB, C]", '["AB ", C]', 11, "the code 'AB ' would not come back: the text ends with a space"),
        ("[AB, C]", "[AB, C], max-length: 3", 11, "the key 'max-length' is not known here"),
        ('"0"', '"00"', 12, "one printable character is expected"),
        ('"0"', '"0", type: decimal', 12, "a decimal number filled with 0 would not come back"),
        ('"0"', '"0", counts: lines', 12, "only a trailer says what the document holds"),
        ("persons", "No", 13, "'No' is the name of something else here"),
        ("persons", "header", 13, "'header' is the name of something else here"),
        ("newline: crlf", "newline: none", 0, ""),
        ("{name: Name, at: 2-9}", "{name: Name, at: 2-9}, {at: 10, filler: x}", 0, ""),
        ("counts: records", "counts: cows", 18, "is not one of records, lines, body-lines"),
    ],
)
def test_a_mistake_is_a_finding_with_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    """The engineer is pointed at the file's line; line 0: no mistake."""
    assert old in LAYOUT
    found = findings(tmp_path, LAYOUT.replace(old, new, 1))
    assert [at for at, _ in found][:1] == ([line] if line else [])
    assert says in "".join(text for _, text in found)


def test_lines_of_different_length_need_line_ends(tmp_path: Path) -> None:
    """Nothing else would say where the next one begins."""
    longer = LAYOUT.replace("{name: Name, at: 2-9}", "{name: Name, at: 2-10}").replace("crlf", "none")
    said = "without anything between them, all lines have to have the same length"
    assert findings(tmp_path, longer) == [(3, said)]


def test_lists_need_codes_and_no_groups(tmp_path: Path) -> None:
    """Either a record is made of lines of several kinds, or of rows that agree in some columns."""
    group = LAYOUT.replace("  lists:", "  group: {by: [No], rows: more}\n  lists:")
    assert findings(tmp_path, group) == [(13, "a record has groups of rows or lists of other lines, not both")]
    plain = "format: fixed-width\nencoding: utf-8\nrows:\n  columns: [{name: A, at: 1-2}]\n"
    lists = plain + "  lists:\n    b: {code: B, columns: [{name: A, at: 1-2}]}\n"
    assert (5, "lines below a row are told by their code") in findings(tmp_path, lists)


def test_rows_hold_something(tmp_path: Path) -> None:
    """Or no message could ever come."""
    for columns in ("[]", "[{at: 1-3, filler: x}]"):
        layout = f"format: fixed-width\nencoding: utf-8\nnewline: none\nrows:\n  columns: {columns}\n"
        assert findings(tmp_path, layout) == [(5, "a row has at least one column")]
