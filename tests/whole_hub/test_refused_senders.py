"""Who is not who it says, or asks for what it may not send, is refused clearly, and nothing of it is kept."""

from __future__ import annotations

import re
import uuid

import pytest

from tests.whole_hub.mistakes import AGENCY, DOCUMENT, TYPE, by_rest, by_soap, called, error_of, token
from tests.whole_hub.running import ROOT, Reply, Running

EVENT = (ROOT / "mappings/police-platform/examples/event-referred/input.json").read_bytes()
USER, PASSWORD = "pp-system", "demo-prosecution-password"


def fresh(document: str) -> str:
    """A decision that was never sent before."""
    return document.replace("ق/1448/0552", f"ق/{uuid.uuid4()}", 1)


def with_token(hub: Running, given: str) -> bytes:
    """A call whose UsernameToken is this one; none where it is empty."""
    return re.sub(rb"<wsse:UsernameToken>.*</wsse:UsernameToken>", given.encode(), called(hub, fresh(DOCUMENT)))


def is_unproven(reply: Reply) -> bool:
    """Whether it is the Fault of a failed authentication."""
    return error_of(reply)["code"] == "unauthenticated" and b"wsse:FailedAuthentication" in reply.body


@pytest.mark.parametrize(
    "key",
    [None, "", "guessed", "demo-portal-key", "demo-platform-key2"],
    ids=["none", "empty", "wrong", "other", "near"],
)
def test_a_wrong_key_is_refused(strict_hub: Running, key: str | None) -> None:
    """Without its own key an agency sends nothing, and the ledger names no actor who was not proven."""
    before, given = strict_hub.ledger(), {} if key is None else {"X_Api_Key": key}
    reply = strict_hub.request("POST", "/rest/police-platform/case-status", EVENT, **given)
    assert (reply.status, reply.json["code"]) == (401, "unauthenticated")
    assert strict_hub.ledger() == before


@pytest.mark.parametrize(
    "given",
    [
        "",
        token("guessed", USER),
        token(PASSWORD, "somebody"),
        token("guessed", USER, digest=True),
        token("demo-hub-at-prosecution", USER),
    ],
    ids=["none", "password", "user", "digest", "the-hub's-own"],
)
def test_a_wrong_username_token_is_refused(strict_hub: Running, given: str) -> None:
    """No token, another user, a wrong password as text or digest: always the same Fault, which says no more."""
    before = strict_hub.ledger()
    assert is_unproven(by_soap(strict_hub, with_token(strict_hub, given)))
    assert strict_hub.ledger() == before


def test_a_password_digest_is_taken_once(strict_hub: Running) -> None:
    """A captured header cannot be used again, not even for another document."""
    given = token(PASSWORD, USER, digest=True)
    assert by_soap(strict_hub, with_token(strict_hub, given)).status == 200
    assert is_unproven(by_soap(strict_hub, with_token(strict_hub, given)))


def test_a_wrong_credential_is_counted(strict_hub: Running) -> None:
    """Attempts to guess a key show in the metrics by agency."""
    by_rest(strict_hub, DOCUMENT.encode(), X_Api_Key="guessed")
    counted = f'hub_messages_refused_total{{agency="{AGENCY}",code="unauthenticated",type="{TYPE}"}}'
    assert counted in strict_hub.metrics()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/rest/nobody/case-status", "unknown-agency"),
        ("/rest/emirate/case-status", "unknown-agency"),
        ("/rest/police-platform/weather", "unknown-type"),
        ("/rest/police-platform/prosecution-decision", "unknown-type"),
        ("/nowhere", "not-found"),
    ],
)
def test_unknown_names_in_a_path_are_told(strict_hub: Running, path: str, code: str) -> None:
    """An agency that does not send by REST, and a type that it does not send, are unknown there."""
    reply = strict_hub.request("POST", path, EVENT, X_Api_Key="demo-platform-key", Content_Type="application/json")
    assert (reply.status, reply.json["code"]) == (404, code)


@pytest.mark.parametrize("media_type", ["text/xml", "application/soap+xml"])
def test_a_soap_call_to_nobody_gets_a_fault_of_its_own_version(strict_hub: Running, media_type: str) -> None:
    """A client of SOAP 1.1 or 1.2 can read the Fault that says that there is no such agency."""
    reply = strict_hub.request("POST", "/soap/nobody", called(strict_hub, DOCUMENT), Content_Type=media_type)
    assert error_of(reply)["code"] == "unknown-agency"
    assert reply.headers["content-type"].startswith(media_type)


def test_an_operation_that_nobody_declared_is_unknown(strict_hub: Running) -> None:
    """The body's element names the operation; another one is told."""
    reply = by_soap(strict_hub, called(strict_hub, DOCUMENT).replace(b"pp:SubmitDecision", b"pp:SubmitWeather"))
    assert (reply.status, error_of(reply)["code"]) == (400, "unknown-type")


def rest_refusals(hub: Running) -> list[tuple[str, Reply]]:
    """Everything that the surface refuses a REST sender with the right key, and the code of each."""
    key = {"X_Api_Key": "demo-platform-key"}
    json = {"Content_Type": "application/json", **key}
    path = "/rest/police-platform/case-status"
    return [
        ("unknown-type", hub.request("POST", "/rest/police-platform/weather", EVENT, **json)),
        ("unsupported-media", hub.request("POST", path, EVENT, Content_Type="text/csv", **key)),
        ("malformed", hub.request("POST", path, b"", **json)),
        ("bad-header", hub.request("POST", path, EVENT, Hub_Test="perhaps", **json)),
        ("bad-header", hub.request("POST", path, EVENT, X_Long="x" * 5000, **json)),
        ("too-large", hub.request("POST", path, b"x" * 1_000_001, Idempotency_Key="large-1", **json)),
    ]


def test_what_the_surface_refuses_a_known_sender_stands_in_the_ledger(strict_hub: Running) -> None:
    """Whoever proves itself in a header is recorded with code and type, and no digest of what was not read."""
    before = len(strict_hub.ledger())
    for code, reply in rest_refusals(strict_hub):
        assert reply.json["code"] == code
    entries = strict_hub.ledger()[before:]
    assert [(entry["kind"], entry["code"]) for entry in entries] == [
        ("refuse", code) for code in ("unknown-type", "unsupported-media", "malformed", "bad-header", "bad-header",
                                      "too-large")
    ]  # fmt: skip
    assert {entry["actor"]["agency"] for entry in entries} == {"police-platform"}
    assert {entry["in"] for entry in entries} == {None}
    assert (entries[0]["type"], entries[-1]["identity"]) == ("weather", "large-1")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"pp:SubmitDecision", b"pp:SubmitWeather", "unknown-type"),
        (b"</env:Header>", b'<x:y xmlns:x="urn:x" env:mustUnderstand="1"/></env:Header>', "bad-header"),
        (b"</env:Header>", b'<x:Sequence xmlns:x="urn:hub:interagency:headers:1"/>' * 2 + b"</env:Header>",
         "bad-header"),
    ],
)  # fmt: skip
def test_a_soap_call_that_its_caller_signed_is_recorded(strict_hub: Running, old: bytes, new: bytes, code: str) -> None:
    """The envelope could be read and its token holds: the refusal has a name."""
    before, call = len(strict_hub.ledger()), called(strict_hub, fresh(DOCUMENT))
    assert old in call
    assert error_of(by_soap(strict_hub, call.replace(old, new)))["code"] == code
    (entry,) = strict_hub.ledger()[before:]
    assert (entry["kind"], entry["code"], entry["actor"]["agency"]) == ("refuse", code, AGENCY)


def test_nobody_without_a_credential_can_fill_the_ledger(strict_hub: Running) -> None:
    """The same refusals without a key are counted, told as unauthenticated, and leave no entry."""
    before = strict_hub.ledger()
    for path, body in (("weather", EVENT), ("case-status", b""), ("case-status", b"x" * 1_000_001)):
        reply = strict_hub.request("POST", f"/rest/police-platform/{path}", body, Content_Type="application/json")
        assert (reply.status, reply.json["code"]) == (401, "unauthenticated")
    weather = with_token(strict_hub, "").replace(b"pp:SubmitDecision", b"pp:SubmitWeather")
    assert is_unproven(by_soap(strict_hub, weather))
    assert strict_hub.ledger() == before
    assert 'code="unauthenticated",type="unknown"' in strict_hub.metrics()


@pytest.mark.parametrize(
    ("name", "content", "meta", "code"),
    [
        ("weather.txt", b"sunny", None, "unknown-type"),
        ("empty.csv", b"", None, "malformed"),
        ("label.csv", b"x", {"classification": 7}, "bad-header"),
    ],
)
def test_a_file_that_cannot_be_a_message_is_rejected_and_recorded(
    strict_hub: Running, name: str, content: bytes, meta: dict[str, int] | None, code: str
) -> None:
    """A name that no pattern knows, nothing inside, a label that cannot be read: the folder's agency is told."""
    before = len(strict_hub.ledger())
    strict_hub.drop("public-security", name, content, meta)
    end, report = strict_hub.report("public-security", name)
    assert (end, report["code"]) == ("rejected", code)
    (entry,) = strict_hub.ledger()[before:]
    assert (entry["kind"], entry["code"], entry["actor"]["agency"]) == ("refuse", code, "public-security")


def test_the_wrong_media_type_is_refused(strict_hub: Running) -> None:
    """A JSON sender that posts XML is told what is expected."""
    reply = strict_hub.post("police-platform", "case-status", EVENT, Content_Type="application/xml")
    assert (reply.status, reply.json["code"]) == (415, "unsupported-media")
    assert "application/json" in reply.json["detail"]
