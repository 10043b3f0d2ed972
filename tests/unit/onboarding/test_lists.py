"""A contract whose document is a JSON list: the draft makes a message of each item."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.unit.onboarding.conftest import Hub, errors

EVENT = {"eventNumber": "EV-1", "caseNumber": "1448-MK-0001234", "stage": "registered", "at": "2026-06-22T10:06:00Z"}
API: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "events", "version": "1"},
    "paths": {
        "/events": {
            "post": {
                "operationId": "postEvents",
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}
                        }
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Event": {
                "type": "object",
                "required": list(EVENT),
                "properties": {name: {"type": "string"} for name in EVENT},
            }
        }
    },
}


def mapping(site: Path) -> str:
    return (site / "mappings/newcomer/case-status.yaml").read_text()


def test_a_sample_that_is_a_list(hub: Hub, site: Path, tmp_path: Path) -> None:
    """What is in some items only may be missing."""
    sample = tmp_path / "events.json"
    sample.write_text(json.dumps([EVENT, {**EVENT, "note": "x"}]))
    hub("new-agency", "newcomer", "--sample", str(sample), "--type", "case-status")
    schema = json.loads((site / "schemas/agencies/newcomer/events.json").read_text())
    assert (schema["type"], schema["items"]["required"]) == ("array", list(EVENT))
    assert 'root: "[]"\n' in mapping(site)
    assert "  eventNumber: eventNumber  # 1.00 name" in mapping(site)
    assert errors(hub) == []


def test_an_operation_that_takes_a_list(hub: Hub, site: Path, tmp_path: Path) -> None:
    """However few fields an item has."""
    api = tmp_path / "api.json"
    api.write_text(json.dumps(API))
    hub("new-agency", "newcomer", "--openapi", str(api), "--type", "case-status")
    assert 'root: "[]"\n' in mapping(site)
    assert "  caseNumber: caseNumber  # 1.00 name" in mapping(site)
    assert errors(hub) == []
