"""Planted mistakes that only a proof finds: values that do not fit, required places empty, conditions that fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.findings import Finding, Findings
from hub.mapping.presence import View
from tests.unit.mapping.workbench import BOTH, Bench, list_of, object_of, reference, text

DAY = object_of(
    ["date"],
    date=text(format="date", pattern="^(1[7-9]|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$"),
    calendar=text(enum=["gregorian", "hijri"]),
    text=text(maxLength=40),
)
CANONICAL = object_of(
    ["number", "kind"],
    number=text(pattern="^[0-9]{4}/[0-9]{1,8}$"),
    kind=text(enum=["theft", "fraud", "other"]),
    title=text(maxLength=60),
    count={"type": "integer", "minimum": 0, "maximum": 999},
    weight={"type": "number", "minimum": 0, "maximum": 10},
    day=DAY,
    at=text(pattern="^(1[7-9]|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", format="date-time"),
    place=object_of(["city"], city=text(maxLength=40), street=text(maxLength=40)),
    id=object_of(["type", "value"], type=text(enum=["nin", "iqama", "other"]), value=text(maxLength=20)),
    tags=list_of(text(maxLength=10)),
    persons=list_of(object_of(["id"], id=text(), name=text(maxLength=40), role=text(enum=["victim", "witness"]))),
    charges=list_of(object_of(["code"], code=text(maxLength=5), personId=reference("persons[]"))),
)
TYPES = {
    "Number": r'<xs:pattern value="\d{4}/\d{1,8}"/>',
    "Kind": '<xs:enumeration value="T"/><xs:enumeration value="F"/><xs:enumeration value="O"/>',
    "Title": '<xs:minLength value="1"/><xs:maxLength value="60"/>',
    "City": '<xs:minLength value="1"/><xs:maxLength value="40"/>',
    "Tag": '<xs:minLength value="1"/><xs:maxLength value="10"/>',
    "Code": '<xs:minLength value="1"/><xs:maxLength value="5"/>',
    "Role": '<xs:enumeration value="V"/><xs:enumeration value="W"/>',
    "Ten": r'<xs:pattern value="[12]\d{9}"/>',
}
SIMPLE = "".join(
    f'<xs:simpleType name="{name}"><xs:restriction base="xs:string">{body}</xs:restriction></xs:simpleType>\n'
    for name, body in TYPES.items()
)
XSD = f"""
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner" xmlns="urn:partner"
    elementFormDefault="qualified">
  {SIMPLE}
  <xs:simpleType name="Count"><xs:restriction base="xs:int"><xs:minInclusive value="0"/><xs:maxInclusive value="999"/>
    </xs:restriction></xs:simpleType>
  <xs:simpleType name="Weight"><xs:restriction base="xs:decimal"><xs:minInclusive value="0"/>
    <xs:maxInclusive value="10"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Day"><xs:restriction base="xs:date"><xs:pattern value="(1[7-9]|2[0-9])\\d{{2}}-\\d\\d-\\d\\d"/>
    </xs:restriction></xs:simpleType>
  <xs:simpleType name="Moment"><xs:restriction base="xs:dateTime">
    <xs:pattern value="(1[7-9]|2[0-9])\\d{{2}}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"/></xs:restriction></xs:simpleType>
  <xs:element name="Case"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="Number"/>
    <xs:element name="Kind" type="Kind"/>
    <xs:element name="Title" minOccurs="0" type="Title"/>
    <xs:element name="Count" minOccurs="0" type="Count"/>
    <xs:element name="Weight" minOccurs="0" type="Weight"/>
    <xs:element name="Day" minOccurs="0" type="Day"/>
    <xs:element name="At" minOccurs="0" type="Moment"/>
    <xs:element name="Place" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:element name="City" type="City"/><xs:element name="Street" minOccurs="0" type="City"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:choice minOccurs="0"><xs:element name="Nin" type="Ten"/><xs:element name="Other" type="xs:string"/></xs:choice>
    <xs:element name="Tag" minOccurs="0" maxOccurs="unbounded" type="Tag"/>
    <xs:element name="Person" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Name" minOccurs="0" type="City"/><xs:element name="Role" minOccurs="0" type="Role"/>
    </xs:sequence><xs:attribute name="id" type="xs:ID" use="required"/></xs:complexType></xs:element>
    <xs:element name="Charge" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Code" type="Code"/><xs:element name="Of" minOccurs="0"><xs:complexType>
        <xs:attribute name="ref" type="xs:IDREF" use="required"/></xs:complexType></xs:element>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
GOOD = """root: p:Case
fields:
  number: p:Number
  kind: {at: p:Kind, codes: kind}
  title: p:Title
  count: p:Count
  weight: p:Weight
  day: {at: p:Day, as: date}
  at: {at: p:At, as: date-time}
  place: {at: p:Place, fields: {city: p:City, street: p:Street}}
  id.value:
    - {at: p:Nin, is: {id.type: nin}, as: national-id, unfit: refuse}
    - {at: p:Other, is: {id.type: [iqama, other]}}
  tags[]: p:Tag
  persons[]: {at: p:Person, id: "@id", fields: {name: p:Name, role: {at: p:Role, codes: role}}}
  charges[]: {at: p:Charge, fields: {code: p:Code, personId: {ref: p:Of/@ref, to: "persons[]"}}}
drops: {id.type: the element says it}
"""
CODES = {"kind": "T,theft,\nF,fraud,\nO,other,\n", "role": "V,victim,\nW,witness,\n", "few": "T,theft,\nF,fraud,\n"}


def findings(folder: Path, mapping: str, schema: str = XSD, canonical: Any = CANONICAL, **more: Any) -> list[Finding]:
    options = {"codes": CODES, "directions": BOTH, "prove": True, **more}
    try:
        return list(Bench(folder, schema=schema, canonical=canonical, mapping=mapping, **options).mapping.notes)
    except Findings as found:
        return list(found.findings)


def errors(folder: Path, mapping: str, schema: str = XSD, **more: Any) -> list[tuple[str, int, str]]:
    found = findings(folder, mapping, schema, **more)
    return [(each.code, each.line, each.text + each.hint) for each in found if each.severity == "error"]


def test_the_right_mapping_is_proved(tmp_path: Path) -> None:
    """Nothing is an error where every value, branch and list is proved or answered; reading may refuse, as noted."""
    assert {(found.code, found.severity) for found in findings(tmp_path, GOOD)} == {("may-refuse", "note")}


TITLE = 'name="Title" minOccurs="0" type="Title"'
TAG = 'name="Tag" minOccurs="0" maxOccurs="unbounded"'
PERSON = 'name="Person" minOccurs="0" maxOccurs="unbounded"'
LEAST, MOST = '<xs:minInclusive value="0"/><xs:maxInclusive value="999"/>', '<xs:maxInclusive value="10"/>'
AT = "at: {at: p:At, as: date-time}"
KIND = "kind: {at: p:Kind, codes: kind}"
# what stands in the schema or mapping, what is planted in its place, the finding's code, its line, what it says
SCHEMA_MISTAKES = [
    (TITLE, 'name="Title" minOccurs="0" type="Tag"', "length-gap", 7, "10 fit"),
    (TITLE, 'name="Title" minOccurs="0" type="xs:date"', "type-gap", 7, "date"),
    (TITLE, 'name="Title" minOccurs="0" type="Kind"', "code-gap", 7, "closed list"),
    (TITLE, 'name="Title" minOccurs="0" type="xs:token"', "", 0, ""),
    (r'value="\d{4}/\d{1,8}"', r'value="\d{4}/\d{1,7}"', "pattern-gap", 5, "00000000' may come"),
    (r'value="\d{4}/\d{1,8}"', r'value="\d{4}-\d{1,8}"', "pattern-gap", 5, "'0000/0' may come"),
    (r'value="\d{4}/\d{1,8}"', r'value="\p{L}+"', "unproven", 5, "cannot be decided"),
    ('<xs:maxInclusive value="999"/>', '<xs:maxInclusive value="99"/>', "range-gap", 8, "999 may come"),
    (LEAST, '<xs:minInclusive value="1"/><xs:maxInclusive value="999"/>', "range-gap", 8, "the least is 1"),
    (MOST, '<xs:maxInclusive value="10"/><xs:fractionDigits value="2"/>', "digits-gap", 9, "after the point"),
    (MOST, '<xs:maxInclusive value="5"/>', "range-gap", 9, "10 may come"),
    ('<xs:enumeration value="W"/>', "", "code-gap", 17, "'W' may come"),
    ('<xs:enumeration value="O"/>', '<xs:enumeration value="X"/>', "code-gap", 6, "'O' may come"),
    ('name="Street" minOccurs="0" type="City"', 'name="Street" type="City"', "missing-required", 12, "place.street"),
    (TITLE, 'name="Title" type="Title"', "missing-required", 7, "nothing is in title"),
    ('name="Of" minOccurs="0"', 'name="Of"', "missing-required", 18, "nothing is in personId"),
    ('name="Name" minOccurs="0" type="City"', 'name="Name" type="City"', "missing-required", 17, "nothing is in name"),
    ('<xs:choice minOccurs="0">', "<xs:choice>", "missing-required", 13, "p:Nin or /p:Case/p:Other"),
    (TAG, 'name="Tag" maxOccurs="unbounded"', "missing-required", 16, "tags"),
    (TAG, 'name="Tag" minOccurs="0" maxOccurs="3"', "too-many", 16, "room for 3"),
    (PERSON, 'name="Person" minOccurs="0" maxOccurs="2"', "too-many", 17, "room for 2"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "code", "line", "says"), SCHEMA_MISTAKES, ids=lambda part: str(part)[-50:])
def test_a_contract_that_takes_less_is_found(
    tmp_path: Path, right: str, wrong: str, code: str, line: int, says: str
) -> None:
    """Whatever the message may hold and the agency's schema does not take is told at the mapping's line."""
    assert right in XSD
    found = errors(tmp_path, GOOD, XSD.replace(right, wrong, 1))
    if not code:
        found = [each for each in found if each[0] != "length-gap"]
        assert found == []
    else:
        assert (code, line) in [(each, at) for each, at, text in found if says in text]


MAPPING_MISTAKES = [
    ("number: p:Number", "number: {at: p:Number, as: integer}", "convert-gap", 5, "integer takes only"),
    (KIND, "kind: {at: p:Kind, codes: few}", "code-gap", 6, "cannot write 'other'"),
    (KIND, "kind: {at: p:Kind, codes: few, else: {write: Z}}", "bad-value", 6, "'Z' is not"),
    ("title: p:Title", "title: {at: p:Title, codes: few}", "code-gap", 7, "any text"),
    ("title: p:Title", "title: {at: p:Title, as: text}", "convert-gap", 7, "text takes only"),
    ("title: p:Title", "title: {at: p:Title, as: national-id}", "convert-gap", 7, "check digit"),
    ("title: p:Title", "title: {at: p:Title, default: {write: '" + 61 * "x" + "'}}", "bad-value", 7, "default of"),
    ("day: {at: p:Day, as: date}", "day: {at: p:Day, as: hijri-date}", "convert-gap", 10, "Umm al-Qura"),
    ("day: {at: p:Day, as: date}", "day: {at: p:Day, as: date, format: dd/MM/yyyy}", "type-gap", 10, "date"),
    (AT, "at: {at: p:At, as: date-time, zone: Asia/Riyadh}", "pattern-gap", 11, "may come"),
    (AT, "at: {at: p:At, as: local-time}", "pattern-gap", 11, "may come"),
    (AT, "at: {at: p:At, as: local-time, zone: Europe/Paris}", "convert-gap", 11, "has twice"),
    (AT, "at: {at: p:At, as: local-time, format: 'yyyy-MM-ddTHH:mm'}", "convert-gap", 11, "takes only"),
    ("title: p:Title", "title: p:Place/p:City", "written-twice", 12, "line 7"),
    ("[iqama, other]", "[nin, other]", "guard-overlap", 13, "hold together"),
    ("title: p:Title", "title: {at: p:Title, is: {kind: theft}}", "guard-gap", 7, "'fraud'"),
    ("at: p:Other, is", "at: p:Nin, is", "pattern-gap", 13, "may come"),
    ("title: p:Title", "title: p:Title\n  'id.type': p:Other", "written-twice", 14, "line 8"),
    ("title: p:Title", "title: {at: p:Title, unless: number}", "unreachable", 7, "every message has number"),
    ("tags[]: p:Tag", "tags[]: p:Title", "too-many", 16, "room for 1"),
    ("{at: p:Person, id", "{at: p:Person, where: {p:Role: X}, id", "unreachable", 17, "never 'X'"),
    ("fields: {name: p:Name, role", 'constants: {p:Name: ""}, fields: {role', "bad-value", 17, "constant"),
    ("drops:", "constants: {p:Count: $message.id}\ndrops:", "type-gap", 19, "$message.id"),
    ("drops:", "constants: {p:Title: {from: $message.source, codes: few}}\ndrops:", "code-gap", 19, "$message.source"),
    ("drops:", "constants: {p:Title: $message.partner}\ndrops:", "length-gap", 19, "$message.partner"),
    ("root: p:Case", "root: p:Case\nunseen: keep", "cannot-keep", 4, "unseen[]"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "code", "line", "says"), MAPPING_MISTAKES, ids=lambda part: str(part)[:60])
def test_a_mapping_that_cannot_be_proved_is_found(
    tmp_path: Path, right: str, wrong: str, code: str, line: int, says: str
) -> None:
    """The finding has the right code, stands at the right line, and gives an example or says what is missing."""
    assert right in GOOD
    found = errors(tmp_path, GOOD.replace(right, wrong, 1))
    assert (code, line) in [(each, at) for each, at, text in found if says in text]


ANSWERS = [
    (TITLE, 'name="Title" minOccurs="0" type="Tag"', "title: {at: p:Title, too-long: cut}"),
    (TITLE, 'name="Title" minOccurs="0" type="Tag"', "title: {at: p:Title, too-long: refuse}"),
    (TITLE, 'name="Title" minOccurs="0" type="Kind"', "title: {at: p:Title, else: {write: T}}"),
    (TITLE, 'name="Title" minOccurs="0" type="Kind"', "title: {at: p:Title, unfit: drop}"),
    (TITLE, 'name="Title" type="Title"', "title: {at: p:Title, default: {write: none}, absent: {read: ['', none]}}"),
    (TITLE, 'name="Title" type="Title"', "title: {at: p:Title, missing: refuse}"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "answer"), ANSWERS, ids=lambda part: str(part)[-40:])
def test_what_the_file_answers_is_no_error(tmp_path: Path, right: str, wrong: str, answer: str) -> None:
    """Where the file says what happens then, nothing is left to prove."""
    schema = XSD.replace(right, wrong, 1)
    assert errors(tmp_path, GOOD, schema)
    assert errors(tmp_path, GOOD.replace("title: p:Title", answer), schema) == []


def test_what_a_grant_withholds_must_not_be_required(tmp_path: Path) -> None:
    """A required place whose source one of the grants withholds is told with the grant's name."""
    schema = XSD.replace('name="Count" minOccurs="0"', 'name="Count"')
    canonical = {**CANONICAL, "required": ["number", "kind", "count"]}
    shown = frozenset({"number", "kind", "count"})
    views = (View("G-1", shown), View("G-2", shown - {"count"}))
    assert errors(tmp_path, GOOD, schema, canonical=canonical) == []
    found = errors(tmp_path, GOOD, schema, canonical=canonical, views=views, granted=shown)
    assert [(code, line) for code, line, _ in found] == [("missing-required", 8)]
    assert "G-2" in found[0][2]


def test_a_link_whose_target_a_grant_withholds_must_not_be_required(tmp_path: Path) -> None:
    """Links to what is withheld are pruned, so that a required reference would be missing."""
    schema = XSD.replace('name="Of" minOccurs="0"', 'name="Of"')
    charge = object_of(["code", "personId"], code=text(maxLength=5), personId=reference("persons[]"))
    properties = {**CANONICAL["properties"], "charges": list_of(charge)}
    canonical = {**CANONICAL, "properties": properties}
    shown = frozenset({"number", "kind", "charges[].code", "charges[].personId"})
    everything = shown | {"persons[].id", "persons[].name", "persons[].role"}
    assert errors(tmp_path, GOOD, schema, canonical=canonical, views=(View("A", everything),), granted=everything) == []
    found = errors(tmp_path, GOOD, schema, canonical=canonical, views=(View("B", shown),), granted=shown)
    assert [(code, line) for code, line, _ in found] == [("missing-required", 18)]


def test_a_choice_is_never_written_twice(tmp_path: Path) -> None:
    """Two members of a choice that one message would fill both; `unless` keeps one back."""
    both = GOOD.replace("title: p:Title", "title: p:Other").replace(
        "    - {at: p:Other, is: {id.type: [iqama, other]}}", "    - {drops: other numbers stay}"
    )
    twice = [(code, line) for code, line, _ in errors(tmp_path, both) if code == "choice-twice"]
    assert twice == [("choice-twice", 13)]
    apart = both.replace("title: p:Other", "title: {at: p:Other, unless: id.value}")
    assert [code for code, _, _ in errors(tmp_path, apart) if code == "choice-twice"] == []


def test_lists_that_both_read_one_item_are_found(tmp_path: Path) -> None:
    """`where` must keep lists apart that share one list of the agency's."""
    twice = GOOD.replace(
        '  persons[]: {at: p:Person, id: "@id", fields: {name: p:Name, role: {at: p:Role, codes: role}}}',
        '  persons[]: {at: p:Person, where: {p:Role: V}, id: "@id", fields: {name: p:Name}}\n'
        "  charges[]: {at: p:Person, where: {p:Role: V}, fields: {code: p:Name}}",
    ).replace('  charges[]: {at: p:Charge, fields: {code: p:Code, personId: {ref: p:Of/@ref, to: "persons[]"}}}\n', "")
    found = findings(tmp_path, twice, directions=frozenset({"read"}))
    assert ("read-twice", 18) in [(each.code, each.line) for each in found]
