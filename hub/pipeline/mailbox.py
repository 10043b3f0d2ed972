"""Mailbox: an agency that cannot be called fetches its deliveries; each fetch is an attempt that ends ``sent``.

The steps are those of any attempt (claim, rules of today, frozen bytes, disclosure entry, outcome), all committed
before a byte leaves. What is not acknowledged comes again, with the same id and bytes. Only heads of lanes are handed
out, so the next message of a case comes once the one before it is acknowledged. Any process that takes HTTP can answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from hub.delivery.suspects import poisoned
from hub.message import Outbound, Outcome, Result, State
from hub.observe import Observer
from hub.pipeline.deliver import Delivering
from hub.pipeline.render import Pack, Parcel
from hub.site.agency import Mailbox
from hub.site.versions import SiteVersions
from hub.store.base import Claimed, Store

Ring = Mapping[str, tuple[str, ...]]

LOOK_S = 1.0  # how often a waiting fetch looks for what another process accepted
MOST_BYTES = 8 * 1024 * 1024  # of one answer; the last message may go beyond
_AT_ONCE = 10
_LOOKS = 4
_POISON_AFTER = 5


class Mailboxes:
    """The mailboxes of all agencies that have one; used from the event loop."""

    def __init__(
        self,
        sites: SiteVersions,
        store: Store,
        ring: Callable[[Ring], None],
        observer: Observer,
        worker: str,
        lease_s: float,
        pool: Callable[[Pack], Awaitable[Parcel]] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``pool`` packs what is large, as for ``Delivering``."""
        self._sites = sites
        self._store = store
        self._ring = ring
        self._observer = observer
        self._worker = worker
        self._lease_s = lease_s
        self._pool = pool
        self._clock = clock
        self._arrived: dict[str, asyncio.Event] = {}
        self._closing = False

    def arrived(self, agency: str) -> None:
        """Something may be there for the agency: whoever waits looks again."""
        event = self._arrived.get(agency)
        if event is not None:
            event.set()

    def close(self) -> None:
        """Let everyone who waits go home."""
        self._closing = True
        for event in self._arrived.values():
            event.set()

    async def fetch(self, agency: str, most: int, wait_s: float) -> list[Outbound]:
        """Up to ``most`` messages, the oldest first; waits up to ``wait_s`` for the first of them.

        Raises ``HubError`` where the store cannot.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + wait_s
        while True:
            event = self._arrived.setdefault(agency, asyncio.Event())
            event.clear()
            found = await self._look(agency, most)
            left_s = ends - loop.time()
            if found or left_s <= 0 or self._closing:
                return found
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left_s, LOOK_S)):
                    await event.wait()

    async def _look(self, agency: str, most: int) -> list[Outbound]:
        """One look, or a few: other readers of the same agency may have been first."""
        ids: list[str] = []
        for _ in range(_LOOKS):
            ids = await self._store.heads(agency, self._clock(), most)
            found = await self._take(agency, ids, most)
            if found or not ids:
                return found
        return await self._alone(agency, ids)

    async def _take(self, agency: str, ids: Sequence[str], most: int) -> list[Outbound]:
        found: list[Outbound] = []
        for begin in range(0, len(ids), _AT_ONCE):
            room = min(_AT_ONCE, most - len(found))
            if room <= 0 or sum(len(each.body) for each in found) >= MOST_BYTES:
                break
            claimed = await self._claim(ids[begin : begin + room], suspects=False)
            found += await self._hand_out(agency, claimed)
        return found

    async def _claim(self, ids: Sequence[str], *, suspects: bool) -> list[Claimed]:
        return await self._store.claim(ids, self._worker, self._lease_s, self._clock(), suspects=suspects)

    async def _alone(self, agency: str, ids: Sequence[str]) -> list[Outbound]:
        """One whose last claim ended its worker, perhaps: in company it would make suspects of the others."""
        crashes = await self._store.suspects(ids, self._clock()) if ids else {}
        if not crashes:
            return []
        claimed = await self._claim([min(crashes, key=crashes.__getitem__)], suspects=True)
        if claimed and max(item.crashes for item in claimed) >= _POISON_AFTER:
            await self._bury(agency, claimed)
            return []
        return await self._hand_out(agency, claimed)

    async def _hand_out(self, agency: str, claimed: Sequence[Claimed]) -> list[Outbound]:
        handed: list[Outbound] = []

        async def hand(outbound: Outbound, timeout_s: float) -> Outcome:
            handed.append(outbound)
            mailbox = self._mailbox(agency)
            return Outcome(Result.SENT, acknowledge_within_s=mailbox.again_after_s if mailbox else 0.0)

        send = hand if self._mailbox(agency) is not None else None
        delivering = Delivering(self._sites, self._store, lambda _: send, self._observer, self._clock, pool=self._pool)
        order = {item.id: item.accepted_at for item in claimed}
        for heads in await asyncio.gather(*(delivering.deliver(agency, parcel) for parcel in _parcels(claimed))):
            if heads:
                self._ring(heads)
        return sorted(handed, key=lambda outbound: order[outbound.envelopes[0].id])

    def _mailbox(self, agency: str) -> Mailbox | None:
        definition = self._sites.current.agencies.get(agency)
        return definition.way.mailbox if definition is not None and definition.way is not None else None

    async def _bury(self, agency: str, claimed: Sequence[Claimed]) -> None:
        definition = self._sites.current.agencies.get(agency)
        gap = definition is not None and definition.way is not None and definition.way.lane == "gap"
        finished = await self._store.finish(poisoned(claimed, gap, self._clock()))
        for item in claimed:
            if item.id not in finished.stale:
                self._observer.entered(agency, item.envelope.type, item.id, State.DEAD, "poison")
        self._ring(finished.ring)


def _parcels(claimed: Sequence[Claimed]) -> list[list[Claimed]]:
    """Each alone, except what an earlier attempt froze together (when the agency was reached in another way)."""
    together: dict[str, list[Claimed]] = {}
    for item in claimed:
        together.setdefault(item.parcel.id if item.parcel is not None else item.id, []).append(item)
    return list(together.values())
