"""JSON Schema files of a site: a closed set, with both validators of one mind about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.findings import Findings
from hub.schema.authority import authoritative_validator, schema_findings
from hub.schema.json_schema import SchemaSet

ROOT = Path(__file__).parents[3]


def findings(folder: Path, schema: Any, **others: Any) -> list[tuple[str, str, int]]:
    text = schema if isinstance(schema, str) else json.dumps(schema, indent=1)
    (folder / "a.json").write_text(text)
    for name, other in others.items():
        (folder / f"{name}.json").write_text(json.dumps(other))
    with pytest.raises(Findings) as caught:
        SchemaSet(folder / "a.json", folder, "schemas/agencies/x").validator()
    return [(finding.code, finding.file, finding.line) for finding in caught.value.findings]


@pytest.mark.parametrize(
    "reference",
    ["#/$defs/none", "b.json#/$defs/none", "none.json", "http://127.0.0.1/b.json", "../b.json", "#anchor", "/b.json"],
)
def test_a_reference_that_leads_nowhere_is_a_finding_at_its_line(tmp_path: Path, reference: str) -> None:
    """Nothing outside the folder is read, nothing is fetched."""
    schema = {"type": "object", "properties": {"x": {"$ref": reference}}}
    assert findings(tmp_path, schema, b={"$defs": {}}) == [("missing-reference", "schemas/agencies/x/a.json", 5)]


@pytest.mark.parametrize(
    ("schema", "line"),
    [
        ('{"type":\n"strin"}', 1),
        ('{\n"type": "object",\n"type": "string"}', 3),
        ('{\n"properties": {\n"a": {"minLength": -1}}}', 3),
        ('{\n"$schema": "http://json-schema.org/draft-07/schema#"}', 2),
        ('{"a": 1,\n,}', 2),
    ],
)
def test_a_schema_that_is_none_is_a_finding_at_its_line(tmp_path: Path, schema: str, line: int) -> None:
    """Schemas come through the strict door and keep their meta-schema."""
    assert findings(tmp_path, schema) == [("bad-schema", "schemas/agencies/x/a.json", line)]


def test_a_mistake_in_a_file_referred_to_is_found_there(tmp_path: Path) -> None:
    """Every file of the set is checked."""
    schema = {"properties": {"x": {"$ref": "b.json"}}}
    assert findings(tmp_path, schema, b={"type": "strin"}) == [("bad-schema", "schemas/agencies/x/b.json", 1)]


def test_a_reference_inside_data_is_none(tmp_path: Path) -> None:
    """``const`` and ``examples`` hold data, in which $ref means nothing."""
    (tmp_path / "a.json").write_text(json.dumps({"const": {"$ref": "nowhere"}, "x-note": {"$ref": "nowhere"}}))
    assert SchemaSet(tmp_path / "a.json", tmp_path, "").validator().is_valid({"$ref": "nowhere"})


def test_files_are_named_by_their_place_not_their_id(tmp_path: Path) -> None:
    """An agency's $id may be any URI; references between its files are by file name."""
    a = {"$id": "https://agency.example/a", "properties": {"x": {"$ref": "types/b.json#/$defs/t"}}}
    b = {"$id": "https://agency.example/b", "$defs": {"t": {"$ref": "c.json"}}}
    (tmp_path / "types").mkdir()
    for path, schema in {"a.json": a, "types/b.json": b, "types/c.json": {"type": "string"}}.items():
        (tmp_path / path).write_text(json.dumps(schema))
    validator = SchemaSet(tmp_path / "a.json", tmp_path, "").validator()
    assert validator.is_valid({"x": "1"})
    assert not validator.is_valid({"x": 1})


def test_patterns_run_in_linear_time_and_know_only_ascii_classes_where_written(tmp_path: Path) -> None:
    """A pattern that kills a backtracking engine answers at once."""
    (tmp_path / "a.json").write_text(json.dumps({"pattern": "^(a+)+$"}))
    assert not SchemaSet(tmp_path / "a.json", tmp_path, "").validator().is_valid("a" * 50_000 + "b")


def test_look_around_still_works(tmp_path: Path) -> None:
    """An agency's pattern may need the slower engine."""
    (tmp_path / "a.json").write_text(json.dumps({"pattern": "^(?!0)[0-9]+$"}))
    validator = SchemaSet(tmp_path / "a.json", tmp_path, "").validator()
    assert validator.is_valid("10")
    assert not validator.is_valid("01")


@pytest.mark.parametrize(
    "folder", sorted({path.parent for path in (ROOT / "schemas").rglob("*.json")}), ids=lambda path: path.name
)
def test_jsonschema_finds_nothing_in_the_default_site(folder: Path) -> None:
    """The authority agrees with what was loaded."""
    assert schema_findings(folder, str(folder.relative_to(ROOT))) == ()


def test_jsonschema_s_findings_have_file_and_line(tmp_path: Path) -> None:
    """``hub check`` points at the place."""
    (tmp_path / "a.json").write_text('{\n"properties": {\n"a": {"required": "x"}}}')
    assert [(found.file, found.line) for found in schema_findings(tmp_path, "s")] == [("s/a.json", 3)]


DIFFERENTIAL: dict[str, Any] = {
    "type": "object",
    "required": ["a"],
    "additionalProperties": False,
    "properties": {
        "a": {"$ref": "common.json#/$defs/code"},
        "b": {"type": "array", "items": {"type": "integer", "minimum": -1, "exclusiveMaximum": 3}, "uniqueItems": True},
        "c": {"oneOf": [{"type": "string", "maxLength": 2}, {"type": ["object", "null"], "required": ["x"]}]},
        "d": {"type": "string", "format": "date"},
        "e": {"type": "string", "pattern": "^[0-9]{1,2}$"},
        "f": {"const": 1},
    },
    "allOf": [{"if": {"properties": {"a": {"const": "A"}}}, "then": {"required": ["b"], "properties": {"f": False}}}],
}
# Without a line end after digits: for Python's engine "$" stands before it too (LIBRARIES.md), for the fast one not.
TEXTS = ("A", "B", "", "abc", "٣", "12", "2024-02-29", "2023-02-29", "2024-2-1")
OTHERS = (0, 1, 1.0, 2.5, -1, 3, True, None, {}, {"x": 1}, [], [1, 1], [1, 1.0], [0, 1, 2], [3])
VALUES = st.sampled_from((*TEXTS, *OTHERS))
DOCUMENTS = st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e", "f", "g"]), VALUES)


@settings(max_examples=400, deadline=None)
@given(DOCUMENTS)
def test_both_validators_give_the_same_verdict(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]
) -> None:
    """jsonschema-rs validates messages, jsonschema is the authority."""
    folder = tmp_path_factory.getbasetemp()
    if not (folder / "a.json").exists():
        (folder / "common.json").write_text(json.dumps({"$id": "common.json", "$defs": {"code": {"enum": ["A", "B"]}}}))
        (folder / "a.json").write_text(json.dumps({"$id": "a.json", **DIFFERENTIAL}))
    schemas = SchemaSet(folder / "a.json", folder, "")
    assert schemas.validator().is_valid(document) == authoritative_validator(schemas).is_valid(document)
