"""Attempts under way: each its own task, so that a slow agency slows nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hub.delivery.desk import Desk
from hub.observe import Observer
from hub.store.base import Claimed

Ring = Mapping[str, tuple[str, ...]]
Deliver = Callable[[str, Sequence[Claimed]], Awaitable[Ring]]


@dataclass(slots=True)
class Attempts:
    """Starts attempts and keeps them until they end. ``ring`` is told of new heads of lanes, ``ended`` of free room."""

    observer: Observer
    ring: Callable[[Ring], None]
    ended: Callable[[], None]
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, desk: Desk, attempt: Callable[[], Awaitable[Ring]]) -> asyncio.Task[None]:
        """Begin one attempt. The task never raises, and what it holds is free again when it ends."""
        desk.under_way += 1
        task = asyncio.create_task(self._run(desk, attempt))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self, grace_s: float) -> None:
        """Wait for what is under way, then cut off the rest: what was being sent ends unknown, other claims run out."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_s)
        cut = list(self._tasks)
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)

    async def _run(self, desk: Desk, attempt: Callable[[], Awaitable[Ring]]) -> None:
        try:
            self.ring(await attempt())
        except Exception as error:  # the store is away: the claim runs out and the sweep brings it again
            self.observer.faulted("deliver", error)
        finally:
            desk.under_way -= 1
            desk.changed.set()
            self.ended()
