"""Deliveries whose worker ended with them: tried alone, until it shows which of them ends workers."""

from __future__ import annotations

import asyncio
from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from hub.delivery.attempts import Attempts, Deliver, Ring
from hub.delivery.claims import Claims
from hub.delivery.desk import Desk
from hub.message import Outcome, Result, State
from hub.observe import Observer
from hub.pipeline import entries
from hub.store.base import Claimed, Finish, Store

ALONE_S = 0.5
MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class _Suspect:
    desk: Desk
    id: str
    crashes: int


@dataclass(slots=True)
class Suspects:
    """A claim counts as a crash until its end is stored; so suspects are claimed one at a time, in their turn.

    Those with the fewest crashes come first, so that the culprit ends its worker without company, and when most others
    are through; after ``poison_after`` claims it is dead. Alone means for ``ALONE_S``: a partner that hangs does not
    hold up all others' suspects.
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
    _waiting: list[_Suspect] = field(default_factory=list)

    async def look_for(self, desk: Desk, left: Sequence[str]) -> None:
        """Queue those of ``left``, ids that a claim did not bring, that are suspects."""
        if not left:
            return
        for id, crashes in (await self.claims.suspects(left[:MOST_LOOKED_AT])).items():
            if id not in desk.suspects:
                desk.suspects.add(id)
                insort(self._waiting, _Suspect(desk, id, crashes), key=lambda one: one.crashes)
        self.changed.set()

    async def run(self, stopping: Callable[[], bool]) -> None:
        """Try those that wait, one after the other, until ``stopping``."""
        while not stopping():
            turn = next((each for each in self._waiting if self.has_room(each.desk)), None)
            if turn is None:
                self.changed.clear()
                await self.changed.wait()
                continue
            claimed = await self.claims.alone(turn.id)
            if claimed is None:
                continue
            desk = turn.desk
            self._waiting.remove(turn)
            desk.suspects.discard(turn.id)
            if claimed:
                alone = self.attempts.start(desk, partial(self._attempt, desk, claimed))
                await asyncio.wait({alone}, timeout=ALONE_S)
            desk.changed.set()

    async def _attempt(self, desk: Desk, claimed: Sequence[Claimed]) -> Ring:
        if max(item.crashes for item in claimed) < self.poison_after:
            return await self.deliver(desk.agency, claimed)
        return await self._bury(claimed, self.leaves_gap(desk))

    async def _bury(self, claimed: Sequence[Claimed], gap: bool) -> Ring:
        finished = await self.store.finish(poisoned(claimed, gap, self.clock()))
        for item in claimed:
            if item.id not in finished.stale:
                self.observer.entered(item.agency, item.envelope.type, item.id, State.DEAD, "poison")
        return finished.ring


def poisoned(claimed: Sequence[Claimed], gap: bool, now: float) -> Finish:
    """The end of deliveries that ended too many workers."""
    return Finish(
        ids=tuple(item.id for item in claimed),
        tokens=tuple(item.token for item in claimed),
        outcome=Outcome(Result.REFUSED, "poison", f"{claimed[0].crashes} workers ended while trying it"),
        state=State.DEAD,
        reason="poison",
        due_at=None,
        gap=gap,
        started_at=now,
        at=now,
        entries=tuple(entries.stopped(item, "poison", "", now) for item in claimed),
    )
