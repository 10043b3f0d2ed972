"""Processes that translate large documents, so that the loop that serves everyone else is never held up by one.

There are none until the first large document comes, at most so many as the settings say, and again none when none has
come for a while. One that ends while it works costs its document a second try in a fresh one; a document that ends two
is refused, or its delivery dead, with that reason.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from hub.errors import HubError
from hub.observe import Observer
from hub.pipeline.render import Pack, Parcel
from hub.pipeline.take import Take
from hub.pipeline.worker import LENGTH_BYTES

LARGE_BYTES = 64 * 1024
MOST_WAITING = 8
MOST_S = 300.0
IDLE_S = 30.0
_SLICE = 1 << 18
_RETRY_AFTER_S = 5.0


class _Ended(Exception):
    """The process ended instead of answering."""


class Pool:
    """``content`` gives the files of a site by its digest. Used from the event loop."""

    def __init__(
        self,
        content: Callable[[str], Awaitable[bytes | None]],
        most: int,
        observer: Observer,
        *,
        idle_s: float = IDLE_S,
        most_s: float = MOST_S,
    ) -> None:
        self._content = content
        self._observer = observer
        self._idle_s = idle_s
        self._most_s = most_s
        self._room = asyncio.Semaphore(most)
        self._waiting = 0
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._closed = False

    @property
    def pids(self) -> list[int]:
        """The processes that there are at the moment."""
        return sorted(worker.process.pid for worker in self._all)

    async def take(self, job: Take) -> None:
        """See ``hub.pipeline.take``. Raises ``HubError``; busy where too many documents wait already (P8)."""
        if self._waiting >= MOST_WAITING:
            raise HubError("busy", "Too many large documents are waiting", retry_after_s=_RETRY_AFTER_S)
        await self._run(job)

    async def pack(self, job: Pack) -> Parcel:
        """See ``hub.pipeline.render.pack``; raises ``Stopped`` and ``HubError``."""
        parcel: Parcel = await self._run(job)
        return parcel

    async def close(self) -> None:
        """End all processes, also those that work."""
        self._closed = True
        await asyncio.gather(*(worker.end() for worker in list(self._all)))

    async def _run(self, job: Take | Pack) -> Any:
        self._waiting += 1
        try:
            async with self._room:
                for _ in range(2):
                    with suppress(_Ended):
                        return await self._try(job)
        finally:
            self._waiting -= 1
        raise HubError("poison", "The document ended the process that translated it, twice")

    async def _try(self, job: Take | Pack) -> Any:
        worker = await self._worker()
        try:
            async with asyncio.timeout(self._most_s):
                kind, result = await worker.ask(job, self._content)
        except TimeoutError:
            await self._end(worker)
            raise HubError("too-large", f"Translating the document took longer than {self._most_s:.0f} s") from None
        except BaseException as error:  # also where the waiting task is cancelled: half an answer is no use
            await self._end(worker)
            if isinstance(error, _Ended):
                self._observer.faulted("translation", error)
            raise
        self._rest(worker)
        if kind == "raised":
            raise result
        if kind == "failed":
            failed = HubError("internal", "The document could not be translated")
            failed.add_note(result)
            self._observer.faulted("translation", failed)
            raise failed
        return result

    async def _worker(self) -> _Worker:
        if self._closed:
            raise HubError("stopping")
        while self._idle:
            worker = self._idle.pop()
            worker.wake()
            if worker.process.returncode is None:
                return worker
            await self._end(worker)
        worker = await _Worker.start()
        self._all.add(worker)
        return worker

    def _rest(self, worker: _Worker) -> None:
        """Keep it for the next document, for a while."""
        self._idle.append(worker)
        worker.rest(self._idle_s, self._retire)

    def _retire(self, worker: _Worker) -> None:
        if worker in self._idle:
            self._idle.remove(worker)
            self._all.discard(worker)
            worker.ending = asyncio.create_task(worker.end())

    async def _end(self, worker: _Worker) -> None:
        self._all.discard(worker)
        await worker.end()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.ending: asyncio.Task[None] | None = None
        self._resting: asyncio.TimerHandle | None = None

    @classmethod
    async def start(cls) -> _Worker:
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hub.pipeline.worker", stdin=PIPE, stdout=PIPE, limit=_SLICE
            )
        )

    async def ask(
        self, job: Take | Pack, content: Callable[[str], Awaitable[bytes | None]]
    ) -> tuple[str, Any]:  # fmt: skip
        """Its answer; on the way it may ask for the files of a site."""
        try:
            await self._tell(job)
            while True:
                kind, said = await self._hear()
                if kind != "site":
                    return kind, said
                await self._tell(await content(said))
        except (asyncio.IncompleteReadError, ConnectionError, RuntimeError) as error:  # uvloop's closed pipe
            status = await self.process.wait()
            raise _Ended(f"a process that translated ended with {status}") from error

    def rest(self, idle_s: float, retire: Callable[[_Worker], None]) -> None:
        self._resting = asyncio.get_running_loop().call_later(idle_s, retire, self)

    def wake(self) -> None:
        if self._resting is not None:
            self._resting.cancel()

    async def end(self) -> None:
        """End it, whatever it does."""
        self.wake()
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def _tell(self, message: Any) -> None:
        writer = self.process.stdin
        if writer is None:
            raise ConnectionError
        content = pickle.dumps(message)
        writer.write(len(content).to_bytes(LENGTH_BYTES, "big"))
        for start in range(0, len(content), _SLICE):
            writer.write(content[start : start + _SLICE])
            await writer.drain()

    async def _hear(self) -> tuple[str, Any]:
        reader = self.process.stdout
        if reader is None:
            raise ConnectionError
        length = int.from_bytes(await reader.readexactly(LENGTH_BYTES), "big")
        answer: tuple[str, Any] = pickle.loads(await reader.readexactly(length))
        return answer
