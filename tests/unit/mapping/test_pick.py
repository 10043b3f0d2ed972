"""``pick`` where several steps of the way repeat: the first or last value that there is, the others counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.mapping.workbench import Bench, list_of, object_of, reference, text

READ = frozenset({"read"})
XSD = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner" xmlns="urn:partner"
    elementFormDefault="qualified">
  <xs:element name="Case"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="xs:string"/>
    <xs:element name="More" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Note" minOccurs="0" maxOccurs="unbounded" type="xs:string"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="Person" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
      <xs:attribute name="id" type="xs:string"/>
    </xs:complexType></xs:element>
    <xs:element name="Victim" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Is" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
        <xs:attribute name="ref" type="xs:string"/>
      </xs:complexType></xs:element>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
CANONICAL = object_of(
    ["number"],
    number=text(),
    note=text(),
    persons=list_of(object_of(["id"], id=text())),
    victims=list_of(object_of(personId=reference("persons[]"))),
)
MAPPING = """
root: p:Case
fields:
  number: p:Number
  note: {at: p:More/p:Note, pick: first}
  persons[]: {at: p:Person, id: "@id", fields: {}}
  victims[]: {at: p:Victim, fields: {personId: {ref: p:Is/@ref, to: "persons[]", pick: first}}}
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, schema=XSD, canonical=CANONICAL, mapping=MAPPING, directions=READ)


def case(inside: str) -> str:
    return f'<Case xmlns="urn:partner"><Number>1</Number>{inside}</Case>'


def test_an_empty_container_does_not_hide_the_value_in_the_next(bench: Bench) -> None:
    """The first value counts, not what the first container holds."""
    (record,) = bench.read(case("<More/><More><Note>a</Note></More>"))
    assert record.data["note"] == "a"
    assert record.dropped == {}


def test_values_passed_over_are_counted_over_all_containers(bench: Bench) -> None:
    """Two more notes in two containers are two dropped."""
    (record,) = bench.read(case("<More/><More><Note>a</Note><Note>b</Note></More><More><Note>c</Note></More>"))
    assert record.data["note"] == "a"
    assert record.dropped == {"p:Case/p:More/p:Note": 2}


def test_references_passed_over_are_counted(bench: Bench) -> None:
    """A link that takes the first of several references says how many it left."""
    (record,) = bench.read(case('<Person id="a"/><Person id="b"/><Victim><Is/><Is ref="b"/><Is ref="a"/></Victim>'))
    assert record.data["victims"] == [{"personId": "b"}]
    assert record.dropped == {"p:Case/p:Victim/p:Is/@ref": 1}


def test_the_last_value_counts_and_not_an_empty_container_after_it(tmp_path: Path) -> None:
    """``pick: last`` looks from the end; what it passes over is counted all the same."""
    mapping = MAPPING.replace("pick: first", "pick: last")
    bench = Bench(tmp_path, schema=XSD, canonical=CANONICAL, mapping=mapping, directions=READ)
    notes = "<More><Note>a</Note></More><More><Note>b</Note><Note>c</Note></More><More/>"
    links = '<Person id="a"/><Person id="b"/><Victim><Is ref="b"/><Is ref="a"/><Is/></Victim>'
    (record,) = bench.read(case(notes + links))
    assert record.data["note"] == "c"
    assert record.data["victims"] == [{"personId": "a"}]
    assert record.dropped == {"p:Case/p:More/p:Note": 2, "p:Case/p:Victim/p:Is/@ref": 1}
