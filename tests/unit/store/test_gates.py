"""What a claim leaves because of the agency's standing: breaker, clock, window and rate, the same for all processes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from hub.site.agency import Rate
from hub.store.base import CircuitState, Standing
from hub.store.open import open_store
from hub.store.query import open_queries
from hub.store.store import SqlStore
from tests.unit.store.making import LATER, NOW, Opening, acceptance, ending, put, take

OPEN = Standing(CircuitState.OPEN, open_until=LATER + 10, openings=1)
TEN = {"court": Rate(10, 1.0)}


async def cases(store: SqlStore, count: int) -> list[str]:
    """That many deliveries, each of a case of its own."""
    return [id for number in range(count) for id in await put(store, acceptance(f"c{number}"))]


def test_an_open_circuit_stops_every_claim(opening: Opening) -> None:
    """Whoever opened it; the claim says when to ask again."""

    async def steps(store: SqlStore) -> None:
        ids = await cases(store, 2)
        assert await store.turn("court", OPEN)
        got = await store.claim(ids, "w", 30, LATER)
        assert (got, got.later) == ([], {"court": LATER + 10})
        assert await store.due(LATER, 10) == {}
        batch = await store.claim_batch("court", "report", 5, "w", 30, LATER)
        assert (batch, batch.later) == ([], {"court": LATER + 10})

    opening.run(steps)


def test_when_its_time_is_over_one_worker_probes(opening: Opening) -> None:
    """One parcel of one worker; the others wait until its lease ends, or the circuit turns."""

    async def steps(store: SqlStore) -> None:
        ids = await cases(store, 4)
        await store.turn("court", OPEN)
        after = LATER + 11
        got = await store.claim(ids, "w", 30, after)
        assert len(got) == 1
        other = await store.claim(ids, "v", 30, after + 1)
        assert (other, other.later) == ([], {"court": after + 30})
        assert len(await store.claim(ids, "w", 30, after + 1)) == 1  # the same worker, whose first one never left
        assert (await store.standings())["court"].state is CircuitState.HALF_OPEN
        assert len(await store.claim(ids, "v", 30, after + 31)) == 1  # the prober was killed

    opening.run(steps)


def test_a_circuit_that_closed_lets_all_through(opening: Opening) -> None:
    """The prober tells it, from the revision that it knew."""

    async def steps(store: SqlStore) -> None:
        ids = await cases(store, 3)
        await store.turn("court", OPEN)
        await store.claim(ids, "w", 30, LATER + 11)
        assert await store.turn("court", Standing(revision=1, ramp_from=LATER + 12))
        assert len(await store.claim(ids, "v", 30, LATER + 12)) == 2
        assert (await store.standings())["court"] == Standing(revision=2, ramp_from=LATER + 12)

    opening.run(steps)


def test_of_two_turns_from_one_revision_the_first_counts(opening: Opening) -> None:
    """Two processes that see a partner fail do not open its circuit twice."""

    async def steps(store: SqlStore) -> None:
        assert await store.turn("court", OPEN)
        assert not await store.turn("court", replace(OPEN, open_until=LATER + 99))
        assert (await store.standings())["court"].open_until == LATER + 10

    opening.run(steps)


def test_the_partners_clock_and_the_window_hold_for_all(opening: Opening) -> None:
    """A pause is never made shorter; a window may be."""

    async def steps(store: SqlStore) -> None:
        ids = await cases(store, 1)
        await store.throttle("court", LATER + 60)
        await store.throttle("court", LATER + 30)
        await store.shut("court", LATER + 90)
        await store.shut("court", LATER + 40)
        got = await store.claim(ids, "w", 30, LATER)
        assert (got, got.later) == ([], {"court": LATER + 60})
        assert len(await store.claim(ids, "w", 30, LATER + 60)) == 1

    opening.run(steps)


def test_a_rate_spaces_parcels_over_all_claims(opening: Opening) -> None:
    """Ten a second: one each tenth, whoever asks, and idle time is not saved up."""

    async def steps(store: SqlStore) -> None:
        ids = await cases(store, 30)
        times, now = [], LATER
        while len(times) < 12:
            got = await store.claim(ids, "w", 300, now, rates=TEN)
            times += [now] * len(got)
            assert got.later["court"] == pytest.approx(now + 0.1)
            now = got.later["court"]
        assert times == pytest.approx([LATER + 0.1 * number for number in range(12)])
        got = await store.claim(ids, "w", 300, now + 100, rates=TEN)
        assert len(got) == 1

    opening.run(steps)


def test_a_high_rate_lets_a_few_go_at_one_moment(opening: Opening) -> None:
    """A hundred a second: five at once, and still no more than a hundred in any second."""

    async def steps(store: SqlStore) -> None:
        ids, times, now = await cases(store, 130), [], LATER
        while now < LATER + 1.2:
            got = await store.claim(ids, "w", 300, now, rates={"court": Rate(100, 1.0)})
            times += [now] * len(got)
            now = got.later["court"] + 0.013  # a little late, as workers are
        assert times[4] == times[0] < times[5]
        assert max(sum(begin <= at < begin + 1 for at in times) for begin in times) in range(94, 101)

    opening.run(steps)


def test_nobody_else_waits_for_an_agencys_rate(opening: Opening) -> None:
    """Its own deliveries are left, all others are brought."""

    async def steps(store: SqlStore) -> None:
        court = await cases(store, 5)
        (other,) = await put(store, acceptance("x", to=("clerk",)))
        got = await store.claim([*court, other], "w", 30, LATER, rates=TEN)
        assert sorted(each.agency for each in got) == ["clerk", "court"]

    opening.run(steps)


def test_a_batch_counts_as_one_parcel(opening: Opening) -> None:
    """Partners count what arrives at once."""

    async def steps(store: SqlStore) -> None:
        await cases(store, 6)
        got = [
            await store.claim_batch("court", "report", 3, "w", 30, at, TEN["court"])
            for at in (LATER, LATER, LATER + 0.1)
        ]
        assert [len(each) for each in got] == [3, 0, 3]

    opening.run(steps)


def test_the_rate_holds_over_processes_that_claim_at_once(opening: Opening) -> None:
    """Two stores on one database, as fast as they can for half a second: fifty a second are at most 26."""
    if opening.url == "sqlite":
        pytest.skip("one process writes")

    async def steps(one: SqlStore) -> None:
        ids = await cases(one, 60)
        two = open_store(opening.url, opening.data)
        rates, began, got = {"court": Rate(50, 1.0)}, time.time(), []

        async def claim_all(store: SqlStore) -> None:
            while (now := time.time()) < began + 0.5:
                got.extend(await store.claim(ids, "w", 300, now, rates=rates))

        try:
            await asyncio.gather(claim_all(one), claim_all(two))
        finally:
            await two.close()
        assert 13 <= len(got) <= 26
        assert len({each.id for each in got}) == len(got)

    opening.run(steps)


def test_only_one_of_two_processes_probes(opening: Opening) -> None:
    """Both ask at the moment when the circuit's time is over."""
    if opening.url == "sqlite":
        pytest.skip("one process writes")

    async def steps(one: SqlStore) -> None:
        ids = await cases(one, 8)
        await one.turn("court", OPEN)
        two = open_store(opening.url, opening.data)
        try:
            asked = [one.claim(ids[:4], "w", 30, LATER + 11), two.claim(ids[4:], "v", 30, LATER + 11)]
            assert sorted(len(each) for each in await asyncio.gather(*asked)) == [0, 1]
        finally:
            await two.close()

    opening.run(steps)


def test_whoever_asks_is_told_what_the_agency_waits_for(opening: Opening) -> None:
    """Closed, asked to wait, failing: with until when, where that is later than the delivery's own time."""

    async def steps(store: SqlStore) -> None:
        await cases(store, 1)
        now, queries = time.time(), await open_queries(opening.url, opening.data)

        async def waits_for() -> tuple[str | None, float | None]:
            (delivery,) = (await queries.deliveries()).deliveries
            return delivery.waits_for, delivery.wake_at

        try:
            assert (await waits_for())[0] == "time"
            await store.turn("court", Standing(CircuitState.OPEN, open_until=now + 50, openings=1))
            assert await waits_for() == ("breaker", now + 50)
            await store.throttle("court", now + 60)
            assert await waits_for() == ("partner", now + 60)
            await store.shut("court", now + 70)
            assert await waits_for() == ("window", now + 70)
            await store.forget("court")
            assert (await waits_for())[0] == "time"
        finally:
            await queries.close()

    opening.run(steps)


def test_after_a_restart_of_the_only_process_a_probe_may_go_at_once(opening: Opening) -> None:
    """The one that probed has ended, and the partner may have been back for long; its own clock still counts."""
    if opening.url != "sqlite":
        pytest.skip("the other processes go on")

    async def before(store: SqlStore) -> list[str]:
        await store.turn("court", replace(OPEN, open_until=time.time() + 100))
        return await cases(store, 2)

    async def after(store: SqlStore) -> int:
        return len(await store.claim(ids, "w", 30, time.time()))

    ids = opening.run(before)
    assert opening.run(after) == 1

    async def paused(store: SqlStore) -> None:
        await store.throttle("court", time.time() + 100)

    opening.run(paused)
    assert opening.run(after) == 0


def test_the_end_of_an_attempt_needs_no_gate(opening: Opening) -> None:
    """What is under way when the circuit opens ends as it would."""

    async def steps(store: SqlStore) -> None:
        (claimed,) = await take(store, *await cases(store, 1))
        await store.turn("court", OPEN)
        assert (await store.finish(ending(claimed, at=NOW))).stale == ()

    opening.run(steps)
