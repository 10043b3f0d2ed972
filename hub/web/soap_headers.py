"""What a caller's SOAP header says: who it is, which message this is, and how it travels."""

from __future__ import annotations

from dataclasses import dataclass

from hub.errors import HubError
from hub.formats.envelope import HUB_HEADERS, NAMESPACES, USERNAME_TOKEN, WSA, WSSE, WSU, SoapEnvelope, one_text
from hub.identifiers import lane_sequence
from hub.message import Credential
from hub.web.read import is_test

_SECURITY = f"{{{WSSE}}}Security"
_TOKEN = (_SECURITY, f"{{{WSSE}}}UsernameToken")
_UNDERSTOOD = (f"{{{WSSE}}}Security", f"{{{WSA}}}", f"{{{HUB_HEADERS}}}")


@dataclass(frozen=True, slots=True)
class SoapHeaders:
    """``relates_to`` is the MessageID as it was sent; ``message_id`` the same without ``urn:uuid:``.

    So a message sent again over REST keeps its identity (P5). ``action`` is the WS-Addressing one.
    """

    credential: Credential | None
    message_id: str | None
    relates_to: str | None
    action: str
    case_sequence: str | None
    classification: str | None
    test: bool


def read_headers(envelope: SoapEnvelope) -> SoapHeaders:
    """Raises ``HubError``: bad-header (something stands twice, or must be understood and is not), unauthenticated."""
    _check_understood(envelope)
    message_id = one_text(envelope.headers, (f"{{{WSA}}}MessageID",)) or None
    plain = message_id
    if plain is not None and plain[:9].lower() == "urn:uuid:":
        plain = plain[9:].lower()
    return SoapHeaders(
        credential=read_credential(envelope),
        message_id=plain,
        relates_to=message_id,
        action=one_text(envelope.headers, (f"{{{WSA}}}Action",)) or "",
        case_sequence=lane_sequence(one_text(envelope.headers, (f"{{{HUB_HEADERS}}}Sequence",)) or None),
        classification=one_text(envelope.headers, (f"{{{HUB_HEADERS}}}Classification",)) or None,
        test=is_test(one_text(envelope.headers, (f"{{{HUB_HEADERS}}}Test",))),
    )


def _check_understood(envelope: SoapEnvelope) -> None:
    """SOAP 1.1, 4.2.3 and SOAP 1.2 part 1, 2.4: a mandatory header that is not understood stops the message."""
    must = f"{{{NAMESPACES[envelope.version]}}}mustUnderstand"
    for item in envelope.headers:
        name = item.path[0]
        if len(item.path) == 1 and item.attributes.get(must) in ("1", "true") and not name.startswith(_UNDERSTOOD):
            raise HubError("bad-header", f"the header {name.rpartition('}')[2]} must be understood and is not")


def read_credential(envelope: SoapEnvelope) -> Credential | None:
    """WS-Security UsernameToken Profile 1.1, as text or digest; None where there is none.

    Raises ``HubError``: bad-header (a part of it stands twice), unauthenticated.
    """
    name = one_text(envelope.headers, (*_TOKEN, f"{{{WSSE}}}Username"))
    secret = one_text(envelope.headers, (*_TOKEN, f"{{{WSSE}}}Password"))
    if name is None or secret is None:
        return None
    kind = next(
        item.attributes.get("Type", "") for item in envelope.headers if item.path == (*_TOKEN, f"{{{WSSE}}}Password")
    )
    if kind not in ("", f"{USERNAME_TOKEN}#PasswordText", f"{USERNAME_TOKEN}#PasswordDigest"):
        raise HubError("unauthenticated", "the password type is not known")
    if not kind.endswith("#PasswordDigest"):
        return Credential("username-token", name, secret)
    nonce = one_text(envelope.headers, (*_TOKEN, f"{{{WSSE}}}Nonce"))
    created = one_text(envelope.headers, (*_TOKEN, f"{{{WSU}}}Created"))
    if not nonce or not created:
        raise HubError("unauthenticated", "a password digest needs Nonce and Created")
    return Credential("username-token", name, secret, nonce, created)
