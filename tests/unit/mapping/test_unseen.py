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


MIXED = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner" elementFormDefault="qualified">
  <xs:element name="Case"><xs:complexType mixed="true"><xs:sequence>
    <xs:element name="Number" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""


def mixed(folder: Path, fields: str) -> Bench:
    return Bench(folder, schema=MIXED, canonical=canonical(), mapping=f"root: p:Case\n{fields}", directions=READ)


def test_text_between_elements_is_seen(tmp_path: Path) -> None:
    """Mixed content: what stands beside the elements is counted unless the mapping reads the element's own text."""
    body = '<p:Case xmlns:p="urn:partner">see <p:Number>1</p:Number></p:Case>'
    (record,) = mixed(tmp_path, "fields: {number: p:Number}").read(body)
    assert dict(record.dropped) == {"p:Case/.": 1}
    (record,) = mixed(tmp_path, "fields: {number: p:Number}").read(body.replace("see", " "))
    assert dict(record.dropped) == {}
    (record,) = mixed(tmp_path, 'fields: {number: p:Number, person: "."}').read(body)
    assert (record.data["person"], dict(record.dropped)) == ("see ", {})


DERIVED = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:partner" targetNamespace="urn:partner"
    elementFormDefault="qualified">
  <xs:element name="Case"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="xs:string"/><xs:element name="Person" type="Narrow"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:complexType name="Wide"><xs:sequence><xs:element name="Name" minOccurs="0" type="xs:string"/></xs:sequence>
    <xs:attribute name="ref" type="xs:string"/></xs:complexType>
  <xs:complexType name="Narrow"><xs:complexContent><xs:restriction base="Wide"><xs:sequence>
    <xs:element name="Name" type="xs:string"/></xs:sequence></xs:restriction></xs:complexContent></xs:complexType>
  <xs:complexType name="More"><xs:complexContent><xs:extension base="Narrow"><xs:sequence>
    <xs:element name="Phone" type="xs:string"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
</xs:schema>
"""
TYPED = (
    '<p:Case xmlns:p="urn:partner" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><p:Number>1</p:Number>'
    '<p:Person xsi:type="p:More" ref="a"><p:Name>Sara</p:Name><p:Phone>5</p:Phone></p:Person></p:Case>'
)


@pytest.mark.parametrize("declared", ["Narrow", "Wide"])
def test_what_a_type_named_by_the_document_adds_is_seen(tmp_path: Path, declared: str) -> None:
    """xsi:type lets in what the element's own type does not have, also through a restriction in between."""
    schema = DERIVED.replace('type="Narrow"', f'type="{declared}"')
    mapping = f'root: p:Case\n{FIELDS}ignores: {{p:Person/p:Name: "the reference is enough"}}\n'
    (record,) = Bench(tmp_path, schema=schema, canonical=canonical(), mapping=mapping, directions=READ).read(TYPED)
    assert dict(record.dropped) == {"p:Case/p:Person/{urn:partner}Phone": 1}


def test_an_element_that_blocks_extension_is_closed(tmp_path: Path) -> None:
    """Nothing can come then, and the validator says so."""
    schema = DERIVED.replace('type="Narrow"', 'type="Narrow" block="extension"')
    mapping = f'root: p:Case\n{FIELDS}ignores: {{p:Person/p:Name: "the reference is enough"}}\n'
    bench = Bench(tmp_path, schema=schema, canonical=canonical(), mapping=mapping, directions=READ)
    assert bench.contract.problems(bench.contract.parse(TYPED.encode())) != ()
    assert [shape.open for shape in bench.contract.shape.children[0].children] == [False, False]


SOMETIMES = {
    "patternProperties": '"additionalProperties": false, "patternProperties": {"^x-": {"type": "string"}}',
    "then": '"unevaluatedProperties": false, "if": {"required": ["no"]}, "then": {"properties": {"x-a": true}}',
    "dependentSchemas": '"unevaluatedProperties": false, "dependentSchemas": {"no": {"properties": {"x-a": true}}}',
    "nested": '"unevaluatedProperties": false, "if": true, "then": {"allOf": [{"properties": {"x-a": true}}]}',
}


@pytest.mark.parametrize("name", SOMETIMES)
def test_properties_without_a_name_of_their_own_are_seen(tmp_path: Path, name: str) -> None:
    """What only a pattern or a condition lets in is no field that a mapping could be asked for."""
    schema = f'{{"type": "object", "properties": {{"no": {{"type": "string"}}}}, {SOMETIMES[name]}}}'
    bench = Bench(
        tmp_path, schema=schema, canonical=canonical(), format="json", mapping="fields: {number: no}", directions=READ
    )
    (record,) = bench.read('{"no": "1", "x-a": "5"}')
    assert dict(record.dropped) == {"/x-a": 1}


def test_a_condition_on_known_properties_opens_nothing(tmp_path: Path) -> None:
    """The usual `then` narrows what is there anyway."""
    schema = """{"type": "object", "properties": {"no": {"type": "string"}}, "additionalProperties": false,
        "if": {"required": ["no"]}, "then": {"properties": {"no": {"minLength": 1}}}}"""
    bench = Bench(
        tmp_path, schema=schema, canonical=canonical(), format="json", mapping="fields: {number: no}", directions=READ
    )
    assert not bench.contract.shape.open
