"""Production mode: two intake and two delivery processes on a PostgreSQL and a RabbitMQ, which both go away once."""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.store.audit import verify_store
from hub.store.query import open_queries
from tests.campaign.checker import check
from tests.campaign.desks import AGENCIES, Desks
from tests.campaign.history import History, Strike, now
from tests.campaign.hubs import write_environment
from tests.whole_hub.production import Fleet, Senders, Services, services

CASES, NOTES = 60, 5
MESSAGES = CASES * NOTES
DRAINED_WITHIN_S = 30.0


@pytest.fixture
def both() -> Iterator[Services]:
    """PostgreSQL and RabbitMQ."""
    with services() as found:
        yield found


async def until(met: Callable[[], object], within_s: float = DRAINED_WITHIN_S) -> None:
    """Wait until ``met``; the test fails when the time is over."""
    async with asyncio.timeout(within_s):
        while not await asyncio.to_thread(met):  # noqa: ASYNC110 - conditions are seen from outside
            await asyncio.sleep(0.02)


@asynccontextmanager
async def production(both: Services, folder: Path, history: History, each: int) -> AsyncIterator[Fleet]:
    """The fleet, with the recording desks as its partners."""
    desks = Desks(history, folder / "from-hub", random.Random(4))
    async with desks.open() as partners:
        write_environment(folder / "data", partners)
        fleet = Fleet(both, folder / "data", each)
        async with fleet.running(HUB_LEASE_S="10"):
            yield fleet
    history.save()


async def nemesis(fleet: Fleet, history: History) -> list[int]:
    """Kill a deliverer, cut the store, cut the queue, each at its moment; how much was on its way each time."""
    bites = []

    def strike() -> None:
        accepted = len(history.accepted())
        bites.append(accepted * len(AGENCIES) - len({(one.agency, one.case, one.number) for one in history.arrivals}))
        history.struck(Strike("cut", "", now(), True, MESSAGES - accepted, bites[-1]))

    await until(lambda: len(history.accepted()) >= MESSAGES // 5)
    strike()
    await fleet.deliverers[0].kill()
    await until(lambda: len(history.accepted()) >= 2 * MESSAGES // 5)
    strike()
    assert await asyncio.to_thread(fleet.services.cut_store) >= 5  # three writers, two readers of intakes
    await until(lambda: len(history.accepted()) >= 3 * MESSAGES // 5)
    strike()
    await asyncio.to_thread(fleet.services.cut_queue)
    return bites


def test_nothing_is_lost_when_a_process_the_store_and_the_queue_go_away(both: Services, tmp_path: Path) -> None:
    """300 notes: everywhere once by id, right bytes, in order; no process but the killed one had to end."""
    history = History(tmp_path)

    async def play() -> tuple[Senders, list[int]]:
        async with production(both, tmp_path, history, 2) as fleet:
            ports = [each.port for each in fleet.intakes]
            senders = Senders(ports, history, random.Random(5), CASES, NOTES, at_once=12)
            bites, _ = await asyncio.gather(nemesis(fleet, history), senders.run())
            await drained(both, fleet.data)
            alive = [*fleet.intakes, fleet.deliverers[1]]
            assert [each.status for each in alive] == [None] * 3, "\n".join(map(fleet.said, alive))
            rung = {f"hub.ring.{name}": 1 for name in (*AGENCIES, "sender", "dropper")}
            await until(lambda: both.listeners() == rung)
            assert sum(figure("hub_deliveries_total", each.port) for each in alive[2:]) > 0
        assert [each.status for each in alive] == [0] * 3
        return senders, bites

    senders, bites = asyncio.run(play())
    verdict = check(history, AGENCIES, senders.texts)
    assert verdict.violations == ()
    assert min(bites) > 0, "a fault found nothing on its way"
    assert verdict.figures["accepted"] == MESSAGES
    assert verdict.figures["distinct_id_and_digest"] == MESSAGES * len(AGENCIES)
    assert verdict.figures["receipts_given_again"] > 0
    assert senders.odd == []
    audit = verify_store(both.store, tmp_path / "data")
    assert (audit.fault, audit.waiting) == (None, 0)
    assert audit.entries >= MESSAGES * (1 + 2 * len(AGENCIES))


async def drained(both: Services, data: Path, messages: int = MESSAGES) -> None:
    """Until the hub says that everything is delivered."""
    queries = await open_queries(both.store, data)
    try:
        ends = time.monotonic() + DRAINED_WITHIN_S
        while True:
            page = await queries.deliveries(limit=2 * messages * len(AGENCIES))
            states = [each.state for each in page.deliveries]
            if states == ["delivered"] * messages * len(AGENCIES):
                return
            left = [each for each in page.deliveries if each.state != "delivered"]
            assert time.monotonic() < ends, f"{len(states)} deliveries, {len(left)} left, such as {left[:3]}"
            await asyncio.sleep(0.1)
    finally:
        await queries.close()


def figure(name: str, port: int) -> float:
    """The sum of a counter over its labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE))


def test_a_fleet_shows_what_it_is_and_reloads_as_one(both: Services, tmp_path: Path) -> None:
    """Deliverers serve health and metrics but take nothing in; ``hub reload`` reaches all; sockets go with them."""

    async def play() -> None:
        async with production(both, tmp_path, History(tmp_path), 1) as fleet:
            every = [*fleet.intakes, *fleet.deliverers]
            assert [await status(each.port, "/health/ready") for each in every] == [200] * 2
            assert [await status(each.port, "/metrics") for each in every] == [200] * 2
            taken = [await status(each.port, "/rest/sender/openapi.json") for each in every]
            assert taken == [200, 404]
            command = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hub.cli", "reload", "--data", str(fleet.data), "--json",
                stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            said, _ = await command.communicate()
            assert command.returncode == 0
            assert len(json.loads(said)["processes"]) == 2
        assert sorted(path.name for path in fleet.data.glob("*.sock")) == []

    asyncio.run(play())


async def status(port: int, path: str) -> int:
    """The status of a GET."""

    def ask() -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    return await asyncio.to_thread(ask)
