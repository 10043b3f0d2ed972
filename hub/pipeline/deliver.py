"""Deliver: claimed deliveries become a parcel, the parcel is frozen and disclosed, sent once, and the end recorded."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hub.delivery.retry import Decision, decide
from hub.errors import HubError
from hub.message import Outbound, Outcome, Result, State
from hub.observe import Observer
from hub.pipeline import entries
from hub.pipeline.pool import LARGE_BYTES
from hub.pipeline.render import Pack, Parcel, Stopped, pack
from hub.site.agency import Agency, Way
from hub.site.site import Site
from hub.site.versions import SiteVersions
from hub.store.base import Claimed, Finish, Store

Ring = Mapping[str, tuple[str, ...]]
Send = Callable[[Outbound, float], Awaitable[Outcome]]

SEND_MARGIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Delivering:
    """The steps of deliver, with what they need (made once in ``hub.wiring.hub``).

    ``connector`` gives the way out to an agency, or None where it has none in this process. ``pool`` packs what is
    larger than ``LARGE_BYTES`` (without it, it is packed like the rest).
    """

    sites: SiteVersions
    store: Store
    connector: Callable[[str], Send | None]
    observer: Observer
    clock: Callable[[], float] = time.time
    chance: Callable[[], float] = field(default=random.random)
    pool: Callable[[Pack], Awaitable[Parcel]] | None = None

    async def deliver(self, agency_name: str, claimed: Sequence[Claimed]) -> Ring:
        """One attempt for deliveries claimed together; returns the new heads of their lanes.

        Every end but the loss of the store is an outcome that is recorded; nothing is raised for what a partner does.
        """
        started = self.clock()
        rules = self.sites.current
        agency = rules.agencies.get(agency_name)
        send = self.connector(agency_name)
        if len({item.site for item in claimed}) > 1:
            return await self._one_by_one(agency_name, claimed)
        try:
            if agency is None or agency.way is None or send is None:
                raise Stopped(HubError("not-deliverable", "the agency takes no messages any more"), withheld=False)
            parcel = await self._pack(rules, claimed)
        except Stopped as stopped:
            if len(claimed) > 1:
                return await self._one_by_one(agency_name, claimed)
            return await self._stop(agency, claimed[0], stopped, started)
        if not await self._freeze(parcel):
            return {}
        for item, count in zip(claimed, parcel.dropped, strict=False):
            if count:
                self.observer.dropped(agency_name, item.envelope.type, "out", item.id, count)
        outcome = await self._send(send, agency.way.timeout_s, claimed, parcel)
        return await self._finish(agency.way, claimed, parcel.outbound.digest, outcome, started)

    async def _pack(self, rules: Site, claimed: Sequence[Claimed]) -> Parcel:
        started = time.perf_counter()
        try:
            site = await self.sites.version(claimed[0].site)
            if self.pool is not None and _may_take_long(site, claimed):
                return await self.pool(Pack(claimed[0].site, rules.digest, tuple(claimed), self.clock()))
            return pack(site, rules, claimed, self.clock())
        except HubError as error:
            if error.code.name == "stopping":  # says nothing of the delivery: its claim runs out
                raise
            raise Stopped(error, withheld=False) from error
        finally:
            self.observer.stage("render", time.perf_counter() - started)

    async def _freeze(self, parcel: Parcel) -> bool:
        if parcel.freeze is None:
            return True
        started = time.perf_counter()
        frozen = await self.store.freeze(parcel.freeze)
        self.observer.stage("freeze", time.perf_counter() - started)
        return frozen

    async def _send(self, send: Send, timeout_s: float, claimed: Sequence[Claimed], parcel: Parcel) -> Outcome:
        left_s = min(item.lease_until for item in claimed) - self.clock() - SEND_MARGIN_S
        if left_s < timeout_s:
            return Outcome(Result.FAILED, "lease-lost", "too little of the lease was left to send")
        started = time.perf_counter()
        try:
            outcome = await send(parcel.outbound, timeout_s)
        except asyncio.CancelledError:  # the hub stops: its end is recorded, so that nobody waits for the lease
            outcome = Outcome(Result.UNKNOWN, "stopping", "the hub stopped before the partner answered")
        self.observer.stage("send", time.perf_counter() - started)
        return outcome

    async def _finish(
        self, way: Way, claimed: Sequence[Claimed], digest: str, outcome: Outcome, started: float
    ) -> Ring:
        now, first = self.clock(), claimed[0]
        again = first.reason == "sent"
        decision = decide(outcome, first.attempt, first.first_tried_at, now, way, self.chance, again=again)
        notes = tuple(entries.ended(item, outcome, digest, now) for item in claimed)
        finish = _ending(claimed, outcome, decision, way.lane == "gap", started, now, notes)
        return await self._record(claimed, finish)

    async def _stop(self, agency: Agency | None, claimed: Claimed, stopped: Stopped, started: float) -> Ring:
        now, code = self.clock(), stopped.error.code.name
        state = State.WITHHELD if stopped.withheld else State.DEAD
        outcome = Outcome(Result.REFUSED, code, _explain(stopped.error))
        notes = (entries.stopped(claimed, code, stopped.rule, now),)
        gap = stopped.withheld or (agency is not None and agency.way is not None and agency.way.lane == "gap")
        finish = _ending([claimed], outcome, Decision(state, code), gap, started, now, notes)
        return await self._record([claimed], replace(finish, rule=stopped.rule))

    async def _record(self, claimed: Sequence[Claimed], finish: Finish) -> Ring:
        started = time.perf_counter()
        finished = await self.store.finish(finish)
        self.observer.stage("finish", time.perf_counter() - started)
        for item in claimed:
            if item.id not in finished.stale:
                self._observe(item, finish)
        return finished.ring

    def _observe(self, claimed: Claimed, finish: Finish) -> None:
        outcome, type = finish.outcome, claimed.envelope.type
        seconds = finish.at - finish.started_at
        self.observer.attempted(claimed.agency, type, claimed.id, outcome.result.value, outcome.code, seconds)
        if finish.state is not State.PENDING:
            self.observer.entered(claimed.agency, type, claimed.id, finish.state, finish.reason)
        if finish.state is State.DELIVERED:
            self.observer.delivered_after(claimed.agency, type, finish.at - claimed.accepted_at)

    async def _one_by_one(self, agency: str, claimed: Sequence[Claimed]) -> Ring:
        """A parcel that cannot be packed as a whole: each delivery alone, in order, so that only the bad ones stop.

        Behind one that did not get through, the rest of its lane waits: the claim is given back.
        """
        ring: dict[str, tuple[str, ...]] = {}
        closed: set[str] = set()
        for item in claimed:
            lane = item.envelope.case_key
            if lane in closed:
                await self.store.release([item.id], [item.token])
                continue
            for name, ids in (await self.deliver(agency, [item])).items():
                ring[name] = (*ring.get(name, ()), *ids)
            closed.add(lane)
        return ring


def _may_take_long(site: Site, claimed: Sequence[Claimed]) -> bool:
    """Whether packing these is for the pool: they are large, or a stylesheet runs."""
    dialect = site.dialects.get((claimed[0].agency, claimed[0].envelope.type))
    slow = dialect is not None and dialect.mapping.may_take_long
    return slow or sum(len(item.canonical) for item in claimed) > LARGE_BYTES


def _explain(error: HubError) -> str:
    places = [f"{problem.path}: {problem.text}" if problem.path else problem.text for problem in error.problems[:5]]
    return "; ".join([error.text, *places])


def _ending(
    claimed: Sequence[Claimed],
    outcome: Outcome,
    decision: Decision,
    gap: bool,
    started: float,
    now: float,
    notes: tuple[dict[str, object], ...],
) -> Finish:
    return Finish(
        ids=tuple(item.id for item in claimed),
        tokens=tuple(item.token for item in claimed),
        outcome=outcome,
        state=decision.state,
        reason=decision.reason,
        due_at=decision.due_at,
        gap=gap,
        started_at=started,
        at=now,
        entries=notes,
    )
