"""HTTP/1.1 requests on kept-alive connections, as cheap as asyncio allows: the generator is not what is measured."""

from __future__ import annotations

import asyncio
import re
from typing import cast

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
LOST = 0


class Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer = b""
        self._status: asyncio.Future[int] | None = None

    @property
    def is_open(self) -> bool:
        """Whether a request may be sent."""
        return self._transport is not None

    async def send(self, request: bytes) -> int:
        """Send one whole request; the answer's status, or ``LOST`` where the connection ended before it."""
        if self._transport is None:
            return LOST
        self._status = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._status

    def close(self) -> None:
        """Close; a request under way ends as ``LOST``."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        """End what was under way."""
        self._transport = None
        self._end(LOST)

    def data_received(self, data: bytes) -> None:
        """Gather an answer until it is whole."""
        self._answer = self._answer + data if self._answer else data
        head = self._answer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self._answer, 0, head + 2)
        if len(self._answer) >= head + 4 + (int(length[1]) if length else 0):
            status = int(self._answer[9:12])
            self._answer = b""
            self._end(status)

    def _end(self, status: int) -> None:
        if self._status is not None and not self._status.done():
            self._status.set_result(status)


async def connect(host: str, port: int) -> Connection:
    """A connection that is ready to send."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, host, port)
    return connection


def post(host: str, port: int, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """The bytes of one POST request."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}:{port}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body
