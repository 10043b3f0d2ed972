"""Attempts under way: each its own task, so that a slow agency slows nobody; what crashed a worker is tried alone."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hub import entries
from hub.desk import Desk
from hub.message import Outcome, Result, State
from hub.observe import Observer
from hub.store.base import Claimed, Finish, Store

Ring = Mapping[str, tuple[str, ...]]
Deliver = Callable[[str, Sequence[Claimed]], Awaitable[Ring]]


@dataclass(slots=True)
class Attempts:
    """Starts attempts and keeps them until they end. ``ring`` is told of new heads of lanes, ``ended`` of free room.

    A delivery whose worker died with it (``crashes``) is tried alone among its like: the culprit then ends its worker
    without company, reaches ``poison_after`` claims and is dead, while those that were only near it get through.
    """

    store: Store
    deliver: Deliver
    observer: Observer
    clock: Callable[[], float]
    poison_after: int
    ring: Callable[[Ring], None]
    ended: Callable[[], None]
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    _suspects: deque[Claimed] = field(default_factory=deque)

    def start(self, desk: Desk, claimed: Sequence[Claimed], gap: bool) -> None:
        """Begin one attempt for deliveries claimed together; never raises, and ends by itself."""
        desk.under_way += 1
        task = asyncio.create_task(self._run(desk, claimed, gap))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self, grace_s: float) -> None:
        """Wait for what is under way, then cut off the rest: their claims run out and others try them again."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_s)
        cut = list(self._tasks)
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)

    async def _run(self, desk: Desk, claimed: Sequence[Claimed], gap: bool) -> None:
        try:
            if any(item.crashes for item in claimed):
                ring = await self._with_care(desk.agency, claimed, gap)
            else:
                ring = await self.deliver(desk.agency, claimed)
            self.ring(ring)
        except Exception as error:  # the store is away: the claim runs out and the sweep brings it again
            self.observer.faulted("deliver", error)
        finally:
            desk.under_way -= 1
            desk.changed.set()
            self.ended()

    async def _with_care(self, agency: str, claimed: Sequence[Claimed], gap: bool) -> Ring:
        """Dead where it ended too many workers; else alone, with the rest given back (bytes once frozen stay whole)."""
        now = [item for item in claimed if item.crashes >= self.poison_after]
        if now:
            await self._give_back([item for item in claimed if item not in now])
            return await self._poison(now, gap)
        if self._alone.locked():
            self._suspects.append(claimed[0])
            await self._give_back(claimed)
            return {}
        async with self._alone:
            if claimed[0].parcel is None:
                await self._give_back(claimed[1:])
                claimed = claimed[:1]
            ring = await self.deliver(agency, claimed)
        if self._suspects:
            waiting = self._suspects.popleft()
            self.ring({waiting.agency: (waiting.id,)})
        return ring

    async def _give_back(self, claimed: Sequence[Claimed]) -> None:
        if claimed:
            await self.store.release([item.id for item in claimed], [item.token for item in claimed])

    async def _poison(self, claimed: Sequence[Claimed], gap: bool) -> Ring:
        now = self.clock()
        finished = await self.store.finish(
            Finish(
                ids=tuple(item.id for item in claimed),
                tokens=tuple(item.token for item in claimed),
                outcome=Outcome(Result.REFUSED, "poison", f"{claimed[0].crashes} workers ended while trying it"),
                state=State.DEAD,
                reason="poison",
                due_at=None,
                gap=gap,
                started_at=now,
                at=now,
                entries=tuple(entries.stopped(item, "poison", now) for item in claimed),
            )
        )
        for item in claimed:
            if item.id not in finished.stale:
                self.observer.entered(item.agency, item.envelope.type, item.id, State.DEAD, "poison")
        return finished.ring
