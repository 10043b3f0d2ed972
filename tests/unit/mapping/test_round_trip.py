"""The law, on small mappings with everything nasty in them: read(write(c)) == c, and what is written is valid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.mapping.workbench import Bench, list_of, object_of, reference, text

CANONICAL = object_of(
    ["number"],
    number=text(),
    stage=text(enum=["open", "closed"]),
    opened=object_of(["date"], date=text(), calendar=text(), text=text()),
    persons=list_of(
        object_of(["id"], id=text(), sex=text(enum=["female", "male"]), name=object_of(given=text(), family=text()))
    ),
    offences=list_of(object_of(["id"], id=text(), code=text(), attempted={"type": "boolean"})),
    victims=list_of(
        object_of(
            ["id"],
            id=text(),
            personId=reference("persons[]"),
            injuries=list_of(text()),
            offenceIds=list_of(reference("offences[]")),
        )
    ),
    notes=list_of(text()),
)
CODES = {"sex": "F,female,\nM,male,\nW,female,read only\n", "stage": "1,open,\n2,closed,\n"}

XSD = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner" xmlns="urn:partner"
    elementFormDefault="qualified">
  <xs:complexType name="Pointer"><xs:attribute name="ref" type="xs:IDREF"/></xs:complexType>
  <xs:element name="Case"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="xs:string"/>
    <xs:element name="Stage" minOccurs="0" type="xs:string"/>
    <xs:element name="Opened" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:element name="Hijri" minOccurs="0" type="xs:string"/>
      <xs:element name="Gregorian" minOccurs="0" type="xs:date"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="Person" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Name" minOccurs="0"><xs:complexType><xs:sequence>
        <xs:element name="Given" minOccurs="0" type="xs:string"/>
        <xs:element name="Family" minOccurs="0" type="xs:string"/>
      </xs:sequence></xs:complexType></xs:element>
      </xs:sequence><xs:attribute name="id" type="xs:ID" use="required"/>
      <xs:attribute name="sex" type="xs:string"/></xs:complexType></xs:element>
    <xs:element name="Offence" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:simpleContent>
      <xs:extension base="xs:string"><xs:attribute name="id" type="xs:ID" use="required"/>
      <xs:attribute name="attempted" type="xs:boolean"/></xs:extension>
    </xs:simpleContent></xs:complexType></xs:element>
    <xs:element name="Victim" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Person" minOccurs="0" type="Pointer"/>
      <xs:element name="Injury" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
        <xs:sequence><xs:element name="Text" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
      </xs:sequence><xs:attribute name="id" type="xs:ID" use="required"/></xs:complexType></xs:element>
    <xs:element name="OffenceVictim" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Offence" type="Pointer"/>
      <xs:element name="Victim" type="Pointer"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="Note1" minOccurs="0" type="xs:string"/>
    <xs:element name="Note2" minOccurs="0" type="xs:string"/>
    <xs:element name="Note3" minOccurs="0" type="xs:string"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
XML_MAPPING = """
root: p:Case
fields:
  number: p:Number
  stage: {at: p:Stage, codes: stage}
  opened: {at: {hijri: p:Opened/p:Hijri, gregorian: p:Opened/p:Gregorian}, as: date-pair}
  persons[]:
    at: p:Person
    id: "@id"
    fields:
      sex: {at: "@sex", codes: sex}
      name: {at: p:Name, fields: {given: p:Given, family: p:Family}}
  offences[]: {at: p:Offence, id: "@id", fields: {code: ., attempted: "@attempted"}}
  victims[]:
    at: p:Victim
    id: "@id"
    fields:
      personId: {ref: p:Person/@ref, to: "persons[]"}
      injuries[]: "p:Injury[]/p:Text"
      offenceIds[]: {via: p:OffenceVictim, here: p:Victim/@ref, there: p:Offence/@ref, to: "offences[]"}
  notes[]: p:Note#
"""

JSON_SCHEMA = """{
  "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": false,
  "required": ["no"],
  "properties": {
    "no": {"type": "string"}, "state": {"type": "integer"}, "opened": {"type": "string"},
    "parties": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["kind"],
      "properties": {"kind": {"enum": ["P", "V"], "type": "string"}, "key": {"type": "string"},
        "sex": {"type": "string"}, "first": {"type": "string"}, "last": {"type": "string"},
        "person": {"type": "string"},
        "hurt": {"type": "string"}, "crimes": {"type": "array", "items": {"type": "string"}}}}},
    "crimes": {"type": "array", "items": {"type": "object", "additionalProperties": false,
      "properties": {"key": {"type": "string"}, "code": {"type": "string"}, "tried": {"type": "string"}}}},
    "remarks": {"type": "array", "items": {"type": "object", "additionalProperties": false,
      "properties": {"lang": {"type": "string"}, "text": {"type": "string"}}}}
  }}"""
JSON_MAPPING = """
fields:
  number: no
  stage: {at: state, codes: stage}
  opened: {at: opened, as: hijri-date, format: dd/MM/yyyy}
  persons[]:
    at: parties
    where: {kind: P}
    id: key
    fields: {sex: {at: sex, codes: sex}, name.given: first, name.family: last}
  victims[]:
    at: parties
    where: {kind: V}
    id: key
    fields:
      personId: {ref: person, to: "persons[]"}
      injuries[]: {at: hurt, as: joined, separator: "|"}
      offenceIds[]: {ref: crimes, to: "offences[]"}
  offences[]: {at: crimes, id: key, fields: {code: code, attempted: {at: tried, as: boolean, "true": Y, "false": N}}}
  notes[]: {at: "remarks[]/text", where: {lang: ar}}
ignores: {parties/*: "victims have neither sex nor name, persons neither injuries nor offences"}
"""

words = st.text("abxyz أب<>&\"' \t\n١", min_size=1, max_size=6)
plain = words.filter(lambda word: "|" not in word)
ids = st.from_regex(r"[A-Za-z][A-Za-z0-9.-]{0,3}", fullmatch=True)


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """Persons without roles, roles without persons, shared persons, repeated pairs, empty and full slots."""
    names = draw(st.lists(ids, unique=True, max_size=6))
    persons, offences, victims = names[:2], names[2:4], names[4:]
    case: dict[str, Any] = {"number": draw(words)}
    case |= draw(optional(stage=st.sampled_from(["open", "closed"]), notes=st.lists(words, min_size=1, max_size=3)))
    if draw(st.booleans()):
        day = draw(st.dates(min_value=date(1925, 1, 1), max_value=date(2070, 1, 1)))
        case["opened"] = {"date": day.isoformat()}
    name = optional(given=words, family=words).filter(bool)
    person = optional(sex=st.sampled_from(["female", "male"]), name=name)
    if persons:
        case["persons"] = [{"id": id} | draw(person) for id in persons]
    if offences:
        case["offences"] = [
            {"id": id, "code": draw(words)} | draw(optional(attempted=st.booleans())) for id in offences
        ]
    if victims:
        case["victims"] = [_victim(draw, id, persons, offences) for id in victims]
    return case


def _victim(draw: st.DrawFn, id: str, persons: list[str], offences: list[str]) -> dict[str, Any]:
    victim: dict[str, Any] = {"id": id} | draw(optional(injuries=st.lists(plain, min_size=1, max_size=3)))
    if persons and draw(st.booleans()):
        victim["personId"] = draw(st.sampled_from(persons))
    if offences and draw(st.booleans()):
        victim["offenceIds"] = draw(st.lists(st.sampled_from(offences), min_size=1, max_size=3))
    return victim


def without_provenance(case: dict[str, Any]) -> dict[str, Any]:
    """What the law lets a round trip change: the calendar and text of a date."""
    return case | ({"opened": {"date": case["opened"]["date"]}} if "opened" in case else {})


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Bench]:
    made = {
        "xml": Bench(tmp_path_factory.mktemp("xml"), schema=XSD, canonical=CANONICAL, mapping=XML_MAPPING, codes=CODES),
        "json": Bench(
            tmp_path_factory.mktemp("json"),
            schema=JSON_SCHEMA,
            canonical=CANONICAL,
            mapping=JSON_MAPPING,
            codes=CODES,
            format="json",
        ),
    }
    return made.__getitem__


@pytest.mark.parametrize("format", ["xml", "json"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases())
def test_what_is_written_is_valid_and_reads_back_as_it_was(
    bench: Callable[[str], Bench], format: str, case: dict[str, Any]
) -> None:
    """read(write(c)) == c up to the provenance of dates, and the document satisfies the agency's schema."""
    workbench = bench(format)
    assert without_provenance(workbench.one(workbench.write(case))) == case


def test_ids_that_xml_does_not_allow_are_spelled_anew_and_stay_one_id(tmp_path: Path) -> None:
    """`1` cannot be an xs:ID, and one id in two lists would stand twice: both change everywhere alike."""
    bench = Bench(tmp_path, schema=XSD, canonical=CANONICAL, mapping=XML_MAPPING, codes=CODES)
    case = {
        "number": "7",
        "persons": [{"id": "1"}],
        "offences": [{"id": "1", "code": "theft"}],
        "victims": [{"id": "1", "personId": "1", "offenceIds": ["1", "1"]}],
    }
    again = bench.one(bench.write(case))
    (person,), (offence,), (victim,) = again["persons"], again["offences"], again["victims"]
    assert len({person["id"], offence["id"], victim["id"]}) == 3
    assert victim == {"id": victim["id"], "personId": person["id"], "offenceIds": [offence["id"]] * 2}


def test_more_than_fits_the_slots_is_refused(tmp_path: Path) -> None:
    """A fourth note has no place, and none is dropped in silence."""
    bench = Bench(tmp_path, schema=XSD, canonical=CANONICAL, mapping=XML_MAPPING, codes=CODES)
    with pytest.raises(Exception, match="room for 3"):
        bench.write({"number": "7", "notes": ["a", "b", "c", "d"]})


def test_gaps_between_slots_close(tmp_path: Path) -> None:
    """Note1 and Note3 are read as the first and second note."""
    bench = Bench(tmp_path, schema=XSD, canonical=CANONICAL, mapping=XML_MAPPING, codes=CODES)
    body = '<Case xmlns="urn:partner"><Number>7</Number><Note1>a</Note1><Note3>c</Note3></Case>'
    assert bench.one(body)["notes"] == ["a", "c"]


def test_an_association_without_one_of_its_ends_is_counted(bench: Callable[[str], Bench]) -> None:
    """It ties nothing, and does not fall in silence."""
    body = (
        '<p:Case xmlns:p="urn:partner"><p:Number>1</p:Number><p:Offence id="o1">310</p:Offence>'
        '<p:Victim id="v1"/><p:OffenceVictim><p:Offence ref="o1"/><p:Victim/></p:OffenceVictim></p:Case>'
    )
    (record,) = bench("xml").read(body)
    assert dict(record.dropped) == {"p:Case/p:OffenceVictim": 1}
