"""A small sound site to break: an office that sends and receives notes as JSON, an archive that receives XML."""

from __future__ import annotations

import json
from pathlib import Path

TYPE = "type: note\n"
READS = "mappings/office/note.yaml"
WRITES = "mappings/archive/note.yaml"
IN = "mappings/office/examples/a-note"
OUT = "mappings/archive/examples/a-note"

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string", "minLength": 1, "maxLength": 60}
_NUMBER = {"type": "string", "pattern": "^N-[0-9]{3}$"}
_ID = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_.-]*$", "maxLength": 64}


def _object(required: list[str], **properties: object) -> dict[str, object]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


_SEX = {"type": "string", "enum": ["m", "f"]}
_COUNT = {"type": "integer", "minimum": 1, "maximum": 9}
_CANONICAL = {
    "$schema": _DIALECT,
    "x-type": "note",
    "x-version": 1,
    "x-case": {"case": "number"},
    **_object(
        ["number", "stage"],
        number=_NUMBER,
        stage={"type": "string", "enum": ["open", "closed"]},
        place=_object([], name=_TEXT, sealed={"type": "boolean"}),
        persons={
            "type": "array",
            "minItems": 1,
            "items": _object(["id"], id={**_ID, "x-free": True}, name=_TEXT, sex=_SEX),
        },
        accused={
            "type": "array",
            "minItems": 1,
            "items": _object(["personId", "count"], personId={**_ID, "x-ref": "persons[]"}, count=_COUNT),
        },
        text=_TEXT,
    ),
}
_AGENCY = {
    "$schema": _DIALECT,
    **_object(
        ["no", "state"],
        no=_NUMBER,
        state={"type": "string", "enum": ["O", "C"]},
        place=_object([], name=_TEXT, sealed={"type": "boolean"}),
        people={"type": "array", "items": _object(["key"], key=_ID, name=_TEXT, sex={"enum": ["M", "F"]})},
        accused={"type": "array", "items": _object(["key", "count"], key=_ID, count=_COUNT)},
        text=_TEXT,
    ),
}
_XSD = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:a" xmlns="urn:a"
    elementFormDefault="qualified">
  <xs:simpleType name="Text"><xs:restriction base="xs:string"><xs:minLength value="1"/><xs:maxLength value="60"/>
    </xs:restriction></xs:simpleType>
  <xs:simpleType name="No"><xs:restriction base="xs:string"><xs:pattern value="N-[0-9]{3}"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="Stage"><xs:restriction base="xs:string"><xs:enumeration value="1"/><xs:enumeration value="2"/>
    </xs:restriction></xs:simpleType>
  <xs:simpleType name="Count"><xs:restriction base="xs:int"><xs:minInclusive value="1"/><xs:maxInclusive value="9"/>
    </xs:restriction></xs:simpleType>
  <xs:element name="Note"><xs:complexType><xs:sequence>
    <xs:element name="No" type="No"/>
    <xs:element name="Stage" type="Stage"/>
    <xs:element name="PlaceName" minOccurs="0" type="Text"/>
    <xs:element name="Sealed" minOccurs="0" type="xs:boolean"/>
    <xs:element name="Person" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Name" minOccurs="0" type="Text"/>
      </xs:sequence><xs:attribute name="id" type="xs:ID" use="required"/></xs:complexType></xs:element>
    <xs:element name="Accused" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Count" type="Count"/>
      </xs:sequence><xs:attribute name="ref" type="xs:IDREF" use="required"/></xs:complexType></xs:element>
    <xs:element name="Text" minOccurs="0" type="Text"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
_OFFICE = """\
message: note
agency: office
fields:
  number: "no"
  stage: {at: state, codes: office-stage}
  place.name: place/name
  place.sealed: place/sealed
  persons[]: {at: people, id: key, fields: {name: name, sex: {at: sex, codes: office-sex}}}
  accused[]: {at: accused, fields: {personId: {ref: key, to: "persons[]"}, count: count}}
  text: text
"""
_ARCHIVE = """\
message: note
agency: archive
root: a:Note
fields:
  number: a:No
  stage: {at: a:Stage, codes: archive-stage}
  place.name: a:PlaceName
  place.sealed: a:Sealed
  persons[]: {at: a:Person, id: "@id", fields: {name: a:Name}}
  accused[]: {at: a:Accused, fields: {personId: {ref: "@ref", to: "persons[]"}, count: a:Count}}
  text: a:Text
drops: {"persons[].sex": "the archive does not ask"}
"""
_RECEIVES = 'may: receive, type: note, fields: ["*"], purpose: test'
_FILES = {
    "schemas/canonical/note.v1.json": json.dumps(_CANONICAL, indent=1),
    "schemas/agencies/office/note.json": json.dumps(_AGENCY, indent=1),
    "schemas/agencies/archive/note.xsd": _XSD,
    "connectors/agencies/office/agency.yaml": (
        "agency: office\nname: {en: Office}\nceiling: SECRET\ndocuments:\n  note: {format: json, schema: note.json}\n"
        "accepts:\n  rest: {credential: key, types: [note]}\ndelivers: {transport: memory, endpoint: here}\n"
    ),
    "connectors/agencies/archive/agency.yaml": (
        "agency: archive\nname: {en: Archive}\nceiling: SECRET\nnamespaces: {a: 'urn:a'}\ndocuments:\n"
        "  note: {format: xml, schema: note.xsd}\ndelivers: {transport: memory, endpoint: here}\n"
    ),
    "connectors/agencies/office/access.yaml": (
        f"agency: office\ngrants:\n  - {{rule: O-1, may: send, type: note}}\n  - {{rule: O-2, {_RECEIVES}}}\n"
    ),
    "connectors/agencies/archive/access.yaml": f"agency: archive\ngrants:\n  - {{rule: A-1, {_RECEIVES}}}\n",
    "mappings/office/note.yaml": _OFFICE,
    "mappings/archive/note.yaml": _ARCHIVE,
    "mappings/codes/office-stage.csv": "partner,canonical,note\nO,open,\nC,closed,\n",
    "mappings/codes/office-sex.csv": "partner,canonical,note\nM,m,\nF,f,\n",
    "mappings/codes/archive-stage.csv": "partner,canonical,note\n1,open,\n2,closed,\n",
}
_DOCUMENT = {
    "no": "N-007",
    "state": "O",
    "place": {"name": "مكة", "sealed": False},
    "people": [{"key": "p1", "name": "سالم", "sex": "M"}],
    "accused": [{"key": "p1", "count": 2}],
    "text": "a note",
}


def small_site(folder: Path) -> Path:
    """The site, ready to be changed."""
    site = folder / "site"
    for name, text in _FILES.items():
        add(site, name, text)
    return site


def with_examples(site: Path) -> Path:
    """The same with examples whose expected files do not exist yet."""
    add(site, f"{IN}/input.json", json.dumps(_DOCUMENT, ensure_ascii=False, indent=1))
    add(site, f"{IN}/example.yaml", f"{TYPE}direction: in\n")
    add(site, f"{OUT}/example.yaml", f"{TYPE}direction: out\nrule: A-1\nmessage: {{source: office}}\n")
    return site


def add(site: Path, name: str, text: str) -> None:
    """Write one file."""
    (site / name).parent.mkdir(parents=True, exist_ok=True)
    (site / name).write_text(text, encoding="utf-8")


def change(site: Path, name: str, old: str, new: str) -> None:
    """Replace a text that stands once in a file."""
    text = (site / name).read_text(encoding="utf-8")
    assert text.count(old) == 1, (name, old)
    (site / name).write_text(text.replace(old, new), encoding="utf-8")
