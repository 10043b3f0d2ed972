"""The shape of an XSD: order, cardinality, choices, substitution, derivation, types."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.formats.xml import XmlContract
from hub.schema.shape import Shape, ValueType

HEAD = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:t" targetNamespace="urn:t" '
    'elementFormDefault="qualified">'
)


def root(folder: Path, body: str, name: str = "a") -> Shape:
    (folder / "t.xsd").write_text(f"{HEAD}{body}</xs:schema>")
    return XmlContract(folder / "t.xsd", {}).shape.by_name[f"{{urn:t}}{name}"]


def element(content: str) -> str:
    return f'<xs:element name="a"><xs:complexType>{content}</xs:complexType></xs:element>'


def told(shape: Shape) -> list[tuple[str, int, int | None, bool]]:
    return [
        (child.name.removeprefix("{urn:t}"), child.minimum, child.maximum, bool(child.choice))
        for child in shape.children
    ]


def text(name: str, **attributes: object) -> str:
    written = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return f'<xs:element name="{name}" type="xs:string" {written}/>'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            f"<xs:sequence>{text('b')}{text('c', minOccurs='0')}{text('d', maxOccurs='unbounded')}</xs:sequence>",
            [("b", 1, 1, False), ("c", 0, 1, False), ("d", 1, None, False)],
        ),
        (
            f'<xs:sequence minOccurs="0" maxOccurs="3">{text("b", maxOccurs="2")}</xs:sequence>',
            [("b", 0, 6, False)],
        ),
        (f"<xs:all>{text('b')}{text('c', minOccurs='0')}</xs:all>", [("b", 1, 1, False), ("c", 0, 1, False)]),
        (f"<xs:choice>{text('b')}{text('c')}</xs:choice>", [("b", 0, 1, True), ("c", 0, 1, True)]),
        (
            f'<xs:choice maxOccurs="unbounded">{text("b")}{text("c")}</xs:choice>',
            [("b", 0, None, False), ("c", 0, None, False)],
        ),
        (
            f"<xs:choice>{text('b')}<xs:sequence>{text('c')}{text('d')}</xs:sequence></xs:choice>",
            [("b", 0, 1, True), ("c", 0, 1, False), ("d", 0, 1, False)],
        ),
        (
            f"<xs:sequence>{text('b')}{text('c')}{text('b', minOccurs='0')}</xs:sequence>",
            [("b", 1, 2, False), ("c", 1, 1, False)],
        ),
        (
            f"<xs:choice><xs:sequence>{text('b')}{text('c')}</xs:sequence>"
            f"<xs:sequence>{text('d')}{text('b')}</xs:sequence></xs:choice>",
            [("b", 0, 1, False), ("c", 0, 1, False), ("d", 0, 1, False)],
        ),
        (f"<xs:sequence>{text('b', maxOccurs='0', minOccurs='0')}{text('c')}</xs:sequence>", [("c", 1, 1, False)]),
    ],
)
def test_model_groups_give_order_and_cardinality(tmp_path: Path, content: str, expected: object) -> None:
    """Groups multiply, choices make optional, only true alternatives share a choice."""
    assert told(root(tmp_path, element(content))) == expected


def test_groups_and_attribute_groups_are_followed(tmp_path: Path) -> None:
    """Attributes come first, a referenced one with its namespace."""
    shape = root(
        tmp_path,
        element('<xs:group ref="g" minOccurs="0"/><xs:attributeGroup ref="ag"/><xs:attribute name="k" use="required"/>')
        + f'<xs:group name="g"><xs:sequence>{text("b")}</xs:sequence></xs:group>'
        '<xs:attributeGroup name="ag"><xs:attribute ref="ref" use="optional"/></xs:attributeGroup>'
        '<xs:attribute name="ref" type="xs:int"/>',
    )
    assert [(child.name, child.minimum) for child in shape.children] == [("@{urn:t}ref", 0), ("@k", 1), ("{urn:t}b", 0)]
    assert shape.children[0].value == ValueType(
        "integer", minimum="-2147483648", maximum="2147483647", fraction_digits=0, space="collapse"
    )


def test_extension_appends_and_restriction_replaces(tmp_path: Path) -> None:
    """Attributes of the base stay unless they are prohibited."""
    base = (
        f'<xs:complexType name="base"><xs:sequence>{text("b")}{text("c", minOccurs="0")}</xs:sequence>'
        '<xs:attribute name="x"/><xs:attribute name="y"/></xs:complexType>'
    )
    derived = '<xs:complexContent><xs:{0} base="base">{1}</xs:{0}></xs:complexContent>'
    extended = root(tmp_path, base + element(derived.format("extension", f"<xs:sequence>{text('d')}</xs:sequence>")))
    assert [name for name, *_ in told(extended)] == ["@x", "@y", "b", "c", "d"]
    less = f'<xs:sequence>{text("b")}</xs:sequence><xs:attribute name="x" use="prohibited"/>'
    restricted = root(tmp_path, base + element(derived.format("restriction", less)))
    assert [name for name, *_ in told(restricted)] == ["@y", "b"]


def test_simple_content_has_value_and_attributes(tmp_path: Path) -> None:
    """A restriction of simple content narrows the value."""
    shape = root(
        tmp_path,
        '<xs:complexType name="code"><xs:simpleContent><xs:extension base="xs:token"><xs:attribute name="x"/>'
        "</xs:extension></xs:simpleContent></xs:complexType>"
        + element(
            '<xs:simpleContent><xs:restriction base="code"><xs:enumeration value="A"/><xs:enumeration value="B"/>'
            "</xs:restriction></xs:simpleContent>"
        ),
    )
    assert shape.value == ValueType(codes=("A", "B"), space="collapse")
    assert [child.name for child in shape.children] == ["@x"]


def test_an_abstract_head_offers_its_substitutes(tmp_path: Path) -> None:
    """NIEM's pattern: the members stand in the place of the head, and of one place only one may be."""
    body = (
        element(
            '<xs:sequence><xs:element ref="head" minOccurs="0"/><xs:element ref="many" maxOccurs="9"/></xs:sequence>'
        )
        + '<xs:element name="head" abstract="true"/><xs:element name="b" type="xs:int" substitutionGroup="head"/>'
        '<xs:element name="mid" abstract="true" substitutionGroup="head"/>'
        '<xs:element name="c" type="xs:date" substitutionGroup="mid"/>'
        '<xs:element name="many" type="xs:string"/><xs:element name="d" substitutionGroup="many"/>'
    )
    shape = root(tmp_path, body)
    assert told(shape) == [("b", 0, 1, True), ("c", 0, 1, True), ("many", 0, 9, False), ("d", 0, 9, False)]
    assert len({child.choice for child in shape.children[:2]}) == 1
    assert shape.by_name["{urn:t}d"].value == ValueType()


def test_wildcards_nil_mixed_and_any_type_are_told(tmp_path: Path) -> None:
    """What the schema lets in without naming it makes a step open."""
    shape = root(
        tmp_path,
        element(
            '<xs:sequence><xs:element name="b" type="xs:anyType" nillable="true"/>'
            '<xs:element name="c"><xs:complexType mixed="true"><xs:sequence/></xs:complexType></xs:element>'
            '<xs:any namespace="##other" processContents="lax" minOccurs="0"/></xs:sequence>'
        ),
    )
    assert shape.open
    assert (shape.children[0].open, shape.children[0].nillable, shape.children[1].open) == (True, True, False)
    assert shape.children[1].value == ValueType()


def test_a_recursive_type_costs_nothing(tmp_path: Path) -> None:
    """Children are made when they are looked at."""
    content = '<xs:sequence><xs:element ref="a" minOccurs="0"/></xs:sequence>'
    body = f'<xs:element name="a" type="t"/><xs:complexType name="t">{content}</xs:complexType>'
    shape = root(tmp_path, body)
    for _ in range(50):
        shape = shape.by_name["{urn:t}a"]
    assert shape.minimum == 0


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ('<xs:restriction base="xs:string"><xs:minLength value="1"/><xs:maxLength value="9"/></xs:restriction>',
         ValueType(min_length=1, max_length=9)),
        ('<xs:restriction base="xs:token"><xs:length value="3"/></xs:restriction>',
         ValueType(min_length=3, max_length=3, space="collapse")),
        ('<xs:restriction base="xs:string"><xs:pattern value="a"/><xs:pattern value="b"/></xs:restriction>',
         ValueType(patterns=("(?:a)|(?:b)",))),
        ('<xs:restriction base="xs:integer"><xs:minExclusive value="0"/><xs:maxInclusive value="9"/></xs:restriction>',
         ValueType("integer", minimum="1", maximum="9", fraction_digits=0, space="collapse")),
        ('<xs:restriction base="xs:decimal"><xs:totalDigits value="5"/><xs:fractionDigits value="2"/></xs:restriction>',
         ValueType("decimal", total_digits=5, fraction_digits=2, space="collapse")),
        ('<xs:restriction base="xs:dateTime"/>', ValueType("date-time", space="collapse")),
        ('<xs:restriction base="xs:gYearMonth"/>', ValueType("year-month", space="collapse")),
        (
            '<xs:restriction base="xs:hexBinary"><xs:maxLength value="4"/></xs:restriction>',
            ValueType("binary", patterns=("([0-9a-fA-F]{2})*",), space="collapse", loose=True),
        ),
        (
            '<xs:restriction base="xs:base64Binary"/>',
            ValueType("binary", patterns=("[A-Za-z0-9+/= ]*",), space="collapse"),
        ),
        ('<xs:restriction base="xs:boolean"/>', ValueType("boolean", space="collapse")),
        ('<xs:list itemType="xs:int"/>', ValueType(space="collapse", loose=True)),
        ('<xs:union memberTypes="xs:int xs:date"/>', ValueType(space="collapse", loose=True)),
        ('<xs:union><xs:simpleType><xs:restriction base="xs:token"><xs:enumeration value="A"/></xs:restriction>'
         '</xs:simpleType><xs:simpleType><xs:restriction base="xs:token"><xs:enumeration value="B"/></xs:restriction>'
         "</xs:simpleType></xs:union>", ValueType(codes=("A", "B"), space="collapse")),
    ],
)  # fmt: skip
def test_simple_types_become_value_types(tmp_path: Path, definition: str, expected: ValueType) -> None:
    """Facets of the schema are what mappings are proved against."""
    body = f'<xs:element name="a" type="t"/><xs:simpleType name="t">{definition}</xs:simpleType>'
    assert root(tmp_path, body).value == expected


def test_patterns_of_derived_types_all_hold_and_codes_narrow(tmp_path: Path) -> None:
    """A restriction of a restriction adds to it."""
    body = (
        '<xs:element name="a" type="t2"/>'
        '<xs:simpleType name="t"><xs:restriction base="xs:string"><xs:pattern value="[AB]"/></xs:restriction>'
        "</xs:simpleType>"
        '<xs:simpleType name="t2"><xs:restriction base="t"><xs:pattern value="A"/><xs:enumeration value="A"/>'
        "</xs:restriction></xs:simpleType>"
    )
    assert root(tmp_path, body).value == ValueType(codes=("A",), patterns=("[AB]", "A"))


def test_local_names_are_qualified_as_the_file_says(tmp_path: Path) -> None:
    """An unqualified local element has no namespace."""
    body = element(f"<xs:sequence>{text('b', form='unqualified')}{text('c')}</xs:sequence>")
    assert [child.name for child in root(tmp_path, body).children] == ["b", "{urn:t}c"]
