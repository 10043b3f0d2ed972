"""Proof of the sender: API keys, WS-Security UsernameToken (text and digest), folders."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

import pytest

from hub.access.identify import Nonces, identify
from hub.errors import HubError
from hub.message import Classification, Credential, Received
from hub.site.agency import Agency, FileIntake, RestIntake, SoapIntake

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC).timestamp()
AGENCY = Agency(
    name="clerk",
    titles={},
    ceiling=Classification.SECRET,
    unlabelled=Classification.TOP_SECRET,
    namespaces={},
    documents={},
    rest=RestIntake("api-key", ("note",)),
    soap=SoapIntake("in.wsdl", {}, {}, "clerk-system", "password"),
    file=FileIntake("drop", (), "rename", 5.0, None),
    way=None,
    file_name="agency.yaml",
)
SECRETS = {"api-key": "k-123", "password": "p-456"}


def received(credential: Credential | None) -> Received:
    return Received("clerk", "note", "test", b"", NOW, credential)


def digest_token(password: str, created: str, nonce: bytes = b"n1") -> Credential:
    digest = hashlib.sha1(nonce + created.encode() + password.encode()).digest()
    return Credential(
        "username-token",
        "clerk-system",
        base64.b64encode(digest).decode(),
        base64.b64encode(nonce).decode(),
        created,
    )


@pytest.mark.parametrize(
    ("credential", "proof"),
    [
        (Credential("api-key", secret="k-123"), "api-key:api-key"),
        (Credential("username-token", "clerk-system", "p-456"), "username-token:clerk-system"),
        (digest_token("p-456", "2026-11-23T09:01:00Z"), "username-token:clerk-system"),
        (Credential("folder", "drop"), "folder:drop"),
    ],
)
def test_right_credential_proves_the_agency(credential: Credential, proof: str) -> None:
    """Each kind of proof names the agency, and how it was proved, for the ledger."""
    sender = identify(AGENCY, received(credential), SECRETS, Nonces())
    assert (sender.agency, sender.authenticated_by) == ("clerk", proof)


@pytest.mark.parametrize(
    "credential",
    [
        None,
        Credential("api-key", secret="k-124"),
        Credential("api-key", secret=""),
        Credential("api-key", secret="مفتاح"),
        Credential("username-token", "other", "p-456"),
        Credential("username-token", "clerk-system", ""),
        digest_token("p-457", "2026-11-23T09:00:00Z"),
        digest_token("p-456", "2026-11-23T08:00:00Z"),
        digest_token("p-456", "2026-11-23T09:00:00"),
        digest_token("p-456", "yesterday"),
        Credential("folder", "other"),
        Credential("charm", secret="k-123"),
    ],
)
def test_wrong_credential_is_refused_without_saying_why(credential: Credential | None) -> None:
    """Nothing in the error tells an attacker which part was wrong."""
    with pytest.raises(HubError) as caught:
        identify(AGENCY, received(credential), SECRETS, Nonces())
    assert caught.value.code.name == "unauthenticated"
    assert "k-123" not in str(caught.value)


def test_missing_secret_lets_nobody_in() -> None:
    """An agency whose secret the deployment does not give cannot be entered with an empty one."""
    with pytest.raises(HubError):
        identify(AGENCY, received(Credential("api-key", secret="")), {}, Nonces())


def test_password_digest_works_once() -> None:
    """A captured security header cannot be used again."""
    nonces = Nonces()
    token = digest_token("p-456", "2026-11-23T09:00:00Z")
    identify(AGENCY, received(token), SECRETS, nonces)
    with pytest.raises(HubError):
        identify(AGENCY, received(token), SECRETS, nonces)
