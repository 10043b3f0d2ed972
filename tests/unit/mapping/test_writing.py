"""Writing: the schema orders the output, containers appear only with content, and what cannot be said is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from hub.errors import HubError
from hub.mapping.mapping import WriteRecord
from tests.unit.mapping.workbench import Bench, Format, list_of, object_of, reference, text

WRITE = frozenset({"write"})
CANONICAL = object_of(
    ["number"],
    number=text(),
    kind=text(enum=["nin", "iqama", "passport"]),
    value=text(),
    time=text(),
    day=text(),
    note=text(),
    amount={"type": "integer"},
    persons=list_of(object_of(["id"], id=text(), name=text(), role=text())),
    roles=list_of(object_of(kind=text(), personId=reference("persons[]"), personIds=list_of(reference("persons[]")))),
)
XSD = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner" xmlns="urn:partner"
    elementFormDefault="qualified">
  <xs:element name="Batch"><xs:complexType><xs:sequence>
    <xs:element name="Header" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:element name="Count" type="xs:int"/><xs:element name="Day" minOccurs="0" type="xs:string"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="Case" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Id" minOccurs="0" type="xs:string"/>
      <xs:element name="Nin" minOccurs="0" type="xs:string"/>
      <xs:element name="Iqama" minOccurs="0" type="xs:string"/>
      <xs:element name="Money" minOccurs="0"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">
        <xs:attribute name="currency" type="xs:string"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
      <xs:choice minOccurs="0">
        <xs:element name="Date" type="xs:string"/><xs:element name="Time" type="xs:string"/>
      </xs:choice>
      <xs:element name="Note" minOccurs="0" nillable="true"><xs:simpleType><xs:restriction base="xs:string">
        <xs:maxLength value="5"/></xs:restriction></xs:simpleType></xs:element>
      <xs:element name="People" minOccurs="0"><xs:complexType><xs:sequence>
        <xs:element name="Person" minOccurs="0" maxOccurs="2"><xs:complexType><xs:sequence>
          <xs:element name="Name" minOccurs="0" type="xs:string"/></xs:sequence>
          <xs:attribute name="id" type="xs:string"/><xs:attribute name="lang" type="xs:string"/>
        </xs:complexType></xs:element>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="Role" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
        <xs:attribute name="who" type="xs:string"/></xs:complexType></xs:element>
      <xs:element name="Must" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
        <xs:attribute name="who" type="xs:string" use="required"/></xs:complexType></xs:element>
    </xs:sequence><xs:attribute name="version" type="xs:string"/></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""


def bench(folder: Path, fields: str, tail: str = "", schema: str = XSD, format: Format = "xml") -> Bench:
    root = "root: p:Batch/p:Case\n" if format == "xml" else ""
    mapping = (
        f"{root}fields:\n  number: {'p:Id' if format == 'xml' else 'no'}\n{fields}{tail}\ndrops: {{'**': 'a test'}}\n"
    )
    return Bench(folder, schema=schema, canonical=CANONICAL, mapping=mapping, directions=WRITE, format=format)


def written(folder: Path, fields: str, case: dict[str, Any], tail: str = "", **facts: str) -> str:
    output = bench(folder, fields, tail).write({"number": "1"} | case, **facts).decode()
    return output.partition("</p:Id>")[2].partition("</p:Case>")[0]


def refused(folder: Path, fields: str, case: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    with pytest.raises(HubError) as caught:
        bench(folder, fields).write({"number": "1"} | case)
    assert caught.value.code.name == "unwritable-value"
    return [(problem.text, problem.path, problem.rule) for problem in caught.value.problems]


def test_the_schema_orders_the_output(tmp_path: Path) -> None:
    """The mapping names Money before Nin, the document has them the other way round."""
    fields = "  amount: p:Money\n  value: p:Nin\n"
    assert written(tmp_path, fields, {"amount": 5, "value": "x"}) == "<p:Nin>x</p:Nin><p:Money>5</p:Money>"


def test_text_and_attributes_are_escaped(tmp_path: Path) -> None:
    """Markup in values stays text."""
    fields = "  value: p:Nin\n  note: p:Money/@currency\n"
    out = written(tmp_path, fields, {"value": "<a>&", "note": 'a"<\n'})
    assert out == '<p:Nin>&lt;a&gt;&amp;</p:Nin><p:Money currency="a&quot;&lt;&#10;"/>'


def test_a_container_appears_only_with_content(tmp_path: Path) -> None:
    """Without persons there is no People."""
    fields = "  persons[]: {at: p:People/p:Person, too-many: refuse, fields: {name: p:Name}}\n"
    assert written(tmp_path, fields, {}) == ""
    assert written(tmp_path, fields, {"persons": [{"id": "a"}]}) == ""


def test_a_constant_does_not_make_a_container_appear_that_values_go_to(tmp_path: Path) -> None:
    """The currency stands only where there is an amount; a place of nothing but constants always stands."""
    tail = "constants: {p:Money/@currency: SAR, '@version': '2'}"
    assert written(tmp_path, "  amount: p:Money\n", {}, tail) == ""
    out = bench(tmp_path, "  amount: p:Money\n", tail).write({"number": "1", "amount": 5}).decode()
    assert '<p:Case version="2">' in out
    assert '<p:Money currency="SAR">5</p:Money>' in out


def test_a_constant_of_an_item_stands_in_every_item(tmp_path: Path) -> None:
    """Constants may stand inside a list."""
    fields = (
        '  persons[]: {at: p:People/p:Person, too-many: refuse, constants: {"@lang": ar}, fields: {name: p:Name}}\n'
    )
    out = written(tmp_path, fields, {"persons": [{"id": "a", "name": "n"}]})
    assert out == '<p:People><p:Person lang="ar"><p:Name>n</p:Name></p:Person></p:People>'


def test_a_guard_chooses_the_place(tmp_path: Path) -> None:
    """One value goes to one of several places, by another value."""
    fields = "  value: [{at: p:Nin, is: {kind: nin}}, {at: p:Iqama, is: {kind: iqama}}]\n"
    assert written(tmp_path, fields, {"kind": "iqama", "value": "x"}) == "<p:Iqama>x</p:Iqama>"
    problems = refused(tmp_path, fields, {"kind": "passport", "value": "x"})
    assert problems == [("no place of the agency's format takes this value", "value", "case.yaml:6")]


def test_the_rest_may_be_dropped_or_have_its_own_place(tmp_path: Path) -> None:
    """Of several places one may say what happens to what the others do not take."""
    drops = "  value: [{at: p:Nin, is: {kind: nin}}, {drops: only citizens are known there}]\n"
    assert written(tmp_path, drops, {"kind": "passport", "value": "x"}) == ""
    rest = "  value: [{at: p:Nin, is: {kind: nin}}, p:Iqama]\n".replace("p:Iqama", "{at: p:Iqama}")
    assert written(tmp_path, rest, {"kind": "passport", "value": "x"}) == "<p:Iqama>x</p:Iqama>"


def test_unless_keeps_a_choice_of_the_schema(tmp_path: Path) -> None:
    """Where both are known, one is written."""
    fields = "  time: p:Time\n  day: {at: p:Date, unless: time}\n"
    assert written(tmp_path, fields, {"time": "t", "day": "d"}) == "<p:Time>t</p:Time>"
    assert written(tmp_path, fields, {"day": "d"}) == "<p:Date>d</p:Date>"


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("absent: {write: '-'}", "<p:Note>-</p:Note>"),
        ("absent: {write: empty}", "<p:Note></p:Note>"),
        ("absent: {write: nil}", '<p:Note xsi:nil="true"/>'),
        ("default: {write: none}", "<p:Note>none</p:Note>"),
    ],
)
def test_nothing_is_written_as_declared(tmp_path: Path, option: str, expected: str) -> None:
    """`absent` and `default` say what stands where the message has nothing."""
    assert written(tmp_path, f"  note: {{at: p:Note, {option}}}\n", {}) == expected


def test_too_long_is_cut_only_where_that_is_declared(tmp_path: Path) -> None:
    """Five characters fit; without `too-long` the schema refuses the document."""
    assert written(tmp_path, "  note: {at: p:Note, too-long: cut}\n", {"note": "1234567"}) == "<p:Note>12345</p:Note>"
    with pytest.raises(HubError, match="output-invalid"):
        written(tmp_path, "  note: p:Note\n", {"note": "1234567"})


def test_another_value_than_the_only_one_is_refused(tmp_path: Path) -> None:
    """`always`: the agency's format means one value without saying it."""
    assert written(tmp_path, "  kind: {always: nin}\n", {"kind": "nin"}) == ""
    ((text_, path, _),) = refused(tmp_path, "  kind: {always: nin}\n", {"kind": "iqama"})
    assert (text_, path) == ("the agency's format can only mean another value here", "kind")


@pytest.mark.parametrize("too_many", ["refuse", "drop"])
def test_more_items_than_the_schema_allows(tmp_path: Path, too_many: str) -> None:
    """The third of two persons is refused, or dropped where that is declared."""
    fields = f"  persons[]: {{at: p:People/p:Person, too-many: {too_many}, fields: {{name: p:Name}}}}\n"
    case = {"persons": [{"id": name, "name": name} for name in "abc"]}
    if too_many == "refuse":
        assert refused(tmp_path, fields, case)[0][:2] == ("the agency's format has room for 2", "persons[]")
    else:
        assert written(tmp_path, fields, case).count("<p:Person>") == 2


def test_a_link_to_what_is_not_in_the_message_is_pruned_or_refused(tmp_path: Path) -> None:
    """A grant may withhold the target: an optional reference goes, a required one stops the delivery."""
    persons = '  persons[]: {at: p:People/p:Person, id: "@id", too-many: drop, fields: {name: p:Name}}\n'
    case = {"persons": [{"id": "a"}], "roles": [{"personId": "b"}, {"personId": "a"}]}
    optional = '  roles[]: {at: p:Role, fields: {personId: {ref: "@who", to: "persons[]"}}}\n'
    assert written(tmp_path, persons + optional, case).endswith('<p:Role who="a"/>')
    required = optional.replace("p:Role", "p:Must")
    assert refused(tmp_path, persons + required, case)[0][1] == "roles[].personId"


def test_a_parcel_holds_its_records_and_what_is_said_once(tmp_path: Path) -> None:
    """Header facts come from the parcel; a value at an absolute path must be the same in all messages."""
    workbench = bench(
        tmp_path, "  day: /p:Batch/p:Header/p:Day\n", "constants: {/p:Batch/p:Header/p:Count: $parcel.count}"
    )
    out = workbench.write({"number": "1", "day": "d"}, {"number": "2", "day": "d"}).decode()
    assert "<p:Header><p:Count>2</p:Count><p:Day>d</p:Day></p:Header><p:Case><p:Id>1</p:Id>" in out
    with pytest.raises(HubError, match="differ"):
        workbench.write({"number": "1", "day": "d"}, {"number": "2", "day": "e"})


def test_facts_of_the_message_are_written_where_they_are_known(tmp_path: Path) -> None:
    """A missing fact leaves nothing behind."""
    tail = "constants: {p:Nin: $message.partner, p:Iqama: {from: $message.time, as: local-time}}"
    out = written(tmp_path, "", {}, tail, time="2025-03-01T08:00:00Z")
    assert out == "<p:Iqama>2025-03-01T11:00:00</p:Iqama>"


def test_explain_names_line_source_and_converter_of_every_value(tmp_path: Path) -> None:
    """Each output value is told with the mapping's line and the canonical path that it came from."""
    fields = "  persons[]: {at: p:People/p:Person, too-many: drop, fields: {name: {at: p:Name, as: text}}}\n"
    workbench = bench(tmp_path, fields, "constants: {'@version': '2'}")
    record = WriteRecord({"number": "1", "persons": [{"id": "a", "name": "n"}]}, {})
    told = [
        (part.path, part.value, part.line, part.source, part.converter)
        for part in workbench.mapping.explain(record, {})
    ]
    assert ("/p:Batch/p:Case[1]/p:People/p:Person[1]/p:Name", "n", 6, "persons[0].name", "text") in told
    assert ("/p:Batch/p:Case[1]/@version", "2", 7, "constant", "") in told


JSON_SCHEMA = """{
  "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": false,
  "$defs": {
    "pair": {"type": "object", "additionalProperties": false,
      "properties": {"type": {"type": "string"}, "value": {"type": "string"}}},
    "name": {"type": "object", "additionalProperties": false, "properties": {"name": {"type": "string"}}},
    "line": {"type": "object", "additionalProperties": false, "properties": {
      "who": {"type": "string"}, "others": {"type": "array", "items": {"$ref": "#/$defs/name"}}}}
  },
  "properties": {
    "no": {"type": "string"}, "ids": {"type": "array", "items": {"$ref": "#/$defs/pair"}}, "sum": {"type": "string"},
    "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}}, "note": {"type": ["string", "null"]},
    "p1": {"type": "string"}, "p2": {"type": "string"}, "r1": {"type": "string"}, "r2": {"type": "string"}
  }}"""


def tree(folder: Path, fields: str, case: dict[str, Any], tail: str = "") -> Any:
    output = bench(folder, fields, tail, JSON_SCHEMA, "json").write({"number": "1"} | case)
    return {key: value for key, value in orjson.loads(output).items() if key != "no"}


def test_a_key_value_list_is_written_with_its_key(tmp_path: Path) -> None:
    """`where` beside a value is written as well."""
    fields = '  value: {at: "ids[]/value", where: {type: NIN}}\n  note: {at: "ids[]/value", where: {type: IQM}}\n'
    out = tree(tmp_path, fields, {"value": "1", "note": "2"})
    assert out == {"ids": [{"type": "NIN", "value": "1"}, {"type": "IQM", "value": "2"}]}


def test_numbers_become_text_where_the_agency_has_text(tmp_path: Path) -> None:
    """JSON types follow the agency's schema."""
    assert tree(tmp_path, "  amount: sum\n", {"amount": 5}) == {"sum": "5"}


def test_flat_numbered_columns_are_filled_from_the_first(tmp_path: Path) -> None:
    """Slots without an object of their own: every field has its number."""
    fields = '  persons[]: {too-many: refuse, fields: {name: "p#", role: "r#"}}\n'
    case = {"persons": [{"id": "a", "name": "n"}, {"id": "b", "role": "x"}]}
    assert tree(tmp_path, fields, case) == {"p1": "n", "r2": "x"}


def test_links_are_written_as_what_they_point_to(tmp_path: Path) -> None:
    """An agency that nests gets the person inside the role, one or many."""
    fields = (
        "  roles[]: {at: lines, fields: {personId: {follow: ., to: 'persons[]', fields: {name: who}}, "
        "'personIds[]': {follow: others, to: 'persons[]', fields: {name: name}}}}\n"
        "unlinked: {'persons[]': refuse}\n"
    )
    case = {
        "persons": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}],
        "roles": [{"personId": "b", "personIds": ["a", "gone", "b"]}],
    }
    assert tree(tmp_path, fields, case) == {"lines": [{"who": "B", "others": [{"name": "A"}, {"name": "B"}]}]}


NESTED = (
    "  roles[]:\n    - {at: lines, is: {kind: main}, fields: {personId: {follow: ., to: 'persons[]', fields: "
    "{name: who}}}}\n    - {drops: other roles}\n"
)


def test_an_item_that_nothing_links_to_is_dropped_or_refused(tmp_path: Path) -> None:
    """As the file says; a role that is itself not written does not count."""
    persons = [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]
    refuse = "unlinked: {'persons[]': refuse}"
    roles = [{"personId": "a", "kind": "main"}, {"personId": "b", "kind": "other"}]
    case: dict[str, Any] = {"persons": persons, "roles": roles}
    dropped = tree(tmp_path, NESTED, case, "unlinked: {'persons[]': {drops: has no role}}")
    assert dropped == {"lines": [{"who": "A"}]}
    with pytest.raises(HubError, match=r"an item of persons\[\] that nothing links to") as refused:
        tree(tmp_path, NESTED, case, refuse)
    (problem,) = refused.value.problems
    assert (problem.path, problem.rule, problem.code) == ("persons[]", "case.yaml:8", "unwritable-value")
    roles[1]["kind"] = "main"
    assert tree(tmp_path, NESTED, case, refuse) == {"lines": [{"who": "A"}, {"who": "B"}]}
    assert tree(tmp_path, NESTED, {"persons": persons[:1], "roles": roles[:1]}, refuse) == {"lines": [{"who": "A"}]}


def test_explain_tells_the_items_that_nothing_links_to(tmp_path: Path) -> None:
    """With the line and the reason; one whose role is itself not written is among them."""
    persons = [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}, {"id": "c", "name": "C"}]
    roles = [{"personId": "a", "kind": "main"}, {"personId": "b", "kind": "other"}]
    workbench = bench(tmp_path, NESTED, "unlinked: {'persons[]': {drops: has no role}}", JSON_SCHEMA, "json")
    told = workbench.mapping.explain(WriteRecord({"number": "1", "persons": persons, "roles": roles}, {}), {})
    dropped = [(part.source, part.given, part.line, part.dropped) for part in told if part.dropped]
    assert dropped == [("persons[1]", persons[1], 8, "has no role"), ("persons[2]", persons[2], 8, "has no role")]
    assert [(part.path, part.value) for part in told if not part.dropped] == [("/no", "1"), ("/lines/0/who", "A")]


def test_explain_shows_as_many_items_as_there_is_room_for(tmp_path: Path) -> None:
    """A role behind the room of the agency's list is not written, and so its person is dropped."""
    fields = (
        "  roles[]: {at: p:People/p:Person, too-many: drop, fields: {personId: {follow: ., to: 'persons[]', fields: "
        "{name: p:Name}}}}\n"
    )
    workbench = bench(tmp_path, fields, "unlinked: {'persons[]': {drops: has no role}}")
    ids = ["a", "b", "c"]
    case = {"number": "1", "persons": [{"id": id, "name": id} for id in ids], "roles": [{"personId": id} for id in ids]}
    told = workbench.mapping.explain(WriteRecord(case, {}), {})
    assert [part.value for part in told if part.path.endswith("p:Name")] == ["a", "b"]
    assert [part.source for part in told if part.dropped] == ["persons[2]"]
    assert workbench.write(case).count(b"<p:Name>") == 2


def test_items_of_each_message_of_a_parcel_are_held_apart(tmp_path: Path) -> None:
    """The same id reached in one message says nothing of another."""
    fields = (
        "  roles[]: {at: p:People/p:Person, too-many: drop, fields: {personId: {follow: ., to: 'persons[]', fields: "
        "{name: p:Name}}}}\n"
    )
    workbench = bench(tmp_path, fields, "unlinked: {'persons[]': refuse}")
    linked: dict[str, Any] = {"number": "1", "persons": [{"id": "a", "name": "A"}], "roles": [{"personId": "a"}]}
    assert b">A<" in workbench.write(linked, linked)
    with pytest.raises(HubError) as refused:
        workbench.write(linked, {**linked, "roles": []})
    assert [problem.record for problem in refused.value.problems] == [1]


def test_one_list_may_go_to_several_places_by_a_value_of_its_items(tmp_path: Path) -> None:
    """Branches of a list have guards; an item that none takes is refused."""
    fields = (
        "  persons[]:\n    - {at: lines, is: {role: main}, fields: {name: who}}\n"
        "    - {is: {role: other}, too-many: refuse, fields: {name: p1}}\n"
    )
    persons = [{"id": "a", "name": "A", "role": "main"}, {"id": "b", "name": "B", "role": "other"}]
    assert tree(tmp_path, fields, {"persons": persons}) == {"lines": [{"who": "A"}], "p1": "B"}
    with pytest.raises(HubError, match="no list"):
        tree(tmp_path, fields, {"persons": [{"id": "a", "name": "A", "role": "third"}]})


def test_null_is_written_where_nothing_is_null(tmp_path: Path) -> None:
    """`absent: {write: nil}` is JSON's null."""
    assert tree(tmp_path, "  note: {at: note, absent: {write: nil}}\n", {}) == {"note": None}


def test_a_value_that_does_not_fit_is_dropped_or_replaced_where_that_is_declared(tmp_path: Path) -> None:
    """Five characters fit: `unfit: drop` leaves a longer value out, `else` writes another."""
    long, short = {"note": "1234567"}, {"note": "12345"}
    assert written(tmp_path, "  note: {at: p:Note, unfit: drop}\n", long) == ""
    assert written(tmp_path, "  note: {at: p:Note, unfit: drop}\n", short) == "<p:Note>12345</p:Note>"
    assert written(tmp_path, "  note: {at: p:Note, else: {write: long}}\n", long) == "<p:Note>long</p:Note>"
