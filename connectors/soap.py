"""SOAP out, document/literal: the frozen body in an envelope whose headers are made anew for every attempt."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import UTC, datetime
from uuid import UUID

from yarl import URL

from connectors import travel
from connectors.base import Features, Partner
from connectors.post import Poster
from connectors.soap_answer import judge
from connectors.soap_options import read_soap_options
from connectors.wsdl import Operation
from hub.definition import Reading
from hub.findings import Findings
from hub.formats.envelope import (
    BASE64,
    HUB_HEADERS,
    MEDIA_TYPES,
    NAMESPACES,
    USERNAME_TOKEN,
    WSA,
    WSSE,
    WSU,
    escape,
)
from hub.message import Outbound, Outcome, Result

_DECLARATION = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?")
_ANONYMOUS = f"{WSA}/anonymous"


class SoapConnector:
    """See ``connectors.base.Connector``; raises ``Findings`` where options, WSDL or secrets cannot be used."""

    features = Features(batches=True)

    def __init__(self, partner: Partner) -> None:
        reading = Reading(partner.agency.file_name)
        self._options = options = read_soap_options(partner.agency, partner.way, partner.contracts, reading)
        if options.credential is not None and not partner.secrets.get(options.credential):
            text = f"this deployment has no secret {options.credential!r} for the agency"
            reading.wrong("secret-missing", partner.way.line, text)
        if reading.findings:
            raise Findings(reading.findings)
        self._endpoint = partner.endpoint
        self._url = URL(partner.endpoint)
        self._password = partner.secrets[options.credential] if options.credential else ""
        self._poster = Poster(secure=partner.endpoint.startswith("https"))

    async def open(self) -> None:
        await self._poster.open()

    async def close(self) -> None:
        await self._poster.close()

    async def send(self, outbound: Outbound, timeout_s: float) -> Outcome:
        operation = self._options.operations.get(outbound.type)
        if operation is None:
            return Outcome(Result.REFUSED, "not-deliverable", "the agency declares no operation for this message type")
        headers = _http_headers(operation, travel.trace(outbound))
        answer = await self._poster.post(self._url, self._envelope(outbound, operation), headers, timeout_s)
        return answer if isinstance(answer, Outcome) else judge(answer, operation, self._options)

    def _envelope(self, outbound: Outbound, operation: Operation) -> bytes:
        options = self._options
        head = [
            f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{NAMESPACES[operation.version]}">'
            f'<soap:Header xmlns:hub="{HUB_HEADERS}">'
        ]
        if options.addressing:
            head.append(_addressing(message_uri(outbound.id), escape(self._endpoint), escape(operation.action)))
        if options.credential is not None:
            head.append(_security(escape(options.user), self._password, options.digest))
        head.append(f"<hub:Sequence>{escape(travel.sequence(outbound))}</hub:Sequence>")
        head.append(f"<hub:Classification>{outbound.classification.name}</hub:Classification>")
        if travel.is_test(outbound):
            head.append("<hub:Test>true</hub:Test>")
        head.append("</soap:Header><soap:Body>")
        body = _DECLARATION.sub(b"", outbound.body, count=1)
        return b"".join(("".join(head).encode(), body, b"</soap:Body></soap:Envelope>"))


def message_uri(id: str) -> str:
    """A delivery's id as the absolute IRI that WS-Addressing asks for; the same on every attempt."""
    try:
        return f"urn:uuid:{UUID(id)}"
    except ValueError:
        return f"urn:hub:message:{travel.header_text(id)}"


def _http_headers(operation: Operation, trace: str | None) -> dict[str, str]:
    headers = {"Content-Type": f"{MEDIA_TYPES[operation.version]}; charset=utf-8"}
    if operation.version == "1.1":
        headers["SOAPAction"] = f'"{operation.soap_action}"'
    elif operation.soap_action:
        headers["Content-Type"] += f'; action="{operation.soap_action}"'
    if trace is not None:
        headers["traceparent"] = trace
    return headers


def _addressing(message_id: str, to: str, action: str) -> str:
    return (
        f'<wsa:MessageID xmlns:wsa="{WSA}">{message_id}</wsa:MessageID>'
        f'<wsa:To xmlns:wsa="{WSA}">{to}</wsa:To>'
        f'<wsa:Action xmlns:wsa="{WSA}">{action}</wsa:Action>'
        f'<wsa:ReplyTo xmlns:wsa="{WSA}"><wsa:Address>{_ANONYMOUS}</wsa:Address></wsa:ReplyTo>'
    )


def _security(user: str, password: str, digest: bool) -> str:
    """WS-Security UsernameToken Profile 1.1; a digest is Base64(SHA-1(nonce + created + password))."""
    kind, secret, proof = "PasswordText", escape(password), ""
    if digest:
        nonce = secrets.token_bytes(16)
        created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        kind = "PasswordDigest"
        sha1 = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False)
        secret = base64.b64encode(sha1.digest()).decode()
        proof = (
            f'<wsse:Nonce EncodingType="{BASE64}">{base64.b64encode(nonce).decode()}</wsse:Nonce>'
            f"<wsu:Created>{created}</wsu:Created>"
        )
    return (
        f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}" soap:mustUnderstand="1"><wsse:UsernameToken>'
        f"<wsse:Username>{user}</wsse:Username>"
        f'<wsse:Password Type="{USERNAME_TOKEN}#{kind}">{secret}</wsse:Password>{proof}'
        "</wsse:UsernameToken></wsse:Security>"
    )
