"""The store as the pipeline sees it: each call is a piece of work for the writer thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.message import Json, State
from hub.site.agency import Rate
from hub.store.accept import accept
from hub.store.acknowledge import acknowledge as acknowledge_all
from hub.store.acts import Act, Acted, Generation, NotRead
from hub.store.base import Acknowledge, Acknowledged, Finish, Finished, Freeze, Intake, Standing, Stored, Taken
from hub.store.claim import Claim, Question, claim, suspects
from hub.store.claim_batch import BatchClaim, claim_batch
from hub.store.finish import finish as finish_all
from hub.store.freeze import freeze as freeze_all
from hub.store.leave import Leave, leave
from hub.store.notes import SiteFiles, record, remember_site, site_content
from hub.store.pause import Pause, Resume, pause, resume
from hub.store.release import Release, release
from hub.store.reprocess import Reprocess, reprocess
from hub.store.resend import Resend, resend
from hub.store.standings import Turn, Until, forget, shut, standings, throttle, turn
from hub.store.sweep import Heads, Sweep, due, heads, next_due_at, totals
from hub.store.writer import Writer

# The order in which one transaction does its work: what is accepted or freed can be claimed in the same commit.
ORDER = (
    accept, record, remember_site, finish_all, acknowledge_all, release, resend, leave, reprocess, pause, resume,
    forget, turn, throttle, shut, freeze_all, claim, claim_batch, suspects, due, heads, next_due_at, standings, totals,
    site_content,
)  # fmt: skip


class SqlStore:
    """``hub.store.base.Store`` over one writer; used from one event loop."""

    def __init__(self, writer: Writer, clock: Callable[[], float], on_closed: Callable[[], None]) -> None:
        self._writer = writer
        self._clock = clock
        self._on_closed = on_closed

    @property
    def commits(self) -> int:
        """How many transactions were committed for operations so far (the sequencer's are not counted)."""
        return self._writer.commits

    async def accept(self, intake: Intake) -> Stored:
        """See ``Store.accept``."""
        weight = len(intake.raw) + sum(len(each.canonical) for each in intake.acceptances)
        return await self._writer.submit(accept, intake, weight)

    async def record(self, entries: Sequence[Json]) -> None:
        """See ``Store.record``."""
        await self._writer.submit(record, entries, 0)

    async def claim(
        self,
        ids: Sequence[str],
        worker: str,
        lease_s: float,
        now: float,
        *,
        suspects: bool = True,
        rates: Mapping[str, Rate] | None = None,
    ) -> Taken:
        """See ``Store.claim``; a delivery frozen in a parcel with others brings them along."""
        return await self._writer.submit(claim, Claim(tuple(ids), worker, lease_s, now, suspects, rates or {}))

    async def suspects(self, ids: Sequence[str], now: float) -> dict[str, int]:
        """See ``Store.suspects``."""
        return await self._writer.submit(suspects, Question(tuple(ids), now))

    async def claim_batch(
        self, agency: str, type: str, most: int, worker: str, lease_s: float, now: float, rate: Rate | None = None
    ) -> Taken:
        """See ``Store.claim_batch``."""
        return await self._writer.submit(claim_batch, BatchClaim(agency, type, most, worker, lease_s, now, rate))

    async def freeze(self, freeze: Freeze) -> bool:
        """See ``Store.freeze``. Raises ``hub.store.freeze.BytesChanged`` rather than break P3."""
        return await self._writer.submit(freeze_all, freeze)

    async def finish(self, finish: Finish) -> Finished:
        """See ``Store.finish``."""
        return await self._writer.submit(finish_all, finish)

    async def acknowledge(self, acknowledge: Acknowledge) -> Acknowledged:
        """See ``Store.acknowledge``."""
        return await self._writer.submit(acknowledge_all, acknowledge)

    async def heads(self, agency: str, now: float, most: int) -> list[str]:
        """See ``Store.heads``."""
        return await self._writer.submit(heads, Heads(agency, now, most))

    async def release(self, ids: Sequence[str], tokens: Sequence[int]) -> Finished:
        """See ``Store.release``."""
        return await self._writer.submit(release, Release(tuple(ids), tuple(tokens), self._clock()))

    async def standings(self) -> dict[str, Standing]:
        """See ``Store.standings``."""
        return await self._writer.submit(standings, None)

    async def turn(self, agency: str, standing: Standing) -> bool:
        """See ``Store.turn``."""
        return await self._writer.submit(turn, Turn(agency, standing))

    async def throttle(self, agency: str, until: float) -> None:
        """See ``Store.throttle``."""
        await self._writer.submit(throttle, Until(agency, until))

    async def shut(self, agency: str, until: float) -> None:
        """See ``Store.shut``."""
        await self._writer.submit(shut, Until(agency, until))

    async def forget(self, agency: str) -> None:
        """See ``Store.forget``."""
        await self._writer.submit(forget, agency)

    async def due(self, now: float, most: int, without: frozenset[str] = frozenset()) -> dict[str, list[str]]:
        """See ``Store.due``; at most ``most`` an agency and type."""
        return await self._writer.submit(due, Sweep(now, most, without))

    async def next_due_at(self, without: frozenset[str] = frozenset()) -> float | None:
        """See ``Store.next_due_at``."""
        return await self._writer.submit(next_due_at, without)

    async def resend(self, ids: Sequence[str], act: Act) -> Acted:
        """See ``Store.resend``; with the dead fellow members of their parcels."""
        return await self._writer.submit(resend, Resend(tuple(ids), act))

    async def leave(self, ids: Sequence[str], state: State, act: Act) -> Acted:
        """See ``Store.leave``."""
        return await self._writer.submit(leave, Leave(tuple(ids), state, act))

    async def reprocess(self, generations: Sequence[Generation], refused: Sequence[NotRead], act: Act) -> Acted:
        """See ``Store.reprocess``."""
        weight = sum(len(each.canonical) for each in generations)
        return await self._writer.submit(reprocess, Reprocess(tuple(generations), tuple(refused), act), weight)

    async def pause(self, agency: str, type: str, until: float | None, act: Act) -> None:
        """See ``Store.pause``."""
        await self._writer.submit(pause, Pause(agency, type, until, act))

    async def resume(self, agency: str, type: str, act: Act) -> bool:
        """See ``Store.resume``."""
        return await self._writer.submit(resume, Resume(agency, type, act))

    async def remember_site(self, digest: str, content: bytes, entry: Json) -> None:
        """See ``Store.remember_site``."""
        await self._writer.submit(remember_site, SiteFiles(digest, content, entry, self._clock()))

    async def site_content(self, digest: str) -> bytes | None:
        """See ``Store.site_content``."""
        return await self._writer.submit(site_content, digest)

    async def totals(self) -> Mapping[str, Any]:
        """See ``Store.totals``: by agency ``states``, ``oldest_pending_s`` and ``blocked_lanes``."""
        return await self._writer.submit(totals, self._clock())

    async def close(self) -> None:
        """See ``Store.close``; may be called twice."""
        await asyncio.to_thread(self._writer.stop)
        self._on_closed()
