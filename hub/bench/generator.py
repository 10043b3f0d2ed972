"""The generator process: sends distinct messages in a closed loop (throughput) or by the clock (latency)."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import orjson
import uvloop

from hub.bench.record import NEVER, write_moments
from hub.bench.requests import Connection, connect, post

TURNED_AWAY = (429, 503)
PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Order:
    """What to send. ``template`` holds ``@NUMBER@`` where the message's number goes; ``per_s`` 0: a closed loop."""

    host: str
    port: int
    path: str
    headers: dict[str, str]
    template: str
    first: int
    connections: int
    seconds: float
    per_s: float
    record: str


class Generator:
    """Sends messages ``first``, ``first + 1``, ... and notes for each when it was due and when it was accepted."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._next = order.first
        self._parts = order.template.encode().split(b"@NUMBER@")
        self._idle: list[Connection] = []
        self.rows: list[tuple[float, ...]] = []
        self.turned_away = 0
        self.failures: dict[int, int] = {}

    async def run(self) -> None:
        """Send for the ordered time; every answer has been awaited at the end."""
        order = self._order
        self._idle = [await connect(order.host, order.port) for _ in range(order.connections)]
        end = time.monotonic() + order.seconds
        if order.per_s:
            await self._by_the_clock(end)
        else:
            await asyncio.gather(*(self._closed_loop(connection, end) for connection in self._idle))
        for connection in self._idle:
            connection.close()

    async def _closed_loop(self, connection: Connection, end: float) -> None:
        while connection.is_open and time.monotonic() < end:
            await self._send(connection, time.monotonic(), end)

    async def _by_the_clock(self, end: float) -> None:
        due, pause = time.monotonic(), 1 / self._order.per_s
        async with asyncio.TaskGroup() as group:
            while due < end:
                await asyncio.sleep(due - time.monotonic())
                group.create_task(self._send_on_idle(due, end))
                due += pause

    async def _send_on_idle(self, due: float, end: float) -> None:
        connection = self._idle.pop() if self._idle else await connect(self._order.host, self._order.port)
        await self._send(connection, due, end)
        self._idle.append(connection)

    async def _send(self, connection: Connection, due: float, end: float) -> None:
        """Send the next message until it is taken, refused, or the time is over."""
        number, request = self._request()
        status = await connection.send(request)
        while status in TURNED_AWAY:
            self.turned_away += 1
            if time.monotonic() >= end:
                return
            await asyncio.sleep(PAUSE_S)
            status = await connection.send(request)
        accepted = 200 <= status < 300
        self.rows.append((float(number), due, time.monotonic() if accepted else NEVER))
        if not accepted:
            self.failures[status] = self.failures.get(status, 0) + 1

    def _request(self) -> tuple[int, bytes]:
        number, order = self._next, self._order
        self._next += 1
        return number, post(order.host, order.port, order.path, order.headers, (b"%08d" % number).join(self._parts))


def main() -> None:
    """Read an order as JSON from standard input, carry it out, print what came of it."""
    order = Order(**orjson.loads(sys.stdin.buffer.read()))
    generator = Generator(order)
    uvloop.run(generator.run())
    write_moments(Path(order.record), generator.rows)
    print(
        orjson.dumps(
            {
                "sent": len(generator.rows),
                "turned_away": generator.turned_away,
                "failures": {str(status): count for status, count in generator.failures.items()},
            }
        ).decode()
    )


if __name__ == "__main__":
    main()
