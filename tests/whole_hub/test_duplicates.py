"""The same message again: one receipt, one delivery, whatever way it comes; other content under its id: a conflict."""

from __future__ import annotations

import uuid

import pytest
from lxml import etree

from tests.whole_hub.mistakes import AGENCY, DOCUMENT, by_rest, by_soap, called, error_of
from tests.whole_hub.running import Running

CASE = "1448-MK-0005150"
OTHER = ("<pp:Days>5<", "<pp:Days>6<")


@pytest.fixture
def decision() -> tuple[str, str]:
    """A decision that was never sent, and an id for it."""
    number = uuid.uuid4()
    return DOCUMENT.replace("ق/1448/0552", f"ق/{number}", 1).replace("1448-MK-0001234", CASE, 1), str(number)


def dropped(hub: Running, document: str, id: str) -> tuple[str, dict[str, object]]:
    """Drop it as a file with its id beside it, under a name of its own."""
    name = f"{uuid.uuid4()}.xml"
    hub.drop(AGENCY, name, document.encode(), {"id": id})
    return hub.report(AGENCY, name)


def receipt_number(body: bytes) -> str:
    return str(etree.fromstring(body).findtext(".//{*}ReceiptNumber"))


def test_the_same_message_gets_the_same_receipt_over_every_transport(
    strict_hub: Running, decision: tuple[str, str]
) -> None:
    """Sent again over REST, as a SOAP call and as a file: the stored receipt, and nothing is sent twice."""
    document, id = decision
    first = by_rest(strict_hub, document.encode(), Idempotency_Key=id).json
    again = by_rest(strict_hub, document.encode(), Idempotency_Key=id)
    call = by_soap(strict_hub, called(strict_hub, document, id))
    end, report = dropped(strict_hub, document, id)
    assert (first["duplicate"], again.status, end) == (False, 202, "accepted")
    assert again.json == {**first, "duplicate": True}
    assert receipt_number(call.body) == first["id"]
    assert report["receipts"] == [again.json]
    settled = strict_hub.settled(first["id"], police_platform="delivered", emirate="delivered")
    for agency in ("police-platform", "emirate"):
        assert strict_hub.services[agency].ids().count(settled[agency].id) == 1
        assert len([body for body in strict_hub.services[agency].bodies() if document_number(document) in body]) == 1


def document_number(document: str) -> bytes:
    return str(etree.fromstring(document.encode()).findtext(".//{*}DecisionNumber")).encode()


def test_other_content_under_the_same_id_is_a_conflict_over_every_transport(
    strict_hub: Running, decision: tuple[str, str]
) -> None:
    """409, a Fault and a reject report say the same, name the earlier message, and leave it alone."""
    document, id = decision
    first = by_rest(strict_hub, document.encode(), Idempotency_Key=id).json
    other, before = document.replace(*OTHER), len(strict_hub.ledger())
    rest = by_rest(strict_hub, other.encode(), Idempotency_Key=id)
    soap = by_soap(strict_hub, called(strict_hub, other, id))
    end, report = dropped(strict_hub, other, id)
    assert (rest.status, rest.json["code"], end) == (409, "conflict", "rejected")
    for error in (rest.json, error_of(soap), report):
        assert error["code"] == "conflict"
        assert first["id"] in str(error["detail"])
        assert error["detail"] == rest.json["detail"]
    refused = [entry for entry in strict_hub.ledger()[before:] if entry["kind"] == "refuse"]
    assert [entry["code"] for entry in refused] == ["conflict"] * 3
    strict_hub.settled(first["id"], police_platform="delivered")


def test_content_that_came_without_an_id_is_known_by_its_digest(strict_hub: Running, decision: tuple[str, str]) -> None:
    """No transport's id and no declared one: the record itself is its identity."""
    document, _ = decision
    first = by_rest(strict_hub, document.encode()).json
    spaced = document.replace("\n", "\n\n")
    assert by_rest(strict_hub, spaced.encode()).json == {**first, "duplicate": True}


def test_a_refused_message_reserves_no_identity(strict_hub: Running, decision: tuple[str, str]) -> None:
    """Mended and sent under the id of the refused one, it is new."""
    document, id = decision
    refused = by_rest(strict_hub, document.replace(OTHER[0], "<pp:Days>-5<").encode(), Idempotency_Key=id)
    mended = by_rest(strict_hub, document.encode(), Idempotency_Key=id)
    assert (refused.status, mended.status) == (422, 202)
    assert mended.json["duplicate"] is False


def test_an_identity_is_the_senders_own(strict_hub: Running, decision: tuple[str, str]) -> None:
    """Two agencies that happen to use the same id do not know of each other."""
    document, id = decision
    by_rest(strict_hub, document.encode(), Idempotency_Key=id)
    event = b'{"eventNumber": "EV-2", "caseNumber": "%s", "stage": "CLOSED", "eventTime": "2026-06-22T13:06:00+03:00"}'
    reply = strict_hub.post("police-platform", "case-status", event % CASE.encode(), Idempotency_Key=id)
    assert (reply.status, reply.json["duplicate"]) == (202, False)
