"""Content that no path names, and known content that is not wanted: counted, kept or refused as the file says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.findings import Findings
from tests.unit.mapping.workbench import Bench, list_of, object_of, text

XSD = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner" elementFormDefault="qualified">
  <xs:element name="Case"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="xs:string"/>
    <xs:element name="Person" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:element name="Name" minOccurs="0" type="xs:string"/></xs:sequence>
      <xs:attribute name="ref" type="xs:string"/></xs:complexType></xs:element>
    <xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence><xs:anyAttribute namespace="##other" processContents="lax"/></xs:complexType></xs:element>
</xs:schema>
"""
JSON = """{"type": "object", "additionalProperties": {"type": "number"}, "properties": {"no": {"type": "string"}}}"""
FIELDS = "fields: {number: p:Number, person: p:Person/@ref}\n"
READ = frozenset({"read"})
BODY = (
    '<p:Case xmlns:p="urn:partner" xmlns:x="urn:x" x:mark="7"><p:Number>1</p:Number><p:Person ref="a"/>'
    "<x:More><x:Deep>2</x:Deep></x:More></p:Case>"
)
INLINE = (
    '<p:Case xmlns:p="urn:partner"><p:Number>1</p:Number><p:Person ref="a"><p:Name>Sara</p:Name></p:Person></p:Case>'
)


def canonical(**more: Any) -> dict[str, Any]:
    return object_of(["number"], number=text(), person=text(), **more)


def xml(folder: Path, extra: str, **more: Any) -> Bench:
    mapping = f"root: p:Case\n{extra}\n{FIELDS}"
    if "refuses" not in extra:
        mapping += 'ignores: {p:Person/p:Name: "the reference is enough"}\n'
    return Bench(folder, schema=XSD, canonical=canonical(**more), mapping=mapping, directions=READ)


def test_unseen_elements_and_attributes_are_counted(tmp_path: Path) -> None:
    """xs:any and xs:anyAttribute let in what nobody named: the message's record says what fell."""
    (record,) = xml(tmp_path, "unseen: count").read(BODY)
    assert record.problems == ()
    assert dict(record.dropped) == {"p:Case/@{urn:x}mark": 1, "p:Case/{urn:x}More": 1}


def test_unseen_elements_and_attributes_are_refused(tmp_path: Path) -> None:
    """The same is the sender's error where the file says so."""
    (record,) = xml(tmp_path, "unseen: refuse").read(BODY)
    assert [(problem.code, problem.path) for problem in record.problems] == [("unseen-content", "/p:Case")] * 2


def test_unseen_content_is_kept_in_the_list_made_for_it(tmp_path: Path) -> None:
    """Path and content stand in `unseen[]` of the message."""
    room = list_of(object_of(["path", "content"], path=text(), content=text()))
    (record,) = xml(tmp_path, "unseen: keep", unseen=room).read(BODY)
    assert record.data["unseen"] == [
        {"path": "/p:Case/@{urn:x}mark", "content": '"7"'},
        {"path": "/p:Case/{urn:x}More", "content": '[{"{urn:x}Deep":[{"#":"2"}]}]'},
    ]


def test_there_must_be_room_to_keep(tmp_path: Path) -> None:
    """A message type without the list cannot keep anything: told before it runs."""
    with pytest.raises(Findings) as caught:
        xml(tmp_path, "unseen: keep")
    assert [(found.code, found.line) for found in caught.value.findings] == [("cannot-keep", 4)]


def test_additional_properties_are_seen(tmp_path: Path) -> None:
    """JSON Schema's additionalProperties are such content too."""
    bench = Bench(
        tmp_path, schema=JSON, canonical=canonical(), format="json", mapping="fields: {number: no}", directions=READ
    )
    (record,) = bench.read('{"no": "1", "extra": 5}')
    assert dict(record.dropped) == {"/extra": 1}


def test_known_content_is_refused_where_the_file_refuses_it(tmp_path: Path) -> None:
    """`refuses` names what the schema allows and the mapping does not accept, so that it is never lost in silence."""
    bench = xml(tmp_path, 'refuses: {p:Person/p:Name: "persons stand once, elsewhere"}')
    (record,) = bench.read(INLINE)
    assert [(problem.code, problem.path) for problem in record.problems] == [("unseen-content", "/p:Case/p:Person")]
    assert bench.read(INLINE.replace("<p:Name>Sara</p:Name>", ""))[0].problems == ()
