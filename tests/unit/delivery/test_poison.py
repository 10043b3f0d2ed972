"""A message that ends its workers is dead after three; one that was only near it gets through."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from hub.message import Outcome, Result, State
from hub.site.agency import Agency, Batch, Breaker
from hub.store.base import Claimed, Store
from tests.unit.delivery.playing import Play, Watcher, an_agency, delivered, frozen, opened, playing, until


async def _crash(store: Store, ids: Sequence[str], times: int) -> None:
    """Workers claim them and die: the leases run out without any outcome."""
    for _ in range(times):
        assert len(await store.claim(ids, "dead", -1.0, time.time())) == len(ids)


def test_three_crashes_make_it_dead_without_another_try(tmp_path: Path) -> None:
    """It is neither rendered nor sent, and its end is recorded with the reason."""

    async def play() -> None:
        async with opened(tmp_path) as store:
            site = {"north": an_agency("north")}
            prepared = Play(store, site, delivered, Watcher())
            poison = await prepared.accept("north", ring=False)
            await _crash(store, [poison], 3)
            async with playing(store, site) as stage:
                await until(lambda: stage.watcher.entered_states == [(poison, State.DEAD, "poison")])
                assert stage.sent == []

    asyncio.run(play())


def test_two_crashes_do_not(tmp_path: Path) -> None:
    """Workers also end for other reasons; it is tried a third time."""

    async def play() -> None:
        async with opened(tmp_path) as store:
            site = {"north": an_agency("north")}
            prepared = Play(store, site, delivered, Watcher())
            id = await prepared.accept("north", ring=False)
            await _crash(store, [id], 2)
            async with playing(store, site) as stage:
                await until(lambda: stage.sent == [("north", (id,))])

    asyncio.run(play())


def test_suspects_are_tried_one_at_a_time(tmp_path: Path) -> None:
    """Five were under way when the worker ended; alone, each shows whether it was the one."""
    under_way, most = 0, 0

    async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return Outcome(Result.DELIVERED)

    async def play() -> None:
        async with opened(tmp_path) as store:
            site = {"north": an_agency("north")}
            prepared = Play(store, site, delivered, Watcher())
            ids = [await prepared.accept("north", ring=False) for _ in range(5)]
            await _crash(store, ids, 2)
            async with playing(store, site, answer) as stage:
                await until(lambda: sorted(stage.ids()) == sorted(ids), within_s=8)
                assert stage.watcher.entered_states == []

    asyncio.run(play())
    assert most == 1


def test_suspects_that_wait_are_not_held(tmp_path: Path) -> None:
    """A claim that only waits would run out, count as one more crash, and make the innocent dead."""

    async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        await asyncio.sleep(3600)
        return Outcome(Result.DELIVERED)

    async def play() -> None:
        async with opened(tmp_path) as store:
            site = {"north": an_agency("north")}
            prepared = Play(store, site, delivered, Watcher())
            ids = [await prepared.accept("north", ring=False) for _ in range(3)]
            await _crash(store, ids, 1)
            async with playing(store, site, answer) as stage:
                async with asyncio.timeout(5):
                    while len((await store.due(time.time(), 10)).get("north", ())) != 2:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
                await until(lambda: len(stage.sent) == 1)

    asyncio.run(play())


def test_the_culprit_dies_alone(tmp_path: Path) -> None:
    """Eight are under way whenever the worker ends; one of them is the reason, and only that one is dead in the end."""

    async def life(store: Store, site: dict[str, Agency], poison: str) -> tuple[bool, Play]:
        """One worker, until it has nothing left to do (True) or the poison ends it with all that it holds."""
        ended = asyncio.Event()

        async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
            if claimed[0].id == poison:
                ended.set()
                await asyncio.sleep(3600)
            return await delivered(agency, claimed)

        stage = Play(store, site, answer, Watcher(), lease_s=0.3)
        running = asyncio.create_task(stage.dispatcher.run())
        async with asyncio.timeout(5):
            while not ended.is_set() and await store.next_due_at() is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await asyncio.sleep(0.35)  # the dead worker's leases run out
        return not ended.is_set(), stage

    async def play() -> None:
        async with opened(tmp_path) as store:
            site = {"north": an_agency("north")}
            prepared = Play(store, site, delivered, Watcher())
            ids = [await prepared.accept("north", ring=False) for _ in range(8)]
            lives = [await life(store, site, ids[4])]
            while not lives[-1][0]:
                lives.append(await life(store, site, ids[4]))
            assert len(lives) == 4  # three ended by it, and one that buries it
            assert lives[-1][1].watcher.entered_states == [(ids[4], State.DEAD, "poison")]
            assert (await store.totals())["north"]["states"] == {"pending": 0, "delivered": 7, "dead": 1}

    asyncio.run(play())


def test_those_with_the_fewest_crashes_go_first(tmp_path: Path) -> None:
    """One that was alone at the last end of a worker waits until all others had their turn."""

    async def play() -> None:
        async with opened(tmp_path) as store:
            site = {"north": an_agency("north")}
            prepared = Play(store, site, delivered, Watcher())
            ids = [await prepared.accept("north", ring=False) for _ in range(4)]
            await _crash(store, ids, 1)
            await _crash(store, ids[:1], 1)
            async with playing(store, site) as stage:
                stage.dispatcher.ring("north", ids)
                await until(lambda: len(stage.ids()) == 4)
                assert stage.ids()[-1] == ids[0]

    asyncio.run(play())


def test_a_suspect_that_fails_is_tried_again_like_any_other(tmp_path: Path) -> None:
    """Its end was stored, so it is no suspect any more."""

    async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        tries.append(claimed[0].crashes)
        return Outcome(Result.FAILED, "partner-failed") if len(tries) == 1 else Outcome(Result.DELIVERED)

    tries: list[int] = []

    async def play() -> None:
        async with opened(tmp_path) as store:
            site = {"north": an_agency("north")}
            id = await Play(store, site, delivered, Watcher()).accept("north", ring=False)
            await _crash(store, [id], 1)
            async with playing(store, site, answer) as stage:
                await until(lambda: stage.ended == [(id, State.PENDING), (id, State.DELIVERED)])

    asyncio.run(play())
    assert tries == [1, 0]


def test_the_breaker_holds_suspects_back_too(tmp_path: Path) -> None:
    """Being suspect is no reason to call a partner that is away."""
    tries: list[float] = []

    async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        tries.append(time.monotonic())
        return Outcome(Result.FAILED, "partner-failed") if len(tries) == 1 else Outcome(Result.DELIVERED)

    async def play() -> None:
        async with opened(tmp_path) as store:
            site = {"north": an_agency("north", breaker=Breaker(failures=1, open_s=0.7))}
            ids = await Play(store, site, delivered, Watcher()).accept_many("north", 3)
            await _crash(store, ids, 1)
            async with playing(store, site, answer) as stage:
                await until(lambda: len(set(stage.ids())) == 3)

    asyncio.run(play())
    assert tries[1] - tries[0] >= 0.7


def test_suspects_of_an_agency_that_takes_batches_get_through(tmp_path: Path) -> None:
    """One by one where nothing was fixed yet; as the parcel they were where their bytes were frozen."""

    async def play() -> None:
        async with opened(tmp_path) as store:
            site = {"north": an_agency("north", batch=Batch(most=10, wait_s=0.1))}
            prepared = Play(store, site, delivered, Watcher())
            parcel = await prepared.accept_many("north", 3)
            claimed = await store.claim_batch("north", "incident-report", 10, "dead", -1.0, time.time())
            assert await store.freeze(frozen(claimed))
            loose = await prepared.accept_many("north", 2)
            await _crash(store, loose, 1)
            async with playing(store, site) as stage:
                await until(lambda: sorted(stage.ids()) == sorted([*parcel, *loose]))
                assert sorted(len(ids) for _, ids in stage.sent) == [1, 1, 3]

    asyncio.run(play())
