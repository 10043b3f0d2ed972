"""The shape of a JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.formats.json import JsonContract
from hub.schema.positions import line_of, places
from hub.schema.shape import Shape, ValueType


def shape(folder: Path, **schema: Any) -> Shape:
    (folder / "a.json").write_text(json.dumps({"type": "object", **schema}))
    return JsonContract(folder / "a.json").shape


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "minLength": 1, "maxLength": 9}, ValueType(min_length=1, max_length=9)),
        ({"type": "string", "pattern": "^[0-9]$"}, ValueType(patterns=("^[0-9]$",))),
        ({"type": "string", "enum": ["A", "B"]}, ValueType(codes=("A", "B"))),
        ({"enum": [1, 2]}, ValueType("integer", codes=("1", "2"), json="integer")),
        ({"const": "A"}, ValueType(codes=("A",))),
        ({"const": True}, ValueType("boolean", codes=("true",), json="boolean")),
        ({"type": "string", "format": "date"}, ValueType("date")),
        ({"type": "string", "format": "uuid"},
         ValueType(patterns=("^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",))),
        ({"type": "string", "format": "date-time"}, ValueType("date-time")),
        ({"type": "integer", "minimum": 1, "exclusiveMaximum": 9},
         ValueType("integer", minimum="1", maximum="8", json="integer")),
        ({"type": "number", "minimum": -90}, ValueType("decimal", minimum="-90", json="number")),
        ({"type": "boolean"}, ValueType("boolean", json="boolean")),
        ({"type": ["string", "null"]}, ValueType()),
        ({"type": "string", "contentEncoding": "base64"}, ValueType("binary")),
        ({"anyOf": [{"enum": ["A"]}, {"enum": ["B"]}]}, ValueType(codes=("A", "B"))),
        ({"allOf": [{"type": "string", "maxLength": 9}, {"maxLength": 5, "pattern": "x"}]},
         ValueType(max_length=5, patterns=("x",))),
        ({"$ref": "#/$defs/code", "maxLength": 3}, ValueType(codes=("A",), max_length=3)),
    ],
)  # fmt: skip
def test_schemas_of_scalars_become_value_types(tmp_path: Path, schema: dict[str, Any], expected: ValueType) -> None:
    """JSON's own types are kept beside the meaning."""
    made = shape(tmp_path, properties={"x": schema}, **{"$defs": {"code": {"type": "string", "enum": ["A"]}}})
    assert made.by_name["x"].value == expected


def test_required_lists_and_objects_give_cardinality(tmp_path: Path) -> None:
    """A list is a repeat even where one is the most."""
    made = shape(
        tmp_path,
        required=["a", "c", "d"],
        properties={
            "a": {"type": "string"},
            "b": {"type": "object", "properties": {"x": {"type": "string"}}},
            "c": {"type": "array", "minItems": 2, "maxItems": 5, "items": {"type": "string"}},
            "d": {"type": "array", "maxItems": 1, "items": {"properties": {"x": {"type": "integer"}}}},
        },
    )
    assert [(child.name, child.minimum, child.maximum) for child in made.children] == [
        ("a", 1, 1),
        ("b", 0, 1),
        ("c", 2, 5),
        ("d", 1, 1),
    ]
    assert [child.repeats for child in made.children] == [False, False, True, True]
    assert made.by_name["c"].value == ValueType()
    assert [path for path, _ in made.leaves()] == ["a", "b/x", "c", "d/x"]


def test_alternatives_offer_what_any_offers(tmp_path: Path) -> None:
    """Where each has one property of its own, they share a choice; what none of them needs is optional."""
    made = shape(
        tmp_path,
        required=["k"],
        properties={"k": {"type": "string"}},
        oneOf=[
            {"required": ["nin"], "properties": {"nin": {"type": "string"}}},
            {"required": ["iqama"], "properties": {"iqama": {"type": "string"}}},
        ],
    )
    assert [(child.name, child.minimum, bool(child.choice)) for child in made.children] == [
        ("k", 1, False),
        ("nin", 0, True),
        ("iqama", 0, True),
    ]
    assert made.by_name["nin"].choice == made.by_name["iqama"].choice


def test_objects_are_open_unless_closed(tmp_path: Path) -> None:
    """additionalProperties: false is what closes them."""
    made = shape(tmp_path, properties={"a": {"type": "object"}, "b": {"type": "object", "additionalProperties": False}})
    assert made.open
    assert [child.open for child in made.children] == [True, False]
    assert not shape(tmp_path, additionalProperties=False).open


def test_a_recursive_schema_costs_nothing(tmp_path: Path) -> None:
    """Children are made when they are looked at."""
    made = shape(tmp_path, properties={"part": {"$ref": "#"}})
    for _ in range(50):
        made = made.by_name["part"]
    assert made.name == "part"


def test_notes_come_from_the_property_before_its_definition(tmp_path: Path) -> None:
    """What is said at the place is nearer than what is said of the type."""
    made = shape(
        tmp_path,
        properties={"a": {"$ref": "#/$defs/t", "description": "here"}, "b": {"$ref": "#/$defs/t"}},
        **{"$defs": {"t": {"type": "string", "description": "there"}}},
    )
    assert [child.note for child in made.children] == ["here", "there"]


def test_places_have_pointers_lines_and_depth() -> None:
    """Every value of a text, in order; escapes as RFC 6901 has them."""
    text = '{\n"a/b": [1,\n{"~": "x\\n"}],\n"": {}}'
    assert [(place.pointer, place.line, place.depth) for place in places(text)] == [
        ("", 1, 0),
        ("/a~1b", 2, 1),
        ("/a~1b/0", 2, 2),
        ("/a~1b/1", 3, 2),
        ("/a~1b/1/~0", 3, 3),
        ("/", 4, 1),
    ]
    assert line_of(text, "/a~1b/1/~0") == 3
    assert line_of(text, "/c") is None
