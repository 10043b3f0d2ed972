"""A simulated partner: a real HTTP server on loopback that answers as its role says, and can be away for a while."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from hub.demo.cast import AnswerPart, Role

_BODY_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?Body\b[^>]*>\s*<(?:[\w.-]+:)?([\w.-]+)")
_ENVELOPE = re.compile(rb"<(?:[\w.-]+:)?Envelope\b[^>]*?=\"([^\"]*envelope[^\"]*)\"", re.IGNORECASE)
_SILENT = AnswerPart(202, "{}", "application/json")


@dataclass(frozen=True, slots=True)
class Delivered:
    """One request that reached a partner; ``what`` is its path (REST) or body element (SOAP)."""

    agency: str
    what: str
    body: bytes
    status: int


@dataclass
class Partner:
    """One agency's server. ``seen`` is told of every request; ``reached`` waits for the first of a kind."""

    role: Role
    port: int
    seen: Callable[[Delivered], None]
    _runner: web.AppRunner | None = None
    _counts: dict[str, int] = field(default_factory=dict)
    _first: dict[str, asyncio.Event] = field(default_factory=dict)

    async def open(self) -> None:
        """Listen."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def close(self) -> None:
        """Stop listening, break what is open; ``open`` may follow."""
        if self._runner is not None:
            await self._runner.cleanup()

    def reached(self, what: str) -> asyncio.Event:
        """Set once a request of this kind has come."""
        return self._first.setdefault(what, asyncio.Event())

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        soap = b"nvelope" in body[:600]
        element = _BODY_ELEMENT.search(body)
        what = element[1].decode() if soap and element else request.path
        refused = self.role.wants and self.role.wants not in _everything(request, body)
        answer = AnswerPart(401, "", "") if refused else self._part(what)
        self._counts[what] = self._counts.get(what, 0) + 1
        text = answer.body.replace("@COUNT@", str(self._counts[what]))
        self.seen(Delivered(self.role.agency.name, what, body, answer.status))
        if not refused:
            self.reached(what).set()
        if soap:
            return _envelope(answer.status, text, body)
        return web.Response(
            status=answer.status, text=text, content_type=answer.media_type or "application/json", charset="utf-8"
        )

    def _part(self, what: str) -> AnswerPart:
        """The answer to this path or element, or to the path that ends so."""
        exact = self.role.answers.get(what)
        if exact is not None:
            return exact
        return next((part for key, part in self.role.answers.items() if what.endswith(key)), _SILENT)


def _everything(request: web.Request, body: bytes) -> str:
    return "\n".join([*request.headers.values(), body.decode("utf-8", "replace")])


def _envelope(status: int, text: str, request: bytes) -> web.Response:
    """The answer in the same SOAP version as the request."""
    found = _ENVELOPE.search(request)
    namespace = found[1].decode() if found else "http://www.w3.org/2003/05/soap-envelope"
    media = "text/xml" if "schemas.xmlsoap.org" in namespace else "application/soap+xml"
    document = f'<env:Envelope xmlns:env="{namespace}"><env:Body>{text}</env:Body></env:Envelope>'
    return web.Response(status=status, text=document, content_type=media, charset="utf-8")
