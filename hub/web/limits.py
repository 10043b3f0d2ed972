"""What every request must keep to before the hub looks at it: size, time, framing, and room (P8).

Pure ASGI. The whole body is read here and stands in the scope (``BODY``), so that nothing behind it waits for a sender.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.errors import HubError, too_large
from hub.web.problem import refusal_response

BODY = "hub.body"
_LINGER_S = 2.0
_MOST_DROPPED_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """``max_body_bytes`` is the default for agencies that declare none of their own.

    ``max_in_flight`` counts requests that may carry a body, ``max_in_flight_bytes`` those bodies until they are
    answered (one alone always has room); health and metrics always get through.
    """

    max_body_bytes: int = 16 * 1024 * 1024
    body_deadline_s: float = 30.0
    max_in_flight: int = 512
    max_in_flight_bytes: int = 256 * 1024 * 1024
    retry_after_s: float = 1.0


# Hears of a refusal and gives the error to answer; returns once the refusal is recorded.
Refused = Callable[[Scope, HubError], Awaitable[HubError]]


class _Held:
    """How many bytes of its body one request has brought."""

    __slots__ = ("bytes",)

    def __init__(self) -> None:
        self.bytes = 0


class LimitedApp:
    """Wraps an ASGI app; refuses as ``hub.web.problem`` says, once ``refused`` has heard of it.

    ``most_bytes`` gives the limit of the body that may be sent to a path, in bytes.
    """

    def __init__(self, app: ASGIApp, limits: Limits, most_bytes: Callable[[str], int], refused: Refused) -> None:
        self._app = app
        self._limits = limits
        self._most_bytes = most_bytes
        self._refused = refused
        self._in_flight = 0
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        if self._in_flight >= self._limits.max_in_flight:
            await self._refuse(self._busy(), scope, receive, send)
            return
        held = _Held()
        self._in_flight += 1
        try:
            await self._pass(scope, receive, send, held)
        finally:
            self._in_flight -= 1
            self._bytes -= held.bytes

    async def _pass(self, scope: Scope, receive: Receive, send: Send, held: _Held) -> None:
        try:
            most = self._most_bytes(scope["path"])
            _check_framing(scope, most)
            body = await self._body(receive, most, held)
        except HubError as error:
            if error.code.name in ("too-large", "busy"):
                await self._let_finish(receive)
            await self._refuse(error, scope, receive, send)
            return
        if body is None:  # the sender went away: nobody is left to answer
            return
        scope[BODY] = body
        await self._app(scope, receive, send)

    async def _body(self, receive: Receive, most: int, held: _Held) -> bytes | None:
        try:
            async with asyncio.timeout(self._limits.body_deadline_s):
                message = await receive()
                if message["type"] == "http.request" and not message.get("more_body"):
                    self._hold(held, len(message["body"]), most)
                    return bytes(message["body"])
                return await self._rest(message, receive, most, held)
        except TimeoutError:
            raise HubError("incomplete", "the body did not arrive whole in time") from None

    async def _rest(self, message: Message, receive: Receive, most: int, held: _Held) -> bytes | None:
        parts = bytearray()
        while message["type"] == "http.request":
            self._hold(held, len(message["body"]), most)
            parts += message["body"]
            if not message["more_body"]:
                return bytes(parts)
            message = await receive()
        return None

    def _hold(self, held: _Held, more: int, most: int) -> None:
        """Count bytes that came; refuse what is too large for its sender, or too much beside what others sent."""
        if held.bytes + more > most:
            raise too_large(most)
        if self._bytes > held.bytes and self._bytes + more > self._limits.max_in_flight_bytes:
            raise self._busy()
        held.bytes += more
        self._bytes += more

    def _busy(self) -> HubError:
        return HubError("busy", retry_after_s=self._limits.retry_after_s)

    async def _let_finish(self, receive: Receive) -> None:
        """Drop the rest for a moment: a sender that is cut off while it sends never reads why."""
        dropped = 0
        try:
            async with asyncio.timeout(_LINGER_S):
                while dropped < _MOST_DROPPED_BYTES:
                    message = await receive()
                    if message["type"] != "http.request" or not message["more_body"]:
                        return
                    dropped += len(message["body"])
        except TimeoutError:
            return

    async def _refuse(self, error: HubError, scope: Scope, receive: Receive, send: Send) -> None:
        error = await self._refused(scope, error)
        given = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        response = refusal_response(error, scope["path"], given.decode("latin-1").strip().lower())
        response.headers["Connection"] = "close"  # what is left of the body will not be read
        await response(scope, receive, send)


def _check_framing(scope: Scope, max_bytes: int) -> None:
    """One length, told one way (RFC 9112, 6.3: both together is how requests are smuggled)."""
    length: bytes | None = None
    chunked = False
    for name, value in scope["headers"]:
        if name == b"content-length":
            if length is not None and length != value:
                raise HubError("bad-header", "two different Content-Length headers")
            length = value
        elif name == b"transfer-encoding":
            chunked = True
    if length is None:
        return
    if chunked:
        raise HubError("bad-header", "Content-Length and Transfer-Encoding exclude each other")
    if not length.isdigit():
        raise HubError("bad-header", "Content-Length is not a number")
    if len(length) > 18 or int(length) > max_bytes:
        raise too_large(max_bytes)
