"""The mailbox at the HTTP surface: who may open it, what is asked for, and how an acknowledgement is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from hub.message import Acknowledgement, State
from hub.site.agency import Agency, Batch, Breaker, Mailbox, Retry, Way
from tests.unit.web.serving import AGENCIES, KEY, STATION, Hub
from tests.unit.web.test_rest_intake import Told, call

WAY = Way("mailbox", "", {}, 10.0, 8, Retry(), Breaker(), Batch(), "block", 1, mailbox=Mailbox("api-key", 60))
WITH_MAILBOX: dict[str, Agency] = {**AGENCIES, "station": replace(STATION, way=WAY)}


def hub(**changes: Any) -> Hub:
    return Hub(agencies=WITH_MAILBOX, **changes)


def acknowledged(hub: Hub, body: bytes, id: str = "d-1") -> Told:
    return call(hub, "POST", f"/rest/station/mailbox/{id}/ack", body, {"X-Api-Key": KEY})


def test_a_fetch_says_how_many_and_how_long() -> None:
    """Twenty at once by default, and no wait; caches keep nothing."""
    one = hub()
    told = call(one, "GET", "/rest/station/mailbox", headers={"X-Api-Key": KEY})
    call(one, "GET", "/rest/station/mailbox?most=1&wait=5", headers={"X-Api-Key": KEY})
    assert (told.status, told.body) == (200, {"messages": [{"id": "d-0"}, {"id": "d-1"}]})
    assert told.headers["Cache-Control"] == "no-store"
    assert one.fetched == [("station", 20, 0.0), ("station", 1, 5.0)]


@pytest.mark.parametrize(
    ("path", "headers", "code", "agency"),
    [
        ("/rest/station/mailbox", {}, "unauthenticated", "station"),
        ("/rest/station/mailbox", {"X-Api-Key": "guessed"}, "unauthenticated", "station"),
        ("/rest/court/mailbox", {"X-Api-Key": KEY}, "unknown-agency", "court"),
        ("/rest/nobody/mailbox", {"X-Api-Key": KEY}, "unknown-agency", "unknown"),
    ],
)
def test_nobody_else_opens_it(path: str, headers: dict[str, str], code: str, agency: str) -> None:
    """Refused and counted before the store is asked."""
    one = hub()
    assert call(one, "GET", path, headers=headers).body["code"] == code
    assert one.fetched == []
    assert one.refusals == [(agency, "unknown", "mailbox", code)]


@pytest.mark.parametrize(
    ("said", "taken", "number", "reason"),
    [
        (None, True, None, None),
        ({}, True, None, None),
        ({"outcome": "delivered", "number": "N-1"}, True, "N-1", None),
        ({"outcome": "refused", "reason": "E-17"}, False, None, "E-17"),
    ],
)
def test_an_acknowledgement_is_read(said: Any, taken: bool, number: str | None, reason: str | None) -> None:
    """No body is plain delivered."""
    one = hub()
    told = acknowledged(one, orjson.dumps(said) if said is not None else b"")
    assert (told.status, told.body["state"]) == (200, "delivered" if taken else "dead")
    assert one.words == [Acknowledgement("station", ("d-1",), taken, number, reason)]


@pytest.mark.parametrize(
    "body",
    [
        b"yes",
        b"[]",
        b'{"outcome": "perhaps"}',
        b'{"outcome": null}',
        b'{"outcome": ["delivered"]}',
        b'{"number": 7}',
        b'{"number": "' + b"x" * 201 + b'"}',
        b'{"number": "a\\u0000b"}',
        b'{"outcome": "refused", "reason": "the accused is called so and so"}',
        b'{"text": "thanks"}',
    ],
)
def test_an_acknowledgement_that_cannot_be_read_changes_nothing(body: bytes) -> None:
    """A refusal's reason is a code: free text could hold what the ledger must not."""
    one = hub()
    told = acknowledged(one, body)
    assert (told.status, told.body["code"]) == (400, "malformed")
    assert one.words == []


def test_what_is_not_awaited_is_told() -> None:
    """An id that nobody handed out, and another word than the one before."""
    assert acknowledged(hub(), b"", "d-9").body["code"] == "not-awaited"
    told = acknowledged(hub(states={"d-1": State.DELIVERED}), b'{"outcome": "refused"}')
    assert (told.status, told.body["code"]) == (409, "not-awaited")
