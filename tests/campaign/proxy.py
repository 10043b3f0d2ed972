"""A TCP proxy that stands between two parties and can cut, swallow, delay or half close what goes through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

from tests.campaign.commits import Commits

_AT_ONCE = 65_536


class Weather(StrEnum):
    """What happens to connections: ``fair`` passes bytes on, ``refuse`` cuts all and takes none, ``swallow`` takes and
    passes nothing on (a firewall that drops packets), ``slow`` holds every piece for a moment, ``half`` passes what is
    asked on and closes the way back, ``lose`` drops all bytes and cuts the connections when it is over.
    """

    FAIR = "fair"
    REFUSE = "refuse"
    SWALLOW = "swallow"
    SLOW = "slow"
    HALF = "half"
    LOSE = "lose"


class AtCommit(StrEnum):
    """Where a connection to PostgreSQL is cut: ``before`` the COMMIT is passed on, or ``after``, with its answer."""

    BEFORE = "before"
    AFTER = "after"


@dataclass
class Line:
    """One connection through the proxy: what its client asks of PostgreSQL (None: it is another protocol), and whether
    the next answer is never to arrive."""

    commits: Commits | None = None
    loses_answer: bool = False


@dataclass
class Proxy:
    """Listens on a port of loopback and forwards to ``target``. ``touched`` counts connections that bad weather met.

    Before PostgreSQL (``reads_commits``): while ``at_commit`` is set every connection is cut at its next commit
    (``cut_commits`` counts them).
    """

    target: tuple[str, int]
    slow_s: float = 0.3
    port: int = 0
    touched: int = 0
    weather: Weather = Weather.FAIR
    reads_commits: bool = False
    at_commit: AtCommit | None = None
    cut_commits: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _passing: set[asyncio.Task[None]] = field(default_factory=set)
    _fair: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Serve until the block ends."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._fair.set()
        try:
            yield
        finally:
            server.close()
            self.cut()
            if self._passing:
                await asyncio.wait(self._passing)

    def turn(self, weather: Weather) -> None:
        """Change the weather for what is open and what comes; ``refuse`` cuts what is open."""
        lost, self.weather = self.weather is Weather.LOSE, weather
        if lost:
            self.cut()
        if weather is Weather.FAIR:
            self._fair.set()
        else:
            self._fair.clear()
        if weather is Weather.REFUSE:
            self.cut()

    def cut(self) -> None:
        """Reset every open connection, on both sides."""
        self.touched += len(self._open) // 2
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.weather is Weather.REFUSE:
            self.touched += 1
            writer.transport.abort()
            return
        try:
            onward, back = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            return
        both, line = {writer, back}, Line(Commits() if self.reads_commits else None)
        self._open |= both
        passing = [
            asyncio.create_task(self._pass(reader, back, line, asking=True)),
            asyncio.create_task(self._pass(onward, writer, line, asking=False)),
        ]
        self._passing.update(passing)
        await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        self._open -= both
        for each in both:  # what was written still goes out
            each.close()
        if line.loses_answer:
            writer.transport.abort()
        for task in passing:
            task.cancel()
            self._passing.discard(task)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: Line, *, asking: bool
    ) -> None:
        """One direction, until either party is gone."""
        with suppress(OSError):
            while piece := await reader.read(_AT_ONCE):
                if not asking and line.loses_answer:
                    return
                commits = asking and line.commits is not None and line.commits.found_in(piece)
                if commits and self.at_commit is not None:
                    self.cut_commits += 1
                    line.loses_answer = True
                    if self.at_commit is AtCommit.BEFORE:
                        return
                if self.weather is not Weather.FAIR:
                    self.touched += 1
                if self.weather is Weather.LOSE:
                    continue
                if self.weather is Weather.SLOW:
                    await asyncio.sleep(self.slow_s)
                if self.weather is Weather.HALF and not asking:
                    writer.write_eof()
                    await self._fair.wait()
                    return
                while self.weather is Weather.SWALLOW:
                    await self._fair.wait()
                writer.write(piece)
                await writer.drain()
