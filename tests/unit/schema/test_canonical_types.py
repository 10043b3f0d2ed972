"""Canonical message types: annotations, the rules of their schemas, the check of a message."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.findings import Findings
from hub.schema.canonical import CanonicalType, load_canonical
from hub.schema.links import Reference

COMMON = {
    "$defs": {
        "id": {"type": "string", "minLength": 1, "x-free": True},
        "person": {
            "type": "object",
            "additionalProperties": False,
            "required": ["id"],
            "properties": {
                "id": {"$ref": "#/$defs/id"},
                "sex": {"type": "string", "enum": ["male", "female"]},
                "birth": {"type": "string", "format": "date"},
            },
        },
    }
}
ROLE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["personId"],
    "properties": {
        "personId": {"$ref": "common.v1.json#/$defs/id", "x-ref": "persons[]"},
        "offenceIds": {"type": "array", "items": {"type": "string", "minLength": 1, "x-ref": "offences[]"}},
    },
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "report.v1.json",
    "x-type": "report",
    "x-version": 1,
    "x-case": {"case": "caseNumber", "report": "reportNumber"},
    "x-classification": "label",
    "x-recipients": "recipients",
    "x-time": "at",
    "type": "object",
    "additionalProperties": False,
    "required": ["at"],
    "properties": {
        "caseNumber": {"type": "string", "minLength": 1},
        "reportNumber": {"type": "string", "minLength": 1},
        "label": {"type": "string", "enum": ["PUBLIC", "SECRET"]},
        "recipients": {"type": "array", "items": {"type": "string", "minLength": 1}},
        "at": {"type": "string", "format": "date-time"},
        "persons": {"type": "array", "minItems": 1, "items": {"$ref": "common.v1.json#/$defs/person"}},
        "offences": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id"],
                "properties": {"id": {"$ref": "common.v1.json#/$defs/id"}, "code": {"type": "integer"}},
            },
        },
        "accused": {"type": "array", "items": ROLE},
    },
}
GOOD: dict[str, Any] = {
    "caseNumber": "1446/1",
    "at": "2024-05-01T10:00:00Z",
    "persons": [{"id": "p1", "sex": "male", "birth": "1990-01-01"}, {"id": "p2"}],
    "offences": [{"id": "o1", "code": 7}],
    "accused": [{"personId": "p2", "offenceIds": ["o1"]}],
}


def load(folder: Path, change: Callable[[dict[str, Any]], object] = lambda schema: None) -> dict[str, CanonicalType]:
    schema = copy.deepcopy(SCHEMA)
    change(schema)
    (folder / "common.v1.json").write_text(json.dumps(COMMON))
    (folder / "report.v1.json").write_text(json.dumps(schema, indent=1))
    return load_canonical(folder)


def test_annotations_say_what_the_hub_needs_of_a_type(tmp_path: Path) -> None:
    """Case numbers, label, recipients, time, links and what round trips may change."""
    type = load(tmp_path)["report"]
    assert (type.type, type.version, type.file) == ("report", 1, "schemas/canonical/report.v1.json")
    assert type.case_paths == (("case", "caseNumber"), ("report", "reportNumber"))
    assert (type.classification_path, type.recipients_path, type.time_path) == ("label", "recipients", "at")
    assert type.references == (
        Reference(("accused", "personId"), ("persons",)),
        Reference(("accused", "offenceIds"), ("offences",)),
    )
    assert type.free == ("persons[].id", "offences[].id", "accused[].personId")


def test_shared_definitions_are_no_message_type(tmp_path: Path) -> None:
    """A file without x-type is only referred to."""
    assert set(load(tmp_path)) == {"report"}


def test_the_newest_version_counts(tmp_path: Path) -> None:
    """Older versions stay beside it for what was stored under them."""
    (tmp_path / "report.v2.json").write_text(json.dumps({**SCHEMA, "$id": "report.v2.json", "x-version": 2}))
    assert load(tmp_path)["report"].version == 2


def test_a_good_message_has_no_problem(tmp_path: Path) -> None:
    """Valid is empty."""
    assert load(tmp_path)["report"].problems(GOOD) == ()


@pytest.mark.parametrize(
    ("change", "rule", "path"),
    [
        (lambda data: data["persons"][1].update(sex="x"), "enum", "persons[1].sex"),
        (lambda data: data["persons"][0].update(birth="1990-02-30"), "format", "persons[0].birth"),
        (lambda data: data.update(at="2024-05-01T25:00:00Z"), "format", "at"),
        (lambda data: data.update(caseNumber=""), "minLength", "caseNumber"),
        (lambda data: data.pop("at"), "required", "at"),
        (lambda data: data["persons"][1].update(name="x"), "additionalProperties", "persons[1].name"),
        (lambda data: data["offences"][0].update(code="7"), "type", "offences[0].code"),
        (lambda data: data["accused"][0].update(personId="p9"), "reference", "accused[0].personId"),
        (lambda data: data["accused"][0].update(offenceIds=["o1", "o9"]), "reference", "accused[0].offenceIds[1]"),
        (
            lambda data: data["persons"][1].update(id="p2") or data["persons"].append({"id": "p2"}),
            "reference",
            "persons[2].id",
        ),
        (lambda data: data.pop("offences"), "reference", "accused[0].offenceIds[0]"),
    ],
)
def test_a_problem_names_its_canonical_place_and_rule(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], rule: str, path: str
) -> None:
    """The mapping leads from that path back to the sender's own."""
    data = copy.deepcopy(GOOD)
    change(data)
    assert [(problem.rule, problem.path) for problem in load(tmp_path)["report"].problems(data)] == [(rule, path)]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda schema: schema.pop("x-case"), "x-case is missing"),
        (lambda schema: schema.update({"x-case": {"case": "number"}}), "'number' is not a value"),
        (lambda schema: schema.update({"x-case": {"case": "persons"}}), "'persons' is not a value"),
        (lambda schema: schema.update({"x-case": [{"a": "at", "b": "at"}]}), "one entry each"),
        (lambda schema: schema.update({"x-classification": "labels"}), "'labels' is not a value"),
        (lambda schema: schema.update({"x-recipients": "label"}), "'label' is not a list"),
        (lambda schema: schema.update({"x-time": "when"}), "'when' is not a value"),
        (lambda schema: schema.update({"x-version": 2}), "report.v2.json"),
        (lambda schema: schema["properties"]["label"].update({"x-ref": "people[]"}), "'people[]' is not a list"),
        (lambda schema: schema["properties"]["label"].update({"x-ref": "recipients[]"}), "items have an id"),
        (lambda schema: schema["properties"]["caseNumber"].pop("minLength"), "caseNumber may be an empty text"),
        (lambda schema: schema["properties"]["accused"]["items"].pop("additionalProperties"), "unknown properties"),
        (lambda schema: schema["properties"].update(x={"description": "?"}), "neither type nor properties"),
        (lambda schema: schema["properties"]["at"].update(format="dat"), "dat"),
        (lambda schema: schema["properties"]["at"].update(pattern="("), "regex"),
        (lambda schema: schema["properties"]["at"].update(minLength="1"), "integer"),
    ],
)
def test_a_mistake_in_a_canonical_schema_is_a_finding(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], word: str
) -> None:
    """Annotations that lead nowhere and schemas that let anything in are found when the site is loaded."""
    with pytest.raises(Findings) as caught:
        load(tmp_path, change)
    (finding,) = caught.value.findings
    assert finding.file == "schemas/canonical/report.v1.json"
    assert word in finding.text
    assert finding.line > 0


def test_a_finding_stands_at_its_line(tmp_path: Path) -> None:
    """The line is that of the property in the schema file."""
    with pytest.raises(Findings) as caught:
        load(tmp_path, lambda schema: schema["properties"]["caseNumber"].pop("minLength"))
    lines = (tmp_path / "report.v1.json").read_text().splitlines()
    (finding,) = caught.value.findings
    assert '"caseNumber": {' in lines[finding.line - 1]


def test_a_folder_without_types_is_a_finding(tmp_path: Path) -> None:
    """A site without message types can do nothing."""
    with pytest.raises(Findings, match="no canonical message type"):
        load_canonical(tmp_path)
