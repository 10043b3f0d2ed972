"""Prove that a sender is the agency that it says it is; without proof nothing else of the message is looked at."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime

from hub.errors import HubError
from hub.message import Credential, Received, Sender
from hub.site.agency import Agency

_FRESH_S = 300.0


class Nonces:
    """The nonces of password digests seen in the last minutes, so that a captured header cannot be used again.

    Per process and bounded: an older entry is beyond the accepted age anyway.
    """

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._seen: OrderedDict[tuple[str, str], float] = OrderedDict()

    def is_new(self, agency: str, nonce: str, now: float) -> bool:
        """Whether the nonce was not used before; remembers it."""
        while self._seen and next(iter(self._seen.values())) < now - 2 * _FRESH_S:
            self._seen.popitem(last=False)
        key = (agency, nonce)
        if key in self._seen or len(self._seen) >= self._most:
            return False
        self._seen[key] = now
        return True


def identify(agency: Agency, received: Received, secrets: Mapping[str, str], nonces: Nonces) -> Sender:
    """The verified sender of ``received``; raises ``HubError`` unauthenticated, without saying what was wrong.

    ``secrets`` are this agency's. API keys and passwords are compared in constant time. A folder proves the agency by
    itself: only that agency's account may write there (the deployment's file permissions).
    """
    credential = received.credential
    if credential is None:
        raise HubError("unauthenticated", "no credential was given")
    name = _api_key(agency, received.transport)
    if credential.kind == "api-key" and name is not None:
        expected = secrets.get(name, "")
        if expected and _equal(credential.secret, expected):
            return Sender(agency.name, f"api-key:{name}")
    if credential.kind == "username-token" and agency.soap is not None:
        expected = secrets.get(agency.soap.credential, "")
        if (
            expected
            and credential.name == agency.soap.user
            and _matches(agency.name, credential, expected, received, nonces)
        ):
            return Sender(agency.name, f"username-token:{credential.name}")
    if credential.kind == "folder" and agency.file is not None and credential.name == agency.file.folder:
        return Sender(agency.name, f"folder:{credential.name}")
    raise HubError("unauthenticated", "the credential is not valid for this agency")


def _api_key(agency: Agency, transport: str) -> str | None:
    """The secret that holds the agency's API key: for what it sends, or for fetching what is in its mailbox."""
    if transport == "mailbox":
        return agency.way.mailbox.credential if agency.way is not None and agency.way.mailbox is not None else None
    return agency.rest.credential if agency.rest is not None else None


def _matches(agency: str, credential: Credential, expected: str, received: Received, nonces: Nonces) -> bool:
    """Password text, or WS-Security UsernameToken Profile 1.1 digest: Base64(SHA-1(nonce + created + password))."""
    if not credential.nonce and not credential.created:
        return _equal(credential.secret, expected)
    try:
        nonce = base64.b64decode(credential.nonce, validate=True)
        created = datetime.fromisoformat(credential.created)
    except (ValueError, binascii.Error):
        return False
    if created.tzinfo is None or abs(created.timestamp() - received.received_at) > _FRESH_S:
        return False
    digest = hashlib.sha1(nonce + credential.created.encode() + expected.encode(), usedforsecurity=False).digest()
    if not _equal(credential.secret, base64.b64encode(digest).decode()):
        return False
    return nonces.is_new(agency, credential.nonce, received.received_at)


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
