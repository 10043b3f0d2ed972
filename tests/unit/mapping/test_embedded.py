"""Documents as text inside documents: one tree for the mapping, both XSDs held, errors with the sender's place."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest

from hub.errors import HubError
from hub.findings import Findings
from tests.unit.mapping.workbench import Bench, list_of, object_of, text

HEAD = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified" targetNamespace="urn:%s">'
BUS = (
    HEAD % "bus"
    + """<xs:element name="Batch"><xs:complexType><xs:sequence>
  <xs:element name="Item" maxOccurs="unbounded"><xs:complexType><xs:sequence>
    <xs:element name="Key" type="xs:string"/>
    <xs:element name="Payload" minOccurs="0"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">
      <xs:attribute name="kind" type="xs:string" use="required"/>
      </xs:extension></xs:simpleContent></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>"""
)
PARTNER = (
    HEAD % "partner"
    + """<xs:element name="Case"><xs:complexType><xs:sequence>
  <xs:element name="Note" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
    <xs:maxLength value="20"/></xs:restriction></xs:simpleType></xs:element>
  <xs:element name="Tag" type="xs:string" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
)
EMBEDDED = "embedded: {b:Batch/b:Item/b:Payload: {schema: inner.xsd, root: p:Case}}\n"
FIELDS = """root: b:Batch/b:Item[]
fields:
  number: b:Key
  note: b:Payload/p:Case/p:Note
  tags[]: b:Payload/p:Case/p:Tag
constants: {b:Payload/@kind: case}
"""
BODY = '<Batch xmlns="urn:bus"><Item><Key>7</Key><Payload kind="case">%s</Payload></Item></Batch>'
CASE = '<Case xmlns="urn:partner"><Note>%s</Note></Case>'


def bench(folder: Path, embedded: str = EMBEDDED, note: int = 20) -> Bench:
    (folder / "agency").mkdir()
    (folder / "agency" / "inner.xsd").write_text(PARTNER)
    return Bench(
        folder,
        schema=BUS,
        canonical=object_of(["number"], number=text(), note=text(maxLength=note), tags=list_of(text())),
        mapping=embedded + FIELDS,
        namespaces={"b": "urn:bus", "p": "urn:partner"},
        prove=True,
    )


def test_a_path_goes_on_into_the_document_inside(tmp_path: Path) -> None:
    """Escaped, in CDATA or with a declaration of its own: text is text."""
    made = bench(tmp_path)
    for inside in (
        escape(CASE % "R&amp;D"),
        f"<![CDATA[{CASE % 'R&amp;D'}]]>",
        escape('\n<?xml version="1.0" encoding="windows-1256"?>' + CASE % "R&amp;D"),
    ):
        assert made.one(BODY % inside) == {"number": "7", "note": "R&D"}
    assert made.one(BODY % "") == {"number": "7"}


def test_what_is_written_is_a_document_as_text_and_comes_back(tmp_path: Path) -> None:
    """Escaped twice where its own text needs it; nothing inside, no element."""
    made = bench(tmp_path)
    data = {"number": "7", "note": 'عمر <&>"', "tags": ["a", "]]>"]}
    body = made.write(data, {"number": "8"})
    assert b'<b:Payload kind="case">&lt;p:Case xmlns:p="urn:partner"&gt;&lt;p:Note&gt;' in body
    assert b"&amp;lt;&amp;amp;" in body
    assert [record.data for record in made.read(body)] == [data, {"number": "8"}]


@pytest.mark.parametrize(
    ("inside", "path", "line", "says"),
    [
        (CASE % ("x" * 21), "/b:Batch/b:Item[1]/b:Payload/p:Case/p:Note", 1, "20"),
        ("<Case>", "/b:Batch/b:Item[1]/b:Payload", 1, "inside b:Payload: Line 1"),
        (CASE.replace("Case", "File") % "x", "/b:Batch/b:Item[1]/b:Payload", 1, "a document p:Case is expected"),
        ("<!DOCTYPE a>" + CASE % "x", "/b:Batch/b:Item[1]/b:Payload", 1, "document type"),
        ("\n\n" + CASE.replace("><Note", ">\n<Nope") % "x", "/b:Batch/b:Item[1]/b:Payload", None, ""),
        ("<a>" * 300, "/b:Batch/b:Item[1]/b:Payload", 1, "inside"),
    ],
)
def test_what_is_wrong_inside_is_told_at_its_place(
    tmp_path: Path, inside: str, path: str, line: int | None, says: str
) -> None:
    """With a path that goes on, and the line in the sender's own document."""
    contract = bench(tmp_path).contract
    parsed = contract.parse((BODY % escape(inside)).encode())
    problem = contract.problems(parsed)[0]
    assert (problem.path or "").startswith(path)
    assert line is None or problem.line == line
    assert says in problem.text


def test_a_value_inside_has_the_line_of_its_element(tmp_path: Path) -> None:
    """Where a mapping refuses it."""
    contract = bench(tmp_path).contract
    parsed = contract.parse((BODY % escape(CASE % "x")).replace("<Payload", "\n<Payload").encode())
    assert contract.line_of(parsed, "/b:Batch/b:Item[1]/b:Payload/p:Case/p:Note") == 2


def test_values_inside_are_proved_against_the_inner_schema(tmp_path: Path) -> None:
    """A longer text may come than fits inside."""
    with pytest.raises(Findings, match="length-gap"):
        bench(tmp_path, note=21)


def test_what_would_break_the_inner_schema_is_not_sent(tmp_path: Path) -> None:
    """Also where the proof was told to leave it."""
    made = bench(tmp_path)
    with pytest.raises(HubError, match="p:Note"):
        made.write({"number": "7", "note": "x" * 21})


@pytest.mark.parametrize(
    ("embedded", "code", "says"),
    [
        (EMBEDDED.replace("b:Payload", "b:Paylod"), "unknown-path", "Payload"),
        (EMBEDDED.replace("p:Case", "p:Caes"), "unknown-path", "did you mean 'p:Case'"),
        (EMBEDDED.replace(", root: p:Case", ""), "missing-key", "a schema and a root"),
        (EMBEDDED.replace("/b:Payload", ""), "type-mismatch", "no element with text"),
        ("", "unknown-path", "p:Case"),
        (EMBEDDED + "xslt: {read: a.xslt}\n", "", ""),
    ],
)
def test_a_mistake_is_a_finding(tmp_path: Path, embedded: str, code: str, says: str) -> None:
    """With the nearest name."""
    with pytest.raises(Findings) as error:
        bench(tmp_path, embedded)
    assert any(finding.code.startswith(code) and says in str(finding) for finding in error.value.findings)
