"""Sending as an agency would: over the transport that its ``agency.yaml`` accepts the message type on."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import orjson
from aiohttp import ClientSession

from hub.demo.cast import Play, Role
from hub.site.agency import FileIntake, SoapIntake

REPORTED_WITHIN_S = 15.0
LOOK_EVERY_S = 0.1
LONGEST = 170
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_PASSWORD_TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>\s*")
_WSA = "http://www.w3.org/2005/08/addressing"


@dataclass(frozen=True, slots=True)
class Told:
    """What the sender was told: ``outcome`` accepted, duplicate, or the code of the (first) refusal."""

    outcome: str
    detail: str
    message: str = ""


async def send(session: ClientSession, hub: str, role: Role, play: Play, document: bytes, files: Path) -> Told:
    """Send one document; ``hub`` is its base URL, ``files`` its folder of drop boxes."""
    agency = role.agency
    if agency.rest is not None and play.type in agency.rest.types:
        key = play.key or role.secrets.get(agency.rest.credential, "")
        headers = {"Content-Type": "application/json", "X-Api-Key": key, **play.headers}
        return await _post(session, f"{hub}/rest/{agency.name}/{play.type}", headers, document)
    if agency.soap is not None and play.type in agency.soap.operations.values():
        body = envelope(agency.soap, role.secrets, document.decode("utf-8"), str(uuid.uuid4()))
        headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
        return await _post(session, f"{hub}/soap/{agency.name}", headers, body.encode())
    if agency.file is not None:
        return await _dropped(agency.file, files / agency.name, play, document)
    raise ValueError(f"{agency.name} cannot send {play.type}")


def envelope(intake: SoapIntake, secrets: Mapping[str, str], content: str, message_id: str | None) -> str:
    """The content as a SOAP 1.2 request with UsernameToken, and a WS-Addressing MessageID where one is given."""
    addressing = f'<wsa:MessageID xmlns:wsa="{_WSA}">urn:uuid:{message_id}</wsa:MessageID>' if message_id else ""
    password = escape(secrets.get(intake.credential, ""))
    return (
        f'<env:Envelope xmlns:env="{_SOAP}"><env:Header>'
        f'<wsse:Security xmlns:wsse="{_WSSE}"><wsse:UsernameToken><wsse:Username>{escape(intake.user)}</wsse:Username>'
        f'<wsse:Password Type="{_PASSWORD_TEXT}">{password}</wsse:Password></wsse:UsernameToken></wsse:Security>'
        f"{addressing}</env:Header><env:Body>{_DECLARATION.sub('', content)}</env:Body></env:Envelope>"
    )


async def _post(session: ClientSession, url: str, headers: Mapping[str, str], body: bytes) -> Told:
    async with session.post(url, data=body, headers=headers) as response:
        answer = await response.read()
    if response.status < 300:
        return _taken(answer)
    return _refused(response.status, answer)


def _taken(answer: bytes) -> Told:
    if answer.lstrip().startswith(b"<"):
        return Told("accepted", "receipt in the SOAP answer")
    receipt = orjson.loads(answer)
    if "id" not in receipt:
        return Told("accepted", f"{len(receipt['receipts'])} receipts, {len(receipt['refusals'])} refusals")
    outcome = "duplicate" if receipt["duplicate"] else "accepted"
    return Told(outcome, f"{receipt['subject']}", receipt["id"])


def _refused(status: int, answer: bytes) -> Told:
    if answer.lstrip().startswith(b"<"):
        return Told("fault", f"HTTP {status}: SOAP Fault")
    problem = orjson.loads(answer)
    return Told(problem["code"], f"HTTP {status}: {_problem(problem)}")


def _problem(error: Mapping[str, Any]) -> str:
    """The first problem of an error, or its text: place, line, what is wrong."""
    for found in error.get("problems", ()):
        path, line, text = found.get("path"), found.get("line"), str(found["text"])
        place = path if path and path not in text else None
        words = [place, f"line {line}:" if line else None, text]
        return _short(" ".join(word for word in words if word))
    return _short(str(error["detail"]))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


async def _dropped(intake: FileIntake, folder: Path, play: Play, document: bytes) -> Told:
    """Drop the file and wait for the report that the hub puts beside it."""
    target = folder / intake.folder
    await asyncio.to_thread(_drop, target, play, document)
    reports = (target / "accepted" / f"{play.name}.receipt.json", target / "rejected" / f"{play.name}.rejected.json")
    for _ in range(int(REPORTED_WITHIN_S / LOOK_EVERY_S)):
        for path in reports:
            if path.exists():
                return _reported(orjson.loads(await asyncio.to_thread(path.read_bytes)), path)
        await asyncio.sleep(LOOK_EVERY_S)
    return Told("unanswered", f"no report beside {play.name} after {REPORTED_WITHIN_S:.0f} s")


def _reported(report: Mapping[str, Any], path: Path) -> Told:
    receipts, refusals = report.get("receipts", ()), report.get("refusals", ())
    counts = f"{path.parent.name}/{path.name}: {len(receipts)} accepted, {len(refusals)} refused"
    refused = refusals[0] if refusals else report if "code" in report else None
    if refused is None:
        return Told("accepted", counts)
    return Told(refused["code"], f"{counts}; {_problem(refused)}")


def _drop(target: Path, play: Play, document: bytes) -> None:
    """Write aside, then rename into place."""
    target.mkdir(parents=True, exist_ok=True)
    aside = target / f".{play.name}.part"
    aside.write_bytes(document)
    aside.rename(target / play.name)
