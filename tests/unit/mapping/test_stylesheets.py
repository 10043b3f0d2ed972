"""Mappings behind stylesheets: a document of another shape, turned, checked on both sides, and told by the check."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import HubError
from hub.findings import Findings
from tests.unit.mapping.workbench import Bench, object_of, text

XS = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner"'
    ' elementFormDefault="qualified"'
)
# The agency writes a list of name and value; the mapping sees elements.
AGENCY = f"""{XS}><xs:element name="Rows"><xs:complexType><xs:sequence>
  <xs:element name="Row" maxOccurs="9"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="name" use="required"><xs:simpleType><xs:restriction base="xs:string">
      <xs:enumeration value="number"/><xs:enumeration value="note"/></xs:restriction></xs:simpleType></xs:attribute>
  </xs:extension></xs:simpleContent></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
PLAIN = f"""{XS}><xs:element name="Case"><xs:complexType><xs:sequence>
  <xs:element name="Number" type="xs:string"/><xs:element name="Note" type="xs:string" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
SHEET = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns="urn:partner"
  xmlns:p="urn:partner" exclude-result-prefixes="p">
<xsl:template match="/">%s</xsl:template></xsl:stylesheet>"""
READ = SHEET % (
    '<xsl:if test="p:Rows/p:Row = \'stop\'"><xsl:message terminate="yes">a stop row</xsl:message></xsl:if>'
    "<Case><Number><xsl:value-of select=\"p:Rows/p:Row[@name='number']\"/></Number>"
    '<xsl:for-each select="p:Rows/p:Row[@name=\'note\']"><Note><xsl:value-of select="."/></Note></xsl:for-each></Case>'
)
WRITE = SHEET % (
    '<Rows><Row name="number"><xsl:value-of select="p:Case/p:Number"/></Row>'
    '<xsl:for-each select="p:Case/p:Note"><Row name="{substring(., 1, 4)}"><xsl:value-of select="."/></Row>'
    "</xsl:for-each></Rows>"
)
FIELDS = "root: p:Case\nfields:\n  number: p:Number\n  note: p:Note\n"
XSLT = "xslt: {read: in.xslt, write: out.xslt, schema: plain.xsd, unfit: refuse}\n"


def bench(folder: Path, xslt: str = XSLT, read: str = READ, directions: tuple[str, ...] = ("read", "write")) -> Bench:
    (folder / "agency").mkdir()
    (folder / "agency" / "plain.xsd").write_text(PLAIN)
    (folder / "in.xslt").write_text(read)
    (folder / "out.xslt").write_text(WRITE)
    return Bench(
        folder,
        schema=AGENCY,
        canonical=object_of(["number"], number=text(), note=text()),
        mapping=xslt + FIELDS,
        directions=frozenset(directions),
        prove=True,
    )


def test_what_comes_is_turned_and_then_read(tmp_path: Path) -> None:
    """The mapping's paths are those of the inner schema."""
    made = bench(tmp_path)
    body = '<Rows xmlns="urn:partner"><Row name="note">سرقة</Row><Row name="number">7</Row></Rows>'
    assert made.one(body) == {"number": "7", "note": "سرقة"}


def test_what_is_written_is_turned_and_then_checked(tmp_path: Path) -> None:
    """The agency gets its own shape, or nothing."""
    made = bench(tmp_path)
    assert b'<Row name="number">7</Row><Row name="note">note</Row>' in made.write({"number": "7", "note": "note"})
    with pytest.raises(HubError) as error:
        made.write({"number": "7", "note": "other"})
    assert error.value.code.name == "output-invalid"
    assert error.value.text.startswith("out.xslt: p:Row/@name: ")


@pytest.mark.parametrize(
    ("body", "says", "line"),
    [
        ('<Rows xmlns="urn:partner">\n<Row name="x">7</Row></Rows>', "p:Row/@name", 2),
        (
            '<Rows xmlns="urn:partner"><Row name="note">stop</Row></Rows>',
            "in.xslt: it says that this document cannot be taken: a stop row",
            None,
        ),
        (
            '<Rows xmlns="urn:partner"><Row name="note">1</Row><Row name="note">2</Row></Rows>',
            "in.xslt: p:Note: not expected here",
            None,
        ),
    ],
)
def test_what_is_wrong_is_told_where_it_is(tmp_path: Path, body: str, says: str, line: int | None) -> None:
    """In the sender's own document with its line; after the stylesheet with the stylesheet's name."""
    contract = bench(tmp_path).contract
    (problem,) = contract.problems(contract.parse(body.encode()))
    assert problem.text.startswith(says)
    assert problem.line == line


def test_the_check_tells_each_stylesheet_and_wants_an_answer_for_what_it_writes(tmp_path: Path) -> None:
    """Nobody proves a stylesheet, and the file has to know it."""
    (tmp_path / "answered").mkdir()
    told = [finding for finding in bench(tmp_path / "answered").mapping.notes if finding.code == "stylesheet"]
    assert [(finding.line, finding.text.split()[0]) for finding in told] == [(3, "in.xslt"), (3, "out.xslt")]
    (tmp_path / "open").mkdir()
    with pytest.raises(Findings) as error:
        bench(tmp_path / "open", XSLT.replace(", unfit: refuse", ""))
    assert [(finding.code, finding.line) for finding in error.value.findings if finding.severity == "error"] == [
        ("unproven", 3)
    ]


@pytest.mark.parametrize(
    ("xslt", "code", "says"),
    [
        (XSLT.replace("read: in.xslt, ", ""), "missing-key", "no stylesheet leads between"),
        (XSLT.replace("in.xslt", "no.xslt"), "file-missing", "no such stylesheet"),
        (XSLT.replace("in.xslt", "../in.xslt"), "bad-stylesheet", "beside the mapping"),
        (XSLT.replace("plain.xsd", "no.xsd"), "", "no.xsd"),
        (XSLT.replace("schema", "shema"), "unknown-key", "did you mean 'schema'"),
        ("xslt: {unfit: refuse}\n", "missing-key", "names a stylesheet"),
    ],
)
def test_a_mistake_is_a_finding(tmp_path: Path, xslt: str, code: str, says: str) -> None:
    """Before anything runs."""
    with pytest.raises(Findings) as error:
        bench(tmp_path, xslt)
    found = [finding for finding in error.value.findings if finding.severity == "error"]
    assert any(code in finding.code and says in str(finding) for finding in found), found


def test_a_stylesheet_for_small_changes_needs_no_schema_of_its_own(tmp_path: Path) -> None:
    """Both sides are the agency's, and a direction without one goes straight."""
    number = '<Case><Number><xsl:value-of select="concat(p:Case/p:Number, &apos;/1448&apos;)"/></Number></Case>'
    (tmp_path / "in.xslt").write_text(SHEET % number)
    made = Bench(
        tmp_path,
        schema=PLAIN,
        canonical=object_of(["number"], number=text(), note=text()),
        mapping="xslt: {read: in.xslt}\n" + FIELDS,
        prove=True,
    )
    assert made.one('<Case xmlns="urn:partner"><Number>7</Number></Case>') == {"number": "7/1448"}
    assert b"<p:Number>7</p:Number>" in made.write({"number": "7"})
