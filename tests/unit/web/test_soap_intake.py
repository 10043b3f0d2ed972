"""SOAP intake over a real socket, called by zeep from the served contract and by hand for what zeep never sends."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
import zeep
from lxml import etree
from zeep.exceptions import Fault
from zeep.plugins import HistoryPlugin
from zeep.wsa import WsAddressingPlugin
from zeep.wsse.username import UsernameToken

from hub.errors import HubError, Problem
from hub.formats.envelope import HUB_ERROR, HUB_HEADERS, NAMESPACES, WSA, WSSE, WSU
from hub.message import Answer, Received, Refusal
from tests.unit.web.serving import ACCEPTED_AT, COURT, Hub, receipt, serving

CALL = f'<ct:SubmitDecision xmlns:ct="{COURT}"><ct:CaseNumber>12/34</ct:CaseNumber></ct:SubmitDecision>'
BODY = f"""<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="{NAMESPACES["1.1"]}">
  <soap:Header>@HEADER@</soap:Header>
  <soap:Body>
    {CALL}
  </soap:Body>
</soap:Envelope>"""


def by_zeep(hub: Hub, port: str = "Port11", digest: bool = False) -> tuple[Any, Any]:
    """Call the operation as a partner's developer would: from the URL of the WSDL alone. Returns result and answer."""

    def play(base: str) -> tuple[Any, Any]:
        history = HistoryPlugin()
        client = zeep.Client(
            f"{base}/soap/court?wsdl",
            port_name=port,
            wsse=UsernameToken("court-system", "geheim", use_digest=digest),
            plugins=[WsAddressingPlugin(), history],
        )
        result = client.service.SubmitDecision(CaseNumber="١٢/34", Decision="إحالة <&>")
        return result, history.last_received["envelope"]

    async def run() -> tuple[Any, Any]:
        async with serving(hub) as base:
            return await asyncio.to_thread(play, base)

    return asyncio.run(run())


def by_hand(
    hub: Hub, body: str | bytes, content_type: str | None = "text/xml; charset=utf-8", path: str = "/soap/court"
) -> tuple[int, Any]:
    """Post bytes; returns status and the answer's root element."""

    async def run() -> tuple[int, Any]:
        content = body.encode() if isinstance(body, str) else body
        headers = {"Content-Type": content_type} if content_type else {}
        async with (
            serving(hub) as base,
            aiohttp.ClientSession(skip_auto_headers=["Content-Type"]) as client,
            client.post(base + path, data=content, headers=headers) as answer,
        ):
            return answer.status, etree.fromstring(await answer.read())

    return asyncio.run(run())


def test_zeep_sends_a_message_from_the_served_contract() -> None:
    """WSDL and both imported schemas come from the hub; the reply is the one that the agency's contract declares."""
    hub = Hub()
    result, _ = by_zeep(hub)
    assert (result.ReceiptNumber, result.ReceivedAt) == ("id-1", ACCEPTED_AT)
    (received,) = hub.taken
    document = etree.fromstring(received.body)
    assert document.tag == f"{{{COURT}}}SubmitDecision"
    assert [child.text for child in document] == ["١٢/34", "إحالة <&>"]
    assert (received.agency, received.type, received.transport) == ("court", "decision", "soap")


def test_password_text_becomes_the_credential() -> None:
    """Name and password as they were sent."""
    hub = Hub()
    by_zeep(hub)
    credential = hub.taken[0].credential
    assert credential is not None
    assert (credential.kind, credential.name, credential.secret, credential.nonce) == (
        "username-token",
        "court-system",
        "geheim",
        "",
    )


def test_password_digest_becomes_the_credential_with_nonce_and_time() -> None:
    """The digest stays what was sent; whether it is right is the pipeline's question."""
    hub = Hub()
    by_zeep(hub, digest=True)
    credential = hub.taken[0].credential
    assert credential is not None
    assert credential.secret != "geheim"
    assert credential.nonce
    assert credential.created


def test_soap_1_2_is_answered_in_soap_1_2() -> None:
    """The answer's envelope is the caller's version."""
    result, answer = by_zeep(Hub(), port="Port12")
    assert result.ReceiptNumber == "id-1"
    assert answer.tag == f"{{{NAMESPACES['1.2']}}}Envelope"


def test_message_id_is_the_identity_and_comes_back_as_relates_to() -> None:
    """The identity is without urn:uuid:, as REST would give it; RelatesTo repeats it as it was sent."""
    hub = Hub()
    _, answer = by_zeep(hub)
    related = answer.findtext(f".//{{{WSA}}}RelatesTo")
    assert related == f"urn:uuid:{hub.taken[0].message_id}"


def test_hub_headers_travel() -> None:
    """Sequence, label and test mark are read from the hub's own header blocks."""
    hub = Hub()
    header = (
        f'<h:Sequence xmlns:h="{HUB_HEADERS}">12/34;7</h:Sequence>'
        f'<h:Classification xmlns:h="{HUB_HEADERS}">SECRET</h:Classification>'
        f'<h:Test xmlns:h="{HUB_HEADERS}">true</h:Test>'
    )
    status, _ = by_hand(hub, BODY.replace("@HEADER@", header))
    received = hub.taken[0]
    assert status == 200
    assert (received.case_sequence, received.classification, received.test) == ("12/34;7", "SECRET", True)
    assert received.credential is None


def test_lines_of_the_body_are_the_sender_s_own() -> None:
    """An error in line n of the stored body is in line n of what was sent."""
    hub = Hub()
    by_hand(hub, BODY.replace("@HEADER@", "\n\n"))
    sent = BODY.replace("@HEADER@", "\n\n").splitlines()
    stored = hub.taken[0].body.decode().splitlines()
    assert [line.strip() for line in stored if line.strip()] == [CALL]
    assert stored[-1].strip() == sent[len(stored) - 1].strip()


def test_namespaces_of_the_envelope_reach_the_body() -> None:
    """Prefixes and the default namespace declared outside the body still mean the same inside it."""
    hub = Hub()
    body = (
        f'<s:Envelope xmlns:s="{NAMESPACES["1.1"]}" xmlns="{COURT}" xmlns:v="urn:v"><s:Body>'
        '<SubmitDecision kind="v:x"><CaseNumber>1</CaseNumber></SubmitDecision></s:Body></s:Envelope>'
    )
    assert by_hand(hub, body)[0] == 200
    document = etree.fromstring(hub.taken[0].body)
    assert document.tag == f"{{{COURT}}}SubmitDecision"
    assert document.nsmap["v"] == "urn:v"
    assert b"xmlns:s" not in hub.taken[0].body


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1256"])
def test_other_encodings_are_read(encoding: str) -> None:
    """What the pipeline gets is UTF-8 whatever was declared."""
    hub = Hub()
    body = BODY.replace("@HEADER@", "").replace("UTF-8", encoding).replace("12/34", "قضية")
    assert by_hand(hub, body.encode(encoding), "text/xml")[0] == 200
    assert "قضية".encode() in hub.taken[0].body


@pytest.mark.parametrize(("version", "status", "code"), [("1.1", 500, "soap:Client"), ("1.2", 400, "soap:Sender")])
def test_an_error_is_a_fault_with_the_problem_document_s_members(version: Any, status: int, code: str) -> None:
    """The same error as over REST, as elements of the Fault's detail."""
    error = HubError("schema-violation", problems=[Problem("missing <x>", "/ct:SubmitDecision", 5, "minOccurs")])

    def refuse(received: Received) -> Answer:
        raise error

    media = {"1.1": "text/xml", "1.2": "application/soap+xml"}[version]
    body = BODY.replace("@HEADER@", "").replace(NAMESPACES["1.1"], NAMESPACES[version])
    told_status, root = by_hand(Hub(answers=refuse), body, media)
    fault = root[-1][0]
    found = {child.tag.rpartition("}")[2]: child for child in fault.find(f".//{{{HUB_ERROR}}}error")}
    problem = {child.tag.rpartition("}")[2]: child.text for child in found.pop("problem")}
    assert told_status == status
    assert code in set(fault.itertext())
    assert {name: child.text for name, child in found.items()} == {
        name: {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        for name, value in error.as_json().items()
        if name != "problems"
    }
    assert problem == {"text": "missing <x>", "path": "/ct:SubmitDecision", "line": "5", "rule": "minOccurs"}


def test_zeep_sees_a_fault() -> None:
    """A partner's SOAP library raises its own fault with our words."""

    def refuse(received: Received) -> Answer:
        raise HubError("unmapped-code", "The code X is not in the table")

    with pytest.raises(Fault, match="The code X is not in the table"):
        by_zeep(Hub(answers=refuse))


def test_missing_credentials_are_a_fault_of_authentication() -> None:
    """WS-Security names the fault code."""

    def refuse(received: Received) -> Answer:
        assert received.credential is None
        raise HubError("unauthenticated")

    _, root = by_hand(Hub(answers=refuse), BODY.replace("@HEADER@", ""))
    assert root.findtext(".//faultcode") == "wsse:FailedAuthentication"


def test_overload_keeps_its_http_status() -> None:
    """503 with Retry-After, so that a generic client slows down."""

    def refuse(received: Received) -> Answer:
        raise HubError("busy", retry_after_s=1)

    status, root = by_hand(Hub(answers=refuse), BODY.replace("@HEADER@", ""))
    assert status == 503
    assert root.findtext(".//faultcode") == "soap:Server"


def test_refused_records_stand_in_the_reply_s_header() -> None:
    """A document of many that was taken in part says which records were not."""
    hub = Hub(answers=lambda received: Answer((receipt(),), (Refusal(1, HubError("unmapped-code")),)))
    status, root = by_hand(hub, BODY.replace("@HEADER@", ""))
    (refusal,) = root.iter(f"{{{HUB_HEADERS}}}Refusal")
    assert status == 200
    assert refusal.get("record") == "1"
    assert refusal.findtext(f".//{{{HUB_ERROR}}}code") == "unmapped-code"


TOKEN = f'<w:Security xmlns:w="{WSSE}" xmlns:u="{WSU}"><w:UsernameToken>@</w:UsernameToken></w:Security>'
HEADER = BODY.partition("@HEADER@")


def with_header(header: str) -> str:
    return HEADER[0] + header + HEADER[2]


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        ("", "text/xml", "malformed"),
        ("no xml", "text/xml", "malformed"),
        ("<a/>", "text/xml", "malformed"),
        (f'<s:Envelope xmlns:s="{NAMESPACES["1.1"]}"/>', "text/xml", "malformed"),
        (f'<s:Envelope xmlns:s="{NAMESPACES["1.1"]}"><s:Body/></s:Envelope>', "text/xml", "unknown-type"),
        (BODY.replace("@HEADER@", "").replace("SubmitDecision", "Other"), "text/xml", "unknown-type"),
        (BODY.replace("@HEADER@", "").replace(CALL, CALL + CALL), "text/xml", "malformed"),
        (BODY.replace("@HEADER@", "").replace(CALL, CALL + "text"), "text/xml", "malformed"),
        ("<!DOCTYPE x [<!ENTITY e 'x'>]>" + BODY.partition("\n")[2], "text/xml", "doctype-refused"),
        (BODY.replace("@HEADER@", "").encode("utf-8").replace(b"12/34", b"\xff"), "text/xml", "wrong-encoding"),
        (with_header("<a>" * 300 + "</a>" * 300), "text/xml", "too-deep"),
        (with_header(""), "application/json", "unsupported-media"),
        (with_header(""), "application/soap+xml", "unsupported-media"),
        (with_header(f'<x xmlns:s="{NAMESPACES["1.1"]}" s:mustUnderstand="1"/>'), "text/xml", "bad-header"),
        (with_header(f'<h:Sequence xmlns:h="{HUB_HEADERS}"/>' * 2), "text/xml", "bad-header"),
        (with_header(TOKEN.replace("@", "<w:Username>a</w:Username>" * 2)), "text/xml", "bad-header"),
        (
            with_header(
                TOKEN.replace("@", '<w:Username>a</w:Username><w:Password Type="#PasswordDigest">x</w:Password>')
            ),
            "text/xml",
            "unauthenticated",
        ),
    ],
)
def test_what_cannot_be_a_call_is_a_fault_and_counted(body: str | bytes, content_type: str, code: str) -> None:
    """Such calls never reach the pipeline."""
    hub = Hub()
    _, root = by_hand(hub, body, content_type)
    assert root.findtext(f".//{{{HUB_ERROR}}}code") == code
    assert hub.taken == []
    assert [refusal[3] for refusal in hub.refusals] == [code]


def test_an_unknown_agency_is_a_fault() -> None:
    """Its name becomes no label."""
    hub = Hub()
    _, root = by_hand(hub, with_header(""), path="/soap/nobody")
    assert root.findtext(f".//{{{HUB_ERROR}}}code") == "unknown-agency"
    assert hub.refusals == [("unknown", "unknown", "soap", "unknown-agency")]


@pytest.mark.parametrize(
    "query", ["xsd=internal.txt", "xsd=../station/report.json", "xsd=/etc/hostname", "xsd=parts/../internal.txt"]
)
def test_only_files_of_the_contract_are_shown(query: str) -> None:
    """What the WSDL does not import stays unseen, wherever it lies."""

    async def run() -> int:
        async with (
            serving(Hub()) as base,
            aiohttp.ClientSession() as client,
            client.get(f"{base}/soap/court?{query}") as answer,
        ):
            return answer.status

    assert asyncio.run(run()) == 404
