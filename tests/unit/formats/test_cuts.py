"""Large documents in parts: the parts together say what the whole says, at the same places."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import Problem
from hub.formats.contract import Contract
from hub.formats.cuts import Records, located
from hub.formats.delimited import DelimitedContract
from hub.formats.fixed_width import FixedWidthContract
from hub.formats.json import JsonContract
from hub.formats.xml import XmlContract

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t"
  elementFormDefault="qualified"><xs:element name="Batch"><xs:complexType><xs:sequence>
  <xs:element name="Head" type="xs:string" minOccurs="0"/>
  <xs:element name="Case" minOccurs="0" maxOccurs="MOST"><xs:complexType mixed="true"><xs:sequence>
    <xs:element name="Case" type="xs:string" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
    <xs:attribute name="no" type="xs:integer"/><xs:attribute name="id" type="xs:ID"/></xs:complexType></xs:element>
  <xs:element name="Total" type="xs:integer" minOccurs="0"/>
</xs:sequence></xs:complexType>KEYS</xs:element></xs:schema>"""
KEY = '<xs:unique name="u"><xs:selector xpath="t:Case"/><xs:field xpath="@no"/></xs:unique>'
CASES = ("{urn:t}Batch", "{urn:t}Case")
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "sent": {"type": "object"},
        "batch": {
            "type": "object",
            "properties": {"cases": {"type": "array", "items": {"type": "object", "required": ["no"]}}},
        },
    },
}
LAYOUT = """format: delimited
encoding: windows-1256
separator: ";"
columns: [{name: A, required: true}, {name: B, max-length: 3}, {name: C}]
"""


def xml(folder: Path, most: str = "unbounded", keys: str = "") -> XmlContract:
    (folder / "x.xsd").write_text(XSD.replace("MOST", most).replace("KEYS", keys))
    return XmlContract(folder / "x.xsd", {"t": "urn:t"})


def cut(contract: Contract, body: bytes, names: tuple[str, ...], most: int | None = None) -> Records:
    records = contract.cut(body, None, names, most)
    assert records is not None
    return records


def together(
    contract: Contract, records: Records, found: Callable[[Any], list[Any]], most: int
) -> tuple[list[Any], list[Problem]]:
    """What the parts say, one after the other."""
    values: list[Any] = []
    problems: list[Problem] = []
    for part in records.cuts(most):
        parsed = contract.parse(part.body, part.charset)
        values += found(parsed.tree)
        problems += located(contract.problems(parsed), part)
    return values, problems


def at(problems: Any) -> list[Problem]:
    return [replace(problem, text="") for problem in problems]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=6)
SPACES = st.sampled_from(["", " ", "\n", "\n\n  ", "<!-- <t:Case> -->", "\n<?x?>"])
ESCAPE = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


@settings(max_examples=60, deadline=None)
@given(
    cases=st.lists(st.tuples(SPACES, st.sampled_from(["1", "2", "x", ""]), st.lists(TEXTS, max_size=2)), min_size=2),
    tail=SPACES,
    most=st.integers(1, 4),
)
def test_elements(
    cases: list[tuple[str, str, list[str]]], tail: str, most: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Empty elements, comments, equal names inside a record, line breaks everywhere."""
    contract = xml(tmp_path_factory.mktemp("xml"))
    written = []
    for space, number, inner in cases:
        inside = "".join(f"<t:Case>{text.translate(ESCAPE)}</t:Case>" for text in inner)
        written.append(f'{space}<t:Case no="{number}"' + (f">{inside}</t:Case >" if inside else "/>"))
    text = f"<t:Batch xmlns:t='urn:t'>\n<t:Head>a</t:Head>{''.join(written)}{tail}<t:Total>2</t:Total></t:Batch>"
    whole = contract.parse(text.encode())
    records = cut(contract, text.encode(), CASES)
    values, problems = together(contract, records, lambda tree: tree[CASES[0]][0][CASES[1]], most)
    assert values == whole.tree[CASES[0]][0][CASES[1]]
    assert at(problems) == at(contract.problems(whole))


@settings(max_examples=60, deadline=None)
@given(
    cases=st.lists(
        st.dictionaries(st.sampled_from(["no", "cases", "batch", "x"]), st.recursive(TEXTS, st.lists), max_size=3),
        min_size=2,
    ),
    indent=st.sampled_from([None, 0, 2]),
    most=st.integers(1, 4),
    after=st.booleans(),
)
def test_items(
    cases: list[Any], indent: int | None, most: int, after: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Texts with brackets and quotes, names that come again deeper down, properties before and behind."""
    folder = tmp_path_factory.mktemp("json")
    (folder / "x.json").write_text(json.dumps(SCHEMA))
    contract = JsonContract(folder / "x.json")
    other = {"cases": [1], "batch": {"cases": ["}", '"', "\\"]}}
    document = {"batch": {"x": "[", "cases": cases, "y": 1}, "sent": other}
    if not after:
        document = {"sent": other, "batch": document["batch"]}
    body = json.dumps(document, indent=indent, ensure_ascii=False).encode()
    whole = contract.parse(body)
    values, problems = together(
        contract, cut(contract, body, ("batch", "cases")), lambda tree: tree["batch"]["cases"], most
    )
    assert values == cases
    assert sorted(at(problems), key=str) == sorted(at(contract.problems(whole)), key=str)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(st.sampled_from(["", "a", "bcde", 'x"y', "1;2", "m\nn", "ضبط"]), min_size=2, max_size=4)),
    newline=st.sampled_from(["\n", "\r\n"]),
    codec=st.sampled_from(["cp1256", "utf-8", "utf-8-sig", "utf-16"]),
    most=st.integers(1, 4),
    group=st.booleans(),
)
def test_rows(
    rows: list[list[str]],
    newline: str,
    codec: str,
    most: int,
    group: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Cells with line breaks, quotes and separators, rows that are too short or long, blank lines, groups."""
    folder = tmp_path_factory.mktemp("csv")
    (folder / "x.yaml").write_text(LAYOUT + ("group: {by: [A], rows: rest}\n" if group else ""))
    contract = DelimitedContract(folder / "x.yaml", "x.yaml")
    quoted = [";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    body = newline.join(["A;B;C", *quoted, "", "z;z;z", "y;y;y", ""]).encode(codec)
    charset = "utf-16" if codec == "utf-16" else None
    whole = contract.parse(body, charset)
    records = contract.cut(body, charset, ("rows",), None)
    assert records is not None
    values, problems = together(contract, records, lambda tree: tree["rows"], most)
    assert values == whole.tree["rows"]
    assert at(problems) == at(contract.problems(whole))


def test_part_is_not_taken_for_another_encoding(tmp_path: Path) -> None:
    """These two characters of windows-1256 are one of UTF-8; only the other row shows which is meant."""
    (tmp_path / "x.yaml").write_text(LAYOUT)
    contract = DelimitedContract(tmp_path / "x.yaml", "x.yaml")
    body = "A;B;C\nط§;;\nضبط;;\n".encode("cp1256")
    values, _ = together(contract, cut(contract, body, ("rows",)), lambda tree: tree["rows"], 1)
    assert [row["A"] for row in values] == ["ط§", "ضبط"]


@pytest.mark.parametrize(
    "inner",
    [
        '<t:Case no="1"/><t:Total>1</t:Total><t:Case no="2"/>',  # something between the records
        '<t:Case no="1"/><t:Case>',  # not well-formed
        '<t:Case id="a"/><t:Case id="a"/>',  # one id twice
    ],
)
def test_what_only_the_whole_document_shows_is_not_cut(tmp_path: Path, inner: str) -> None:
    """A part would be judged otherwise than the whole."""
    assert xml(tmp_path).cut(f"<t:Batch xmlns:t='urn:t'>{inner}</t:Batch>".encode(), None, CASES, None) is None


def test_document_type_is_left_to_the_door(tmp_path: Path) -> None:
    """Nothing is expanded on the way to the records."""
    body = b"<!DOCTYPE a [<!ENTITY e 'x'>]><t:Batch xmlns:t='urn:t'><t:Case/><t:Case/></t:Batch>"
    assert xml(tmp_path).cut(body, None, CASES, None) is None


def test_schema_that_ties_records_together_is_not_cut(tmp_path: Path) -> None:
    """Keys over all records, a highest number of records."""
    body = b"<t:Batch xmlns:t='urn:t'><t:Case/><t:Case/><t:Case/></t:Batch>"
    assert xml(tmp_path).cut(body, None, CASES, None) is not None
    assert xml(tmp_path).cut(body, None, CASES, 2) is None
    assert xml(tmp_path, keys=KEY).cut(body, None, CASES, None) is None


@pytest.mark.parametrize("rule", [{"uniqueItems": True}, {"contains": {"required": ["no"]}}, {"minItems": 2}])
def test_list_whose_items_are_looked_at_together_is_not_cut(tmp_path: Path, rule: dict[str, Any]) -> None:
    """Each part would be valid where the whole is not, or the other way round."""
    schema = json.loads(json.dumps(SCHEMA))
    (tmp_path / "x.json").write_text(json.dumps(schema))
    body = b'{"batch": {"cases": [{"no": 1}, {"no": 1}]}}'
    assert JsonContract(tmp_path / "x.json").cut(body, None, ("batch", "cases"), None) is not None
    schema["properties"]["batch"]["properties"]["cases"].update(rule)
    (tmp_path / "x.json").write_text(json.dumps(schema))
    assert JsonContract(tmp_path / "x.json").cut(body, None, ("batch", "cases"), None) is None


@pytest.mark.parametrize(
    "body", [b"[1, 2]", b'{"batch": {"cases": [1,, 2]}}', b'{"batch": {"cases": [1', b'{"batch": 1}', b""]
)
def test_text_without_the_list_is_not_cut(tmp_path: Path, body: bytes) -> None:
    """Whoever decodes all of it says what is wrong."""
    (tmp_path / "x.json").write_text(json.dumps(SCHEMA))
    assert JsonContract(tmp_path / "x.json").cut(body, None, ("batch", "cases"), None) is None


def test_lines_beyond_what_a_parser_counts(tmp_path: Path) -> None:
    """A record after 100,000 lines has its own line."""
    body = b"<t:Batch xmlns:t='urn:t'>" + b"<t:Case/>\n" * 100_000 + b"<t:Case no='x'/></t:Batch>"
    contract = xml(tmp_path)
    *_, last = cut(contract, body, CASES).cuts()
    (problem,) = located(contract.problems(contract.parse(last.body, last.charset)), last)
    assert (problem.line, problem.path) == (100_001, "/t:Batch/t:Case[100001]/@no")


FIXED = """format: fixed-width
encoding: windows-1256
trimmed: true
code: 1-1
header: {code: H, columns: [{name: Day, at: 2-9}]}
rows:
  code: A
  columns: [{name: A, at: 2-4, required: true}, {name: B, at: 5-9, codes: [x, ضبط]}]
  lists: {persons: {code: P, columns: [{name: Name, at: 2-9, required: true}]}}
trailer:
  code: T
  columns: [{at: 2-5, align: right, pad: "0", counts: COUNTED}, {name: Label, at: 6-9}]
"""


def fixed(folder: Path, counts: str = "records") -> FixedWidthContract:
    (folder / "x.yaml").write_text(FIXED.replace("COUNTED", counts))
    return FixedWidthContract(folder / "x.yaml", "x.yaml")


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.sampled_from(["A123x", "A   ضبط", "A1  y", "A12345678x", "Pعلي", "P", ""]), min_size=1),
    counts=st.sampled_from(["records", "lines", "body-lines"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    codec=st.sampled_from(["cp1256", "utf-8", "utf-8-sig", "utf-16"]),
    most=st.integers(1, 4),
)
def test_lines_of_fixed_width(
    rows: list[str], counts: str, newline: str, codec: str, most: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Lists below rows, lines that are too long, cells that are wrong, empty lines; each part is a file of its own,
    with the count of what it holds."""
    contract = fixed(tmp_path_factory.mktemp("txt"), counts)
    rows = ["A1", *rows]
    found = {"records": sum(row[:1] == "A" for row in rows), "body-lines": sum(bool(row) for row in rows)}
    found["lines"] = found["body-lines"] + 2
    body = newline.join(["H2026", *rows, f"T{found[counts]:04}S", ""]).encode(codec)
    charset = "utf-16" if codec == "utf-16" else None
    whole = contract.parse(body, charset)
    records = contract.cut(body, charset, ("rows",), None)
    assert records is not None
    values, problems = together(contract, records, lambda tree: tree["rows"], most)
    assert values == whole.tree["rows"]
    assert at(problems) == at(contract.problems(whole))
    for part in records.cuts(most):
        parsed = contract.parse(part.body, part.charset)
        assert (parsed.tree["header"], parsed.tree["trailer"]) == (whole.tree["header"], whole.tree["trailer"])


@pytest.mark.parametrize("trailer", ["T0003S", "T    S", "TxS"])
def test_count_of_the_whole_is_held_before_it_is_cut(tmp_path: Path, trailer: str) -> None:
    """Every part would have a count that is right."""
    body = f"H2026\nA1\nA2\n{trailer}\n".encode()
    contract = fixed(tmp_path)
    assert contract.cut(body, None, ("rows",), None) is None
    assert [problem.rule for problem in contract.problems(contract.parse(body))][-1] == "count"


@pytest.mark.parametrize("body", ["A1\nT0001\n", "H2026\nA1\n", "H2026\nX\nT0001\n", "H2026\nA\0\nT0001\n", ""])
def test_lines_that_stand_wrong_are_not_cut(tmp_path: Path, body: str) -> None:
    """Whoever reads all of it says what is wrong."""
    assert fixed(tmp_path).cut(body.encode(), None, ("rows",), None) is None


def test_lines_without_ends_are_cut_by_their_length(tmp_path: Path) -> None:
    """Their numbers count lengths; a part ends as the whole does."""
    (tmp_path / "x.yaml").write_text(
        "format: fixed-width\nencoding: utf-8\nnewline: none\nrows: {columns: [{name: A, at: 1-3, required: true}]}\n"
    )
    contract = FixedWidthContract(tmp_path / "x.yaml", "x.yaml")
    body = "1  ضبط   4  \n".encode()
    values, problems = together(contract, cut(contract, body, ("rows",)), lambda tree: tree["rows"], 2)
    assert values == [{"A": "1"}, {"A": "ضبط"}, {"A": ""}, {"A": "4"}]
    assert [(problem.path, problem.line) for problem in problems] == [("row 3, column A", 3)]
