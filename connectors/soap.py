"""SOAP out, document/literal: the frozen body in an envelope whose headers are made anew for every attempt."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from yarl import URL

from connectors import travel
from connectors.base import Features, Partner
from connectors.post import Poster
from connectors.soap_answer import judge
from connectors.soap_options import SoapOptions, read_soap_options
from connectors.verdict import lacking
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
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class SoapConnector:
    """See ``connectors.base.Connector``; raises ``Findings`` where options or WSDL cannot be used.

    While the deployment gives no secret, attempts fail and say so: one agency's gap stops no other's messages.
    """

    features = Features(batches=True)

    def __init__(self, partner: Partner) -> None:
        reading = Reading(partner.agency.file_name)
        self._options = options = read_soap_options(partner.agency, partner.way, partner.contracts, reading)
        if reading.findings:
            raise Findings(reading.findings)
        self._url = URL(partner.endpoint)
        self._lacking = lacking(partner, options.credential)
        self._password = partner.secrets.get(options.credential, "") if options.credential else ""
        self._frames = {
            operation.name: _frame(operation, options, partner.endpoint, self._password)
            for operation in options.operations.values()
        }
        self._poster = Poster(secure=partner.endpoint.startswith("https"))

    async def open(self) -> None:
        await self._poster.open()

    async def close(self) -> None:
        await self._poster.close()

    async def send(self, outbound: Outbound, timeout_s: float) -> Outcome:
        if self._lacking is not None:
            return self._lacking
        operation = self._options.operations.get(outbound.type)
        if operation is None:
            return Outcome(Result.REFUSED, "not-deliverable", "the agency declares no operation for this message type")
        headers = _http_headers(operation, travel.trace(outbound))
        answer = await self._poster.post(self._url, self._envelope(outbound, operation), headers, timeout_s)
        return answer if isinstance(answer, Outcome) else judge(answer, operation, self._options)

    def _envelope(self, outbound: Outbound, operation: Operation) -> bytes:
        options, frame = self._options, self._frames[operation.name]
        head = [frame.opening]
        if options.addressing:
            head += (message_uri(outbound.id), frame.addressing)
        if options.digest:
            head.append(_digest_token(escape(options.user), self._password))
        head.append(f"<hub:Sequence>{escape(travel.sequence(outbound))}</hub:Sequence>")
        head.append(f"<hub:Classification>{outbound.classification.name}</hub:Classification>")
        if travel.is_test(outbound):
            head.append("<hub:Test>true</hub:Test>")
        head.append("</soap:Header><soap:Body>")
        body = _DECLARATION.sub(b"", outbound.body, count=1)
        return b"".join(("".join(head).encode(), body, b"</soap:Body></soap:Envelope>"))


@dataclass(frozen=True, slots=True)
class _Frame:
    """What one operation's envelopes have in common: ``opening`` up to the message id, ``addressing`` after it."""

    opening: str
    addressing: str


def _frame(operation: Operation, options: SoapOptions, endpoint: str, password: str) -> _Frame:
    opening = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{NAMESPACES[operation.version]}">'
        f'<soap:Header xmlns:hub="{HUB_HEADERS}" xmlns:wsa="{WSA}">'
    )
    if options.credential is not None and not options.digest:
        opening += _token(escape(options.user), f"{USERNAME_TOKEN}#PasswordText", escape(password))
    if not options.addressing:
        return _Frame(opening, "")
    addressing = (
        f"</wsa:MessageID><wsa:To>{escape(endpoint)}</wsa:To><wsa:Action>{escape(operation.action)}</wsa:Action>"
        f"<wsa:ReplyTo><wsa:Address>{WSA}/anonymous</wsa:Address></wsa:ReplyTo>"
    )
    return _Frame(opening + "<wsa:MessageID>", addressing)


def message_uri(id: str) -> str:
    """A delivery's id as the absolute IRI that WS-Addressing asks for; the same on every attempt."""
    return f"urn:uuid:{id}" if _UUID.fullmatch(id) else f"urn:hub:message:{travel.header_text(id)}"


def _http_headers(operation: Operation, trace: str | None) -> dict[str, str]:
    headers = {"Content-Type": f"{MEDIA_TYPES[operation.version]}; charset=utf-8"}
    if operation.version == "1.1":
        headers["SOAPAction"] = f'"{operation.soap_action}"'
    elif operation.soap_action:
        headers["Content-Type"] += f'; action="{operation.soap_action}"'
    if trace is not None:
        headers["traceparent"] = trace
    return headers


def _digest_token(user: str, password: str) -> str:
    """WS-Security UsernameToken Profile 1.1: Base64(SHA-1(nonce + created + password)), new for every attempt."""
    nonce = secrets.token_bytes(16)
    created = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    sha1 = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False)
    proof = (
        f'<wsse:Nonce EncodingType="{BASE64}">{base64.b64encode(nonce).decode()}</wsse:Nonce>'
        f"<wsu:Created>{created}</wsu:Created>"
    )
    return _token(user, f"{USERNAME_TOKEN}#PasswordDigest", base64.b64encode(sha1.digest()).decode(), proof)


def _token(user: str, kind: str, secret: str, proof: str = "") -> str:
    return (
        f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}" soap:mustUnderstand="1"><wsse:UsernameToken>'
        f'<wsse:Username>{user}</wsse:Username><wsse:Password Type="{kind}">{secret}</wsse:Password>{proof}'
        "</wsse:UsernameToken></wsse:Security>"
    )
