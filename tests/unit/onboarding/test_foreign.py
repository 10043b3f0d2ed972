"""Contracts as they come: what cannot be used is left out and told, and wrong guesses are not sure of themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.marked import load
from tests.unit.onboarding.conftest import Hub

Change = Callable[[str, str], None]


@pytest.fixture
def wsdl(contracts: Path) -> Path:
    """A WSDL with one operation that can be called."""
    return contracts / "foreign/notices.wsdl"


@pytest.fixture
def change(wsdl: Path) -> Change:
    """Replace a text in it."""

    def replace(old: str, new: str) -> None:
        text = wsdl.read_text(encoding="utf-8")
        assert old in text
        wsdl.write_text(text.replace(old, new), encoding="utf-8")

    return replace


def draft(hub: Hub, wsdl: Path, status: int = 0) -> Any:
    return hub("new-agency", "newcomer", "--wsdl", str(wsdl), "--type", "case-status", status=status)


def test_operations_that_cannot_be_called_are_left_out(hub: Hub, wsdl: Path) -> None:
    """With the reason; the others are drafted, and an import that no document uses is not asked for."""
    made = draft(hub, wsdl)
    said = "\n".join(made["decisions"]["Its documents"])
    assert made["types"]["case-status"]["document"] == "Notify"
    assert "Operation CallBack is left out: rpc style, and the hub speaks document/literal only" in said
    assert "Operation Ping is left out: its message is no single element" in said


def test_a_wsdl_of_rpc_style_alone_is_refused_with_what_to_ask_for(hub: Hub, wsdl: Path, change: Change) -> None:
    """And with the operations."""
    change('<soap:binding style="document"', '<soap:binding style="rpc"')
    change('element="d:StatusNotice"', 'type="d:Notice"')
    change('<wsdl:message name="Nothing"/>', '<wsdl:message name="Nothing"></wsdl:message>')
    text = draft(hub, wsdl, status=2)
    assert "'Ping', 'Notify', 'CallBack': rpc style" in text
    assert "ask for a document/literal binding" in text


def test_a_port_that_is_not_http_is_told(hub: Hub, wsdl: Path, change: Change) -> None:
    """With the transport that it would need."""
    change("http://schemas.xmlsoap.org/soap/http", "http://www.w3.org/2010/soapjms/")
    assert "no SOAP port over HTTP (a binding with transport http://schemas.xmlsoap.org/soap/http)" in draft(
        hub, wsdl, status=2
    )


def test_the_agency_may_not_name_an_operation_that_cannot_be_called(hub: Hub, wsdl: Path, site: Path) -> None:
    """``hub check`` says why, at its line."""
    draft(hub, wsdl)
    path = site / "connectors/agencies/newcomer/agency.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(": Notify", ": CallBack"), encoding="utf-8")
    findings = [each for each in hub("check", status=1)["findings"] if each["code"] == "bad-wsdl"]
    assert "the operation CallBack cannot be called: rpc style" in findings[0]["text"]
    assert "CallBack" in path.read_text(encoding="utf-8").splitlines()[findings[0]["line"] - 1]


def test_a_file_that_is_no_xml_is_named(hub: Hub, wsdl: Path) -> None:
    """It may be one of forty."""
    (wsdl.parent / "structures.xsd").write_text("<xs:schema\n  minOccurs>", encoding="utf-8")
    assert "structures.xsd:2: error bad-schema" in draft(hub, wsdl, status=1)


def test_a_number_is_neither_a_year_nor_a_code(hub: Hub, wsdl: Path, site: Path) -> None:
    """What shares a word only is no line: an event's action is not its number, a list of days is not a day."""
    draft(hub, wsdl)
    fields = load(site / "mappings/newcomer/case-status.yaml", "mapping")["fields"]
    assert fields["caseNumber"] == "d:CaseNumber"
    assert {"on", "reportNumber"}.isdisjoint(fields)


def test_what_ties_elements_together_is_no_value(hub: Hub, wsdl: Path, site: Path) -> None:
    """The number stands in the element, not in its reference."""
    draft(hub, wsdl)
    fields = load(site / "mappings/newcomer/case-status.yaml", "mapping")["fields"]
    assert fields["eventNumber"] == {"at": "d:ActivityIdentification/d:IdentificationID", "pick": "first"}


def test_an_element_that_niem_lets_repeat_is_picked_from(hub: Hub, wsdl: Path, site: Path) -> None:
    """Every element of a NIEM contract may repeat; the name says that it is the one, a person says which."""
    made = draft(hub, wsdl)
    fields = load(site / "mappings/newcomer/case-status.yaml", "mapping")["fields"]
    assert fields["note"] == {"at": "d:ActivityDescriptionText", "pick": "first"}
    assert "note: it may repeat: is the first the one?." in made["decisions"]["mappings: case-status"]


def test_what_describes_an_element_is_filled_by_no_envelope(hub: Hub, wsdl: Path, site: Path) -> None:
    """An xs:ID is not the message's id, and a moment holds no id."""
    draft(hub, wsdl)
    text = (site / "mappings/newcomer/case-status.yaml").read_text(encoding="utf-8")
    assert "$message.id" not in text
    assert "$message.classification" not in text


def test_what_is_left_is_short(hub: Hub, wsdl: Path, site: Path) -> None:
    """A large container that may be absent is one line, a small one is listed; attributes of all are one glob."""
    draft(hub, wsdl)
    text = (site / "mappings/newcomer/case-status.yaml").read_text(encoding="utf-8")
    left = [line.split('""')[0].strip("# :") for line in text.partition("# ignores:")[2].splitlines()]
    assert "d:Vessel" in left
    assert not any("d:Hull" in line for line in left)
    assert "d:Vehicle/d:Plate" in left
    assert '"**/@s:id"' in left
    assert not any(line.endswith("Plate/@s:id") for line in left)


def test_a_wrong_name_or_type_shows_the_way(hub: Hub, wsdl: Path) -> None:
    """The name that would do, and the types that there are."""
    words = ("--wsdl", str(wsdl), "--type")
    assert "(court-north?)" in hub("new-agency", "Court.North", *words, "case-status", status=2)
    assert "(it has: case-referral, case-status," in hub("new-agency", "newcomer", *words, "zzz", status=2)
