"""Watching a drop folder: whole files are taken one after the other, oldest first, and each comes to its end.

What lay in ``work/`` at a crash is taken again. An overload leaves the file where its sender put it (P8).
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import Literal

import orjson

from connectors.drop import DropFolder, Waiting
from hub.errors import HubError
from hub.message import Json
from hub.observe import Observer

POLL_S = 0.25
_LONGEST_PAUSE_S = 30.0

End = tuple[Literal["accepted", "rejected"], Json]
# Takes a claimed file by its name and gives what makes its end and report (called in a thread: reports can be long).
# Raises ``HubError`` for a file that is rejected, or left where it is while the hub cannot take it.
Take = Callable[[str], Awaitable[Callable[[], End]]]


class FolderWatch:
    """See ``connectors.base.Listener``. ``clock`` gives epoch seconds; a drop is seen within ``poll_s``."""

    def __init__(
        self,
        agency: str,
        drop: DropFolder,
        take: Take,
        observer: Observer,
        *,
        poll_s: float = POLL_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._agency = agency
        self._drop = drop
        self._taking = take
        self._observer = observer
        self._poll_s = poll_s
        self._clock = clock
        self._not_before: dict[str, tuple[float, float]] = {}
        self._told: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Watch until cancelled. A folder that cannot be read is told to the observer and tried again."""
        is_open, pause_s = False, self._poll_s
        try:
            while True:
                try:
                    is_open = is_open or await asyncio.to_thread(self._drop.open)
                    pause_s = await self._pass() if is_open else self._poll_s
                except OSError as error:
                    self._observer.faulted(f"folder of {self._agency}", error)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                await asyncio.sleep(pause_s)
        finally:
            self._drop.close()

    async def _pass(self) -> float:
        """Take everything that waits; returns the seconds until the next look."""
        waiting = await asyncio.to_thread(self._drop.waiting)
        for _ in self._drop.strange - self._told:  # they stay where they are; each is counted and logged once
            self._observer.refused(self._agency, "unknown", "file", "unsupported-media")
        self._told = self._drop.strange
        names = {each.name for each in waiting}
        self._not_before = {name: held for name, held in self._not_before.items() if name in names}
        for each in waiting:
            if self._not_before.get(each.name, (0.0, 0.0))[0] > self._clock():
                continue
            overloaded_s = await self._take(each)
            if overloaded_s is not None:
                return max(overloaded_s, self._poll_s)
        return self._poll_s

    async def _take(self, waiting: Waiting) -> float | None:
        """Take one file to its end; returns the seconds to wait where the hub cannot take any at the moment."""
        name = waiting.name
        if not waiting.claimed and not await asyncio.to_thread(self._drop.claim, name):
            return None
        try:
            conclude = await self._taking(name)
        except HubError as error:
            if error.code.retry and error.code.name != "internal":
                await asyncio.to_thread(self._drop.put_back, name)
                return error.retry_after_s or 1.0
            await asyncio.to_thread(self._finish, name, "rejected", error.as_json())
        except Exception as error:
            await self._set_aside(name, error)
        else:
            await asyncio.to_thread(lambda: self._finish(name, *conclude()))
        return None

    def _finish(self, name: str, end: Literal["accepted", "rejected"], report: Json) -> None:
        content = orjson.dumps({"file": shown(name), **report}, option=orjson.OPT_INDENT_2)
        self._drop.finish(name, end, content)

    async def _set_aside(self, name: str, error: Exception) -> None:
        """The hub itself failed on this file: others go on, and this one is tried again after growing pauses."""
        self._observer.faulted(f"folder of {self._agency}", error)
        await asyncio.to_thread(self._drop.put_back, name)
        wait_s = min(self._not_before.get(name, (0.0, 0.5))[1] * 2, _LONGEST_PAUSE_S)
        self._not_before[name] = (self._clock() + wait_s, wait_s)


def shown(name: str) -> str:
    """The file's name as JSON can hold it."""
    return os.fsencode(name).decode("utf-8", "replace")
