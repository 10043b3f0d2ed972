"""Reading: what a document says becomes canonical records, and what is wrong with it is told in the sender's terms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.errors import Problem
from tests.unit.mapping.workbench import Bench, list_of, object_of, reference, text

READ = frozenset({"read"})
CANONICAL = object_of(
    ["number"],
    number=text(),
    sex=text(enum=["female", "male"]),
    count={"type": "integer"},
    sealed={"type": "boolean"},
    persons=list_of(object_of(["id"], id=text(), name=text(), age={"type": "integer"})),
    accused=list_of(object_of(personId=reference("persons[]"), stage=text())),
    witnesses=list_of(object_of(personId=reference("persons[]"))),
)
XSD = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner" xmlns="urn:partner"
    elementFormDefault="qualified">
  <xs:complexType name="Role"><xs:sequence>
    <xs:element name="Stage" minOccurs="0" type="xs:string"/>
    <xs:element name="Name" minOccurs="0" type="xs:string" nillable="true"/>
    <xs:element name="Age" minOccurs="0" type="xs:token"/>
    <xs:any minOccurs="0" maxOccurs="unbounded" namespace="##other" processContents="lax"/>
  </xs:sequence><xs:attribute name="key" type="xs:string"/></xs:complexType>
  <xs:element name="Batch"><xs:complexType><xs:sequence>
    <xs:element name="Sender" minOccurs="0" type="xs:string"/>
    <xs:element name="Case" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Number" minOccurs="0" type="xs:string"/>
      <xs:element name="Sex" minOccurs="0" maxOccurs="unbounded" type="xs:string"/>
      <xs:element name="Count" minOccurs="0" type="xs:string"/>
      <xs:element name="Sealed" minOccurs="0" type="xs:boolean"/>
      <xs:element name="Role" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:complexContent>
        <xs:extension base="Role"><xs:attribute name="kind" type="xs:string"/></xs:extension>
      </xs:complexContent></xs:complexType></xs:element>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
PERSON = '{follow: ., to: "persons[]", id: "@key", fields: {name: p:Name, age: p:Age}}'
MAPPING = f"""
root: p:Batch/p:Case
identity: [number, $partner.sender]
absent: {{read: ["", "-"]}}
fields:
  number: p:Number
  $partner.sender: /p:Batch/p:Sender
  sex: {{at: p:Sex, codes: sex, pick: first}}
  count: p:Count
  sealed: p:Sealed
  accused[]: {{at: p:Role, where: {{"@kind": A}}, fields: {{stage: p:Stage, personId: {PERSON}}}}}
  witnesses[]: {{at: p:Role, where: {{"@kind": W}}, fields: {{personId: {PERSON}}}}}
ignores: {{p:Role/p:Stage: "witnesses have none"}}
"""
CODES = {"sex": "F,female,\nM,male,\n"}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, schema=XSD, canonical=CANONICAL, mapping=MAPPING, codes=CODES, directions=READ)


def batch(*cases: str, sender: str = "") -> str:
    inside = "".join(f"<Case>{case}</Case>" for case in cases)
    return f'<Batch xmlns="urn:partner">{sender}{inside}</Batch>'


def problem(bench: Bench, *cases: str) -> Problem:
    (found,) = [problem for record in bench.read(batch(*cases)) for problem in record.problems]
    return found


def test_each_case_of_a_batch_is_a_record_with_what_the_document_says_once(bench: Bench) -> None:
    """Records come in document order; an absolute path is read for each of them."""
    records = bench.read(batch("<Number>1</Number>", "<Number>2</Number>", sender="<Sender>S</Sender>"))
    assert [(record.record, record.data, record.partner) for record in records] == [
        (0, {"number": "1"}, {"sender": "S"}),
        (1, {"number": "2"}, {"sender": "S"}),
    ]


def test_values_become_what_the_canonical_schema_says(bench: Bench) -> None:
    """Text becomes a number or a boolean where the canonical type is one."""
    data = bench.one(batch("<Number>03</Number><Count>03</Count><Sealed>1</Sealed>"))
    assert data == {"number": "03", "count": 3, "sealed": True}


@pytest.mark.parametrize("nothing", ["", "-"])
def test_spellings_of_nothing_are_absent(bench: Bench, nothing: str) -> None:
    """No empty string and no dash reaches the canonical message."""
    assert bench.one(batch(f"<Number>{nothing}</Number>")) == {}


def test_a_code_outside_the_table_is_refused_where_it_stands(bench: Bench) -> None:
    """The problem names the element with its index, the mapping's line and the code of the error."""
    found = problem(bench, "<Number>1</Number>", "<Number>2</Number><Sex>X</Sex>")
    assert (found.code, found.path, found.record) == ("unmapped-code", "/p:Batch/p:Case[2]/p:Sex[1]", 1)
    assert found.rule == "case.yaml:10"


def test_a_value_that_cannot_be_read_is_refused_inside_the_right_list(bench: Bench) -> None:
    """A role that the list before it skipped still counts in the index."""
    roles = '<Role kind="W"><Name>n</Name></Role><Role kind="A"><Name>m</Name><Age>old</Age></Role>'
    found = problem(bench, f"<Number>1</Number>{roles}")
    assert (found.code, found.path) == ("unreadable-value", "/p:Batch/p:Case[1]/p:Role[2]/p:Age")


def test_only_the_first_is_picked_and_the_others_are_counted(bench: Bench) -> None:
    """What `pick: first` passes over stands in `dropped`."""
    (record,) = bench.read(batch("<Number>1</Number><Sex>F</Sex><Sex>M</Sex><Sex>M</Sex>"))
    assert record.data["sex"] == "female"
    assert record.dropped == {"p:Batch/p:Case/p:Sex": 2}


def test_nested_persons_become_one_list_and_the_same_key_one_person(bench: Bench) -> None:
    """A person who stands in two roles under one key is one person."""
    roles = (
        '<Role kind="A" key="k"><Stage>s</Stage><Name>Nora</Name></Role>'
        '<Role kind="A"><Name>Omar</Name></Role>'
        '<Role kind="W" key="k"><Name>Nora</Name><Age>30</Age></Role>'
    )
    data = bench.one(batch(f"<Number>1</Number>{roles}"))
    assert data["persons"] == [{"id": "k", "name": "Nora", "age": 30}, {"id": "p1", "name": "Omar"}]
    assert data["accused"] == [{"stage": "s", "personId": "k"}, {"personId": "p1"}]
    assert data["witnesses"] == [{"personId": "k"}]


def test_one_key_for_two_persons_is_refused(bench: Bench) -> None:
    """The same key with another name is a contradiction, not a second person."""
    roles = '<Role kind="A" key="k"><Name>Nora</Name></Role><Role kind="W" key="k"><Name>Omar</Name></Role>'
    assert problem(bench, f"<Number>1</Number>{roles}").path == "/p:Batch/p:Case[1]/p:Role[2]"


def test_a_role_of_no_known_kind_is_counted(bench: Bench) -> None:
    """What no list of the mapping takes is not passed over in silence."""
    (record,) = bench.read(batch('<Number>1</Number><Role kind="X"><Name>n</Name></Role>'))
    assert record.dropped == {"p:Batch/p:Case/p:Role": 1}


def test_a_role_of_no_known_kind_is_refused_where_the_mapping_says_so(tmp_path: Path) -> None:
    """`unseen: refuse` makes it the sender's error."""
    bench = Bench(
        tmp_path,
        schema=XSD,
        canonical=CANONICAL,
        mapping="unseen: refuse\n" + MAPPING,
        codes=CODES,
        directions=READ,
    )
    found = problem(bench, '<Number>1</Number><Role kind="X"><Name>n</Name></Role>')
    assert (found.code, found.path) == ("unseen-content", "/p:Batch/p:Case[1]/p:Role[1]")


def test_content_at_an_extension_point_is_counted_by_its_name(bench: Bench) -> None:
    """What xs:any lets in is counted once per element."""
    more = '<x:Hat xmlns:x="urn:other">red</x:Hat>'
    (record,) = bench.read(batch(f'<Number>1</Number><Role kind="A"><Name>n</Name>{more}</Role>'))
    assert record.dropped == {"p:Batch/p:Case/p:Role/{urn:other}Hat": 1}


def test_nil_is_absent(bench: Bench) -> None:
    """xsi:nil is no empty name."""
    nil = '<Name xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'
    data = bench.one(batch(f'<Number>1</Number><Role kind="A"><Stage>s</Stage>{nil}</Role>'))
    assert data == {"number": "1", "accused": [{"stage": "s"}]}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("number", "/p:Batch/p:Case[1]/p:Number"),
        ("persons[0].name", "/p:Batch/p:Case[1]/p:Role[2]/p:Name"),
        ("persons[1].age", "/p:Batch/p:Case[1]/p:Role[3]/p:Age"),
        ("witnesses[0].personId", "/p:Batch/p:Case[1]/p:Role[3]"),
        ("witnesses[0]", "/p:Batch/p:Case[1]/p:Role[3]"),
        ("nothing", None),
    ],
)
def test_a_canonical_place_leads_back_to_the_senders_own(bench: Bench, path: str, expected: str | None) -> None:
    """Filters and nesting shift the indices; with the record the way back is exact."""
    roles = (
        '<Role kind="X"><Name>x</Name></Role><Role kind="A"><Name>a</Name></Role>'
        '<Role kind="W"><Name>w</Name><Age>9</Age></Role>'
    )
    (record,) = bench.read(batch(f"<Number>1</Number>{roles}"))
    assert bench.mapping.origin(path, record) == expected


@pytest.mark.parametrize(
    ("path", "record"),
    [("/p:Batch/p:Case[3]/p:Number", 2), ("/p:Batch/p:Case[1]", 0), ("/p:Batch/p:Sender", None), (None, None)],
)
def test_a_place_of_the_document_belongs_to_a_record_or_to_none(
    bench: Bench, path: str | None, record: int | None
) -> None:
    """Schema errors are told apart by record."""
    assert bench.mapping.record_of(path) == record


LINKS_XSD = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner" xmlns="urn:partner"
    elementFormDefault="qualified">
  <xs:complexType name="Pointer"><xs:attribute name="ref" type="xs:string"/></xs:complexType>
  <xs:complexType name="Item"><xs:attribute name="id" type="xs:string"/></xs:complexType>
  <xs:element name="Case"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="xs:string"/>
    <xs:element name="Person" minOccurs="0" maxOccurs="unbounded" type="Item"/>
    <xs:element name="Accused" minOccurs="0" maxOccurs="unbounded" type="Item"/>
    <xs:element name="Witness" minOccurs="0" maxOccurs="unbounded" type="Item"/>
    <xs:element name="Is" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Role" type="Pointer"/><xs:element name="Person" type="Pointer"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
PAIR = '{via: p:Is, here: p:Role/@ref, there: p:Person/@ref, to: "persons[]"}'
ROLE = object_of(["id"], id=text(), personId=reference("persons[]"))
LINKS = object_of(number=text(), persons=list_of(object_of(id=text())), accused=list_of(ROLE), witnesses=list_of(ROLE))


def linked(folder: Path, body: str) -> tuple[dict[str, Any], list[str | None]]:
    mapping = f"""
root: p:Case
fields:
  number: p:Number
  persons[]: {{at: p:Person, id: "@id", fields: {{}}}}
  accused[]: {{at: p:Accused, id: "@id", fields: {{personId: {PAIR}}}}}
  witnesses[]: {{at: p:Witness, id: "@id", fields: {{personId: {PAIR}}}}}
"""
    bench = Bench(folder, schema=LINKS_XSD, canonical=LINKS, mapping=mapping, directions=READ)
    (record,) = bench.read(f'<Case xmlns="urn:partner"><Number>1</Number>{body}</Case>')
    return record.data, [f"{found.code} {found.path}" for found in record.problems]


def pair(role: str, person: str) -> str:
    return f'<Is><Role ref="{role}"/><Person ref="{person}"/></Is>'


def test_two_lists_share_association_elements(tmp_path: Path) -> None:
    """Each list takes the pairs of its own items, and none is left over."""
    people = '<Person id="p"/><Accused id="a"/><Witness id="w"/>'
    data, problems = linked(tmp_path, people + pair("w", "p") + pair("a", "p"))
    assert problems == []
    assert data["accused"] == [{"id": "a", "personId": "p"}]
    assert data["witnesses"] == [{"id": "w", "personId": "p"}]


def test_references_to_nothing_are_refused_at_both_ends(tmp_path: Path) -> None:
    """An association whose role or whose person is not there points to nothing."""
    people = '<Person id="p"/><Accused id="a"/>'
    _, problems = linked(tmp_path, people + pair("a", "nobody") + pair("nothing", "p"))
    assert sorted(filter(None, problems)) == [
        "dangling-reference /p:Case/p:Is[1]/p:Person/@ref",
        "dangling-reference /p:Case/p:Is[2]/p:Role/@ref",
    ]


def test_one_id_for_two_items_of_a_list_is_refused(tmp_path: Path) -> None:
    """Who is meant by a reference must be certain."""
    _, problems = linked(tmp_path, '<Person id="p"/><Person id="p"/>')
    assert problems == ["unreadable-value /p:Case/p:Person[2]/@id"]


def test_a_json_record_that_breaks_its_schema_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    """Where each record counts for itself, the wrong ones are read too, and must not take the others with them."""
    schema = """{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": {
      "cases": {"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {
        "no": {"type": "string"}, "people": {"type": "array", "items": {"type": "object", "additionalProperties": false,
          "properties": {"name": {"type": "string"}}}}}}}}, "additionalProperties": false}"""
    mapping = "root: cases\nfields: {number: no, 'persons[]': {at: people, fields: {name: name}}}\n"
    bench = Bench(tmp_path, schema=schema, canonical=CANONICAL, mapping=mapping, format="json", directions=READ)
    tree = {"cases": [{"no": "1", "people": ["Nora"]}, {"no": "2"}]}
    wrong, right = bench.mapping.read(tree)
    assert [(found.code, found.path) for found in wrong.problems] == [("schema-violation", "/cases/0")]
    assert (right.problems, right.data) == ((), {"number": "2"})
