"""Two workers on one store: what one learns of a partner, the other knows; a limit is that of both together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub.message import Outcome, Result
from hub.site.agency import Agency, Batch, Breaker, Rate
from hub.site.window import Window
from hub.store.base import CircuitState, Claimed, Standing
from tests.unit.delivery.playing import Answer, Play, Shelf, an_agency, delivered, failed, opened, playing, until


@asynccontextmanager
async def two(folder: Path, agency: Agency, one: Answer, other: Answer) -> AsyncIterator[tuple[Shelf, Play, Play]]:
    """Two dispatchers with a partner each, so that a test sees whose attempt it was."""
    site = {agency.name: agency}
    async with (
        opened(folder) as store,
        playing(store, site, one) as first,
        playing(store, site, other, worker="another") as second,
    ):
        yield store, first, second


def test_what_one_worker_sees_stops_the_other(tmp_path: Path) -> None:
    """Three failures at one of them open the circuit for both, before the other has tried anything."""

    async def play() -> None:
        agency = an_agency("north", breaker=Breaker(failures=3, open_s=60))
        async with two(tmp_path, agency, failed, delivered) as (store, first, second):
            for _ in range(3):
                await first.accept("north", ring=False)
            for id in (await store.due(time.time(), 10))["north"]:
                first.dispatcher.ring("north", [id])
            await until(lambda: len(first.watcher.breakers) == 1)
            await until(lambda: second.watcher.breakers == [("north", "open")])
            before = len(second.sent)
            await second.accept("north")
            await asyncio.sleep(1.2)  # longer than a look of the sweep: nothing must happen
            assert len(second.sent) == before

    asyncio.run(play())


def test_a_pause_that_one_was_asked_for_holds_for_both(tmp_path: Path) -> None:
    """Retry-After is about the partner, not about the worker that was told."""

    async def throttled(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        return Outcome(Result.FAILED, "partner-throttled", retry_after_s=2)

    async def play() -> None:
        async with two(tmp_path, an_agency("north", concurrency=1), throttled, throttled) as (store, first, second):
            await first.accept("north")
            await until(lambda: bool(first.sent or second.sent))
            told = time.time()
            await first.accept_many("north", 3)
            await until(lambda: len(first.sent) + len(second.sent) == 2)
            assert time.time() - told >= 1.9
            assert (await store.standings())["north"].throttled_until > told

    asyncio.run(play())


def test_one_of_two_workers_probes_and_both_go_on(tmp_path: Path) -> None:
    """The circuit is closed by the probe of one; the other hears of it with its next look."""
    probing: list[str] = []

    def partner(name: str) -> Answer:
        async def answer(agency: str, claimed: Sequence[Claimed]) -> Outcome:
            probing.append(name)
            await asyncio.sleep(0.5 if len(probing) == 1 else 0.2)
            return Outcome(Result.DELIVERED)

        return answer

    async def play() -> None:
        async with two(tmp_path, an_agency("north"), partner("one"), partner("two")) as (store, first, _):
            await store.turn("north", Standing(CircuitState.OPEN, open_until=time.time() + 1.2, openings=1))
            await first.accept_many("north", 40)
            await until(lambda: bool(probing))
            await asyncio.sleep(0.3)
            assert len(probing) == 1
            await until(lambda: len(probing) == 40, within_s=15)
            assert set(probing) == {"one", "two"}
            assert (await store.standings())["north"].state is CircuitState.CLOSED

    asyncio.run(play())


def test_a_rate_is_that_of_all_workers_and_is_used_up(tmp_path: Path) -> None:
    """Twenty a second over two workers with plenty to do, and no pause longer than the spacing for long."""
    times: list[float] = []

    async def noted(agency: str, claimed: Sequence[Claimed]) -> Outcome:
        times.append(time.monotonic())
        return Outcome(Result.DELIVERED)

    async def play() -> None:
        agency = an_agency("north", rate=Rate(20, 1.0))
        async with two(tmp_path, agency, noted, noted) as (_, first, _):
            await first.accept_many("north", 40)
            await until(lambda: len(times) == 40, within_s=15)

    asyncio.run(play())
    took_s = times[-1] - times[0]
    assert took_s >= 39 / 20 - 0.2
    assert took_s < 8


@pytest.mark.parametrize("most", [1, 3])
def test_parcels_of_a_rated_agency_all_go_out(tmp_path: Path, most: int) -> None:
    """Batches count as one, and what had to wait is not forgotten."""

    async def play() -> None:
        agency = an_agency("north", rate=Rate(10, 1.0), batch=Batch(most=most))
        async with opened(tmp_path) as store, playing(store, {"north": agency}) as stage:
            ids = await stage.accept_many("north", 9)
            await until(lambda: sorted(stage.ids()) == sorted(ids), within_s=10)
            assert len(stage.sent) >= 9 / most

    asyncio.run(play())


def test_a_closed_window_is_noted_where_operators_look(tmp_path: Path) -> None:
    """Nothing is tried, and the store says until when."""

    async def play() -> None:
        window = closed_now()
        agency = an_agency("north", window=window)
        async with opened(tmp_path) as store, playing(store, {"north": agency}) as stage:
            until_then = window.closed_until(time.time())
            await stage.accept("north")
            async with asyncio.timeout(5):
                while (await store.standings()).get("north", Standing()).shut_until != until_then:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.3)
            assert stage.sent == []

    asyncio.run(play())


def test_an_agency_that_moved_is_tried_at_once(tmp_path: Path) -> None:
    """What was learnt about the place before is forgotten by all."""

    async def play() -> None:
        agency = an_agency("north", breaker=Breaker(failures=1, open_s=60))
        async with two(tmp_path, agency, failed, delivered) as (store, first, second):
            await store.turn("north", Standing(CircuitState.OPEN, open_until=time.time() + 60, openings=1))
            await until(lambda: first.watcher.breakers == second.watcher.breakers == [("north", "open")])
            first.breakers.forget("north")
            await until(lambda: second.watcher.breakers[-1] == ("north", "closed"))
            assert "north" not in await store.standings()

    asyncio.run(play())


def closed_now() -> Window:
    """A window that opened two hours ago for one hour."""
    opens = (time.gmtime().tm_hour - 2) % 24 * 60
    return Window(frozenset(range(7)), opens, opens + 60, ZoneInfo("UTC"))
