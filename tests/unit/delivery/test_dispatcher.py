"""The dispatcher over a real store: who is tried when, and what happens when things fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from hub.message import Outcome, Result, State
from hub.site.agency import Batch, Breaker
from hub.store.base import Claimed
from tests.unit.delivery.playing import Play, Watcher, an_agency, delivered, failed, frozen, opened, playing, until

FAILED = Outcome(Result.FAILED, "partner-failed")


@pytest.fixture
def rarely_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep comes once and then in ten minutes, unless something is due: what happens meanwhile is not its work."""
    monkeypatch.setattr("hub.delivery.sweep.LONGEST_S", 600.0)


@pytest.mark.usefixtures("rarely_swept")
def test_a_rung_delivery_is_tried_at_once(tmp_path: Path) -> None:
    """The sweep is far away; the ring is not."""

    async def play() -> None:
        async with opened(tmp_path) as store, playing(store, {"north": an_agency("north")}) as stage:
            id = await stage.accept("north")
            await until(lambda: stage.sent == [("north", (id,))], within_s=20)

    asyncio.run(play())


def test_a_delivery_that_nobody_rang_is_found_by_the_sweep(tmp_path: Path) -> None:
    """Losing a ring is harmless."""

    async def play() -> None:
        async with opened(tmp_path) as store, playing(store, {"north": an_agency("north")}) as stage:
            id = await stage.accept("north", ring=False)
            await until(lambda: stage.sent == [("north", (id,))], within_s=3)

    asyncio.run(play())


@pytest.mark.usefixtures("rarely_swept")
def test_a_lane_goes_on_without_waiting_for_the_sweep(tmp_path: Path) -> None:
    """Each delivery of a case follows its predecessor, in the order of acceptance, one at a time."""

    async def play() -> None:
        async with opened(tmp_path) as store, playing(store, {"north": an_agency("north")}) as stage:
            ids = [await stage.accept("north", case="C-1") for _ in range(10)]
            await until(lambda: len(stage.sent) == 10, within_s=20)
            assert stage.ids() == ids

    asyncio.run(play())


def test_no_agency_gets_more_at_once_than_it_allows(tmp_path: Path) -> None:
    """Forty waiting, three at a time."""
    under_way, most = 0, 0

    async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        return Outcome(Result.DELIVERED)

    async def play() -> None:
        site = {"north": an_agency("north", concurrency=3)}
        async with opened(tmp_path) as store, playing(store, site, answer) as stage:
            stage.dispatcher.ring("north", await stage.accept_many("north", 40))
            await until(lambda: len(stage.sent) == 40)
            assert len(set(stage.ids())) == 40

    asyncio.run(play())
    assert most == 3


def test_an_agency_that_hangs_slows_nobody_else(tmp_path: Path) -> None:
    """All its slots are taken for ever; the other's deliveries go through."""

    async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        if agency == "slow":
            await asyncio.sleep(3600)
        return Outcome(Result.DELIVERED)

    async def play() -> None:
        site = {"slow": an_agency("slow", concurrency=2), "quick": an_agency("quick")}
        async with opened(tmp_path) as store, playing(store, site, answer) as stage:
            for _ in range(5):
                await stage.accept("slow")
            for _ in range(30):
                await stage.accept("quick")
            await until(lambda: [agency for agency, _ in stage.sent].count("quick") == 30)
            assert [agency for agency, _ in stage.sent].count("slow") == 2

    asyncio.run(play())


def test_many_rings_cost_few_claims(tmp_path: Path) -> None:
    """With room for all, fifty rings of one moment are claimed in one store call."""

    async def play() -> None:
        site = {name: an_agency(name, concurrency=50) for name in ("north", "south")}
        async with opened(tmp_path) as store, playing(store, site) as stage:
            rung = {agency: await stage.accept_many(agency, 25) for agency in site}
            for agency, ids in rung.items():
                for id in ids:
                    stage.dispatcher.ring(agency, [id])
            await until(lambda: len(stage.sent) == 50)
            assert len(store.claims) <= 5  # a sweep may have found some before

    asyncio.run(play())


def test_a_backlog_is_worked_off_without_a_pause_between_looks(tmp_path: Path) -> None:
    """The sweep shows a hundred deliveries in ten looks; a second apart they would take nine seconds."""

    async def play() -> None:
        site = {"north": an_agency("north")}
        async with opened(tmp_path) as store:
            await Play(store, site, delivered, Watcher()).accept_many("north", 100)
            async with playing(store, site, most_due=10) as stage:
                await until(lambda: len(set(stage.ids())) == 100)

    asyncio.run(play())


def test_a_parcel_of_several_stays_together_where_single_deliveries_are_served(tmp_path: Path) -> None:
    """Its bytes were frozen while the agency still took batches, and they go out as they are."""

    async def play() -> None:
        async with opened(tmp_path) as store:
            site = {"north": an_agency("north")}
            stage = Play(store, site, failed, Watcher(), retry_in_s=0.0)
            ids = await stage.accept_many("north", 2)
            claimed = await store.claim_batch("north", "incident-report", 10, "worker", 60.0, time.time())
            assert await store.freeze(frozen(claimed))
            await stage.deliver("north", claimed)
            async with playing(store, site) as stage:
                await until(lambda: len(stage.sent) == 1)
                assert sorted(stage.ids()) == sorted(ids)

    asyncio.run(play())


@pytest.mark.usefixtures("rarely_swept")
def test_a_failed_delivery_is_tried_again_when_it_is_due(tmp_path: Path) -> None:
    """The sweeper wakes at the due time, neither before nor with its usual step only."""
    tries: list[float] = []

    async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        tries.append(time.time())
        return FAILED if len(tries) == 1 else Outcome(Result.DELIVERED)

    async def play() -> None:
        async with opened(tmp_path) as store, playing(store, {"north": an_agency("north")}, answer) as stage:
            stage.retry_in_s = 1.3
            id = await stage.accept("north")
            await until(lambda: len(tries) == 2, within_s=30)
            assert stage.ids() == [id, id]
            assert tries[1] - tries[0] >= 1.3

    asyncio.run(play())


def test_an_open_breaker_holds_everything_back_and_lets_one_probe_through(tmp_path: Path) -> None:
    """While the partner is away its deliveries are not even claimed, so that their attempts are not used up."""
    healthy = asyncio.Event()

    async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        return Outcome(Result.DELIVERED) if healthy.is_set() else FAILED

    async def play() -> None:
        site = {"north": an_agency("north", concurrency=1, breaker=Breaker(failures=2, open_s=0.5))}
        async with opened(tmp_path) as store, playing(store, site, answer) as stage:
            for _ in range(6):
                await stage.accept("north")
            await until(lambda: ("north", "open") in stage.watcher.breakers)
            assert len(stage.sent) == 2
            healthy.set()
            await until(lambda: len(set(stage.ids())) == 6)
            states = [state for _, state in stage.watcher.breakers]
            assert states == ["open", "half-open", "closed"]

    asyncio.run(play())


@pytest.mark.usefixtures("rarely_swept")
def test_a_store_that_is_busy_is_waited_out(tmp_path: Path) -> None:
    """What was rung is neither lost nor spun on, and the operator is told."""

    async def play() -> None:
        async with opened(tmp_path) as store, playing(store, {"north": an_agency("north")}) as stage:
            store.busy_claims = 2
            began = time.monotonic()
            id = await stage.accept("north")
            await until(lambda: stage.sent == [("north", (id,))], within_s=20)
            assert time.monotonic() - began >= 0.3  # two pauses
            assert [where for where, _ in stage.watcher.faults] == ["claim", "claim"]

    asyncio.run(play())


def test_an_attempt_that_loses_the_store_frees_its_place(tmp_path: Path) -> None:
    """The exception is told, the others go on, and the claim is left to run out."""

    async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        if len(stage_sent) == 1:
            raise ConnectionError("the store is away")
        return Outcome(Result.DELIVERED)

    stage_sent: list[tuple[str, tuple[str, ...]]] = []

    async def play() -> None:
        site = {"north": an_agency("north", concurrency=1)}
        async with opened(tmp_path) as store, playing(store, site, answer) as stage:
            stage.sent = stage_sent
            await stage.accept("north")
            await stage.accept("north")
            await until(lambda: len(stage.sent) == 2)
            assert [where for where, _ in stage.watcher.faults] == ["deliver"]

    asyncio.run(play())


def test_an_agency_that_left_the_site_is_still_served_to_the_end(tmp_path: Path) -> None:
    """Its deliveries reach the pipeline, which ends them with a reason; they do not hang."""

    async def play() -> None:
        async with opened(tmp_path) as store, playing(store, {}) as stage:
            id = await stage.accept("gone")
            await until(lambda: stage.sent == [("gone", (id,))])

    asyncio.run(play())


def test_stopping_waits_for_what_is_under_way_and_begins_nothing_more(tmp_path: Path) -> None:
    """SIGTERM: the attempt ends in peace, the next in line stays pending."""
    go_on = asyncio.Event()

    async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        await go_on.wait()
        return Outcome(Result.DELIVERED)

    async def play() -> None:
        async with opened(tmp_path) as store, playing(store, {"north": an_agency("north")}, answer) as stage:
            first = await stage.accept("north")
            await until(lambda: len(stage.sent) == 1)
            second = await stage.accept("north", ring=False)
            stopping = asyncio.create_task(stage.dispatcher.stop(5))
            stage.dispatcher.ring("north", [second])
            await asyncio.sleep(0.05)  # a chance to do wrong
            go_on.set()
            await stopping
            assert stage.ids() == [first]
            assert stage.ended == [(first, State.DELIVERED)]
            assert await store.due(time.time(), 10) == {"north": [second]}

    asyncio.run(play())


def test_stopping_cuts_off_what_outlasts_the_grace(tmp_path: Path) -> None:
    """A partner that hangs cannot hold the process."""
    cut: list[str] = []

    async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cut.append(claimed[0].id)
            raise
        return Outcome(Result.DELIVERED)

    async def play() -> None:
        async with opened(tmp_path) as store, playing(store, {"north": an_agency("north")}, answer) as stage:
            id = await stage.accept("north")
            await until(lambda: len(stage.sent) == 1)
            async with asyncio.timeout(60):
                await stage.dispatcher.stop(0.1)
            assert cut == [id]

    asyncio.run(play())


def test_a_batch_waits_for_company_and_goes_as_one_parcel(tmp_path: Path) -> None:
    """Three within the waiting time are one parcel; the types keep apart."""

    async def play() -> None:
        site = {"north": an_agency("north", batch=Batch(most=50, wait_s=0.3))}
        async with opened(tmp_path) as store, playing(store, site) as stage:
            reports = [await stage.accept("north") for _ in range(3)]
            statement = await stage.accept("north", type="statement")
            await until(lambda: len(stage.ids()) == 4)
            assert sorted(len(ids) for _, ids in stage.sent) == [1, 3]
            assert {frozenset(ids) for _, ids in stage.sent} == {frozenset(reports), frozenset([statement])}

    asyncio.run(play())


def test_a_full_batch_does_not_wait(tmp_path: Path) -> None:
    """With a waiting time of an hour, five of five go at once."""

    async def play() -> None:
        site = {"north": an_agency("north", batch=Batch(most=5, wait_s=3600))}
        async with opened(tmp_path) as store, playing(store, site) as stage:
            for _ in range(5):
                await stage.accept("north")
            await until(lambda: len(stage.ids()) == 5)
            assert len(stage.sent) == 1

    asyncio.run(play())


def test_batches_of_one_agency_keep_to_its_concurrency(tmp_path: Path) -> None:
    """Twelve in parcels of three, one parcel at a time."""
    under_way = 0

    async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        nonlocal under_way
        under_way += 1
        assert under_way == 1
        await asyncio.sleep(0.002)
        under_way -= 1
        return await delivered(agency, claimed)

    async def play() -> None:
        site = {"north": an_agency("north", concurrency=1, batch=Batch(most=3, wait_s=0.1))}
        async with opened(tmp_path) as store, playing(store, site, answer) as stage:
            for _ in range(12):
                await stage.accept("north")
            await until(lambda: len(stage.ids()) == 12)
            assert stage.watcher.faults == []
            assert len(set(stage.ids())) == 12

    asyncio.run(play())
