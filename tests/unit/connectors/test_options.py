"""What a site can get wrong in a connector's options is found when it is loaded, with code and line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from connectors.base import Partner
from connectors.registry import CONNECTORS
from connectors.soap_options import input_elements
from hub.findings import Findings
from hub.message import Result
from tests.unit.connectors.agencies import CONTRACTS, EXCHANGE, REFERRAL, agency, partner

URL = "http://partner.example/v1"


def codes(transport: str, options: str, endpoint: str = URL, contracts: Path = CONTRACTS) -> list[str]:
    checked = agency(transport, endpoint, options)
    assert checked.way is not None
    return [finding.code for finding in CONNECTORS[transport].check(checked, checked.way, contracts)]


@pytest.mark.parametrize(
    ("transport", "options"),
    [
        ("rest", ""),
        ("rest", "{paths: {case-status: /v1/status}, credential: key, bearer: 'true'}"),
        ("rest", "{success: {status: [200, 409], at: /status, is: ok}, partner-log-id: /reference}"),
        ("soap", "{wsdl: exchange.wsdl, operations: {case-referral: SubmitReferral}}"),
        (
            "soap",
            "{wsdl: exchange.wsdl, port: Port12, operations: {case-referral: SubmitReferral}, addressing: 'false'}",
        ),
        ("file", '{name: "{type}-{sequence}-{id}.xml", meta: "true"}'),
        ("memory", ""),
    ],
)
def test_right_options_have_no_findings(transport: str, options: str) -> None:
    """Nothing is reported where nothing is wrong."""
    assert codes(transport, options) == []


@pytest.mark.parametrize(
    ("transport", "options", "code"),
    [
        ("rest", "{path: {case-status: /v1}}", "unknown-key"),
        ("rest", "{paths: {case-stat: /v1}}", "unknown-type"),
        ("rest", "{paths: {case-status: v1}}", "bad-value"),
        ("rest", "{header: X-Key}", "missing-key"),
        ("rest", "{success: {at: /status}}", "missing-key"),
        ("rest", "{success: {status: ok}}", "bad-value"),
        ("rest", "{partner-log-id: reference}", "bad-value"),
        ("soap", "{operations: {case-referral: SubmitReferral}}", "missing-key"),
        ("soap", "{wsdl: absent.wsdl, operations: {case-referral: SubmitReferral}}", "bad-wsdl"),
        ("soap", "{wsdl: exchange.xsd, operations: {case-referral: SubmitReferral}}", "bad-wsdl"),
        ("soap", "{wsdl: exchange.wsdl, port: Port13, operations: {case-referral: SubmitReferral}}", "bad-wsdl"),
        ("soap", "{wsdl: exchange.wsdl, operations: {case-referral: SubmitRefferal}}", "unknown-operation"),
        (
            "soap",
            "{wsdl: exchange.wsdl, operations: {case-referral: SubmitReferral}, success: {at: Nothing, is: [OK]}}",
            "unknown-path",
        ),
        (
            "soap",
            '{wsdl: exchange.wsdl, operations: {case-referral: SubmitReferral}, partner-log-id: "xe:Number"}',
            "unknown-prefix",
        ),
        (
            "soap",
            "{wsdl: exchange.wsdl, operations: {case-referral: SubmitReferral}, security: {user: a, kind: text}}",
            "missing-key",
        ),
        ("file", "", "missing-key"),
        ("file", '{name: "{type}.xml"}', "bad-value"),
        ("file", '{name: "{id}-{number}.xml"}', "bad-value"),
        ("file", '{name: "../{id}.xml"}', "bad-value"),
        ("file", '{name: "{id}-{.xml"}', "bad-value"),
        ("file", '{name: ".{id}.xml"}', "bad-value"),
        ("memory", "{name: x}", "unknown-key"),
    ],
)
def test_wrong_options_are_found(transport: str, options: str, code: str) -> None:
    """Each mistake has its code."""
    assert code in codes(transport, options)


@pytest.mark.parametrize("endpoint", ["partner.example", "ftp://partner.example/", "http://", "http://[bad"])
def test_an_endpoint_that_is_no_url_is_found(endpoint: str) -> None:
    """REST and SOAP go to http and https URLs only."""
    assert "bad-value" in codes("rest", "", endpoint)


def test_a_misspelt_operation_comes_with_the_right_one() -> None:
    """The finding names file and line, and what was probably meant."""
    options = "wsdl: exchange.wsdl\noperations:\n  case-referral: SubmitRefferal\n"
    checked = agency("soap", URL, options)
    assert checked.way is not None
    (finding,) = CONNECTORS["soap"].check(checked, checked.way, CONTRACTS)
    assert (finding.file, finding.line) == ("connectors/agencies/north/agency.yaml", 3)
    assert finding.hint == "did you mean 'SubmitReferral'?"


@pytest.mark.parametrize("location", ["http://127.0.0.1:9/exchange.xsd", "file:///etc/passwd", "../outside.xsd"])
def test_a_wsdl_that_imports_from_elsewhere_is_refused(tmp_path: Path, location: str) -> None:
    """Nothing outside the agency's own folder is read, and nothing is fetched."""
    folder = tmp_path / "north"
    folder.mkdir()
    (tmp_path / "outside.xsd").write_bytes((CONTRACTS / "exchange.xsd").read_bytes())
    wsdl = (CONTRACTS / "exchange.wsdl").read_text().replace("exchange.xsd", location)
    (folder / "exchange.wsdl").write_text(wsdl)
    options = "{wsdl: exchange.wsdl, operations: {case-referral: SubmitReferral}}"
    assert codes("soap", options, contracts=folder) == ["bad-wsdl"]


@pytest.mark.parametrize(
    ("transport", "options"),
    [
        ("rest", "{credential: hub-key}"),
        (
            "soap",
            "{wsdl: exchange.wsdl, operations: {case-referral: SubmitReferral},"
            " security: {user: hub, credential: hub-password, kind: text}}",
        ),
    ],
)
def test_without_its_secret_a_way_fails_unsent_and_says_why(transport: str, options: str) -> None:
    """The hub runs for everyone else; these deliveries wait, and their reason names the missing secret."""
    known = partner(transport, URL, options)
    connector = CONNECTORS[transport].make(Partner(known.agency, URL, {}, CONTRACTS))
    outcome = asyncio.run(connector.send(REFERRAL, 5))
    assert (outcome.result, outcome.code) == (Result.FAILED, "not-deliverable")
    assert "hub-" in outcome.text


def test_options_that_were_never_checked_stop_the_connector() -> None:
    """A connector with wrong options is not made at all."""
    with pytest.raises(Findings, match="unknown-key"):
        CONNECTORS["rest"].make(partner("rest", URL, "{path: x}"))


def test_the_elements_that_operations_take_can_be_compared_with_mappings() -> None:
    """One element a message type, from the WSDL."""
    checked = agency("soap", URL, "{wsdl: exchange.wsdl, operations: {case-referral: SubmitReferral}}")
    assert checked.way is not None
    assert input_elements(checked, checked.way, CONTRACTS) == {"case-referral": f"{{{EXCHANGE}}}SubmitReferral"}
