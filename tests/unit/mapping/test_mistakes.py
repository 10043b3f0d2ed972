"""Planted mistakes: each is caught with its code, its line and, where one is near, the name that was meant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from hub.findings import Finding, Findings
from hub.mapping.codes import parse_codes
from hub.mapping.presence import View
from tests.unit.mapping.workbench import BOTH, Bench, list_of, object_of, reference, text

CANONICAL = object_of(
    ["number"],
    number=text(),
    sex=text(enum=["female", "male"]),
    count={"type": "integer", "minimum": 0, "maximum": 1000},
    day=object_of(
        ["date"],
        date=text(format="date", pattern="^(1[7-9]|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$"),
        calendar=text(enum=["gregorian", "hijri"]),
        text=text(maxLength=40),
    ),
    note=text(),
    tags=list_of(text()),
    persons=list_of(object_of(["id", "name"], id=text(), name=text())),
    roles=list_of(object_of(personId=reference("persons[]"))),
)
XSD = r"""
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner" xmlns="urn:partner"
    elementFormDefault="qualified">
  <xs:complexType name="Item"><xs:sequence><xs:element name="Name" type="xs:string"/></xs:sequence>
    <xs:attribute name="id" type="xs:string"/></xs:complexType>
  <xs:simpleType name="Sex"><xs:restriction base="xs:string"><xs:enumeration value="F"/><xs:enumeration value="M"/>
    </xs:restriction></xs:simpleType>
  <xs:simpleType name="Count"><xs:restriction base="xs:int"><xs:minInclusive value="0"/><xs:maxInclusive value="1000"/>
    </xs:restriction></xs:simpleType>
  <xs:simpleType name="Day"><xs:restriction base="xs:date"><xs:pattern value="(1[7-9]|2[0-9])\d{2}-\d{2}-\d{2}"/>
    </xs:restriction></xs:simpleType>
  <xs:element name="Case"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="xs:string"/>
    <xs:element name="Sex" minOccurs="0" type="Sex"/>
    <xs:element name="Count" minOccurs="0" type="Count"/>
    <xs:element name="Day" minOccurs="0" type="Day"/>
    <xs:element name="Note" minOccurs="0" maxOccurs="unbounded" type="xs:string"/>
    <xs:element name="Tag" minOccurs="0" maxOccurs="unbounded" type="xs:string"/>
    <xs:element name="Person" minOccurs="0" maxOccurs="unbounded" type="Item"/>
    <xs:element name="Role" minOccurs="0" maxOccurs="unbounded" type="Item"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
GOOD = """root: p:Case
fields:
  number: p:Number
  sex: {at: p:Sex, codes: sex}
  count: p:Count
  day: {at: p:Day, as: date}
  note: {at: p:Note, pick: first}
  tags[]: p:Tag
  persons[]: {at: p:Person, id: "@id", fields: {name: p:Name}}
  roles[]: {at: p:Role, constants: {p:Name: x}, fields: {personId: {ref: "@id", to: "persons[]"}}}
"""
CODES = {"sex": "F,female,\nM,male,\n", "two": "F,female,\nW,female,\nM,male,\n", "odd": "F,femal,\nM,male,\n"}


def findings(
    folder: Path, mapping: str, directions: frozenset[str] = BOTH, views: Sequence[View] = ()
) -> list[Finding]:
    try:
        bench = Bench(
            folder,
            schema=XSD,
            canonical=CANONICAL,
            mapping=mapping,
            codes=CODES,
            directions=directions,
            prove=True,
            views=views,
        )
    except Findings as found:
        return list(found.findings)
    return list(bench.mapping.notes)


def test_the_right_mapping_has_no_findings(tmp_path: Path) -> None:
    """Nothing is reported where nothing is wrong."""
    assert findings(tmp_path, GOOD) == []


# what stands in GOOD, what is planted in its place, the finding's code, its line, and what its text or hint holds
MISTAKES = [
    ("root: p:Case", "root: p:Cse", "unknown-path", 3, "did you mean 'p:Case'?"),
    ("root: p:Case", "rooot: p:Case", "unknown-key", 3, "did you mean 'root'?"),
    ("root: p:Case", "root: p:Case\nunseen: kep", "bad-value", 4, "did you mean 'keep'?"),
    ("root: p:Case", "root: p:Case\nidentity: [nmber]", "unknown-path", 4, "did you mean 'number'?"),
    ("number: p:Number", "numbr: p:Number", "unknown-path", 5, "did you mean 'number'?"),
    ("number: p:Number", "number: p:Nmber", "unknown-path", 5, "did you mean 'p:Number'?"),
    ("number: p:Number", "number: Number", "unknown-path", 5, "did you mean 'p:Number'?"),
    ("number: p:Number", "number: q:Number", "unknown-prefix", 5, "'q'"),
    ("number: p:Number", "number: p:Number[]", "cardinality", 5, "does not repeat"),
    ("number: p:Number", "number: p:Person", "cardinality", 5, "pick: first"),
    ("number: p:Number", "number: p:Person[]/p:Name", "cardinality", 5, "where, or pick: first"),
    ("number: p:Number", "number: p:Number#", "bad-path", 5, "slots"),
    ("number: p:Number", "number: {as: text}", "missing-key", 5, "at"),
    ("number: p:Number", "number: {at: p:Number, pik: first}", "unknown-key", 5, "did you mean 'pick'?"),
    ("number: p:Number", "number: {at: p:Number, pick: middle}", "bad-value", 5, "first"),
    ("number: p:Number", "number: {at: p:Number, as: txt}", "unknown-converter", 5, "did you mean 'text'?"),
    ("number: p:Number", "number: {at: p:Number, as: decimal, seperator: ','}", "unknown-key", 5, "'separator'"),
    ("number: p:Number", "number: {at: p:Number, as: local-time, zone: Asia/Riad}", "bad-option", 5, "zone"),
    ("number: p:Number", "number: {at: p:Number, as: date, format: dd.MM}", "bad-option", 5, "yyyy"),
    ("number: p:Number", "number: {at: p:Number, as: name-whole}", "type-mismatch", 5, "object"),
    ("number: p:Number", "number: {at: p:Number, as: joined}", "cardinality", 5, "[]"),
    ("number: p:Number", "number: {at: {a: p:Number, b: p:Day}}", "bad-ports", 5, "converter"),
    ("number: p:Number", "number: {at: p:Number, as: date-pair}", "bad-ports", 5, "gregorian, hijri"),
    ("number: p:Number", "number: [p:Number]", "bad-value", 5, "tables"),
    ("number: p:Number", "number: p:Number\n  $other.x: p:Day", "unknown-source", 6, "$partner"),
    ("number: p:Number", "note: p:Number", "duplicate-key", 9, "line 5"),
    ("codes: sex", "codes: sxe", "unknown-code-table", 6, "did you mean 'sex'?"),
    ("codes: sex", "codes: sex, as: text", "bad-value", 6, "not both"),
    ("codes: sex", "codes: two", "not-one-to-one", 3, "read only"),
    ("codes: sex", "codes: odd", "unknown-code", 2, "'femal'"),
    ("codes: sex", "codes: sex, default: {read: femle}", "bad-value", 6, "female"),
    ("codes: sex", "codes: sex, is: {cnt: 1}", "unknown-path", 6, "did you mean 'count'?"),
    ("codes: sex", "codes: sex, is: {count: one}", "bad-value", 6, "whole number"),
    ("day: {at: p:Day, as: date}", "day: p:Day", "type-mismatch", 8, "converter"),
    ("day: {at: p:Day, as: date}", "day.dat: p:Day", "unknown-path", 8, "did you mean 'date'?"),
    ("note: {at: p:Note, pick: first}", "note: p:Note", "cardinality", 9, "pick: first"),
    ("note: {at: p:Note, pick: first}", "note[]: p:Note", "cardinality", 9, "leave [] out"),
    ("note: {at: p:Note, pick: first}", "note: {at: p:Number}", "written-twice", 9, "line 5"),
    ("tags[]: p:Tag", "tags: p:Tag", "cardinality", 10, "tags[]"),
    ("tags[]: p:Tag", "tags[]: p:Tag#", "unknown-path", 10, "numbered"),
    ("tags[]: p:Tag", "tags[]: p:Person", "type-mismatch", 10, "below it"),
    ("{name: p:Name}", "{nam: p:Name}", "unknown-path", 11, "did you mean 'name'?"),
    ("{name: p:Name}", "{name: p:Nam}", "unknown-path", 11, "did you mean 'p:Name'?"),
    ('id: "@id", ', 'id: "@di", ', "unknown-path", 11, "did you mean '@id'?"),
    ('id: "@id", ', "", "bad-link", 12, "ids"),
    ("persons[]: {at: p:Person, id", "persons[].x: {at: p:Person, id", "unknown-key", 11, "'id'"),
    ('to: "persons[]"', 'to: "person[]"', "unknown-path", 12, "did you mean 'persons'?"),
    ('to: "persons[]"', 'to: "tags[]"', "bad-link", 12, "no list"),
    (', to: "persons[]"', "", "missing-key", 12, "'to'"),
    ('ref: "@id"', 'ref: "@id", dangling: prunes', "bad-value", 12, "did you mean 'prune'?"),
    ("constants: {p:Name: x}", "constants: {p:Name: $message.nmae}", "unknown-source", 12, "$message.id"),
    ("constants: {p:Name: x}", "constants: {p:Name: $parcel.id}", "unknown-source", 12, "absolute"),
    ("constants: {p:Name: x}, ", "", "missing-required", 12, "/p:Case/p:Role/p:Name"),
]


@pytest.mark.parametrize(("right", "wrong", "code", "line", "says"), MISTAKES, ids=lambda part: str(part)[:40])
def test_a_planted_mistake_is_found(tmp_path: Path, right: str, wrong: str, code: str, line: int, says: str) -> None:
    """The finding has the right code, stands at the right line, and says what was meant."""
    found = findings(tmp_path, GOOD.replace(right, wrong, 1))
    assert [(finding.code, finding.line) for finding in found if says in finding.text + finding.hint][:1] == [
        (code, line)
    ]


def without(field: str, tail: str = "") -> str:
    return "\n".join(line for line in GOOD.splitlines() if not line.startswith(f"  {field}")) + "\n" + tail


def test_a_field_of_the_agency_that_is_not_read_is_found(tmp_path: Path) -> None:
    """Nothing of the sender's is lost in silence; `ignores` says why something is."""
    (found,) = findings(tmp_path, without("count", "drops: {count: no}"), frozenset({"read"}))
    assert (found.code, found.text) == ("unread-field", "the agency's /p:Case/p:Count is neither mapped nor ignored")
    assert findings(tmp_path, without("count", "ignores: {p:Count: no}"), frozenset({"read"})) == []


def test_a_canonical_field_that_is_not_written_is_found(tmp_path: Path) -> None:
    """Nothing is dropped in silence; `drops` says why something is."""
    (found,) = findings(tmp_path, without("note"), frozenset({"write"}))
    assert (found.code, found.text) == ("unwritten-field", "note is neither written nor dropped")
    assert findings(tmp_path, without("note", "drops: {note: no}"), frozenset({"write"})) == []


def test_what_no_grant_discloses_need_not_be_dropped(tmp_path: Path) -> None:
    """A field that the agency may not receive is withheld, not lost."""
    bench = Bench(
        tmp_path,
        schema=XSD,
        canonical=CANONICAL,
        mapping=without("note"),
        codes=CODES,
        directions=frozenset({"write"}),
        granted={"number", "persons[].name"},
        prove=True,
    )
    assert bench.mapping.notes == ()


def test_a_required_field_that_nothing_sets_is_found_on_both_sides(tmp_path: Path) -> None:
    """Reading must set what the message needs; writing what the agency needs."""
    read = findings(tmp_path, without("number", "ignores: {p:Number: no}"), frozenset({"read"}))
    assert [(found.code, found.text) for found in read] == [
        ("missing-required", "number is required, and nothing reads it")
    ]
    write = findings(tmp_path, without("number", "drops: {number: no}"), frozenset({"write"}))
    assert [(found.code, found.text) for found in write] == [
        ("missing-required", "/p:Case/p:Number is required, and nothing writes it")
    ]


def test_reasons_that_are_not_needed_are_noted(tmp_path: Path) -> None:
    """A stale entry of ignores or drops is worth knowing, and no mistake."""
    found = findings(tmp_path, GOOD + "ignores: {p:Hat: no}\ndrops: {hat: no}\n")
    assert [(note.code, note.severity) for note in found] == [("unused-ignore", "note"), ("unused-drop", "note")]


def test_one_list_of_the_agency_read_into_two_is_found(tmp_path: Path) -> None:
    """Without `where` both lists would read the same items."""
    twice = GOOD.replace("at: p:Role, constants: {p:Name: x}", "at: p:Person")
    assert "read-twice" in {found.code for found in findings(tmp_path, twice, frozenset({"read"}))}


def test_every_mistake_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    """Findings do not hide behind each other."""
    wrong = GOOD.replace("number: p:Number", "number: p:Nmber").replace("codes: sex", "codes: sxe")
    assert [found.code for found in findings(tmp_path, wrong)] == ["unknown-path", "unknown-code-table"]


def test_a_partners_number_that_is_not_read_cannot_be_an_identity(tmp_path: Path) -> None:
    """`identity` names what the mapping reads."""
    (found,) = findings(tmp_path, "identity: [$partner.no]\n" + GOOD)
    assert (found.code, found.line) == ("unknown-path", 3)


NESTED = without("persons").replace(
    'constants: {p:Name: x}, fields: {personId: {ref: "@id", to: "persons[]"}}',
    'fields: {personId: {follow: ., id: "@id", to: "persons[]", fields: {name: p:Name}}}',
)
WRITE = frozenset({"write"})


def test_what_only_links_reach_needs_an_answer(tmp_path: Path) -> None:
    """Persons whom no role names are not written by an agency that nests them: refused, or dropped with a reason."""
    (found,) = findings(tmp_path, NESTED, WRITE)
    line = next(number for number, text in enumerate(NESTED.splitlines(), 3) if "follow" in text)
    assert (found.code, found.severity, found.line) == ("unlinked", "error", line)
    assert "persons[]: refuse" in found.hint
    read = findings(tmp_path, NESTED, frozenset({"read"}))
    assert "unlinked" not in {found.code for found in read}
    assert findings(tmp_path, f"unlinked: {{'persons[]': refuse}}\n{NESTED}", WRITE) == []
    assert findings(tmp_path, f"unlinked: {{'persons[]': {{drops: has no role}}}}\n{NESTED}", WRITE) == []


def test_a_grant_that_withholds_every_link_to_what_it_shows(tmp_path: Path) -> None:
    """Persons who are refused without a role, and no role is ever told: nothing would get through."""

    def found(answer: str, *shown: str) -> list[Finding]:
        views = (View("G-1", frozenset({"number", *shown})),)
        return findings(tmp_path, f"unlinked: {{'persons[]': {answer}}}\n{NESTED}", WRITE, views)

    (told,) = found("refuse", "persons[].name")
    assert (told.code, told.severity, told.line) == ("unlinked", "error", 3)
    assert "G-1" in told.text
    assert "roles[].personId" in told.hint
    assert found("refuse", "persons[].name", "roles[].personId") == []
    assert found("refuse", "roles[].personId") == []
    assert found("{drops: has no role}", "persons[].name") == []


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        ("{'persons[]': drop}", "bad-value", "refuse"),
        ("{'persons[]': {drops: ''}}", "bad-value", "no reason"),
        ("{'persons[]': {}}", "missing-key", "why"),
        ("{'persons[]': {drop: x}}", "unknown-key", "drops"),
        ("{'person[]': refuse}", "unknown-path", "persons[]"),
        ("{'persons[]': refuse, 'roles[]': refuse}", "unknown-path", "take the entry away"),
    ],
)
def test_a_wrong_answer_on_what_nothing_links_to(tmp_path: Path, answer: str, code: str, says: str) -> None:
    """Each at its own line."""
    told = [found for found in findings(tmp_path, f"unlinked: {answer}\n{NESTED}", WRITE) if found.code == code]
    assert [found.line for found in told] == [3]
    assert says in told[0].text + told[0].hint


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("partner,canonical\nF,female\n", "header"),
        ("partner,canonical,note\nF,female,\nF,male,\n", "two meanings"),
        ("partner,canonical,note\nF,,\n", "both codes"),
    ],
)
def test_a_wrong_code_table_is_told_with_its_line(text: str, says: str) -> None:
    """A table that cannot be trusted is not used."""
    with pytest.raises(Findings) as caught:
        parse_codes(text, "sex", "codes/sex.csv")
    (found,) = caught.value.findings
    assert found.code == "bad-code-table"
    assert says in found.text
