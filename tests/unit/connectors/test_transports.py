"""What only one transport has: paths and credentials of REST, headers of SOAP, names of files."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from connectors.file import FileConnector, file_name
from connectors.rest import RestConnector
from connectors.soap import SoapConnector, message_uri
from connectors.verdict import retry_after
from hub.access.identify import Nonces, identify
from hub.formats.envelope import WSA, one_text, read_envelope
from hub.message import Outcome, Received, Result
from hub.site.agency import SoapIntake
from hub.web.soap_headers import read_headers
from tests.unit.connectors.agencies import REFERRAL, SECRETS, STATUS, partner
from tests.unit.connectors.rigs import HttpPartner, RestRig, SoapRig


def sent_by_rest(options: str) -> tuple[Outcome, dict[str, str], str]:
    """The outcome, headers and path of one parcel."""

    async def play() -> tuple[Outcome, dict[str, str], str]:
        service = HttpPartner(RestRig._answer)
        await service.up()
        connector = RestConnector(partner("rest", f"http://127.0.0.1:{service.port}/base/", options))
        await connector.open()
        outcome = await connector.send(STATUS, 5)
        await connector.close()
        await service.down()
        return outcome, *service.requests[0][:2]

    return asyncio.run(play())


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        ("{credential: hub-key}", "X-Api-Key", "geheim"),
        ("{credential: hub-key, header: X-Hub}", "X-Hub", "geheim"),
        ("{credential: hub-key, bearer: 'true'}", "Authorization", "Bearer geheim"),
    ],
)
def test_rest_shows_the_hub_s_credential_as_declared(options: str, name: str, value: str) -> None:
    """In the declared header, or as a bearer token."""
    assert sent_by_rest(options)[1][name] == value


def test_rest_path_is_the_declared_one_or_the_type() -> None:
    """Appended to the endpoint."""
    assert sent_by_rest("")[2] == "/base/case-status"
    assert sent_by_rest("{paths: {case-status: /v2/status}}")[2] == "/base/v2/status"


def test_rest_keeps_the_partner_s_own_number() -> None:
    """Where the answer has it; it is no condition of success."""
    assert sent_by_rest("{partner-log-id: /reference}")[0].partner_log_id == "N-77"
    assert sent_by_rest("{partner-log-id: /absent}")[0] == Outcome(Result.DELIVERED)


def sent_by_soap(rig: SoapRig) -> tuple[Outcome, Mapping[str, str], bytes]:
    async def play() -> Outcome:
        await rig.start()
        outcome = await rig.connector.send(REFERRAL, 5)
        await rig.stop()
        return outcome

    outcome = asyncio.run(play())
    headers, _, body = rig.partner.requests[0]
    return outcome, headers, body


def test_soap_1_1_carries_its_action_beside_the_envelope() -> None:
    """SOAPAction is quoted, the media type is text/xml, and WS-Addressing says the same action."""
    outcome, headers, body = sent_by_soap(SoapRig("1.1", "text"))
    read = read_envelope(body)
    assert outcome == Outcome(Result.DELIVERED, partner_log_id="N-77")
    assert headers["SOAPAction"] == '"urn:example:exchange:1:SubmitReferral"'
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    assert one_text(read.headers, (f"{{{WSA}}}Action",)) == "urn:example:exchange:1:SubmitReferral"
    assert one_text(read.headers, (f"{{{WSA}}}MessageID",)) == f"urn:uuid:{REFERRAL.id}"


def test_soap_1_2_carries_its_action_in_the_media_type() -> None:
    """RFC 3902."""
    headers = sent_by_soap(SoapRig("1.2", "text"))[1]
    expected = 'application/soap+xml; charset=utf-8; action="urn:example:exchange:1:SubmitReferral"'
    assert headers["Content-Type"] == expected
    assert "SOAPAction" not in headers


@pytest.mark.parametrize("kind", ["text", "digest"])
def test_soap_credentials_prove_the_hub_to_another_hub(kind: str) -> None:
    """Made by this connector, read and verified by the hub's own intake; a digest is new on every attempt."""
    rig = SoapRig("1.1", kind)
    credential = read_headers(read_envelope(sent_by_soap(rig)[2])).credential
    known = partner("soap", "http://127.0.0.1:9/", rig.options).agency
    known = replace(known, soap=SoapIntake("x.wsdl", {}, {}, "hub", "hub-password"))
    now = time.time()
    received = Received("north", "case-referral", "soap", b"", now, credential)
    assert identify(known, received, SECRETS, Nonces()).authenticated_by == "username-token:hub"


def test_soap_message_id_is_an_absolute_iri_for_any_id() -> None:
    """A UUID as urn:uuid, everything else below a name of the hub's own."""
    assert message_uri(REFERRAL.id) == f"urn:uuid:{REFERRAL.id}"
    assert message_uri("batch 7/ب") == "urn:hub:message:batch 7/%D8%A8"


def test_soap_body_loses_only_its_declaration() -> None:
    """An XML declaration cannot stand inside an envelope."""

    async def play() -> bytes:
        rig = SoapRig("1.1", "text")
        await rig.start()
        declared = replace(REFERRAL, body=b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n' + REFERRAL.body)
        assert (await rig.connector.send(declared, 5)).result is Result.DELIVERED
        await rig.stop()
        return rig.taken[0].body

    assert asyncio.run(play()) == REFERRAL.body


def test_soap_one_way_operation_is_delivered_by_an_empty_answer() -> None:
    """202 without a body is all that such a partner says."""

    async def play() -> Outcome:
        service = HttpPartner(lambda behaviour: web.Response(status=202))
        await service.up()
        options = "{wsdl: exchange.wsdl, operations: {case-referral: Notify}}"
        connector = SoapConnector(partner("soap", f"http://127.0.0.1:{service.port}/", options))
        await connector.open()
        outcome = await connector.send(REFERRAL, 5)
        await connector.close()
        await service.down()
        return outcome

    assert asyncio.run(play()) == Outcome(Result.DELIVERED)


def test_soap_without_an_operation_for_the_type_is_refused_unsent() -> None:
    """A person has to complete the configuration."""

    async def play() -> Outcome:
        rig = SoapRig("1.1", "text")
        await rig.start()
        outcome = await rig.connector.send(STATUS, 5)
        await rig.stop()
        assert rig.taken == []
        return outcome

    outcome = asyncio.run(play())
    assert (outcome.result, outcome.code) == (Result.REFUSED, "not-deliverable")


def test_no_part_of_a_file_name_leaves_the_folder() -> None:
    """Every value is reduced to harmless characters, and a long name to its digest."""
    envelope = replace(REFERRAL.envelopes[0], case_key="../../etc/قضية\x00", time="2024-05-01T08:00:00Z")
    parcel = replace(REFERRAL, id="../x", envelopes=(envelope,))
    name = file_name("{date}_{case}_{id}_{sequence}.xml", parcel)
    assert name == "2024-05-01_..-..-etc------_..-x_3.xml"
    long = file_name("{case}-{id}.xml", replace(parcel, envelopes=(replace(envelope, case_key="k" * 500),)))
    assert len(long) < 100
    assert long.endswith(".xml")


def test_another_file_under_the_same_name_is_never_replaced(tmp_path: Path) -> None:
    """A person has to look; the same bytes count as delivered."""

    async def play() -> tuple[Outcome, Outcome]:
        connector = FileConnector(partner("file", str(tmp_path), '{name: "{id}.xml"}'))
        await connector.open()
        (tmp_path / f"{REFERRAL.id}.xml").write_bytes(b"something else")
        other = await connector.send(REFERRAL, 5)
        (tmp_path / f"{REFERRAL.id}.xml").write_bytes(REFERRAL.body)
        same = await connector.send(REFERRAL, 5)
        await connector.close()
        return other, same

    other, same = asyncio.run(play())
    assert (other.result, same.result) == (Result.REFUSED, Result.DELIVERED)
    assert [path.name for path in tmp_path.iterdir()] == [f"{REFERRAL.id}.xml"]


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("999999999999", 86_400.0),
        ("Wed, 01 May 2024 08:00:30 GMT", 30.0),
        ("Wed, 01 May 2024 07:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("٧", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, wait_s: float | None) -> None:
    """RFC 9110, 10.2.3; anything else counts as absent."""
    assert retry_after(header, lambda: 1_714_550_400.0) == wait_s
