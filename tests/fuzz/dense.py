"""A small site with one of everything that a mapping can say: choices, slots, nesting, filters, converters, a table."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.proving.small import add

_TEXT = {"type": "string", "minLength": 1, "maxLength": 30}
_ID = {"type": "string", "pattern": "^[a-z][a-z0-9.-]{0,15}$"}
_ROLE = {"type": "string", "enum": ["victim", "suspect", "other"]}


def _object(required: list[str], **properties: object) -> dict[str, object]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _list(items: object, **more: object) -> dict[str, object]:
    return {"type": "array", "minItems": 1, "items": items, **more}


_MOMENT = "^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
_LINK = {**_ID, "x-ref": "persons[]"}
_CANONICAL = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "x-type": "case",
    "x-version": 1,
    "x-case": {"case": "number"},
    **_object(
        ["number", "kind", "at"],
        number={"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
        kind={"type": "string", "enum": ["theft", "fraud", "arson"]},
        at={
            "type": "string",
            "format": "date-time",
            "pattern": _MOMENT,
        },
        day=_object(
            ["date"],
            date={"type": "string", "format": "date", "pattern": "^20[0-9]{2}-[0-9]{2}-[0-9]{2}$"},
            calendar={"type": "string", "enum": ["gregorian", "hijri"], "x-free": True},
            text={**_TEXT, "x-free": True},
        ),
        time={"type": "string", "pattern": "^[01][0-9]:[0-5][0-9]:[0-5][0-9]$"},
        amount={"type": "number", "minimum": 0, "maximum": 9999},
        urgent={"type": "boolean"},
        tags=_list({"type": "string", "pattern": "^[a-z]{1,8}$"}, maxItems=3),
        place=_object(["city"], city=_TEXT, street=_TEXT),
        persons=_list(
            _object(
                ["id", "name"],
                id={**_ID, "x-free": True},
                name=_TEXT,
                sex={"type": "string", "enum": ["m", "f"]},
                phones=_list({"type": "string", "pattern": "^[0-9]{4,9}$"}),
                papers=_list(_object(["type", "no"], type={"type": "string", "enum": ["nin", "pass"]}, no=_TEXT)),
            )
        ),
        parties=_list(_object(["personId", "role"], personId=_LINK, role=_ROLE, harm=_TEXT)),
        witnesses=_list(_object(["personId"], personId=_LINK, said=_TEXT)),
        text={**_TEXT, "maxLength": 200},
    ),
}
_PERSON = _object(
    ["name"],
    name=_TEXT,
    gender={"enum": ["M", "F"]},
    tel=_list({"type": "string", "maxLength": 9}),
    docs=_list(_object(["kind", "no"], kind={"enum": ["NIN", "PASS"]}, no=_TEXT)),
)
_JSON = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_object(
        ["no", "type", "moment"],
        no={"type": "string", "maxLength": 7},
        type={"enum": ["T", "F", "A"]},
        moment={"type": "string", "format": "date-time"},
        day={"type": "string", "format": "date"},
        clock={"type": "string", "maxLength": 8},
        amount={"type": "number"},
        urgent={"enum": ["Y", "N"]},
        tags={"type": "string", "minLength": 1},
        city=_TEXT,
        street=_TEXT,
        victims=_list(_object(["person"], person=_PERSON, harm=_TEXT)),
        suspects=_list(_object(["person"], person=_PERSON, harm=_TEXT)),
        others=_list(_object(["person"], person=_PERSON, harm=_TEXT)),
        witnesses=_list(_object(["person"], person=_PERSON, said=_TEXT)),
        text={"type": "string", "minLength": 1, "maxLength": 200},
    ),
}
_XSD = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:c" xmlns="urn:c" xmlns:c="urn:c"
    elementFormDefault="qualified">
  <xs:simpleType name="Text"><xs:restriction base="xs:string"><xs:minLength value="1"/><xs:maxLength value="30"/>
    </xs:restriction></xs:simpleType>
  <xs:simpleType name="Kind"><xs:restriction base="xs:string"><xs:enumeration value="10"/><xs:enumeration value="20"/>
    <xs:enumeration value="30"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Role"><xs:restriction base="xs:string"><xs:enumeration value="V"/><xs:enumeration value="S"/>
    </xs:restriction></xs:simpleType>
  <xs:complexType name="Person"><xs:sequence>
    <xs:element name="Role" type="Role"/>
    <xs:element name="Name" type="Text"/>
    <xs:element name="Sex" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
      <xs:enumeration value="1"/><xs:enumeration value="2"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="Phone" minOccurs="0" maxOccurs="2" type="Text"/>
    <xs:element name="Nin" minOccurs="0" type="Text"/>
    <xs:element name="Passport" minOccurs="0" type="Text"/>
    <xs:element name="Harm" minOccurs="0" type="Text"/>
  </xs:sequence><xs:attribute name="juv" type="xs:boolean"/></xs:complexType>
  <xs:element name="Batch"><xs:complexType><xs:sequence>
    <xs:element name="Head"><xs:complexType><xs:sequence><xs:element name="Sent" type="xs:dateTime"/>
      <xs:element name="Count" type="xs:integer"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="Case" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="No" type="Text"/>
      <xs:element name="Kind" type="Kind"/>
      <xs:choice minOccurs="0"><xs:element name="Day" type="xs:date"/><xs:element name="Clock" type="xs:time"/>
        </xs:choice>
      <xs:element name="At" type="xs:dateTime"/>
      <xs:element name="Amount" minOccurs="0" type="xs:decimal"/>
      <xs:element name="Urgent" minOccurs="0" type="xs:boolean" nillable="true"/>
      <xs:element name="Tag" minOccurs="0" maxOccurs="3" type="xs:token"/>
      <xs:element name="Place" minOccurs="0"><xs:complexType><xs:sequence><xs:element name="City" type="Text"/>
        <xs:element name="Street" minOccurs="0" type="Text"/></xs:sequence></xs:complexType></xs:element>
      <xs:element name="Person" minOccurs="0" maxOccurs="unbounded" type="Person"/>
      <xs:element name="Text" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string"><xs:maxLength value="100"/>
        </xs:restriction></xs:simpleType></xs:element>
    </xs:sequence><xs:attribute name="v" type="xs:string" use="required"/></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
_INSIDE = (
    'name: name, sex: {at: gender, codes: bank-sex}, "phones[]": tel,'
    ' "papers[]": {at: docs, fields: {type: {at: kind, codes: bank-paper}, "no": "no"}}'
)
_PARTY = f'{{personId: {{follow: person, to: "persons[]", fields: {{{_INSIDE}}}}}, harm: harm}}'
_BANK = f"""\
message: case
agency: bank
fields:
  number: "no"
  kind: {{at: type, codes: bank-kind}}
  at: {{at: moment, as: date-time, zone: UTC}}
  day: {{at: day, as: date}}
  time: {{at: clock, as: time, format: "HH:mm:ss"}}
  amount: amount
  urgent: {{at: urgent, as: boolean, true: Y, false: N}}
  tags[]: {{at: tags, as: joined, separator: ","}}
  place: {{fields: {{city: city, street: street}}}}
  parties[]:
    - {{at: victims, is: {{role: victim}}, fields: {_PARTY}}}
    - {{at: suspects, is: {{role: suspect}}, fields: {_PARTY}}}
    - {{at: others, is: {{role: other}}, fields: {_PARTY}}}
  witnesses[]:
    at: witnesses
    fields: {{personId: {{follow: person, to: "persons[]", fields: {{{_INSIDE}}}}}, said: said}}
  text: text
unlinked: {{"persons[]": {{drops: "a person without a part is none here"}}}}
"""
_NESTED = """\
          name: c:Name
          sex: {at: c:Sex, codes: court-sex}
          phones[]: {at: c:Phone, too-many: drop}
          papers[]:
            - {is: {type: nin}, too-many: drop, fields: {no: c:Nin}}
            - {is: {type: pass}, too-many: drop, fields: {no: c:Passport}}
"""
_COURT = f"""\
message: case
agency: court
root: c:Batch/c:Case
fields:
  number: c:No
  kind: {{at: c:Kind, codes: court-kind}}
  at: {{at: c:At, as: date-time, zone: Asia/Riyadh}}
  day: {{at: c:Day, as: date}}
  time: {{at: c:Clock, unless: day}}
  amount: c:Amount
  urgent: {{at: c:Urgent, absent: {{read: [nil], write: nil}}}}
  tags[]: c:Tag
  place: {{at: c:Place, fields: {{city: c:City, street: c:Street}}}}
  parties[]:
    at: c:Person
    fields:
      role: {{at: c:Role, codes: court-role, else: {{write: S}}}}
      harm: c:Harm
      personId:
        follow: "."
        to: "persons[]"
        fields:
{_NESTED}  text: {{at: c:Text, too-long: cut}}
constants:
  "@v": "1"
  /c:Batch/c:Head/c:Sent: $parcel.time
  /c:Batch/c:Head/c:Count: $parcel.count
drops: {{witnesses: "the court hears them itself"}}
unlinked: {{"persons[]": {{drops: "a person without a part is none here"}}}}
"""
_LAYOUT = """\
format: delimited
encoding: utf-8
separator: ";"
quote: '"'
newline: lf
header: true
columns:
  - {name: no, required: true, max-length: 7}
  - {name: kind, required: true, codes: [THE, FRA, ARS]}
  - {name: at, required: true, pattern: "[0-9]{14}", type: string}
  - {name: city, max-length: 30}
  - {name: v1name, max-length: 30}
  - {name: v1sex, codes: [M, F]}
  - {name: v2name, max-length: 30}
  - {name: v2sex, codes: [M, F]}
  - {name: text, max-length: 200}
"""
_TRADE = """\
message: case
agency: trade
root: rows[]
absent: {read: [""], write: empty}
fields:
  number: "no"
  kind: {at: kind, codes: trade-kind}
  at: {at: at, as: local-time, format: yyyyMMddHHmmss, zone: UTC}
  place.city: city
  witnesses[]:
    too-many: drop
    fields: {personId: {follow: ".", to: "persons[]", fields: {name: v#name, sex: {at: v#sex, codes: bank-sex}}}}
  text: text
unlinked: {"persons[]": refuse}
drops:
  day: no column
  time: no column
  amount: no column
  urgent: no column
  tags: no column
  place.street: no column
  parties: no column
  "persons[].phones": no column
  "persons[].papers": no column
  "witnesses[].said": no column
"""
_GRANT = 'may: receive, type: case, fields: ["*"], purpose: test'


def _agency(name: str, document: str, more: str = "", accepts: str = "") -> str:
    return (
        f"agency: {name}\nname: {{en: {name}}}\nceiling: SECRET\n{more}documents:\n  case: {document}\n{accepts}"
        "delivers: {transport: memory, endpoint: here}\n"
    )


_IN = "accepts:\n  rest: {credential: key, types: [case]}\n"
_FILES = {
    "schemas/canonical/case.v1.json": json.dumps(_CANONICAL, indent=1),
    "schemas/agencies/bank/case.json": json.dumps(_JSON, indent=1),
    "schemas/agencies/court/case.xsd": _XSD,
    "schemas/agencies/trade/case.layout.yaml": _LAYOUT,
    "connectors/agencies/bank/agency.yaml": _agency("bank", "{format: json, schema: case.json}", accepts=_IN),
    "connectors/agencies/court/agency.yaml": _agency(
        "court", "{format: xml, schema: case.xsd}", "namespaces: {c: 'urn:c'}\n"
    ),
    "connectors/agencies/trade/agency.yaml": _agency("trade", "{format: delimited, schema: case.layout.yaml}"),
    "connectors/agencies/bank/access.yaml": (
        f"agency: bank\ngrants:\n  - {{rule: B-1, may: send, type: case}}\n  - {{rule: B-2, {_GRANT}}}\n"
    ),
    "connectors/agencies/court/access.yaml": f"agency: court\ngrants:\n  - {{rule: C-1, {_GRANT}}}\n",
    "connectors/agencies/trade/access.yaml": f"agency: trade\ngrants:\n  - {{rule: T-1, {_GRANT}}}\n",
    "mappings/bank/case.yaml": _BANK,
    "mappings/court/case.yaml": _COURT,
    "mappings/trade/case.yaml": _TRADE,
    "mappings/codes/bank-kind.csv": "partner,canonical,note\nT,theft,\nF,fraud,\nA,arson,\n",
    "mappings/codes/bank-sex.csv": "partner,canonical,note\nM,m,\nF,f,\n",
    "mappings/codes/bank-paper.csv": "partner,canonical,note\nNIN,nin,\nPASS,pass,\n",
    "mappings/codes/court-kind.csv": "partner,canonical,note\n10,theft,\n20,fraud,\n30,arson,\n",
    "mappings/codes/court-role.csv": "partner,canonical,note\nV,victim,\nS,suspect,\n",
    "mappings/codes/court-sex.csv": "partner,canonical,note\n1,m,\n2,f,\n",
    "mappings/codes/trade-kind.csv": "partner,canonical,note\nTHE,theft,\nFRA,fraud,\nARS,arson,\n",
}


def dense_site(folder: Path) -> Path:
    """The site, ready to be changed."""
    site = folder / "site"
    for name, text in _FILES.items():
        add(site, name, text)
    return site
