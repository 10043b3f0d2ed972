"""Deliveries whose worker ended with them: put aside and tried alone, until it shows which of them does it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from hub import entries
from hub.attempts import Attempts, Deliver, Ring
from hub.claims import Claims
from hub.desk import Desk
from hub.message import Outcome, Result, State
from hub.observe import Observer
from hub.store.base import Claimed, Finish, Store

ALONE_S = 0.5


@dataclass(slots=True)
class Suspects:
    """A claim counts as a crash until its end is stored; so suspects wait unclaimed, and one at a time is tried.

    The culprit then ends its worker without company and is dead after ``poison_after`` claims, while those that were
    only near it get through. Alone means for ``ALONE_S``: a partner that hangs does not hold up all others' suspects.
    """

    store: Store
    claims: Claims
    attempts: Attempts
    deliver: Deliver
    observer: Observer
    clock: Callable[[], float]
    poison_after: int
    has_room: Callable[[Desk], bool]
    leaves_gap: Callable[[Desk], bool]
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: deque[tuple[Desk, tuple[str, ...]]] = field(default_factory=deque)

    def put_aside(self, desk: Desk, claimed: Sequence[Claimed]) -> None:
        """Take a claim of which at least one delivery is suspect; the other members of its parcel are so too."""
        self.attempts.start(desk, partial(self._give_back, desk, claimed))

    async def run(self, stopping: Callable[[], bool]) -> None:
        """Try those that wait, one after the other, until ``stopping``."""
        while not stopping():
            turn = next((each for each in self._waiting if self.has_room(each[0])), None)
            if turn is None:
                self.changed.clear()
                await self.changed.wait()
                continue
            desk, ids = turn
            claimed = await self.claims.singles(ids[:1])
            if claimed is None:
                continue
            self._waiting.remove(turn)
            desk.suspects.difference_update(ids)
            if claimed:
                alone = self.attempts.start(desk, partial(self.deliver, desk.agency, claimed))
                await asyncio.wait({alone}, timeout=ALONE_S)
            desk.changed.set()

    async def _give_back(self, desk: Desk, claimed: Sequence[Claimed]) -> Ring:
        """Frozen members stay together, dead or alive; of the others each is on its own from now on."""
        frozen = claimed[0].parcel is not None
        worst = max(item.crashes for item in claimed)
        dead = [item for item in claimed if (worst if frozen else item.crashes) >= self.poison_after]
        rest = [item for item in claimed if item not in dead]
        if rest:
            ids = [item.id for item in rest]
            desk.suspects.update(ids)
            try:
                await self.store.release(ids, [item.token for item in rest])
            except BaseException:
                desk.suspects.difference_update(ids)
                raise
            self._waiting.extend([(desk, tuple(ids))] if frozen else [(desk, (id,)) for id in ids])
            self.changed.set()
        return await self._poison(dead, self.leaves_gap(desk)) if dead else {}

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
