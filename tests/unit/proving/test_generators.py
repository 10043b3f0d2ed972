"""The generators: documents that satisfy a schema, with what is awkward in it, and the same again for the same seed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from lxml import etree

from hub.formats.delimited import DelimitedContract
from hub.formats.padding import Padding
from hub.formats.xml import XmlContract
from hub.formats.xml_files import load_schema_files
from hub.proving.json_cases import JsonCases
from hub.proving.values import Values, fits
from hub.proving.xsd_cases import XsdCases
from hub.schema.json_schema import SchemaSet
from hub.schema.shape import ValueType

TEXT = {"type": "string", "minLength": 1}
ITEM = {"type": "object", "additionalProperties": False, "required": ["id"]}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["kind"],
    "properties": {
        "kind": {"type": "string", "enum": ["full", "empty"]},
        "number": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
        "count": {"type": "integer", "minimum": 1, "maximum": 3},
        "persons": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "items": {**ITEM, "properties": {"id": TEXT, "name": TEXT}},
        },
        "roles": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["personId"],
                "properties": {"personId": {**TEXT, "x-ref": "persons[]"}, "note": TEXT},
            },
        },
    },
    "if": {"properties": {"kind": {"const": "full"}}},
    "then": {"required": ["number"]},
    "else": {"properties": {"persons": False, "roles": False}},
}
XSD = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:p" xmlns="urn:p"
    elementFormDefault="qualified">
  <xs:element name="Thing" abstract="true" type="xs:string"/>
  <xs:element name="Knife" substitutionGroup="Thing" type="xs:string"/>
  <xs:element name="Gun" substitutionGroup="Thing" type="xs:string"/>
  <xs:simpleType name="No"><xs:restriction base="xs:string"><xs:pattern value="[0-9]{4}/[A-F]{2}"/>
    </xs:restriction></xs:simpleType>
  <xs:complexType name="Base"><xs:sequence><xs:element name="No" type="No"/></xs:sequence>
    <xs:attribute name="id" type="xs:ID" use="required"/></xs:complexType>
  <xs:element name="Case"><xs:complexType><xs:sequence>
    <xs:element name="Part" maxOccurs="unbounded"><xs:complexType><xs:complexContent><xs:extension base="Base">
      <xs:sequence>
        <xs:choice><xs:sequence><xs:element name="A" type="xs:date"/><xs:element name="B" type="xs:int"/></xs:sequence>
          <xs:element name="C" type="xs:boolean"/></xs:choice>
        <xs:element ref="Thing" minOccurs="0" maxOccurs="2"/>
        <xs:element name="To" minOccurs="0"><xs:complexType><xs:attribute name="ref" type="xs:IDREF" use="required"/>
          </xs:complexType></xs:element>
      </xs:sequence></xs:extension></xs:complexContent></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""


def made(make: Callable[[Any], Any], cases: int = 80, number: int = 1) -> list[Any]:
    """What a generator makes in some cases."""
    found = []

    @seed(number)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    @given(st.data())
    def run(data: Any) -> None:
        found.append(make(data.draw))

    run()
    return found


def json_cases(folder: Path) -> JsonCases:
    path = folder / "thing.json"
    path.write_text(json.dumps(SCHEMA), encoding="utf-8")
    return JsonCases(SchemaSet(path, folder, ""))


def test_every_json_document_is_valid(tmp_path: Path) -> None:
    """Types, patterns, ranges and list lengths are kept."""
    cases = json_cases(tmp_path)
    validator = SchemaSet(tmp_path / "thing.json", tmp_path, "").validator()
    assert all(validator.is_valid(document) for document in made(cases.document))


def test_conditions_are_kept_in_both_branches(tmp_path: Path) -> None:
    """What ``then`` requires is there, what ``else`` forbids is not."""
    documents = made(json_cases(tmp_path).document)
    full = [document for document in documents if document["kind"] == "full"]
    empty = [document for document in documents if document["kind"] == "empty"]
    assert full
    assert empty
    assert all("number" in document for document in full)
    assert not any({"persons", "roles"} & document.keys() for document in empty)


def test_links_name_what_is_there_and_some_share_it(tmp_path: Path) -> None:
    """No link dangles; shared persons, persons without roles and full lists occur."""
    documents = [document for document in made(json_cases(tmp_path).document, 150) if "persons" in document]
    shared = alone = full = 0
    for document in documents:
        ids = [person["id"] for person in document["persons"]]
        links = [role["personId"] for role in document.get("roles", ())]
        assert set(links) <= set(ids)
        assert len(set(ids)) == len(ids)
        shared += len(links) > len(set(links))
        alone += bool(set(ids) - set(links))
        full += len(ids) == 3
    assert min(shared, alone, full) > 0


def test_the_same_seed_makes_the_same_documents(tmp_path: Path) -> None:
    """And another seed makes others."""
    cases = json_cases(tmp_path)
    assert made(cases.document, 20, 7) == made(cases.document, 20, 7)
    assert made(cases.document, 20, 7) != made(cases.document, 20, 8)


def test_every_xml_document_is_valid(tmp_path: Path) -> None:
    """Choices of sequences, substitutes, extensions, patterns: the validator finds nothing."""
    path = tmp_path / "case.xsd"
    path.write_text(XSD, encoding="utf-8")
    files = load_schema_files(path, tmp_path, "")
    cases = XsdCases([(file.root, file.namespace) for file in files], "{urn:p}Case")
    contract, documents = XmlContract(path, {"p": "urn:p"}), made(cases.document)
    assert [problem for body in documents for problem in contract.problems(contract.parse(body))] == []
    names = {etree.QName(element).localname for body in documents for element in etree.fromstring(body).iter()}
    assert names == {"Case", "Part", "No", "A", "B", "C", "Knife", "Gun", "To"}


def test_references_of_xml_name_ids_that_are_there(tmp_path: Path) -> None:
    """An IDREF names an ID of the same document."""
    path = tmp_path / "case.xsd"
    path.write_text(XSD, encoding="utf-8")
    files = load_schema_files(path, tmp_path, "")
    cases = XsdCases([(file.root, file.namespace) for file in files], "{urn:p}Case")
    references = 0
    for body in made(cases.document):
        root = etree.fromstring(body)
        ids, links = root.xpath("//@id"), root.xpath("//@ref")
        assert set(links) <= set(ids)
        references += len(links)
    assert references > 0


def test_every_value_keeps_its_type() -> None:
    """Lengths, patterns and codes of texts; bounds of numbers."""
    text = ValueType(patterns=("^[A-Z]+[0-9]?$",), min_length=2, max_length=4)
    assert all(fits(text, value) for value in made(lambda draw: draw(Values().of(text))))
    number = ValueType("integer", minimum="-3", maximum="9223372036854775807", json="integer")
    assert all(-3 <= value <= 2**63 - 1 for value in made(lambda draw: draw(Values().of(number))))


def test_a_text_of_the_greatest_length_is_tried() -> None:
    """What overflows a receiver is found."""
    found = made(lambda draw: draw(Values().of(ValueType(min_length=1, max_length=60))), 200)
    assert {len(value) for value in found} >= {60}


def test_tables_keep_their_columns(tmp_path: Path) -> None:
    """Column types give cells that the layout takes."""
    path = tmp_path / "a.layout.yaml"
    path.write_text(
        'format: delimited\nencoding: utf-8\nseparator: ";"\ncolumns:\n'
        '  - {name: No, required: true, pattern: "[0-9]{3}", type: string}\n  - {name: When, type: date}\n',
        encoding="utf-8",
    )
    contract = DelimitedContract(path, "a.layout.yaml")
    columns = contract.shape.children[0].children
    values = Values(as_text=True)
    rows = made(lambda draw: {column.name: draw(values.of(column.value)) for column in columns if column.value})
    assert contract.render({"rows": rows})


def test_columns_of_fixed_width_hold_words() -> None:
    """Not what a pattern of their edges alone would give, which few encodings have; numbers are no wider than they."""
    text = ValueType(patterns=(Padding().edge,), max_length=12)
    found = made(lambda draw: draw(Values(as_text=True).of(text)), 100)
    assert all(fits(text, value) for value in found)
    assert {"محمد", "a b"} <= set(found)
    assert all(value.replace("٣", "").replace("١٢", "").encode("cp1256") is not None for value in found)
    number = ValueType("integer", max_length=3)
    assert max(len(value) for value in made(lambda draw: draw(Values(as_text=True).of(number)), 100)) == 3
