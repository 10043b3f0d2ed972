"""uvicorn as the hub runs it: httptools, no access log, signals left to the process, a deadline for headers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from asyncio.events import TimerHandle
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEADER_DEADLINE_S = 10.0
_KEEP_ALIVE_S = 75
_BACKLOG = 2048


class DeadlineProtocol(HttpToolsProtocol):
    """Closes a connection whose request line and headers do not come whole in time (uvicorn waits for ever)."""

    _deadline: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(_HEADER_DEADLINE_S, transport.close)

    def on_message_begin(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(_HEADER_DEADLINE_S, self.transport.close)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._relax()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._relax()
        super().connection_lost(exc)

    def _relax(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """One listening HTTP server on the running loop. ``port`` is the real one, also where 0 was asked for.

    ``listening`` is a socket that is bound already, in place of host and port (0 then).
    """

    def __init__(
        self, app: ASGIApp, host: str, port: int, grace_s: float, listening: socket.socket | None = None
    ) -> None:
        self._socket = listening or _bind(host, port)
        self.host = host
        self.port: int = 0 if listening else self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            http=DeadlineProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=max(1, int(grace_s)),
            backlog=_BACKLOG,
        )
        self._server = _Uvicorn(config)

    async def run(self) -> None:
        """Serve until ``stop``; then no new connection, and requests under way have ``grace_s`` to end."""
        await self._server.serve(sockets=[self._socket])

    async def started(self) -> None:
        """Wait until requests are answered."""
        await self._server.up.wait()

    def stop(self) -> None:
        """Begin the graceful end; ``run`` returns when it is done. May be called twice."""
        self._server.should_exit = True


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    listening.setblocking(False)
    return listening
