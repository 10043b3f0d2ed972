"""Defaults of an XSD: where nothing stands the agency means something, and the mapping is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.mapping.workbench import BOTH, Bench, object_of, text

XSD = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner" elementFormDefault="qualified">
  <xs:element name="Case"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="xs:string"/>
    <xs:element name="Stage" minOccurs="0" type="xs:string" default="open"/>
  </xs:sequence><xs:attribute name="urgency" type="xs:string" default="routine"/></xs:complexType></xs:element>
</xs:schema>
"""
ATTRIBUTE = "by the agency's schema 'routine' is meant where nothing stands here, and "
READ, WRITE = frozenset({"read"}), frozenset({"write"})


def told(folder: Path, fields: str, directions: frozenset[str]) -> list[str]:
    bench = Bench(
        folder,
        schema=XSD,
        canonical=object_of(["number"], number=text(), urgency=text(), stage=text()),
        mapping=f"root: p:Case\nfields:\n  number: p:Number\n{fields}",
        directions=directions,
        granted={"number", "urgency", "stage"},
    )
    assert all(note.severity == "note" and note.line > 2 for note in bench.mapping.notes)
    return [note.text for note in bench.mapping.notes if note.code == "schema-default"]


@pytest.mark.parametrize(
    ("directions", "said"),
    [
        (READ, "reading takes it for nothing"),
        (WRITE, "writing leaves it out"),
        (BOTH, "reading takes it for nothing and writing leaves it out"),
    ],
)
def test_a_default_that_the_mapping_leaves_to_the_schema_is_told(
    tmp_path: Path, directions: frozenset[str], said: str
) -> None:
    """Of an attribute and of an element, in the directions that are used."""
    found = told(tmp_path, '  urgency: "@urgency"\n  stage: p:Stage\n', directions)
    assert found == [ATTRIBUTE + said, (ATTRIBUTE + said).replace("routine", "open")]


def test_a_mapping_that_says_it_itself_is_not_told(tmp_path: Path) -> None:
    """In each direction for itself."""
    stage = "  stage: {at: p:Stage, default: {read: open, write: open}}\n"
    field = '  urgency: {at: "@urgency", default: {%s}}\n'
    assert told(tmp_path, stage + field % "read: routine, write: routine", BOTH) == []
    assert told(tmp_path, stage + field % "read: routine", BOTH) == [ATTRIBUTE + "writing leaves it out"]
