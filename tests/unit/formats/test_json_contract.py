"""JSON documents under a JSON Schema: problems with pointer, line and rule; rendering."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.errors import HubError
from hub.formats.json import JsonContract

COMMON = {"$id": "common.json", "$defs": {"sex": {"enum": ["M", "F"]}}}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "case.json",
    "type": "object",
    "additionalProperties": False,
    "required": ["number"],
    "properties": {
        "number": {"type": "string", "pattern": "^[0-9]{4}/[0-9]+$", "maxLength": 12},
        "day": {"type": "string", "format": "date"},
        "count": {"type": "integer", "minimum": 1},
        "persons": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string", "minLength": 1}, "sex": {"$ref": "common.json#/$defs/sex"}},
            },
        },
        "place": {
            "oneOf": [
                {"type": "string"},
                {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}},
            ]
        },
    },
}


@pytest.fixture
def contract(tmp_path: Path) -> JsonContract:
    (tmp_path / "case.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "common.json").write_text(json.dumps(COMMON))
    return JsonContract(tmp_path / "case.json")


def test_a_valid_document_has_no_problem(contract: JsonContract) -> None:
    """Valid is empty."""
    parsed = contract.parse(b'{"number": "1446/1", "day": "2024-02-29", "persons": [{"name": "x", "sex": "M"}]}')
    assert contract.problems(parsed) == ()
    assert parsed.tree["persons"][0]["sex"] == "M"


@pytest.mark.parametrize(
    ("member", "rule", "path", "text"),
    [
        ('"number": "1446-1"', "pattern", "/number", "'1446-1' does not match the pattern ^[0-9]{4}/[0-9]+$"),
        ('"number": "1446/123456789"', "maxLength", "/number", "14 characters, at most 12 are allowed"),
        ('"number": 7', "type", "/number", "a text is expected, not an integer"),
        ('"number": "١٤٤٦/1"', "pattern", "/number", "'١٤٤٦/1' does not match the pattern ^[0-9]{4}/[0-9]+$"),
        ('"number": "1446/1", "day": "2023-02-29"', "format", "/day", "'2023-02-29' is not a valid date"),
        ('"number": "1446/1", "count": 0', "minimum", "/count", "0 is less than 1"),
        ('"number": "1446/1", "persons": []', "minItems", "/persons", "0 items, at least 1 are needed"),
        ('"number": "1446/1", "persons": [{}]', "required", "/persons/0/name", "the property 'name' is missing"),
        (
            '"number": "1446/1", "persons": [{"name": "x"}, {"name": "y", "sex": "Q"}]',
            "enum",
            "/persons/1/sex",
            "'Q' is not one of 'M', 'F'",
        ),
        (
            '"number": "1446/1", "x~/y": 1',
            "additionalProperties",
            "/x~0~1y",
            "the property 'x~/y' is not expected here",
        ),
        ('"number": "1446/1", "place": {}', "required", "/place/city", "the property 'city' is missing"),
        ('"number": "1446/1", "place": 4', "oneOf", "/place", "none of the allowed forms fits, or more than one does"),
    ],
)
def test_a_problem_names_rule_pointer_line_and_token(
    contract: JsonContract, member: str, rule: str, path: str, text: str
) -> None:
    """The text is ours: short, with the offending token alone."""
    (problem,) = contract.problems(contract.parse(f"{{\n{member}}}".encode()))
    assert (problem.rule, problem.path, problem.line, problem.text) == (rule, path, 2, f"{path}: {text}")


def test_a_missing_property_has_the_line_of_its_object(contract: JsonContract) -> None:
    """There is no better place to look at."""
    parsed = contract.parse(b'\n{"day":\n"2024-01-01"}')
    assert [(problem.path, problem.line) for problem in contract.problems(parsed)] == [("/number", 2)]


def test_the_line_of_a_pointer_counts_in_the_bytes_sent(contract: JsonContract) -> None:
    """Line 1 is the first; a property's line is its key's."""
    parsed = contract.parse(b'{"number":\n"1446/1",\n"persons": [\n{"name": "x"},\n{"name":\n"y"}]}')
    assert [contract.line_of(parsed, path) for path in ("", "/number", "/persons/0", "/persons/1/name")] == [1, 1, 4, 5]


def test_a_document_that_is_no_object_is_refused(contract: JsonContract) -> None:
    """Mappings read objects."""
    with pytest.raises(HubError, match="schema-violation"):
        contract.parse(b"[1]")


def test_render_gives_checked_bytes(contract: JsonContract) -> None:
    """What leaves satisfies the schema."""
    tree = {"number": "1446/1", "persons": [{"name": "ض"}]}
    assert json.loads(contract.render(tree)) == tree
    with pytest.raises(HubError) as caught:
        contract.render({"number": "1446"})
    assert (caught.value.code.name, caught.value.problems[0].path) == ("output-invalid", "/number")


def test_a_long_value_is_cut_in_the_text(contract: JsonContract) -> None:
    """No payload leaves in an error."""
    (first, *_) = contract.problems(contract.parse(json.dumps({"number": "س" * 5000}).encode()))
    assert "س" * 61 not in first.text


def test_an_object_with_an_oddly_named_list_is_no_list(tmp_path: Path) -> None:
    """A property may be called ``[]``; the document is an object all the same."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "properties": {"[]": {"type": "array", "items": {"type": "string"}}},
    }
    (tmp_path / "odd.json").write_text(json.dumps(schema), encoding="utf-8")
    contract = JsonContract(tmp_path / "odd.json")
    document = contract.parse(b'{"[]": ["a"]}')
    assert contract.problems(document) == ()
    assert document.tree == {"[]": ["a"]}
