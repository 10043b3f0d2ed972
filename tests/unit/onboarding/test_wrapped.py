"""A contract as WCF publishes it: WSDLs that import WSDLs, four schemas, everything inside one parameter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.marked import load
from tests.unit.onboarding.conftest import Hub, errors

ACCESS, AGENCY = "connectors/agencies/newcomer/access.yaml", "connectors/agencies/newcomer/agency.yaml"
MAPPING = "mappings/newcomer/incident-report.yaml"


@pytest.fixture
def drafted(hub: Hub, contracts: Path) -> Any:
    return hub("new-agency", "newcomer", "--wsdl", str(contracts / "wcf" / "exchange.wsdl"))


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def test_the_record_is_what_the_parameter_holds(drafted: Any, site: Path) -> None:
    """Names are compared inside it: the parameter's own name says nothing of each field."""
    mapping = load(site / MAPPING, "mapping")
    assert mapping["root"] == "i0:ReportIncident/i0:incident"
    assert mapping["fields"]["reportNumber"] == "d:SourceReportNumber"
    assert mapping["fields"]["occurredOn"]["format"] == "yyyy-MM-ddT00:00:00"
    person = mapping["fields"]["complainants[]"]["fields"]["personId"]["fields"]
    assert person["name.ar"] == {"at": "d:FullName", "as": "name-whole"}
    assert "# narrative: d:Description" in (site / MAPPING).read_text()


def test_what_the_answer_holds_is_shown(drafted: Any, site: Path) -> None:
    """Nobody has to look for it in the schemas."""
    assert '# success: {at: "i0:ReportIncidentResult/d:Accepted", is: [...]}' in (site / AGENCY).read_text()
    assert any("i0:ReportIncidentResult/d:Reference" in line for line in drafted["decisions"]["The agency"])


def test_the_grant_that_is_offered_names_only_what_is_carried(drafted: Any, hub: Hub, site: Path) -> None:
    """A person who takes it as it stands is asked about nothing else."""
    edit(site / ACCESS, ("grants: []\n", "grants:\n"), ("#  - {rule: N-1", "  - {rule: N-1"))
    assert load(site / ACCESS, "access")["grants"][0]["fields"][-3:] == [
        "complainants[].personId", "persons[].name.ar", "persons[].phone"
    ]  # fmt: skip
    assert {error.partition(":")[0] for error in errors(hub)} == {"code-gap", "missing-required"}


def test_a_few_decisions_make_it_whole(drafted: Any, hub: Hub, site: Path) -> None:
    """And a success rule that no answer could meet is found: every delivery would be unknown, and sent again."""
    edit(site / ACCESS, ("grants: []\n", "grants:\n"), ("#  - {rule: N-1", "  - {rule: N-1"))
    edit(
        site / MAPPING,
        ("location.city: d:Place/d:City", 'location.city: {at: d:Place/d:City, default: {write: "-"}}'),
        ("as: name-whole}", 'as: name-whole, default: {write: "-"}}'),
        ("{at: d:ReportingStation/d:Code, codes: newcomer-station-code}", "d:ReportingStation/d:Code"),
    )
    with (site / "mappings/codes/newcomer-channel.csv").open("a") as codes:
        codes.write("Other,agency,\n")
    line = '# success: {at: "i0:ReportIncidentResult/d:Accepted", is: [...]}'
    edit(site / AGENCY, (line, 'success: {at: "d:Accepted", is: ["true"]}'))
    (error,) = errors(hub)
    assert error.startswith("unknown-path: success.at: d:Accepted is no element with a text in the answer")
    edit(site / AGENCY, ('"d:Accepted"', '"i0:ReportIncidentResult/d:Accepted"'))
    assert errors(hub) == []
