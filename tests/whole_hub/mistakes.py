"""One agency that may send the same document over REST, SOAP and as a file, and what the hub tells it of a mistake."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from hub.demo.sender import envelope
from hub.formats.envelope import HUB_ERROR, USERNAME_TOKEN, WSSE, WSU
from tests.whole_hub.running import ROOT, Reply, Running, copy_site

AGENCY = "public-prosecution"
TYPE = "prosecution-decision"
DOCUMENT = (ROOT / "mappings/public-prosecution/examples/decision-to-detain/input.xml").read_text()
SOAP_TYPE = "application/soap+xml; charset=utf-8"
PLANTED = "PLANTED-NARRATIVE"
MOST_BYTES = 900_000  # what that agency may send, a little less than the hub's own limit

Edit = Callable[[str], str]


@dataclass(frozen=True)
class Mistake:
    """What is wrong in the document, and what its sender has to be told: code, path, line and rule."""

    name: str
    edit: Edit
    code: str
    path: str | None = None
    line: int | None = None
    rule: str | None = None


def swapped(old: str, new: str) -> Edit:
    """The first ``old`` replaced."""
    assert old in DOCUMENT
    return lambda document: document.replace(old, new, 1)


def three_way_site(target: Path) -> Path:
    """The default site, where that agency may use all three transports, and its schema is laxer than the hub."""
    site = copy_site(
        target,
        {
            AGENCY: {
                "documents": {TYPE: {"batch": "all"}},
                "accepts": {
                    "max-bytes": str(MOST_BYTES),
                    "rest": {"credential": "soap-password", "types": [TYPE]},
                    "file": {"folder": "to-hub", "ready": "rename", "types": {"*.xml": TYPE}},
                },
            }
        },
    )
    folder = site / "schemas" / "agencies" / AGENCY
    measure, case = '<xs:enumeration value="M1"/>', r'(<xs:element name="(Prosecution)?CaseNumber" type="[^"]*")/>'
    for name in ("prosecution-types.xsd", "prosecution-decision.xsd"):
        text = (folder / name).read_text().replace(measure, measure + '<xs:enumeration value="M99"/>')
        (folder / name).write_text(re.sub(case, r'\1 minOccurs="0"/>', text) if "decision" in name else text)
    return site


def called(hub: Running, document: str, message_id: str | None = None) -> bytes:
    """The document in an envelope, each of its lines where it was."""
    role = hub.cast[AGENCY]
    assert role.agency.soap is not None
    start, body = ("\n", document.partition("\n")[2]) if document.startswith("<?xml") else ("", document)
    text = envelope(role.agency.soap, role.secrets, "@BODY@", message_id).replace("@BODY@", start + body)
    return text.encode("utf-8", "surrogateescape")


def by_rest(hub: Running, body: bytes, **headers: str) -> Reply:
    """Posted as it is."""
    key = hub.cast[AGENCY].secrets["soap-password"]
    given = {"Content_Type": "application/xml", "X_Api_Key": key, **headers}
    return hub.request("POST", f"/rest/{AGENCY}/{TYPE}", body, **given)


def by_soap(hub: Running, body: bytes) -> Reply:
    """An envelope posted as SOAP 1.2."""
    return hub.request("POST", f"/soap/{AGENCY}", body, Content_Type=SOAP_TYPE)


def error_of(reply: Reply) -> dict[str, Any]:
    """The problem document's members as a Fault's detail has them, in the form of the JSON ones."""
    found = etree.fromstring(reply.body).find(f".//{{{HUB_ERROR}}}error")
    assert found is not None, reply.body.decode()
    members: dict[str, Any] = {}
    for child in found:
        name = etree.QName(child).localname
        if name == "problem":
            members.setdefault("problems", []).append(_values(child))
        else:
            members[name] = _value(name, child.text)
    return members


def _values(element: Any) -> dict[str, Any]:
    names = [etree.QName(child).localname for child in element]
    return {name: _value(name, child.text) for name, child in zip(names, element, strict=True)}


def _value(name: str, text: str | None) -> Any:
    if name in ("status", "line", "record"):
        return int(text or "")
    return text == "true" if name == "retry" else text


def told(error: Mapping[str, Any]) -> dict[str, Any]:
    """What any transport says of a refusal, without what only one of them adds (file name, receipts)."""
    return {key: error[key] for key in ("code", "fault", "retry", "status", "detail", "problems") if key in error}


def token(password: str, user: str, *, digest: bool = False, nonce: bytes | None = None) -> str:
    """A UsernameToken, the password as text or as a digest made now."""
    created = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    nonce = nonce or uuid.uuid4().bytes
    sha1 = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    secret = base64.b64encode(sha1).decode() if digest else password
    proof = (
        f"<wsse:Nonce>{base64.b64encode(nonce).decode()}</wsse:Nonce>"
        f'<wsu:Created xmlns:wsu="{WSU}">{created}</wsu:Created>'
    )
    return (
        f'<wsse:UsernameToken xmlns:wsse="{WSSE}"><wsse:Username>{user}</wsse:Username>'
        f'<wsse:Password Type="{USERNAME_TOKEN}#Password{"Digest" if digest else "Text"}">{secret}</wsse:Password>'
        f"{proof if digest else ''}</wsse:UsernameToken>"
    )
