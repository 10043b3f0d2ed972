"""XML documents under an XSD: problems with path, line and rule; rendering; schema files of the site only."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hub.errors import HubError, Problem
from hub.findings import Findings
from hub.formats.xml import DECLARATION, XmlContract, parse_hardened, without_declaration

XSD = """<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:case" targetNamespace="urn:case"
           elementFormDefault="qualified">
  <xs:include schemaLocation="types.xsd"/>
  <xs:element name="Batch">
    <xs:complexType><xs:sequence>
      <xs:element name="Case" type="t:case" maxOccurs="unbounded"/>
      <xs:element name="Total" type="xs:int" minOccurs="0"/>
    </xs:sequence></xs:complexType>
  </xs:element>
</xs:schema>"""
TYPES = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">
  <xs:complexType name="case">
    <xs:sequence>
      <xs:element name="Number" type="number"/>
      <xs:element name="Sex" minOccurs="0">
        <xs:simpleType><xs:restriction base="xs:token">
          <xs:enumeration value="M"/><xs:enumeration value="F"/>
        </xs:restriction></xs:simpleType>
      </xs:element>
      <xs:element name="Day" type="xs:date" minOccurs="0" nillable="true"/>
      <xs:element name="Kind" type="kind" minOccurs="0"/>
    </xs:sequence>
    <xs:attribute name="id" type="xs:NCName" use="required"/>
  </xs:complexType>
  <xs:complexType name="kind"><xs:sequence/></xs:complexType>
  <xs:complexType name="special"><xs:complexContent><xs:extension base="kind"/></xs:complexContent></xs:complexType>
  <xs:simpleType name="number"><xs:restriction base="xs:string">
    <xs:pattern value="[0-9]{4}/[0-9]+"/><xs:maxLength value="12"/>
  </xs:restriction></xs:simpleType>
</xs:schema>"""


@pytest.fixture
def contract(tmp_path: Path) -> XmlContract:
    (tmp_path / "case.xsd").write_text(XSD)
    (tmp_path / "types.xsd").write_text(TYPES)
    return XmlContract(tmp_path / "case.xsd", {"pp": "urn:case"})


def batch(*cases: str) -> bytes:
    return ('<x:Batch xmlns:x="urn:case">\n' + "\n".join(cases) + "\n</x:Batch>").encode()


GOOD = '<x:Case id="a"><x:Number>1446/1</x:Number></x:Case>'


def only(contract: XmlContract, body: bytes) -> Problem:
    parsed = contract.parse(body)
    (problem,) = contract.problems(parsed)
    assert contract.line_of(parsed, problem.path or "") == problem.line
    return problem


def test_a_valid_document_has_no_problem(contract: XmlContract) -> None:
    """Valid is empty."""
    assert contract.problems(contract.parse(batch(GOOD, GOOD))) == ()


@pytest.mark.parametrize(
    ("case", "rule", "path", "text"),
    [
        (
            '<x:Case id="a"><x:Number>1446-1</x:Number></x:Case>',
            "pattern",
            "/pp:Batch/pp:Case[2]/pp:Number",
            "pp:Number: '1446-1' is not accepted by the pattern '[0-9]{4}/[0-9]+'.",
        ),
        (
            '<x:Case id="a"><x:Number>1446/123456789</x:Number></x:Case>',
            "max-length",
            "/pp:Batch/pp:Case[2]/pp:Number",
            "pp:Number: '1446/123456789' has a length of '14'; this exceeds the allowed maximum length of '12'.",
        ),
        (
            '<x:Case id="a"><x:Number>1446/1</x:Number><x:Sex>Q</x:Sex></x:Case>',
            "enumeration",
            "/pp:Batch/pp:Case[2]/pp:Sex",
            "pp:Sex: 'Q' is not an element of the set {'M', 'F'}.",
        ),
        (
            '<x:Case id="a"><x:Number>1446/1</x:Number><x:Day>2024-02-30</x:Day></x:Case>',
            "type",
            "/pp:Batch/pp:Case[2]/pp:Day",
            "pp:Day: '2024-02-30' is not a valid xs:date",
        ),
        (
            '<x:Case id="a"><x:Number>1446/1</x:Number><x:Name/></x:Case>',
            "unexpected-element",
            "/pp:Batch/pp:Case[2]/pp:Name",
            "pp:Name: not expected here, expected: pp:Sex, pp:Day, pp:Kind",
        ),
        (
            '<x:Case id="a"/>',
            "missing-element",
            "/pp:Batch/pp:Case[2]",
            "pp:Case: a child element is missing, expected: pp:Number",
        ),
        (
            "<x:Case><x:Number>1446/1</x:Number></x:Case>",
            "missing-attribute",
            "/pp:Batch/pp:Case[2]/@id",
            "pp:Case/@id: The attribute 'id' is required but missing.",
        ),
        (
            '<x:Case id="a" b="1"><x:Number>1446/1</x:Number></x:Case>',
            "unexpected-attribute",
            "/pp:Batch/pp:Case[2]/@b",
            "pp:Case/@b: The attribute 'b' is not allowed.",
        ),
        (
            '<x:Case id="1 2"><x:Number>1446/1</x:Number></x:Case>',
            "type",
            "/pp:Batch/pp:Case[2]/@id",
            "pp:Case/@id: '1 2' is not a valid xs:NCName",
        ),
    ],
)
def test_a_problem_names_rule_path_line_and_token(
    contract: XmlContract, case: str, rule: str, path: str, text: str
) -> None:
    """Paths use the agency's prefixes whatever prefix the document uses; repeating elements alone have an index."""
    problem = only(contract, batch(GOOD, case))
    assert (problem.rule, problem.path, problem.line, problem.text) == (rule, path, 3, text)


def test_a_wrong_root_is_told(contract: XmlContract) -> None:
    """A document of another kind has its root refused."""
    assert only(contract, b"<Batch/>").rule == "root"


def test_a_default_namespace_is_located_too(contract: XmlContract) -> None:
    """Elements without prefix are found by position."""
    body = (
        '<Batch xmlns="urn:case">\n<Case id="a"><Number>1446/1</Number></Case>\n<Case id="b"><Number/></Case></Batch>'
    )
    problems = contract.problems(contract.parse(body.encode()))
    assert {(problem.path, problem.line) for problem in problems} == {("/pp:Batch/pp:Case[2]/pp:Number", 3)}


def test_a_long_value_is_cut_in_the_text(contract: XmlContract) -> None:
    """No payload leaves in an error."""
    problem = only(contract, batch(f'<x:Case id="a"><x:Number>1446/1</x:Number><x:Sex>{"س" * 5000}</x:Sex></x:Case>'))
    assert "س" * 61 not in problem.text


def test_a_missing_place_has_no_line(contract: XmlContract) -> None:
    """A path that leads nowhere is answered with None."""
    parsed = contract.parse(batch(GOOD))
    assert contract.line_of(parsed, "/pp:Batch/pp:Case[2]") is None
    assert contract.line_of(parsed, "/pp:Batch/pp:Case[1]/@id") == 2


def test_an_element_inside_a_soap_body_is_checked_where_it_stands(contract: XmlContract) -> None:
    """Paths start at the element, lines are those of the envelope, prefixes of ancestors hold in values too."""
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    kind = '<x:Kind xsi:type="x:special"/>'
    body = (
        f'<E xmlns:x="urn:case" {xsi}><Body>\n<x:Batch><x:Case id="a"><x:Number>1446/1</x:Number>{kind}</x:Case>\n'
        "</x:Batch></Body></E>"
    ).encode()
    envelope = parse_hardened(body)
    parsed = contract.parse_element(envelope[0][0], body)
    assert contract.problems(parsed) == ()
    broken = body.replace(b"1446/1", b"1446")
    parsed = contract.parse_element(parse_hardened(broken)[0][0], broken)
    (problem,) = [problem for problem in contract.problems(parsed) if problem.rule == "pattern"]
    assert (problem.path, problem.line) == ("/pp:Batch/pp:Case[1]/pp:Number", 2)


def test_render_declares_utf_8_and_gives_back_the_text(contract: XmlContract) -> None:
    """Bytes that leave are a whole document; a SOAP body takes them without the declaration."""
    text = batch(GOOD).decode()
    assert contract.render(text) == DECLARATION + text.encode()
    assert without_declaration(contract.render(text)) == text.encode()


@pytest.mark.parametrize("text", ['<x:Batch xmlns:x="urn:case"/>', "<x:Batch>", "<a>\x01</a>"])
def test_render_refuses_what_breaks_the_schema(contract: XmlContract, text: str) -> None:
    """Nothing invalid leaves, and the reason is given."""
    with pytest.raises(HubError) as caught:
        contract.render(text)
    assert caught.value.code.name == "output-invalid"
    assert caught.value.problems


def findings(folder: Path, xsd: str) -> list[tuple[str, str, int]]:
    (folder / "case.xsd").write_text(xsd)
    with pytest.raises(Findings) as caught:
        XmlContract(folder / "case.xsd", {}, folder=folder, prefix="schemas/agencies/x")
    return [(finding.code, finding.file, finding.line) for finding in caught.value.findings]


SCHEMA = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\n{}\n<xs:element name="a"/></xs:schema>'


@pytest.mark.parametrize(
    "line",
    [
        '<xs:import namespace="urn:b" schemaLocation="missing.xsd"/>',
        '<xs:include schemaLocation="missing.xsd"/>',
        '<xs:import namespace="urn:b" schemaLocation="../outside.xsd"/>',
        '<xs:import namespace="urn:b"/>',
    ],
)
def test_an_import_that_is_no_file_of_the_agency_is_a_finding(tmp_path: Path, line: str) -> None:
    """libxml2 would go on without it and then accept too little or too much."""
    (tmp_path / "outside.xsd").write_text(SCHEMA.format(""))
    folder = tmp_path / "x"
    folder.mkdir()
    assert findings(folder, SCHEMA.format(line)) == [("missing-import", "schemas/agencies/x/case.xsd", 2)]


def test_an_import_over_http_is_a_finding_and_fetches_nothing(tmp_path: Path) -> None:
    """The network is never asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        where = f"http://127.0.0.1:{server.getsockname()[1]}/b.xsd"
        line = f'<xs:import namespace="urn:b" schemaLocation="{where}"/>'
        assert [code for code, _, _ in findings(tmp_path, SCHEMA.format(line))] == ["missing-import"]
        with pytest.raises(TimeoutError):
            server.accept()


def test_two_files_for_one_namespace_are_a_finding(tmp_path: Path) -> None:
    """libxml2 reads only the first of two imports of a namespace."""
    for name in "bc":
        text = SCHEMA.format("").replace("<xs:schema", '<xs:schema targetNamespace="urn:b"')
        (tmp_path / f"{name}.xsd").write_text(text)
    lines = "".join(f'<xs:import namespace="urn:b" schemaLocation="{name}.xsd"/>\n' for name in "bc")
    assert [code for code, _, _ in findings(tmp_path, SCHEMA.format(lines))] == ["double-import"]


def test_a_schema_that_cannot_be_compiled_is_a_finding_with_its_line(tmp_path: Path) -> None:
    """The file is named as the site knows it, without the host's path."""
    (tmp_path / "case.xsd").write_text(SCHEMA.format('<xs:element name="b" type="none"/>'))
    with pytest.raises(Findings) as caught:
        XmlContract(tmp_path / "case.xsd", {}, prefix="schemas/agencies/x")
    (finding,) = caught.value.findings
    assert (finding.code, finding.file, finding.line) == ("bad-schema", "schemas/agencies/x/case.xsd", 2)
    assert str(tmp_path) not in finding.text


def test_a_schema_with_a_doctype_is_refused(tmp_path: Path) -> None:
    """Schemas come through the same door as documents."""
    assert findings(tmp_path, "<!DOCTYPE a>\n<a/>") == [("bad-schema", "schemas/agencies/x/case.xsd", 1)]
