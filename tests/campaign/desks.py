"""Three partners that write down what they get before they answer, and do not always answer well."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import orjson
from aiohttp import web

from tests.campaign.history import Arrival, History, now
from tests.campaign.proxy import Proxy

AGENCIES = ("rest-desk", "soap-desk", "file-desk")
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DESK = "urn:campaign:desk:1"
WSA = "http://www.w3.org/2005/08/addressing"
SOAP_ANSWER = (
    f'<s:Envelope xmlns:s="{SOAP}"><s:Body><d:FileNoteResponse xmlns:d="{DESK}">'
    "<d:Status>OK</d:Status><d:Receipt>R-{number}</d:Receipt></d:FileNoteResponse></s:Body></s:Envelope>"
)
SOAP_FAULT = (
    f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault><faultcode>s:%s</faultcode><faultstring>no</faultstring>'
    "</s:Fault></s:Body></s:Envelope>"
)
ILLNESSES = ("busy", "slow", "hanging", "garbled", "failing", "refusing")
HANGS_S = 4.0
Disclosed = Callable[[str, str], bool | None]


@dataclass
class Desks:
    """``calm`` is how often a partner just answers; else it takes the note and hangs up, is busy, or is slow.

    ``ill`` holds what is wrong with an agency for the time being (``ILLNESSES``), ``treated`` counts requests that met
    it. ``disclosed`` asks the store about bytes that arrive. ``ways`` are proxies before the two servers.
    """

    history: History
    folder: Path
    chance: random.Random
    calm: float = 0.94
    disclosed: Disclosed = lambda _id, _digest: None
    ill: dict[str, str] = field(default_factory=dict)
    treated: int = 0
    ways: dict[str, Proxy] = field(default_factory=dict)
    _held: dict[str, web.Request] = field(default_factory=dict)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Mapping[str, str]]:
        """Both servers and the folder's reader; gives the endpoint of each agency."""
        app = web.Application()
        app.router.add_post("/rest/note", self._rest)
        app.router.add_post("/soap", self._soap)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.folder.mkdir(parents=True, exist_ok=True)
        reading = asyncio.create_task(self._read_folder())
        async with AsyncExitStack() as stack:
            for agency in ("rest-desk", "soap-desk"):
                self.ways[agency] = Proxy(("127.0.0.1", runner.addresses[0][1]))
                await stack.enter_async_context(self.ways[agency].listening())
            try:
                yield {
                    "rest-desk": f"http://127.0.0.1:{self.ways['rest-desk'].port}/rest",
                    "soap-desk": f"http://127.0.0.1:{self.ways['soap-desk'].port}/soap",
                    "file-desk": str(self.folder),
                }
            finally:
                reading.cancel()
                with suppress(asyncio.CancelledError):
                    await reading
                await runner.cleanup()

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        mood = self._mood("rest-desk")
        if mood == "busy":
            return web.Response(status=503)
        if mood == "refusing":
            return web.json_response({"error": "not like this"}, status=422)
        note, digest = orjson.loads(body), _digest(body)
        arrival = Arrival(
            "rest-desk", note["id"], digest, note["case"], int(note["number"]), note["text"],
            request.headers["Idempotency-Key"], self._seen(request, note["id"], mood), now(),
            self.disclosed(note["id"], digest),
        )  # fmt: skip
        self.history.arrived(arrival)
        answer = web.json_response({"receipt": f"R-{len(self.history.arrivals)}"})
        if mood in ("garbled", "failing"):
            answer = web.Response(status=500, text="<h1>Oops</h1>", content_type="text/html")
        return await self._answer(request, arrival.id, mood, answer)

    async def _soap(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        mood = self._mood("soap-desk")
        if mood == "busy":
            return web.Response(status=503)
        if mood == "refusing":
            return web.Response(status=500, text=SOAP_FAULT % "Client", content_type="text/xml")
        envelope = ElementTree.fromstring(raw)
        header, body = envelope.find(f"{{{SOAP}}}Header"), envelope.find(f"{{{SOAP}}}Body")
        if header is None or body is None:
            raise web.HTTPBadRequest
        note = {child.tag.removeprefix(f"{{{DESK}}}"): child.text or "" for child in body[0]}
        digest = _digest(_declared(raw))
        message_id = header.findtext(f"{{{WSA}}}MessageID", "").removeprefix("urn:uuid:")
        arrival = Arrival(
            "soap-desk", note["Id"], digest, note["Case"], int(note["Number"]), note["Text"],
            message_id, self._seen(request, note["Id"], mood), now(), self.disclosed(note["Id"], digest),
        )  # fmt: skip
        self.history.arrived(arrival)
        answer = web.Response(text=SOAP_ANSWER.format(number=len(self.history.arrivals)), content_type="text/xml")
        if mood == "garbled":
            answer = web.Response(text="<html>Welcome to our new portal</html>", content_type="text/html")
        if mood == "failing":
            answer = web.Response(status=500, text=SOAP_FAULT % "Server", content_type="text/xml")
        return await self._answer(request, arrival.id, mood, answer)

    def _mood(self, agency: str) -> str:
        if agency in self.ill:
            self.treated += 1
            return self.ill[agency]
        if self.chance.random() < self.calm:
            return "answered"
        return self.chance.choice(["hung up", "busy", "slow"])

    def _seen(self, request: web.Request, id: str, mood: str) -> str:
        """``overlapping`` where another request of the same delivery is still waiting for its answer."""
        earlier = self._held.get(id)
        self._held[id] = request
        is_waiting = earlier is not None and earlier.transport is not None and not earlier.transport.is_closing()
        return "overlapping" if is_waiting else mood

    async def _answer(self, request: web.Request, id: str, mood: str, answer: web.StreamResponse) -> web.StreamResponse:
        try:
            if mood == "hung up" and request.transport is not None:
                request.transport.abort()
            if mood == "slow":
                await asyncio.sleep(self.chance.uniform(0.1, 0.6))
            if mood == "hanging":
                await asyncio.sleep(HANGS_S)
        finally:
            if self._held.get(id) is request:
                del self._held[id]
        return answer

    async def _read_folder(self) -> None:
        """Takes each finished file away, as a partner's own import would; a file that is sent again comes again."""
        while True:
            with suppress(FileNotFoundError):  # the folder itself goes away now and then
                for path in sorted(self._finished(), key=lambda path: path.stat().st_mtime_ns):
                    content = path.read_bytes()
                    path.unlink()
                    self._take_file(content)
            await asyncio.sleep(0.005)

    def _finished(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if path.suffix == ".csv" and not path.name.startswith(".")]

    def _take_file(self, content: bytes) -> None:
        """A file that is not whole shows in what can be read of it: no rows, or columns that are cut off."""
        digest, at = _digest(content), now()
        text = content.decode("windows-1256", errors="replace")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";", restval=""))
        if not rows or not text.endswith("\r\n"):
            self.history.arrived(Arrival("file-desk", "", digest, "", 0, text[-80:], "", "cut off", at))
            return
        for row in rows:
            id = row["Id"]
            arrival = Arrival(
                "file-desk", id, digest, row["Case"], int(row["Number"]), row["Text"], "", "taken", at,
                self.disclosed(id, digest),
            )  # fmt: skip
            self.history.arrived(arrival)


def _declared(envelope: bytes) -> bytes:
    """The document that the ledger speaks of: the body's element, after the XML declaration that SOAP takes away."""
    body = envelope[envelope.index(b"<soap:Body>") + len(b"<soap:Body>") : envelope.rindex(b"</soap:Body>")]
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
