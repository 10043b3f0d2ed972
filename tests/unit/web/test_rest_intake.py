"""REST intake over a real socket: what reaches the pipeline, and what the sender is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from hub.errors import HubError, Problem
from hub.message import Answer, Credential, Received, Refusal
from tests.unit.web.serving import KEY, Hub, receipt, serving

JSON = {"Content-Type": "application/json"}


@dataclass
class Told:
    status: int
    headers: Mapping[str, str]
    body: Any


def call(hub: Hub, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Told:
    """One request to a surface that is up for just this."""

    async def play() -> Told:
        async with (
            serving(hub) as base,
            aiohttp.ClientSession() as client,
            client.request(method, base + path, data=body, headers=headers) as answer,
        ):
            return Told(answer.status, answer.headers, await answer.json(content_type=None))

    return asyncio.run(play())


def test_everything_that_travels_reaches_the_pipeline_unchanged() -> None:
    """Bytes, credential, id, sequence, label, trace, charset and test mark come in as they were sent."""
    hub = Hub()
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Api-Key": KEY,
        "Idempotency-Key": "given-1",
        "Hub-Sequence": "12/34;7",
        "Hub-Classification": "SECRET",
        "Hub-Test": "true",
        "traceparent": trace,
    }
    body = '{"narrative": "بلاغ"}'.encode()
    told = call(hub, "POST", "/rest/station/report", body, headers)
    assert told.status == 202
    (received,) = hub.taken
    assert received == Received(
        agency="station",
        type="report",
        transport="rest",
        body=body,
        received_at=received.received_at,
        credential=Credential("api-key", secret=KEY),
        media_type="application/json",
        charset="utf-8",
        message_id="given-1",
        case_sequence="12/34;7",
        classification="SECRET",
        trace=trace,
        test=True,
    )


def test_one_message_is_answered_with_its_receipt() -> None:
    """202, the receipt itself, and where to ask later."""
    told = call(Hub(), "POST", "/rest/station/report", b"{}", JSON)
    assert told.status == 202
    assert told.body == receipt().as_json()
    assert told.headers["Location"] == "/rest/station/messages/id-1"


def test_a_document_of_many_is_answered_record_by_record() -> None:
    """Receipts and refusals side by side; 202 because something was accepted."""
    refusal = Refusal(1, HubError("unmapped-code", problems=[Problem("no such code", "row 2, column Status", 3)]))
    hub = Hub(answers=lambda received: Answer((receipt(1), receipt(3)), (refusal,)))
    told = call(hub, "POST", "/rest/station/status", b"a;b\r\n", {"Content-Type": "text/csv"})
    assert told.status == 202
    assert [each["id"] for each in told.body["receipts"]] == ["id-1", "id-3"]
    assert told.body["refusals"] == [refusal.as_json()]


def test_a_document_of_which_nothing_was_accepted_is_an_error() -> None:
    """The status is the refusal's own, and the body still lists every record."""
    hub = Hub(answers=lambda received: Answer((), (Refusal(0, HubError("unmapped-code")),)))
    told = call(hub, "POST", "/rest/station/status", b"a;b\r\n", {"Content-Type": "text/csv"})
    assert (told.status, told.body["code"]) == (422, "unmapped-code")
    assert len(told.body["refusals"]) == 1


def test_an_error_is_a_problem_document_in_the_sender_s_terms() -> None:
    """RFC 9457 with code, path, line and rule; the pipeline has counted it already."""
    error = HubError("schema-violation", problems=[Problem("too short", "/number", 4, "minLength")])

    def refuse(received: Received) -> Answer:
        raise error

    hub = Hub(answers=refuse)
    told = call(hub, "POST", "/rest/station/report", b"{}", JSON)
    assert told.status == 422
    assert told.headers["Content-Type"] == "application/problem+json"
    assert told.body == error.as_json()
    assert told.body["problems"] == [{"text": "too short", "path": "/number", "line": 4, "rule": "minLength"}]
    assert hub.refusals == []


def test_overload_says_when_to_come_again() -> None:
    """A retryable error carries Retry-After in whole seconds (P8)."""

    def refuse(received: Received) -> Answer:
        raise HubError("store-full", retry_after_s=2.5)

    told = call(Hub(answers=refuse), "POST", "/rest/station/report", b"{}", JSON)
    assert (told.status, told.headers["Retry-After"]) == (503, "3")


def test_a_failure_inside_shows_nothing_of_itself() -> None:
    """500 with the hub's own words; the stack goes to the observer only."""

    def fail(received: Received) -> Answer:
        raise RuntimeError("/secret/path")

    hub = Hub(answers=fail)
    told = call(hub, "POST", "/rest/station/report", b"{}", JSON)
    assert (told.status, told.body["code"]) == (500, "internal")
    assert "secret" not in str(told.body)
    assert [where for where, _ in hub.faults] == ["web.rest"]


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code", "labels"),
    [
        ("/rest/nobody/report", b"{}", JSON, 404, "unknown-agency", ("unknown", "unknown")),
        ("/rest/court/decision", b"{}", JSON, 404, "unknown-agency", ("court", "decision")),
        ("/rest/station/rumour", b"{}", JSON, 404, "unknown-type", ("station", "unknown")),
        ("/rest/station/report", b"", JSON, 400, "malformed", ("station", "report")),
        ("/rest/station/report", b"{}", {"Content-Type": "text/csv"}, 415, "unsupported-media", ("station", "report")),
        ("/rest/station/report", b"{}", {**JSON, "Hub-Test": "yes"}, 400, "bad-header", ("station", "report")),
        (
            "/rest/station/report",
            b"{}",
            {**JSON, "X-Long": "x" * 5000},
            400,
            "bad-header",
            ("station", "report"),
        ),
    ],
)
def test_what_cannot_be_a_message_is_refused_and_counted(
    path: str, body: bytes, headers: Mapping[str, str], status: int, code: str, labels: tuple[str, str]
) -> None:
    """Such requests never reach the pipeline; labels of the count come from the site only."""
    hub = Hub()
    told = call(hub, "POST", path, body, headers)
    assert (told.status, told.body["code"]) == (status, code)
    assert hub.taken == []
    assert hub.refusals == [(*labels, "rest", code)]


def test_a_wrong_method_and_an_unknown_path_are_problems_too() -> None:
    """Every error has the one form."""
    told = call(Hub(), "PUT", "/rest/station/report", b"{}", JSON)
    assert (told.status, told.body["code"], told.headers["Allow"]) == (405, "wrong-method", "POST")
    assert call(Hub(), "GET", "/somewhere").body["code"] == "not-found"


def test_a_sender_may_ask_for_its_own_message_only() -> None:
    """The credential is checked before anything is looked up."""
    path = "/rest/station/messages/id-1"
    assert call(Hub(), "GET", path).status == 401
    assert call(Hub(), "GET", path, headers={"X-Api-Key": KEY}).body == {"id": "id-1", "sender": "station"}
    assert call(Hub(), "GET", path + "2", headers={"X-Api-Key": KEY}).body["code"] == "not-found"


def test_the_contract_is_whole_in_one_document() -> None:
    """References of the agency's schemas point into the document itself."""
    document = call(Hub(), "GET", "/rest/station/openapi.json").body
    schemas = document["components"]["schemas"]
    assert set(document["paths"]) >= {"/rest/station/report", "/rest/station/status"}
    assert schemas["report"]["properties"]["number"] == {"$ref": "#/components/schemas/common/$defs/number"}
    assert schemas["report"]["properties"]["narrative"] == {"$ref": "#/components/schemas/report/$defs/text"}
    assert schemas["common"]["$defs"]["number"]["pattern"] == "^[0-9]+$"


def test_health_and_metrics() -> None:
    """Live while the loop runs; ready only as the hub says; metrics as they are given."""
    assert call(Hub(), "GET", "/health/live").status == 200
    assert call(Hub(), "GET", "/health/ready").body == {"ready": True, "store": "ok"}
    assert call(Hub(is_ready=False), "GET", "/health/ready").status == 503
