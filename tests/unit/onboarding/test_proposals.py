"""What is proposed: the matches that a person would make, the doubts that a person must decide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.marked import load
from tests.unit.onboarding.conftest import ROOT, Hub, errors


def mapping(site: Path, type: str) -> Any:
    return load(site / f"mappings/newcomer/{type}.yaml", "mapping")


@pytest.fixture
def court(hub: Hub, contracts: Path, site: Path) -> Any:
    """The referral that is drafted for a foreign court."""
    hub("new-agency", "newcomer", "--wsdl", str(contracts / "court.wsdl"))
    return mapping(site, "case-referral")["fields"]


def test_values_are_matched_by_what_their_names_mean(court: Any) -> None:
    """Synonyms, containers and annotations."""
    assert court["caseNumber"] == "cf:Dossier/cf:CaseReference"
    assert court["narrative"] == "cf:Dossier/cf:FactsOfTheCase"
    assert court["occurredOn"] == {"at": "cf:Dossier/cf:DateOfOffence", "as": "date"}
    assert court["station.name"] == "cf:Dossier/cf:PoliceStation/cf:Name"


def test_a_person_nested_in_a_role_is_followed(court: Any) -> None:
    """In an agency's list, and where it has room for one only."""
    accused, complainants = court["accused[]"], court["complainants[]"]
    assert accused["at"] == "cf:Dossier/cf:Suspects/cf:Suspect"
    assert accused["fields"]["personId"]["to"] == "persons[]"
    assert accused["fields"]["personId"]["fields"]["name.ar.family"] == "cf:Person/cm:LastName"
    assert complainants["too-many"] == "refuse"


def test_code_lists_become_code_tables(court: Any, site: Path) -> None:
    """What is clear is filled in."""
    assert court["stage"]["codes"] == "newcomer-stage"
    rows = (site / "mappings/codes/newcomer-stage.csv").read_text(encoding="utf-8").splitlines()
    assert rows == [
        "partner,canonical,note", "Registered,registered,", "UnderInvestigation,under-investigation,",
        "Referred,referred,", "Closed,closed,",
    ]  # fmt: skip


def test_what_is_left_is_told(court: Any, site: Path) -> None:
    """Codes, required fields and everything without a line."""
    text = (site / "mappings/newcomer/DECISIONS.md").read_text(encoding="utf-8")
    assert "newcomer-stage.csv: 4 pairs are filled in. Left of theirs: Appealed" in text
    assert "charges[].personId" in text
    assert "Not drafted: GetDocket" in text


def test_grants_lead_on(court: Any, hub: Hub, site: Path) -> None:
    """With a grant, ``hub check`` names each field that is neither mapped nor dropped."""
    access = site / "connectors/agencies/newcomer/access.yaml"
    grant = "{rule: N-1, may: receive, type: case-status, fields: [eventNumber, caseNumber, stage, at, station]}"
    access.write_text(f"agency: newcomer\ngrants:\n  - {grant}\n", encoding="utf-8")
    assert any(error.startswith("unwritten-field: station.code ") for error in errors(hub))
    path = site / "mappings/newcomer/case-status.yaml"
    path.write_text(path.read_text(encoding="utf-8") + 'drops: {station.code: "by name"}\n', encoding="utf-8")
    assert not any(error.startswith("unwritten-field") for error in errors(hub))


def test_flat_columns_in_arabic_become_a_complainant(hub: Hub, contracts: Path, site: Path) -> None:
    """And the complainant's telephone is not the officer's."""
    sample = str(contracts / "injuries.csv")
    hub("new-agency", "newcomer", "--sample", sample, "--type", "incident-report")
    fields = mapping(site, "incident-report")["fields"]
    assert fields["caseNumber"] == "رقم القضية"
    assert "officer.phone" not in fields
    person = fields["complainants[]"]["fields"]["personId"]["fields"]
    assert person["phone"] == "جوال المشتكي"
    assert person["name.ar"] == {"at": "اسم المشتكي", "as": "name-whole"}
    assert person["identifiers[]"]["fields"]["value"] == "هوية المشتكي"


def test_a_table_of_a_few_columns_has_rows_too(hub: Hub, tmp_path: Path, site: Path) -> None:
    """Three columns are enough to be matched."""
    sample = tmp_path / "events.csv"
    sample.write_text("رقم القضية;رقم الحركة;الحالة\n1448-MK-0002001;77;مفتوحة\n", encoding="utf-8")
    hub("new-agency", "newcomer", "--sample", str(sample), "--type", "case-status")
    drafted = mapping(site, "case-status")
    assert drafted["root"] == "rows[]"
    assert (drafted["fields"]["caseNumber"], drafted["fields"]["eventNumber"]) == ("رقم القضية", "رقم الحركة")


@pytest.mark.parametrize(
    ("agency", "contract", "type", "least"),
    [
        ("public-prosecution", ("--wsdl", "prosecution-service.wsdl"), "case-referral", 0.9),
        ("public-prosecution", ("--xsd", "prosecution-decision.xsd"), "prosecution-decision", 0.8),
        ("citizen-portal", ("--sample", ""), "incident-report", 0.5),
    ],
)
def test_most_of_a_mapping_made_by_hand_is_found(
    hub: Hub, site: Path, agency: str, contract: tuple[str, str], type: str, least: float
) -> None:
    """Held against what people wrote for the default site's own agencies: the same place for the same field."""
    kind, file = contract
    path = ROOT / "schemas/agencies" / agency / file
    if kind == "--sample":
        path = next((ROOT / "mappings" / agency / "examples").glob("*/input.json"))
    hub("new-agency", "newcomer", kind, str(path), "--type", type)
    by_hand = places(load(ROOT / f"mappings/{agency}/{type}.yaml", "by hand")["fields"])
    drafted = places(mapping(site, type)["fields"])
    drafted |= {f"{key}.whole": place for key, place in drafted.items() if key.rpartition(".")[2] in ("ar", "latin")}
    found = sum(1 for key, place in by_hand.items() if drafted.get(key) == place)
    assert found / len(by_hand) >= least, {key: (by_hand[key], drafted.get(key)) for key in by_hand}


def places(fields: Any, above: str = "", at: str = "") -> dict[str, str]:
    """Canonical path to agency path, both from the document."""
    found = {}
    for key, node in fields.items():
        path = f"{above}{key}"
        if not isinstance(node, dict):
            found[path] = f"{at}{node}" if isinstance(node, str) else ""
        elif "fields" in node:
            step = node.get("at") or node.get("follow") or "."
            inner = at if step == "." else f"{at}{step}/"
            found |= places(node["fields"], f"{path}.", inner)
        elif isinstance(node.get("at"), str):
            found[path] = at + node["at"]
        elif isinstance(node.get("ref"), str):
            found[path] = at + node["ref"]
    return {key: place for key, place in found.items() if place}
