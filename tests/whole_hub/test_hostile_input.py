"""A hostile sender with a valid key, over raw sockets: every attempt ends in a clear error, and the hub goes on."""

from __future__ import annotations

import gzip
import re
import socket
import time
import uuid
from contextlib import closing
from typing import Any

import orjson
import pytest

from tests.whole_hub.mistakes import AGENCY, DOCUMENT, TYPE, by_rest, called, error_of
from tests.whole_hub.running import ROOT, Reply, Running

EVENT = (ROOT / "mappings/police-platform/examples/event-referred/input.json").read_bytes()
NOTE = b'"note": "'
SOON_S = 20.0  # what hostile input could make of it are minutes


@pytest.fixture(autouse=True)
def alive(strict_hub: Running) -> Any:
    """After each attempt the hub answers at once."""
    yield
    began = time.monotonic()
    assert strict_hub.request("GET", "/health/ready").status == 200
    assert time.monotonic() - began < SOON_S


def posted(hub: Running, body: bytes, **headers: str) -> Reply:
    began = time.monotonic()
    reply = hub.post("police-platform", "case-status", body, **headers)
    assert time.monotonic() - began < SOON_S
    return reply


def raw(hub: Running, *parts: bytes) -> bytes:
    """Everything that the hub answers to these bytes until it closes or falls silent for a moment."""
    with closing(socket.create_connection(("127.0.0.1", hub.port), timeout=SOON_S)) as connection:
        for part in parts:
            connection.sendall(part)
        answer = b""
        while b"\r\n\r\n" not in answer:
            received = connection.recv(65536)
            if not received:
                break
            answer += received
        return answer


JSON = [
    ("nul", EVENT.replace(NOTE, NOTE + b"\0"), 400, "forbidden-character"),
    ("utf-16 without mark", EVENT.decode().encode("utf-16-le"), 400, "malformed"),
    ("deep arrays", b"[" * 400_000, 400, "too-deep"),
    ("deep objects", b'{"a":' * 100_000, 400, "too-deep"),
    ("not a number", EVENT.replace(b'"note": ', b'"x": NaN, "note": '), 400, "malformed"),
    ("infinity", EVENT.replace(b'"note": ', b'"x": 1e999, "note": '), 400, "malformed"),
    ("huge integer", EVENT.replace(b'"note": ', b'"x": ' + b"9" * 100_000 + b', "note": '), 400, "malformed"),
    ("lone surrogate", EVENT.replace(NOTE, NOTE + b"\\ud800"), 400, "forbidden-character"),
    ("same key", EVENT.replace(NOTE, b'"note": "a", "note": "'), 400, "malformed"),
    ("same key escaped", EVENT.replace(NOTE, b'"\\u006eote": "a", "note": "'), 400, "malformed"),
    ("two documents", EVENT + b"{}", 400, "malformed"),
    ("long text", EVENT.replace(NOTE, NOTE + b"a" * 900_000), 422, "schema-violation"),
    ("many keys", b"{" + b",".join(b'"k%d":1' % n for n in range(50_000)) + b"}", 422, "schema-violation"),
    ("long digits", EVENT.replace(b'"1448/01/07"', b'"' + b"1" * 100_000 + b'"'), 422, "schema-violation"),
]


@pytest.mark.parametrize(("body", "status", "code"), [each[1:] for each in JSON], ids=[each[0] for each in JSON])
def test_hostile_json_is_refused(strict_hub: Running, body: bytes, status: int, code: str) -> None:
    """In moments, with the code that names it."""
    reply = posted(strict_hub, body)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert len(reply.body) < 60_000


@pytest.mark.parametrize("encode", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_believed(strict_hub: Running, encode: str) -> None:
    """Such a document is read, not refused."""
    event = EVENT.replace(b"EV-1448-0098", uuid.uuid4().hex[:12].encode())
    assert posted(strict_hub, event.decode().encode(encode)).status == 202


ATTRIBUTES = " ".join(f"a{n}='x'" for n in range(50_000))
NAMESPACES = " ".join(f"xmlns:n{n}='n{n}'" for n in range(20_000))
XML = [
    ("attributes", "<pp:Decision>", f"<pp:Decision {ATTRIBUTES}>", "too-large"),
    ("namespaces", "<pp:Decision>", f"<pp:Decision {NAMESPACES}>", ""),
    ("elements", "<pp:Text>", "<pp:x/>" * 80_000 + "<pp:Text>", "schema-violation"),
    ("deep", "<pp:Text>", "<pp:x>" * 100_000 + "<pp:Text>", "too-deep"),
    ("nul", "<pp:Text>", "<pp:Text>&#0;", "forbidden-character"),
    ("inclusion", "<pp:Text>", '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd"/><pp:Text>',
     "schema-violation"),
    ("entity", "<pp:Text>", "<pp:Text>&laugh;", "malformed"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code"), [each[1:] for each in XML], ids=[each[0] for each in XML])
def test_hostile_xml_is_refused(strict_hub: Running, old: str, new: str, code: str) -> None:
    """Without a hang; namespaces that nobody uses harm nobody."""
    began = time.monotonic()
    assert old in DOCUMENT
    document = DOCUMENT.replace(old, new, 1).replace("ق/1448/0552", f"ق/{uuid.uuid4()}")
    reply = by_rest(strict_hub, document.encode())
    assert time.monotonic() - began < SOON_S
    assert reply.json.get("code", "") == code


def test_a_compressed_body_is_not_unpacked(strict_hub: Running) -> None:
    """500 KB that would be 500 MB: refused for its coding, over both; plain ``identity`` is none."""
    bomb = gzip.compress(b" " * 200_000_000, 9)
    rest = posted(strict_hub, bomb, Content_Encoding="gzip")
    soap = strict_hub.request(
        "POST", f"/soap/{AGENCY}", bomb, Content_Type="application/soap+xml", Content_Encoding="gzip"
    )
    assert (rest.status, rest.json["code"], error_of(soap)["code"]) == (415, "unsupported-media", "unsupported-media")
    event = EVENT.replace(b"EV-1448-0098", uuid.uuid4().hex[:12].encode())
    assert posted(strict_hub, event, Content_Encoding="identity").status == 202


HEAD = b"POST /rest/police-platform/case-status HTTP/1.1\r\nHost: hub\r\nX-Api-Key: demo-platform-key\r\n"
FRAMES = [
    ("chunk size", HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
    ("two lengths", HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    ("negative length", HEAD + b"Content-Length: -2\r\n\r\n{}"),
    ("length and chunks", HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
    ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    ("endless path", b"POST /rest/police-platform/" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: hub\r\n\r\n"),
]


@pytest.mark.parametrize("request_bytes", [each[1] for each in FRAMES], ids=[each[0] for each in FRAMES])
def test_a_request_that_is_framed_wrong_is_a_bad_request(strict_hub: Running, request_bytes: bytes) -> None:
    """Before anything else is looked at."""
    assert raw(strict_hub, request_bytes).startswith(b"HTTP/1.1 400 ")


def test_a_body_in_chunks_without_a_length_is_taken(strict_hub: Running) -> None:
    """As HTTP allows; byte by byte too."""
    event = EVENT.replace(b"EV-1448-0098", uuid.uuid4().hex[:12].encode())
    head = HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"".join(b"1\r\n" + event[at : at + 1] + b"\r\n" for at in range(len(event)))
    assert raw(strict_hub, head, chunks, b"0\r\n\r\n").startswith(b"HTTP/1.1 202 ")


@pytest.mark.parametrize("path", ["%ff%fe", "a%00b", "a%0ab", "t" * 3000, "..%2f..%2fetc"])
def test_a_hostile_path_is_not_found(strict_hub: Running, path: str) -> None:
    """It names no message type; in the ledger it stands bounded."""
    reply = strict_hub.request("POST", f"/rest/police-platform/{path}", EVENT, X_Api_Key="demo-platform-key")
    assert (reply.status, reply.json["code"]) in ((404, "unknown-type"), (404, "not-found"))
    assert max(len(entry.get("type", "")) for entry in strict_hub.ledger()) <= 200


def test_what_no_trace_looks_like_does_not_travel_on(strict_hub: Running) -> None:
    """``traceparent`` becomes a header of calls to other agencies."""
    event = EVENT.replace(b"EV-1448-0098", uuid.uuid4().hex[:12].encode())
    message = posted(strict_hub, event, traceparent="<script>").json["id"]
    found = strict_hub.wait(strict_hub.queries.message(message))
    assert found is not None
    assert found.trace is None


@pytest.mark.parametrize("sequence", [";;;", "case", "case;x", ";1", "case;1, case;2", "case;" + "9" * 19])
def test_a_sequence_that_cannot_be_read_is_refused(strict_hub: Running, sequence: str) -> None:
    """Whoever counts its messages wants that count to be kept."""
    reply = posted(strict_hub, EVENT, Hub_Sequence=sequence)
    assert (reply.status, reply.json["code"]) == (400, "bad-header")


def test_the_senders_own_count_stands_in_the_ledger(strict_hub: Running) -> None:
    """A gap in it can be shown to whoever asks; it refuses nothing."""
    messages = []
    for count in ("1448/1;1", "1448/1;3", "1448/1;3", "1448/1;2"):
        event = EVENT.replace(b"EV-1448-0098", uuid.uuid4().hex[:12].encode())
        messages.append(posted(strict_hub, event, Hub_Sequence=count).json["id"])
    found = {entry["message"]: entry["sequence"] for entry in strict_hub.ledger() if "sequence" in entry}
    assert [found[message] for message in messages] == ["1448/1;1", "1448/1;3", "1448/1;3", "1448/1;2"]


SOAP_11 = b"http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = b"http://www.w3.org/2003/05/soap-envelope"


def soap(hub: Running, call: bytes, media_type: str, **headers: str) -> Reply:
    return hub.request("POST", f"/soap/{AGENCY}", call, Content_Type=media_type, **headers)


def fresh_call(hub: Running) -> bytes:
    return called(hub, DOCUMENT.replace("ق/1448/0552", f"ق/{uuid.uuid4()}", 1))


def test_a_wrong_soap_action_does_not_matter(strict_hub: Running) -> None:
    """The body's element names the operation (WS-I Basic Profile 1.1, R1109 to R2745 leave the rest to the sender)."""
    call = fresh_call(strict_hub).replace(SOAP_12, SOAP_11)
    assert soap(strict_hub, call, "text/xml; charset=utf-8", SOAPAction='"urn:wrong"').status == 200


@pytest.mark.parametrize(
    ("version", "media_type"),
    [(SOAP_11, "application/soap+xml"), (SOAP_12, "text/xml"), (SOAP_12, "application/json")],
)
def test_an_envelope_in_the_wrong_media_type_is_told(strict_hub: Running, version: bytes, media_type: str) -> None:
    """SOAP 1.1 comes as text/xml, SOAP 1.2 as application/soap+xml."""
    call = fresh_call(strict_hub).replace(SOAP_12, version)
    assert error_of(soap(strict_hub, call, media_type))["code"] == "unsupported-media"


def test_attachments_are_told_to_stay_away(strict_hub: Running) -> None:
    """MTOM is not spoken here; the Fault says what is."""
    body = b"--b\r\nContent-Type: application/xop+xml\r\n\r\n" + fresh_call(strict_hub) + b"\r\n--b--"
    reply = soap(strict_hub, body, 'multipart/related; boundary=b; type="application/xop+xml"')
    assert error_of(reply)["code"] == "unsupported-media"
    assert "application/soap+xml" in error_of(reply)["detail"]


@pytest.mark.parametrize(
    ("pattern", "twice", "code"),
    [
        (rb"(<wsse:UsernameToken>.*</wsse:UsernameToken>)", rb"\1\1", "bad-header"),
        (rb"(<wsse:Security.*</wsse:Security>)", rb"\1\1", "bad-header"),
        (rb"(</env:Body>)", rb"\1<env:Body/>", "malformed"),
        (rb"(</env:Body>)", rb"\1<env:Header/>", "malformed"),
    ],
)
def test_an_envelope_with_two_of_something_is_refused(
    strict_hub: Running, pattern: bytes, twice: bytes, code: str
) -> None:
    """Which of the two would count is not for the hub to guess (signature wrapping begins so)."""
    call = re.sub(pattern, twice, fresh_call(strict_hub), flags=re.DOTALL)
    assert error_of(soap(strict_hub, call, "application/soap+xml"))["code"] == code


def test_everything_hostile_was_counted_and_nothing_faulted(strict_hub: Running) -> None:
    """The log holds no failure of the hub itself, and no payload."""
    log = strict_hub.log.read_text()
    assert '"event":"fault"' not in log
    assert "passwd" not in log
    assert orjson.loads(log.splitlines()[-1])["event"]
    assert f'agency="{AGENCY}",code="too-large",type="{TYPE}"' in strict_hub.metrics()
