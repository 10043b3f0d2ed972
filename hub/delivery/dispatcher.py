"""The dispatcher: from rings to attempts. It claims what there is room for, in few store calls; it decides nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import partial

from hub.delivery.attempts import Attempts, Deliver, Ring
from hub.delivery.batcher import Batcher
from hub.delivery.breaker import Breakers
from hub.delivery.claims import Claims
from hub.delivery.desk import Desk, Limits
from hub.delivery.sharing import Sharing
from hub.delivery.suspects import Suspects
from hub.delivery.sweep import LONGEST_S, MOST, Sweep
from hub.observe import Observer
from hub.site.agency import Agency, Rate
from hub.store.base import Claimed, Store


class Dispatcher:
    """Serves every agency within its own limits: concurrency, batches, breaker. One loop, no thread.

    ``deliver`` makes one attempt and returns what can be claimed next. Those heads are rung here and not over the
    queue: this process has just made the room for them; where it has none, the sweep of any process finds them.
    """

    def __init__(
        self,
        store: Store,
        site: Callable[[], Mapping[str, Agency]],
        deliver: Deliver,
        breakers: Breakers,
        observer: Observer,
        worker: str,
        *,
        clock: Callable[[], float] = time.time,
        lease_s: float = 60.0,
        poison_after: int = 5,
        most_due: int = MOST,
    ) -> None:
        self._site = site
        self._breakers = breakers
        self._deliver = deliver
        self._clock = clock
        self._rates: dict[str, Rate] = {}
        self._claims = Claims(store, observer, worker, lease_s, clock, lambda: self._rates)
        self._attempts = Attempts(observer, self._ring_all, self._poke)
        self._suspects = Suspects(
            store, self._claims, self._attempts, deliver, observer, clock, poison_after,
            lambda desk: desk.room(self._limits(desk.agency)) > 0, lambda desk: self._limits(desk.agency).gap,
        )  # fmt: skip
        self._sharing = Sharing(store, breakers, observer)
        self._sweep = Sweep(
            store, self._sharing, observer, clock, self._found, self._reopens_in_s, self._fetching, most_due
        )
        self._desks: dict[str, Desk] = {}
        self._batchers: dict[str, asyncio.Task[None]] = {}
        self._known: dict[str, tuple[Agency | None, Limits]] = {}  # read once a definition
        self._poked = asyncio.Event()
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()

    def ring(self, agency: str, ids: Sequence[str]) -> None:
        """These deliveries may be claimed now (the queue's ``on_ring``); never waits."""
        if not self._limits(agency).concurrency:
            return
        desk = self._desks.get(agency)
        if desk is None:
            desk = self._desks[agency] = Desk(agency, self._breakers)
        desk.add(ids)
        self._poked.set()

    async def run(self) -> None:
        """Serve until ``stop``. Cancelled instead, it cuts off what is under way."""
        self._idle.clear()
        beside = [asyncio.create_task(self._sweep.run()), asyncio.create_task(self._sharing.run())]
        try:
            await asyncio.gather(self._claim_singles(), self._suspects.run(lambda: self._stopping))
            await asyncio.gather(*self._batchers.values())
        finally:
            for task in (*beside, *self._batchers.values()):
                task.cancel()
            await asyncio.gather(*beside, *self._batchers.values(), return_exceptions=True)
            if not self._stopping:
                await self._attempts.stop(0)
            self._idle.set()

    async def stop(self, grace_s: float) -> None:
        """End ``run``: claim nothing more, wait at most ``grace_s`` for what is under way, then cut it off."""
        self._stopping = True
        self._poke_all()
        await self._idle.wait()
        await self._attempts.stop(grace_s)

    # --- claiming ----------------------------------------------------------------------------------------------------

    async def _claim_singles(self) -> None:
        while not self._stopping:
            await self._poked.wait()
            self._poked.clear()
            taken = self._take()
            if not taken or self._stopping:
                continue
            claimed = await self._claims.singles([id for ids in taken.values() for id in ids])
            if claimed is None:
                for agency, ids in taken.items():
                    self._desks[agency].put_back(ids)
            else:
                for parcel in _parcels(claimed):
                    self._start(self._desks[parcel[0].agency], parcel)
                await self._left(taken, {item.id for item in claimed}, claimed.later)
            self._poked.set()  # until nothing is left to take

    async def _left(self, taken: Mapping[str, list[str]], brought: Set[str], later: Mapping[str, float]) -> None:
        """What a claim did not bring: it has to wait for its agency, or may be a suspect, or is nothing any more."""
        for agency, ids in taken.items():
            left = [id for id in ids if id not in brought]
            if agency in later:
                self._desks[agency].put_back(left)
            else:
                await self._suspects.look_for(self._desks[agency], left)
        self._wait(later)

    def _wait(self, later: Mapping[str, float]) -> None:
        """Leave these agencies alone until then, and look again when it is time (long waits are the sweep's)."""
        for agency, at in later.items():
            self._breakers.waits(agency, at)
            wait_s = at - self._clock()
            if wait_s < LONGEST_S:
                asyncio.get_running_loop().call_later(max(0.0, wait_s), self._poke_all)

    def _take(self) -> dict[str, list[str]]:
        """As many waiting ids as there is room for, by agency."""
        taken: dict[str, list[str]] = {}
        for agency, desk in self._desks.items():
            if not len(desk):
                continue
            limits = self._limits(agency)
            if limits.batch.most > 1:
                self._batch(desk)
                continue
            room = desk.room(limits)
            if room:
                taken[agency] = desk.take(room)
            if desk.overflowed and len(desk) < limits.concurrency:
                desk.overflowed = False
                self._sweep.hurry()
        return taken

    def _batch(self, desk: Desk) -> None:
        """Make sure that a batcher serves this desk."""
        task = self._batchers.get(desk.agency)
        if task is None or task.done():
            batcher = Batcher(
                desk,
                self._claims,
                self._suspects,
                lambda: self._limits(desk.agency),
                self._start,
                lambda: self._stopping,
                self._wait,
            )
            self._batchers[desk.agency] = asyncio.create_task(batcher.run())

    def _start(self, desk: Desk, claimed: Sequence[Claimed]) -> None:
        self._attempts.start(desk, partial(self._deliver, desk.agency, claimed))

    def _limits(self, agency: str) -> Limits:
        definition = self._site().get(agency)
        known = self._known.get(agency)
        if known is None or known[0] is not definition:
            known = self._known[agency] = (definition, Limits.of(definition))
            self._rates.pop(agency, None)
            if known[1].rate is not None:
                self._rates[agency] = known[1].rate
        return known[1]

    # --- what makes it look again ------------------------------------------------------------------------------------

    def _ring_all(self, ring: Ring) -> None:
        for agency, ids in ring.items():
            self.ring(agency, ids)

    def _poke(self) -> None:
        self._poked.set()
        self._suspects.changed.set()

    def _poke_all(self) -> None:
        self._poke()
        for desk in self._desks.values():
            desk.changed.set()

    def _found(self, due: Mapping[str, Sequence[str]]) -> None:
        for agency, ids in due.items():
            self.ring(agency, ids)
            if agency in self._desks:
                self._desks[agency].overflowed |= len(ids) >= self._sweep.most
        self._poke_all()

    def _fetching(self) -> frozenset[str]:
        return frozenset(name for name in self._site() if not self._limits(name).concurrency)

    def _reopens_in_s(self) -> float:
        waits = (self._breakers.reopens_in_s(agency) for agency, desk in self._desks.items() if len(desk))
        return min((wait_s for wait_s in waits if wait_s is not None), default=LONGEST_S)


def _parcels(claimed: Sequence[Claimed]) -> Iterable[Sequence[Claimed]]:
    """Each alone, except what an earlier attempt froze together."""
    together: dict[str, list[Claimed]] = {}
    for item in claimed:
        frozen = item.parcel
        together.setdefault(frozen.id if frozen is not None else item.id, []).append(item)
    return together.values()
