"""The sink process: a partner that answers every request with the same bytes and notes when each number first came."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import orjson
import uvloop

from hub.bench.record import write_moments

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SinkOrder:
    """``number``: a pattern whose group is the message's number in a body; ``answer``: the body of every answer."""

    port: int
    number: str
    answer: str
    media_type: str
    record: str


class Sink:
    """What has arrived so far."""

    def __init__(self, order: SinkOrder) -> None:
        self.number = re.compile(order.number.encode())
        body = order.answer.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {order.media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.answer = head.encode("ascii") + body
        self.first: dict[int, float] = {}
        self.requests = 0
        self.bytes = 0

    def take(self, body: bytes) -> None:
        """Note one request's body."""
        self.requests += 1
        self.bytes += len(body)
        now = time.monotonic()
        for found in self.number.finditer(body):
            self.first.setdefault(int(found[1]), now)


class Visit(asyncio.Protocol):
    """One connection to the sink."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._request = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self._request = self._request + data if self._request else data
        while (head := self._request.find(b"\r\n\r\n")) >= 0 and self._transport is not None:
            length = _LENGTH.search(self._request, 0, head + 2)
            end = head + 4 + (int(length[1]) if length else 0)
            if len(self._request) < end:
                return
            self._sink.take(self._request[head + 4 : end])
            self._request = self._request[end:]
            self._transport.write(self._sink.answer)


async def serve(order: SinkOrder, sink: Sink) -> None:
    """Serve until standard input ends; each line on it is answered with what has come so far."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Visit(sink), "127.0.0.1", order.port)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say(sink)
    while await reader.readline():
        _say(sink)
    server.close()
    write_moments(Path(order.record), [(float(number), at) for number, at in sink.first.items()])


def _say(sink: Sink) -> None:
    state = {"distinct": len(sink.first), "requests": sink.requests, "bytes": sink.bytes}
    print(orjson.dumps(state).decode(), flush=True)


def main() -> None:
    """Run the order that stands as JSON in the first argument."""
    order = SinkOrder(**orjson.loads(sys.argv[1]))
    uvloop.run(serve(order, Sink(order)))


if __name__ == "__main__":
    main()
