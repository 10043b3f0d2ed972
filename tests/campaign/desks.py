"""Three partners that write down what they get before they answer, and do not always answer well."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import orjson
from aiohttp import web

from tests.campaign.history import Arrival, History, now

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DESK = "urn:campaign:desk:1"
WSA = "http://www.w3.org/2005/08/addressing"
SOAP_ANSWER = (
    f'<s:Envelope xmlns:s="{SOAP}"><s:Body><d:FileNoteResponse xmlns:d="{DESK}">'
    "<d:Status>OK</d:Status><d:Receipt>R-{number}</d:Receipt></d:FileNoteResponse></s:Body></s:Envelope>"
)


@dataclass
class Desks:
    """``calm`` is how often a partner just answers; else it takes the note and hangs up, is busy, or is slow."""

    history: History
    folder: Path
    chance: random.Random
    calm: float = 0.94

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Both servers and the folder's reader; gives the servers' base URL."""
        app = web.Application()
        app.router.add_post("/rest/note", self._rest)
        app.router.add_post("/soap", self._soap)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.folder.mkdir(parents=True, exist_ok=True)
        reading = asyncio.create_task(self._read_folder())
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
            await runner.cleanup()

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        mood = self._mood()
        if mood == "busy":
            return web.Response(status=503)
        note = orjson.loads(body)
        arrival = Arrival(
            "rest-desk", note["id"], _digest(body), note["case"], int(note["number"]), note["text"],
            request.headers["Idempotency-Key"], mood, now(),
        )  # fmt: skip
        self.history.arrived(arrival)
        return await self._answer(request, mood, web.json_response({"receipt": f"R-{len(self.history.arrivals)}"}))

    async def _soap(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        mood = self._mood()
        if mood == "busy":
            return web.Response(status=503)
        envelope = ElementTree.fromstring(raw)
        header, body = envelope.find(f"{{{SOAP}}}Header"), envelope.find(f"{{{SOAP}}}Body")
        if header is None or body is None:
            raise web.HTTPBadRequest
        note = {child.tag.removeprefix(f"{{{DESK}}}"): child.text or "" for child in body[0]}
        inside = raw[raw.index(b"Body>") : raw.rindex(b"Body>")]
        message_id = header.findtext(f"{{{WSA}}}MessageID", "").removeprefix("urn:uuid:")
        arrival = Arrival(
            "soap-desk", note["Id"], _digest(inside), note["Case"], int(note["Number"]), note["Text"],
            message_id, mood, now(),
        )  # fmt: skip
        self.history.arrived(arrival)
        text = SOAP_ANSWER.format(number=len(self.history.arrivals))
        return await self._answer(request, mood, web.Response(text=text, content_type="text/xml"))

    def _mood(self) -> str:
        if self.chance.random() < self.calm:
            return "answered"
        return self.chance.choice(["hung up", "busy", "slow"])

    async def _answer(self, request: web.Request, mood: str, answer: web.Response) -> web.StreamResponse:
        if mood == "hung up" and request.transport is not None:
            request.transport.abort()
        if mood == "slow":
            await asyncio.sleep(self.chance.uniform(0.1, 0.6))
        return answer

    async def _read_folder(self) -> None:
        """Takes each finished file away, as a partner's own import would; a file that is sent again comes again."""
        while True:
            for path in sorted(self._finished(), key=lambda path: path.stat().st_mtime_ns):
                content = path.read_bytes()
                path.unlink()
                self._take_file(content)
            await asyncio.sleep(0.01)

    def _finished(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if path.suffix == ".csv" and not path.name.startswith(".")]

    def _take_file(self, content: bytes) -> None:
        rows = csv.DictReader(io.StringIO(content.decode("windows-1256"), newline=""), delimiter=";")
        digest, at = _digest(content), now()
        for row in rows:
            arrival = Arrival(
                "file-desk", row["Id"], digest, row["Case"], int(row["Number"]), row["Text"], "", "taken", at
            )
            self.history.arrived(arrival)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
