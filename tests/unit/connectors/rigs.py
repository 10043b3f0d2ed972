"""Connectors with partners under control: HTTP services on loopback, a temporary folder, a list."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from connectors import travel
from connectors.base import Connector
from connectors.conformance import Behaviour, Taken
from connectors.file import META, FileConnector
from connectors.memory import MemoryConnector
from connectors.rest import RestConnector
from connectors.soap import SoapConnector
from hub.formats.envelope import HUB_HEADERS, MEDIA_TYPES, NAMESPACES, WSA, WSSE, SoapVersion, one_text, read_envelope
from hub.message import Outbound, Outcome, Result
from tests.unit.connectors.agencies import EXCHANGE, REFERRAL, STATUS, partner

_STATUSES = {
    Behaviour.BAD_REQUEST: 400,
    Behaviour.UNAUTHORISED: 401,
    Behaviour.CONFLICT: 409,
    Behaviour.THROTTLE: 429,
    Behaviour.ERROR: 500,
    Behaviour.UNAVAILABLE: 503,
    Behaviour.REDIRECT: 307,
}


class HttpPartner:
    """A service that keeps its port over restarts; ``answer`` makes what its protocol alone can say."""

    def __init__(self, answer: Callable[[Behaviour], web.Response]) -> None:
        self.requests: list[tuple[dict[str, str], str, bytes]] = []
        self.behaviour = Behaviour.TAKE
        self.port = 0
        self._answer = answer
        self._runner: web.AppRunner | None = None

    async def up(self) -> None:
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def down(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def behave(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        if behaviour is Behaviour.DOWN:
            await self.down()
        elif self._runner is None:
            await self.up()

    def behaviour_for(self, body: bytes) -> Behaviour:
        """How this request is answered."""
        return self.behaviour

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.requests.append((dict(request.headers), request.path, body))
        behaviour = self.behaviour_for(body)
        transport = request.transport
        assert isinstance(transport, asyncio.Transport)
        if behaviour is Behaviour.HANG:
            await asyncio.Event().wait()
        if behaviour is Behaviour.RESET:
            transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            await asyncio.sleep(0)
            transport.abort()
        if behaviour is Behaviour.NO_HTTP:
            transport.write(b"\x00\x01 220 mail.example ESMTP\r\n\r\n")
            transport.close()
        if behaviour is Behaviour.HUGE:
            return await self._endless(request)
        if behaviour in _STATUSES:
            headers = {"Retry-After": "7"} if behaviour is Behaviour.THROTTLE else {}
            headers |= {"Location": "/elsewhere"} if behaviour is Behaviour.REDIRECT else {}
            return web.Response(status=_STATUSES[behaviour], headers=headers, text="no")
        return self._answer(behaviour)

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            for _ in range(1000):
                await response.write(b"x" * 65536)
        return response


class RestRig:
    """JSON over HTTP with a success rule inside the answer."""

    shows = frozenset(Behaviour) - {
        Behaviour.FULL,
        Behaviour.SENDER_FAULT,
        Behaviour.RECEIVER_FAULT,
        Behaviour.SECURITY_FAULT,
    }
    options = "{credential: hub-key, success: {at: /status, is: [ok]}, partner-log-id: /reference}"

    def __init__(self) -> None:
        self.partner = HttpPartner(self._answer)
        self.connector: Connector

    async def start(self) -> None:
        await self.partner.up()
        self.connector = RestConnector(partner("rest", f"http://127.0.0.1:{self.partner.port}/v1", self.options))
        await self.connector.open()

    async def stop(self) -> None:
        await self.connector.close()
        await self.partner.down()

    async def behave(self, behaviour: Behaviour) -> None:
        await self.partner.behave(behaviour)

    def parcel(self) -> Outbound:
        return STATUS

    @property
    def taken(self) -> list[Taken]:
        return [
            Taken(
                body=body,
                id=headers["Idempotency-Key"],
                sequence=headers["Hub-Sequence"],
                classification=headers["Hub-Classification"],
                trace=headers.get("traceparent"),
                test=headers.get("Hub-Test") == "true",
            )
            for headers, _, body in self.partner.requests
        ]

    @staticmethod
    def _answer(behaviour: Behaviour) -> web.Response:
        if behaviour is Behaviour.GARBAGE:
            return web.Response(text="<html>", content_type="text/html")
        status = "rejected" if behaviour is Behaviour.DECLINE else "ok"
        return web.json_response({"status": status, "reference": "N-77"})


class SoapRig:
    """SOAP of one version with addressing, security and a success rule."""

    shows = frozenset(Behaviour) - {Behaviour.FULL}

    def __init__(self, version: SoapVersion, kind: str) -> None:
        self.version = version
        self.partner = HttpPartner(self._answer)
        self.options = (
            f"{{wsdl: exchange.wsdl, port: Port{version.replace('.', '')},"
            " operations: {case-referral: SubmitReferral},"
            f" security: {{user: hub, credential: hub-password, kind: {kind}}},"
            ' success: {at: "ex:Status", is: [OK]}, partner-log-id: "ex:ReferenceNumber"}'
        )
        self.connector: Connector

    async def start(self) -> None:
        await self.partner.up()
        self.connector = SoapConnector(partner("soap", f"http://127.0.0.1:{self.partner.port}/soap", self.options))
        await self.connector.open()

    async def stop(self) -> None:
        await self.connector.close()
        await self.partner.down()

    async def behave(self, behaviour: Behaviour) -> None:
        await self.partner.behave(behaviour)

    def parcel(self) -> Outbound:
        return REFERRAL

    @property
    def taken(self) -> list[Taken]:
        return [self._taken(headers, body) for headers, _, body in self.partner.requests]

    def _taken(self, headers: dict[str, str], body: bytes) -> Taken:
        read = read_envelope(body)
        assert read.version == self.version
        id = one_text(read.headers, (f"{{{WSA}}}MessageID",)) or ""
        return Taken(
            body=body.partition(b"<soap:Body>")[2].rpartition(b"</soap:Body>")[0],
            id=id.removeprefix("urn:uuid:").removeprefix("urn:hub:message:"),
            sequence=one_text(read.headers, (f"{{{HUB_HEADERS}}}Sequence",)),
            classification=one_text(read.headers, (f"{{{HUB_HEADERS}}}Classification",)),
            trace=headers.get("traceparent"),
            test=one_text(read.headers, (f"{{{HUB_HEADERS}}}Test",)) == "true",
        )

    def _answer(self, behaviour: Behaviour) -> web.Response:
        if behaviour is Behaviour.GARBAGE:
            return web.Response(text="<html>", content_type="text/html")
        sides = {
            Behaviour.SENDER_FAULT: ("soap:Client.Case", "soap:Sender"),
            Behaviour.RECEIVER_FAULT: ("soap:Server", "soap:Receiver"),
            Behaviour.SECURITY_FAULT: ("wsse:FailedAuthentication", "soap:Sender"),
        }
        if behaviour in sides:
            return self._respond(self._fault(behaviour, *sides[behaviour]), 500)
        status = "NO" if behaviour is Behaviour.DECLINE else "OK"
        inner = f"<Status>{status}</Status><ReferenceNumber>N-77</ReferenceNumber>"
        return self._respond(f'<SubmitReferralResponse xmlns="{EXCHANGE}">{inner}</SubmitReferralResponse>', 200)

    def _fault(self, behaviour: Behaviour, old: str, new: str) -> str:
        if self.version == "1.1":
            return (
                f'<soap:Fault xmlns:wsse="{WSSE}"><faultcode>{old}</faultcode>'
                "<faultstring>no</faultstring></soap:Fault>"
            )
        value = "<soap:Value>wsse:FailedAuthentication</soap:Value>"
        subcode = f"<soap:Subcode>{value}</soap:Subcode>" if behaviour is Behaviour.SECURITY_FAULT else ""
        return (
            f'<soap:Fault xmlns:wsse="{WSSE}"><soap:Code><soap:Value>{new}</soap:Value>{subcode}</soap:Code>'
            '<soap:Reason><soap:Text xml:lang="en">no</soap:Text></soap:Reason></soap:Fault>'
        )

    def _respond(self, body: str, status: int) -> web.Response:
        envelope = (
            f'<soap:Envelope xmlns:soap="{NAMESPACES[self.version]}"><soap:Body>{body}</soap:Body></soap:Envelope>'
        )
        return web.Response(body=envelope.encode(), status=status, content_type=MEDIA_TYPES[self.version])


class FileRig:
    """A folder that the partner shares."""

    shows = frozenset({Behaviour.TAKE, Behaviour.DOWN, Behaviour.FULL, Behaviour.HANG})

    def __init__(self, folder: Path, monkeypatch: Any) -> None:
        self._folder = folder / "from-hub"
        self._monkeypatch = monkeypatch
        self.connector: Connector

    async def start(self) -> None:
        options = '{name: "{type}-{sequence}-{id}.xml", meta: "true"}'
        self.connector = FileConnector(partner("file", str(self._folder), options))
        await self.connector.open()

    async def stop(self) -> None:
        self._monkeypatch.undo()
        await self.connector.close()

    async def behave(self, behaviour: Behaviour) -> None:
        self._monkeypatch.undo()
        if behaviour is Behaviour.DOWN:
            shutil.rmtree(self._folder)
        elif behaviour is Behaviour.FULL:
            self._monkeypatch.setattr(os, "write", _no_room)
        elif behaviour is Behaviour.HANG:
            self._monkeypatch.setattr(os, "fsync", _hang)
        else:
            self._folder.mkdir(exist_ok=True)

    def parcel(self) -> Outbound:
        return REFERRAL

    @property
    def taken(self) -> list[Taken]:
        found = []
        for path in sorted(self._folder.glob("*.xml"), key=lambda path: (path.stat().st_mtime_ns, path.stem)):
            meta = orjson.loads(path.with_name(path.name + META).read_bytes())
            found.append(
                Taken(
                    path.read_bytes(), meta["id"], meta["sequence"], meta["classification"], meta["trace"], meta["test"]
                )
            )
        return found


class MemoryRig:
    """A list of this process."""

    shows = frozenset({Behaviour.TAKE})

    def __init__(self) -> None:
        self.connector: Connector
        self._memory: MemoryConnector

    async def start(self) -> None:
        self.connector = self._memory = MemoryConnector(partner("memory", ""))
        await self.connector.open()

    async def stop(self) -> None:
        await self.connector.close()

    async def behave(self, behaviour: Behaviour) -> None:
        self._memory.answer = Outcome(Result.DELIVERED)

    def parcel(self) -> Outbound:
        return STATUS

    @property
    def taken(self) -> list[Taken]:
        return [
            Taken(
                each.body,
                each.id,
                travel.sequence(each),
                each.classification.name,
                each.envelopes[0].trace,
                each.envelopes[0].test,
            )
            for each in self._memory.taken
        ]


def _no_room(descriptor: int, content: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def _hang(descriptor: int) -> None:
    """A network file system that does not answer for a while."""
    threading.Event().wait(1.5)
