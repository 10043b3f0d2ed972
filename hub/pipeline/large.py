"""Accept for large documents: translated in the pool, decided as a whole, then made durable part by part.

What the sender is promised is the same (P1, P5): the receipts leave when all messages are in the store, and from the
decision on nothing stops half way, not even a killed process (``hub.pipeline.journal``). Others' messages are committed
between the parts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from hub.errors import HubError
from hub.identifiers import new_id
from hub.message import Answer, Receipt, Received, Refusal, Sender
from hub.observe import Observer
from hub.pipeline.journal import Item, Journal, Part, read_part
from hub.pipeline.outcome import conflict, tell_accepted
from hub.pipeline.pool import Pool
from hub.pipeline.take import Take
from hub.site.site import Site
from hub.store.base import Conflict, Intake, Store, Stored
from hub.subjects import SubjectDigests

Ring = Mapping[str, tuple[str, ...]]
# Digest and id, by identity, of what a sender sent before.
Before = Callable[[str, Sequence[str]], Awaitable[Mapping[str, tuple[str, str]]]]

T = TypeVar("T")
LOOK_S = 5.0
AT_ONCE = 16  # what is committed together: whoever else wants to commit waits for no more
_ASKED_AT_ONCE = 500
_MOST_PAUSE_S = 5.0


@dataclass(frozen=True, slots=True)
class LargeDocuments:
    """The steps with what they need (made once in ``hub.wiring.hub``); ``data`` is the hub's data folder."""

    site: Callable[[], Site]
    pool: Pool
    store: Store
    before: Before
    ring: Callable[[Ring], None]
    observer: Observer
    subjects: SubjectDigests
    data: Path

    async def accept(self, site: Site, sender: Sender, received: Received) -> Answer:
        """See ``hub.pipeline.accept``; raises ``HubError`` where nothing of the document was accepted."""
        id = new_id(received.received_at)
        journal = await asyncio.to_thread(Journal.make, self.data, id)
        try:
            started = time.perf_counter()
            await self.pool.take(Take(site.digest, sender, received, self.subjects, journal.path))
            self.observer.stage("translate-in", time.perf_counter() - started)
            if site.agencies[sender.agency].documents[received.type].batch == "all":
                await self._check_conflicts(sender, journal)
            await asyncio.to_thread(journal.decide)
        except BaseException:
            await asyncio.to_thread(journal.remove)
            raise
        started = time.perf_counter()
        answer = await self._finish(site, journal)
        self.observer.stage("store-accept", time.perf_counter() - started)
        return answer

    async def watch(self) -> None:
        """Finish what processes that ended have left half way, now and from time to time, until cancelled."""
        while True:
            for journal in await asyncio.to_thread(lambda: list(Journal.left(self.data))):
                try:
                    await self._finish(self.site(), journal)
                except Exception as error:  # the others are finished all the same, and this one is tried again
                    self.observer.faulted("underway", error)
            await asyncio.sleep(LOOK_S)

    async def _check_conflicts(self, sender: Sender, journal: Journal) -> None:
        """One identity that was used before with other content refuses a document that is taken all or nothing."""
        found: list[Conflict] = []
        async for part in _parts(journal):
            for items in _groups(part.items):
                known = await self.before(sender.agency, [item.acceptance.identity for item in items])
                found += [clash for item in items if (clash := _clash(item, known)) is not None]
        if found:
            raise conflict(*found)

    async def _finish(self, site: Site, journal: Journal) -> Answer:
        """Everything in the journal into the store; returns when the last of it is durable."""
        receipts: list[Receipt] = []
        refusals: list[Refusal] = []
        try:
            about = await asyncio.to_thread(journal.about)
            async for part in _parts(journal):
                refused = list(part.refusals)
                for item, result in zip(part.items, await self._keep(part), strict=True):
                    if isinstance(result, Receipt):
                        receipts.append(result)
                        tell_accepted(self.observer, site, item.acceptance, result)
                    else:
                        refused.append(Refusal(result.record, conflict(result)))
                        await self._surely(partial(self.store.record, [about.clash(result.record)]))
                for each in refused:
                    self.observer.refused(about.agency, about.type, about.transport, each.error.code.name)
                refusals += refused
            await asyncio.to_thread(journal.remove)
        finally:
            await asyncio.to_thread(journal.close)
        return Answer(tuple(receipts), tuple(sorted(refusals, key=lambda refusal: refusal.record)))

    async def _keep(self, part: Part) -> list[Receipt | Conflict]:
        """One part into the store, its messages in their order, in as few commits as the store likes."""
        if part.entries:
            await self._surely(partial(self.store.record, part.entries))
        if part.raw:
            intakes = [Intake(part.raw, tuple(item.acceptance for item in part.items), whole=False)]
        else:
            intakes = [Intake(item.raw, (item.acceptance,), whole=False) for item in part.items]
        results: list[Receipt | Conflict] = []
        for start in range(0, len(intakes), AT_ONCE):
            some = intakes[start : start + AT_ONCE]
            for stored in await self._surely(partial(self._accept, some)):
                results += stored.results
                if stored.ring:
                    self.ring(stored.ring)
        return results

    async def _accept(self, intakes: Sequence[Intake]) -> list[Stored]:
        return await asyncio.gather(*(self.store.accept(intake) for intake in intakes))

    async def _surely(self, write: Callable[[], Awaitable[T]]) -> T:
        """Write what is decided: a store that is busy or full is asked again until it takes it.

        Messages that it took the first time are answered with the receipts of that time.
        """
        pause_s = 0.1
        while True:
            try:
                return await write()
            except HubError as error:
                if not error.code.retry or error.code.name == "stopping":
                    raise
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _MOST_PAUSE_S)


async def _parts(journal: Journal) -> AsyncIterator[Part]:
    """The parts one after the other; only one is in memory."""
    lines = journal.parts()
    while (line := await asyncio.to_thread(next, lines, None)) is not None:
        yield read_part(line)


def _groups(items: Sequence[Item]) -> list[Sequence[Item]]:
    return [items[start : start + _ASKED_AT_ONCE] for start in range(0, len(items), _ASKED_AT_ONCE)]


def _clash(item: Item, known: Mapping[str, tuple[str, str]]) -> Conflict | None:
    new = item.acceptance
    digest, id = known.get(new.identity, (new.digest, ""))
    return Conflict(new.identity, new.record, id) if digest != new.digest else None
