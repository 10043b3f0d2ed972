"""What the agency's schema asks beyond shapes and values is told where it is written, until the file answers for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.findings import Finding, Findings
from tests.unit.mapping.workbench import Bench, list_of, object_of, text

WRITE = frozenset({"write"})
ID = text(pattern="^[A-Za-z][A-Za-z0-9]*$", maxLength=8)
CANONICAL = object_of(
    ["number"],
    number=text(pattern="^[0-9]{4}$"),
    count={"type": "integer", "minimum": 1, "maximum": 9},
    state=text(enum=["a", "b"]),
    tags={**list_of(text(maxLength=4)), "uniqueItems": True},
    words=list_of(text(maxLength=4)),
    place=object_of(city=text(maxLength=9), street=text(maxLength=9)),
    persons=list_of(object_of(["id"], id=ID, name=text(maxLength=9))),
)
JSON: dict[str, Any] = {
    "type": "object", "additionalProperties": False, "required": ["no"],
    "properties": {
        "no": {"type": "string"},
        "count": {"type": "integer"},
        "state": {"type": "string", "enum": ["a", "b"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "words": {"type": "array", "items": {"type": "string"}},
        "place": {"type": "object", "additionalProperties": False,
                  "properties": {"city": {"type": "string"}, "street": {"type": "string"}}},
        "people": {"type": "array", "items": {"type": "object", "additionalProperties": False, "required": ["key"],
                   "properties": {"key": {"type": "string"}, "name": {"type": "string"}}}},
    },
}  # fmt: skip
MAPPING = """fields:
  number: "no"
  count: count
  state: state
  tags[]: tags
  words[]: words
  place.city: place/city
  place.street: place/street
  persons[]: {at: people, id: key, fields: {name: name}}
"""


def changed(path: str, **more: Any) -> str:
    schema = json.loads(json.dumps(JSON))
    place = schema
    for step in filter(None, path.split("/")):
        place = place["properties"][step] if "properties" in place else place["items"]["properties"][step]
    place.update(more)
    return json.dumps(schema)


def found(folder: Path, schema: str, extra: str = "", **options: Any) -> list[tuple[str, int]]:
    options = {"format": "json", "mapping": MAPPING, "directions": WRITE, **options}
    mapping = options.pop("mapping") + extra
    try:
        bench = Bench(folder, schema=schema, canonical=CANONICAL, mapping=mapping, prove=True, **options)
        findings: list[Finding] = list(bench.mapping.notes)
    except Findings as error:
        findings = list(error.findings)
    return [(each.code, each.line) for each in findings if each.severity == "error"]


@pytest.mark.parametrize(
    ("path", "more", "line"),
    [
        ("words", {"uniqueItems": True}, 8),
        ("words", {"contains": {"const": "x"}}, 8),
        ("place", {"minProperties": 2}, 9),
        ("place", {"dependentRequired": {"city": ["street"]}}, 9),
        ("place", {"not": {"required": ["city"]}}, 9),
        ("place", {"if": {"required": ["city"]}, "then": {"required": ["street"]}}, 9),
        ("", {"anyOf": [{"required": ["no", "count"]}, {"required": ["state", "words"]}]}, 4),
    ],
)
def test_what_is_asked_of_lists_and_objects_is_told_and_can_be_answered(
    tmp_path: Path, path: str, more: dict[str, Any], line: int
) -> None:
    """At the first line that writes there; `unproven` with a reason answers."""
    schema = changed(path, **more)
    assert found(tmp_path, schema) == [("unproven", line)]
    assert found(tmp_path, schema, f'unproven: {{"{path or "/"}": "they never do"}}\n') == []


@pytest.mark.parametrize(("path", "line"), [("words", 8), ("people", 11)])
def test_lists_that_may_be_too_short_are_told_and_can_be_answered(tmp_path: Path, path: str, line: int) -> None:
    """`minItems` above one, where no canonical list promises as many."""
    schema = changed(path, minItems=2)
    assert found(tmp_path, schema) == [("missing-required", line)]
    assert found(tmp_path, schema, f'unproven: {{{path}: "they never come alone"}}\n') == []


@pytest.mark.parametrize(
    ("more", "code"),
    [({"required": ["gate"]}, "missing-required"), ({"patternProperties": {"^c": {"maxLength": 2}}}, "length-gap")],
)
def test_what_is_said_of_names_by_pattern_or_not_at_all_counts(tmp_path: Path, more: dict[str, Any], code: str) -> None:
    """A required name without a property, and a pattern that also means a property."""
    assert (code, 9) in found(tmp_path, changed("place", **more))


@pytest.mark.parametrize(
    ("path", "more"), [("tags", {"uniqueItems": True}), ("people", {"uniqueItems": True}), ("people", {"minItems": 1})]
)
def test_what_every_message_keeps_is_proved(tmp_path: Path, path: str, more: dict[str, Any]) -> None:
    """Items with ids differ, a list that is unique with us is unique there, and a written list holds an item."""
    assert found(tmp_path, changed(path, **more)) == []


@pytest.mark.parametrize(
    ("path", "more", "code", "line"),
    [
        ("count", {"multipleOf": 3}, "unproven", 5),
        ("no", {"format": "ipv4"}, "unproven", 4),
        ("no", {"not": {"const": "0000"}}, "unproven", 4),
        ("count", {"allOf": [{"minimum": 1}, {"minimum": 2}]}, "range-gap", 5),
        ("state", {"format": "date"}, "type-gap", 6),
        ("state", {"minLength": 2}, "length-gap", 6),
        ("state", {"pattern": "^[A-Z]$"}, "pattern-gap", 6),
        ("people/key", {"maxLength": 5}, "length-gap", 11),
        ("people/key", {"pattern": "^p[0-9]+$"}, "pattern-gap", 11),
        ("people/key", {"type": "integer"}, "type-gap", 11),
    ],
)
def test_what_is_asked_of_values_and_ids_is_told(
    tmp_path: Path, path: str, more: dict[str, Any], code: str, line: int
) -> None:
    """Closed lists, ids and several limits of one place count like any value."""
    assert (code, line) in found(tmp_path, changed(path, **more))


def test_limits_of_texts_mean_nothing_of_numbers(tmp_path: Path) -> None:
    """A pattern beside `type: integer` holds for no integer, in the agency's schema or in ours."""
    assert found(tmp_path, changed("count", pattern="^x$", maxLength=0)) == []


def test_an_id_that_need_not_fit_can_be_answered(tmp_path: Path) -> None:
    """The file says why ids fit all the same."""
    schema = changed("people/key", maxLength=5)
    assert found(tmp_path, schema, 'unproven: {people/key: "the platform counts p1, p2, ..."}\n') == []


XSD = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner" xmlns:p="urn:partner"
    elementFormDefault="qualified">
  <xs:element name="Case"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="xs:string"/>
    <xs:element name="Person" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Name" minOccurs="0" type="xs:string"/></xs:sequence>
      <xs:attribute name="id" type="xs:ID" use="required"/></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
UNIQUE = '<xs:unique name="once"><xs:selector xpath="p:Person"/><xs:field xpath="p:Name"/></xs:unique>'
END = "</xs:sequence></xs:complexType></xs:element>\n</xs:schema>"
XML = 'root: p:Case\nfields:\n  number: p:Number\n  persons[]: {at: p:Person, id: "@id", fields: {name: p:Name}}\n'


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (END, END.replace("</xs:element>", f"{UNIQUE}</xs:element>"), [("unproven", 5)]),
        (
            'name="Person" minOccurs="0"',
            'name="Person" minOccurs="2"',
            [("missing-required", 6), ("missing-required", 6)],
        ),
        ('name="Number" type="xs:string"', 'name="Number" type="xs:NCName"', [("pattern-gap", 5)]),
        ('name="Number" type="xs:string"', 'name="Number" type="xs:IDREF"', [("pattern-gap", 5), ("unproven", 5)]),
        ('name="Number" type="xs:string"', 'name="Number" type="xs:anyURI"', [("unproven", 5)]),
        ('name="Number" type="xs:string"', 'name="Number" type="xs:NMTOKEN"', []),
        ('type="xs:ID"', 'type="xs:NCName"', []),
        ('type="xs:ID"', 'type="xs:language"', [("pattern-gap", 6)]),
    ],
)
def test_what_an_xsd_asks_is_told(tmp_path: Path, old: str, new: str, expected: list[tuple[str, int]]) -> None:
    """Identity constraints, numbers of elements, and the kinds of names."""
    granted = ["number", "persons[].id", "persons[].name"]
    assert old in XSD
    assert found(tmp_path, XSD.replace(old, new), format="xml", mapping=XML, granted=granted) == expected


SHORT = """<xs:simpleType><xs:restriction base="xs:ID"><xs:maxLength value="8"/></xs:restriction></xs:simpleType>"""
ATTRIBUTE = '<xs:attribute name="id" type="xs:ID" use="required"/>'


@pytest.mark.parametrize(("batch", "expected"), [(False, []), (True, [("length-gap", 6)])])
def test_names_that_are_told_apart_are_longer(tmp_path: Path, batch: bool, expected: list[tuple[str, int]]) -> None:
    """An id of eight characters fits alone; where other messages may have taken it, it gets a suffix."""
    schema = XSD.replace(ATTRIBUTE, f'<xs:attribute name="id" use="required">{SHORT}</xs:attribute>')
    mapping = XML
    if batch:
        inner = schema[schema.index("<xs:complexType>") : schema.rindex("</xs:element>")]
        many = f'<xs:element name="Case" maxOccurs="unbounded">{inner}</xs:element>'
        schema = schema.replace(
            f'<xs:element name="Case">{inner}',
            f'<xs:element name="Batch"><xs:complexType><xs:sequence>{many}</xs:sequence></xs:complexType>',
        )
        mapping = XML.replace("root: p:Case", "root: p:Batch/p:Case")
    granted = ["number", "persons[].id", "persons[].name"]
    assert found(tmp_path, schema, format="xml", mapping=mapping, granted=granted) == expected


def test_defaults_of_a_date_in_two_places_are_compared(tmp_path: Path) -> None:
    """Both places get the same text where there is nothing, and are read together."""
    canonical = object_of(["number"], number=text(pattern="^[0-9]{4}$"), day=text(format="date"))
    day = {"type": "string"}
    schema = json.dumps({"type": "object", "properties": {"no": day, "h": day, "g": day}})
    at = "at: {hijri: h, gregorian: g}, as: date-pair, unfit: refuse"
    mapping = f'fields:\n  number: "no"\n  day: {{{at}, default: {{read: "2020-01-01", write: "-"}}}}\n'
    with pytest.raises(Findings) as caught:
        Bench(tmp_path, schema=schema, canonical=canonical, format="json", mapping=mapping, prove=True)
    assert ("bad-value", 5) in [(each.code, each.line) for each in caught.value.findings]


def test_nothing_is_written_as_nil_where_no_nil_may_stand(tmp_path: Path) -> None:
    """`absent` with `write: nil` is checked against the place."""
    mapping = MAPPING.replace("  state: state\n", '  state: {at: state, absent: {read: [""], write: nil}}\n')
    assert found(tmp_path, json.dumps(JSON), mapping=mapping) == [("bad-value", 6)]
    nullable = changed("state", type=["string", "null"], enum=["a", "b", None])
    assert found(tmp_path, nullable, mapping=mapping) == []


@pytest.mark.parametrize(
    ("option", "errors"),
    [
        ("default: {read: a, write: b}", [("bad-value", 6)]),
        ("default: {read: a, write: a}", []),
        ('default: {read: a, write: b}, absent: {read: ["", b]}', []),
    ],
)
def test_what_is_written_for_nothing_is_read_as_the_default(
    tmp_path: Path, option: str, errors: list[tuple[str, int]]
) -> None:
    """Two defaults that differ turn nothing into something, where a file goes both ways."""
    mapping = MAPPING.replace("  state: state\n", f"  state: {{at: state, {option}}}\n")
    assert found(tmp_path, json.dumps(JSON), mapping=mapping, directions=frozenset({"read", "write"})) == errors


def test_always_is_for_what_has_no_place(tmp_path: Path) -> None:
    """Beside `at` it would read one thing and write another."""
    mapping = MAPPING.replace("  state: state\n", "  state: {at: state, always: a}\n")
    assert found(tmp_path, json.dumps(JSON), mapping=mapping) == [("bad-value", 6)]


@pytest.mark.parametrize(
    ("birth", "code"),
    [
        (object_of(["calendar"], date=text(format="date"), calendar=text(enum=["hijri", "gregorian"])), "convert-gap"),
        (object_of(["date"], date={"type": "integer"}, calendar=text()), "type-mismatch"),
    ],
)
def test_an_object_must_have_what_its_converter_needs(tmp_path: Path, birth: dict[str, Any], code: str) -> None:
    """A date without a day, or with a number for one, cannot be written."""
    canonical = object_of(["number"], number=text(pattern="^[0-9]{4}$"), birth=birth)
    schema = json.dumps({"type": "object", "properties": {"no": {"type": "string"}, "birth": {"type": "string"}}})
    mapping = "fields:\n  number: no\n  birth: {at: birth, as: date}\n"
    with pytest.raises(Findings) as caught:
        Bench(
            tmp_path, schema=schema, canonical=canonical, format="json", mapping=mapping, directions=WRITE, prove=True
        )
    assert (code, 5) in [(each.code, each.line) for each in caught.value.findings]
