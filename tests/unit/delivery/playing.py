"""A stage for dispatcher tests: agencies, a partner that plays a part, a store with accepted messages in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from hub.delivery.attempts import Ring
from hub.delivery.breaker import Breakers
from hub.delivery.dispatcher import Dispatcher
from hub.errors import HubError
from hub.message import CaseNumber, Classification, Outcome, Result, State
from hub.site.agency import Agency, Batch, Breaker, DocumentDefinition, Rate, Retry, Way
from hub.site.window import Window
from hub.store.base import Acceptance, Claimed, Finish, Freeze, FrozenParcel, Intake, Recipient, Store, Taken
from hub.store.open import open_store

TYPES = ("incident-report", "statement")


def an_agency(
    name: str,
    *,
    concurrency: int = 8,
    breaker: Breaker | None = None,
    batch: Batch | None = None,
    rate: Rate | None = None,
    window: Window | None = None,
) -> Agency:
    """An agency that takes two message types."""
    way = Way(
        "memory",
        "",
        {},
        5.0,
        concurrency,
        Retry(first_s=0.1),
        breaker or Breaker(),
        batch or Batch(),
        "block",
        1,
        rate,
        window,
    )
    documents = {type: DocumentDefinition(type, "json", f"{type}.json", "all", 1) for type in TYPES}
    public = Classification.PUBLIC
    return Agency(name, {}, public, public, {}, documents, None, None, None, way, "")


@dataclass
class Watcher:
    """An observer that remembers."""

    breakers: list[tuple[str, str]] = field(default_factory=list)
    faults: list[tuple[str, BaseException]] = field(default_factory=list)
    entered_states: list[tuple[str, State, str]] = field(default_factory=list)

    def received(self, agency: str, type: str, transport: str, message_id: str, duplicate: bool) -> None: ...

    def refused(self, agency: str, type: str, transport: str, code: str) -> None: ...

    def attempted(self, agency: str, type: str, delivery_id: str, result: str, code: str, seconds: float) -> None: ...

    def entered(self, agency: str, type: str, delivery_id: str, state: State, code: str) -> None:
        self.entered_states.append((delivery_id, state, code))

    def delivered_after(self, agency: str, type: str, seconds: float) -> None: ...

    def stage(self, name: str, seconds: float) -> None: ...

    def breaker(self, agency: str, state: str) -> None:
        self.breakers.append((agency, state))

    def faulted(self, where: str, error: BaseException) -> None:
        self.faults.append((where, error))


class Shelf:
    """The store itself, watched: the ids of every claim that brought something, and faults on order."""

    def __init__(self, store: Store) -> None:
        self.claims: list[tuple[str, ...]] = []
        self.busy_claims = 0
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def claim(self, ids: Sequence[str], *arguments: Any, **named: Any) -> Taken:
        """The store's own claim, unless it is to be busy."""
        if self.busy_claims:
            self.busy_claims -= 1
            raise HubError("busy")
        claimed = await self._store.claim(ids, *arguments, **named)
        if claimed:
            self.claims.append(tuple(item.id for item in claimed))
        return claimed


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Shelf]:
    """A fresh embedded store in ``folder``."""
    store = open_store("sqlite", folder)
    try:
        yield Shelf(store)
    finally:
        await store.close()


Answer = Callable[[str, Sequence[Claimed]], Awaitable[Outcome]]


@dataclass
class Play:
    """A running dispatcher over a store. ``sent``: every attempt that began; ``ended``: every end that was stored."""

    store: Store
    site: dict[str, Agency]
    answer: Answer
    watcher: Watcher
    sent: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    ended: list[tuple[str, State]] = field(default_factory=list)
    retry_in_s: float = 0.1
    lease_s: float = 60.0
    most_due: int = 2_000
    now: Callable[[], float] = time.time
    worker: str = "worker"
    dispatcher: Dispatcher = field(init=False)

    def __post_init__(self) -> None:
        self.breakers = Breakers(lambda: self.site, self.watcher, self.now)
        self.dispatcher = Dispatcher(
            self.store, lambda: self.site, self.deliver, self.breakers, self.watcher, self.worker,
            clock=self.now, lease_s=self.lease_s, poison_after=3, most_due=self.most_due,
        )  # fmt: skip

    async def deliver(self, agency: str, claimed: Sequence[Claimed]) -> Ring:
        """Stands for the pipeline: one attempt, its outcome recorded."""
        started = self.now()
        self.sent.append((agency, tuple(item.id for item in claimed)))
        outcome = await self.answer(agency, claimed)
        self.breakers.heard(agency, outcome)
        states = {Result.DELIVERED: State.DELIVERED, Result.REFUSED: State.DEAD}
        state = states.get(outcome.result, State.PENDING)
        finish = Finish(
            ids=tuple(item.id for item in claimed),
            tokens=tuple(item.token for item in claimed),
            outcome=outcome,
            state=state,
            reason=outcome.code,
            due_at=self.now() + self.retry_in_s if state is State.PENDING else None,
            gap=False,
            started_at=started,
            at=self.now(),
            entries=(),
        )
        finished = await self.store.finish(finish)
        self.ended += [(item.id, state) for item in claimed]
        return finished.ring

    async def accept(self, agency: str, *, case: str | None = None, type: str = TYPES[0], ring: bool = True) -> str:
        """One message for one agency; returns the delivery's id."""
        acceptance = _acceptance(agency, case, type)
        await self.store.accept(Intake(b"{}", (acceptance,)))
        (delivery,) = acceptance.delivery_ids
        if ring:
            self.dispatcher.ring(agency, [delivery])
        return delivery

    async def accept_many(self, agency: str, count: int) -> list[str]:
        """As many messages of as many cases at once, none of them rung."""
        return list(await asyncio.gather(*(self.accept(agency, ring=False) for _ in range(count))))

    def ids(self) -> list[str]:
        """Every delivery id that was tried, in order."""
        return [id for _, ids in self.sent for id in ids]


def _acceptance(agency: str, case: str | None, type: str) -> Acceptance:
    number = case or uuid4().hex
    return Acceptance(
        id=uuid4().hex,
        sender="sender",
        type=type,
        version=1,
        identity=uuid4().hex,
        digest="d",
        subject=number,
        numbers=(CaseNumber("case", number),),
        classification=Classification.PUBLIC,
        time="2026-01-01T00:00:00Z",
        accepted_at=time.time(),
        site="site",
        record=0,
        canonical=b"{}",
        partner={},
        recipients=(Recipient(agency, State.PENDING),),
        delivery_ids=(uuid4().hex,),
        trace=None,
        reference=None,
        transport="rest",
        test=False,
        entry={"kind": "accept"},
    )


def frozen(claimed: Sequence[Claimed]) -> Freeze:
    """The bytes of these as one parcel."""
    ids = tuple(item.id for item in claimed)
    parcel = FrozenParcel(ids[0], b"bytes", "digest", ids, ((),) * len(ids))
    return Freeze(parcel, tuple(item.token for item in claimed), (), time.time())


async def failed(agency: str, claimed: Sequence[Claimed]) -> Outcome:
    """The partner that is away."""
    return Outcome(Result.FAILED, "partner-failed")


async def delivered(agency: str, claimed: Sequence[Claimed]) -> Outcome:
    """The partner that takes everything."""
    return Outcome(Result.DELIVERED)


@asynccontextmanager
async def playing(
    store: Store, site: dict[str, Agency], answer: Answer = delivered, **more: Any
) -> AsyncIterator[Play]:
    """A dispatcher that runs until the end of the block; ``more`` are fields of ``Play``."""
    play = Play(store, site, answer, Watcher(), **more)
    running = asyncio.create_task(play.dispatcher.run())
    try:
        yield play
    finally:
        await play.dispatcher.stop(0)
        await running


async def until(met: Callable[[], bool], within_s: float = 30.0) -> None:
    """Wait until ``met``; the test fails when the time is over."""
    async with asyncio.timeout(within_s):
        while not met():  # noqa: ASYNC110 - conditions are seen from outside
            await asyncio.sleep(0.005)
