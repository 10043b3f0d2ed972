"""OpenAPI, Swagger and JSON Schema as they come: many files, YAML 1.2, references to anywhere, bodies of requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.marked import load
from tests.unit.onboarding.conftest import Hub, errors


@pytest.fixture
def foreign(contracts: Path) -> Path:
    return contracts / "foreign"


def draft(hub: Hub, *words: str, status: int = 0) -> Any:
    return hub("new-agency", "newcomer", *words, status=status)


def read(site: Path, name: str) -> Any:
    return json.loads((site / "schemas/agencies/newcomer" / name).read_text(encoding="utf-8"))


def test_a_description_in_several_files_is_read(hub: Hub, foreign: Path, site: Path) -> None:
    """Path items, bodies and schemas elsewhere, files of one name in two folders, a property named ``default``."""
    made = draft(hub, "--openapi", str(foreign / "registry.yaml"), "--type", "case-status=sendEvent")
    assert made["types"]["case-status"]["document"] == "sendEvent"
    assert read(site, "common.schemas.json")["schemas"]["Person"]
    assert read(site, "common-2.schemas.json")["Place"]
    agency = load(site / "connectors/agencies/newcomer/agency.yaml", "agency")
    assert agency["delivers"]["endpoint"] == "https://registry.example/api"
    assert errors(hub) == []


def test_what_a_reference_leads_to_comes_along(hub: Hub, foreign: Path, site: Path) -> None:
    """Wherever it stands; what nothing refers to does not, nor do other operations' bodies."""
    draft(hub, "--openapi", str(foreign / "registry.yaml"), "--type", "case-status=sendEvent")
    components = read(site, "registry.schemas.json")["components"]
    assert components["parameters"] == {"Stage": {"schema": {"type": "string", "enum": ["open", "closed"]}}}
    names = {path.name for path in (site / "schemas/agencies/newcomer").iterdir()}
    assert names == {
        "registry.yaml", "registry.schemas.json", "common.schemas.json", "common-2.schemas.json", "sendEvent.json",
    }  # fmt: skip


def test_yaml_is_read_as_openapi_says(hub: Hub, foreign: Path, site: Path) -> None:
    """Norway is no boolean, and half past twelve no number."""
    draft(hub, "--openapi", str(foreign / "registry.yaml"), "--type", "case-status=sendEvent")
    event = read(site, "registry.schemas.json")["components"]["schemas"]["Event"]
    assert event["properties"]["country"]["enum"] == ["NO", "SE"]
    assert event["properties"]["opens"]["enum"] == ["12:30:00", "on"]


def test_what_only_answers_hold_is_not_asked_of_a_request(hub: Hub, foreign: Path, site: Path) -> None:
    """``readOnly`` and required: required in answers."""
    draft(hub, "--openapi", str(foreign / "registry.yaml"), "--type", "case-status=sendEvent")
    event = read(site, "registry.schemas.json")["components"]["schemas"]["Event"]
    assert event["required"] == ["eventNumber", "country", "recordedAt"]


def test_a_path_that_the_hub_cannot_fill_is_a_decision(hub: Hub, foreign: Path, site: Path) -> None:
    """And an operation's name need not be one of a file."""
    made = draft(hub, "--openapi", str(foreign / "registry.yaml"), "--type", "case-status=notes/put event")
    assert any("/events/{id}/note, has a part for each message" in line for line in made["decisions"]["Its documents"])
    assert (site / "schemas/agencies/newcomer/notes-put-event.json").is_file()


def test_a_missing_file_of_a_url_is_taken_from_beside(hub: Hub, foreign: Path) -> None:
    """As the finding says: nothing is fetched."""
    path = foreign / "registry.yaml"
    text = path.read_text(encoding="utf-8").replace("shared/common.yaml", "https://registry.example/s/places.yaml")
    path.write_text(text, encoding="utf-8")
    words = ("--openapi", str(path), "--type", "case-status=sendEvent")
    assert "put places.yaml beside registry.yaml" in draft(hub, *words, status=1)
    (foreign / "places.yaml").write_bytes((foreign / "shared/common.yaml").read_bytes())
    draft(hub, *words)


def test_a_reference_to_nothing_is_refused(hub: Hub, foreign: Path) -> None:
    """With the file and the place."""
    path = foreign / "registry.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("parameters/Stage/", "parameters/Phase/"), "utf-8")
    text = draft(hub, "--openapi", str(path), "--type", "case-status=sendEvent", status=1)
    assert "registry.yaml:0: error missing-reference: #/components/parameters/Phase/schema points to nothing" in text


def test_a_json_schema_is_a_contract(hub: Hub, foreign: Path, site: Path) -> None:
    """Draft 7 too; and who is named a suspect is no person of any role."""
    draft(hub, "--json-schema", str(foreign / "incident.schema.json"), "--type", "incident-report")
    fields = load(site / "mappings/newcomer/incident-report.yaml", "mapping")["fields"]
    assert fields["accused[]"]["at"] == "suspectPersons"
    assert fields["complainants[]"]["at"] == "victimPersons"
    assert "persons[]" not in fields
    assert errors(hub) == []


def test_a_json_schema_given_as_openapi_is_told(hub: Hub, foreign: Path) -> None:
    """With the option that takes it."""
    assert "--json-schema" in draft(hub, "--openapi", str(foreign / "incident.schema.json"), status=2)
