"""The short form of the crowd: ten times more clients than are let in, each with one request open."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import aiohttp

from hub.child import Child, free_port
from tests.campaign.crowd import Crowd
from tests.campaign.desks import AGENCIES, Desks
from tests.campaign.history import History
from tests.campaign.hubs import SITE, write_environment

LET_IN = 4
CLIENTS = 10 * LET_IN
NOTES = 60
WITHIN_S = 60


def test_a_crowd_gets_receipts_or_is_told_to_come_again(tmp_path: Path) -> None:
    """Every answer is a receipt or a 503 with Retry-After, and every note that has a receipt arrives everywhere."""
    asyncio.run(_crowd(tmp_path))


async def _crowd(folder: Path) -> None:
    history = History(folder)
    desks = Desks(history, folder / "from-hub", random.Random(1), calm=1.0)
    async with desks.open() as partners:
        write_environment(folder / "data", partners)
        child = Child(SITE, folder / "data", free_port(), environment={"HUB_MAX_IN_FLIGHT": str(LET_IN)})
        try:
            await child.start(WITHIN_S)
            crowd = await _answered(f"http://127.0.0.1:{child.port}/rest/sender/note")
            assert set(crowd.answers) == {"202", "503"}
            wanted = {(agency, case) for agency in AGENCIES for case in crowd.taken}
            await _until(lambda: wanted <= _arrived(history))
            assert await child.stop(WITHIN_S) == 0
        finally:
            await child.kill()
    assert set(Counter((one.agency, one.case) for one in history.arrivals).values()) == {1}


async def _answered(url: str) -> Crowd:
    """All clients at once, until enough notes are taken and somebody was turned away; each gets its last answer."""
    crowd = Crowd(url, 1024)
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
        asyncio.TaskGroup() as group,
    ):
        for number in range(CLIENTS):
            group.create_task(crowd.client(session, number))
        try:
            await _until(lambda: len(crowd.taken) >= NOTES and crowd.answers["503"] > 0)
        finally:
            crowd.ended = True
    return crowd


def _arrived(history: History) -> set[tuple[str, str]]:
    return {(one.agency, one.case) for one in history.arrivals}


async def _until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not met():  # noqa: ASYNC110 - seen from outside
            await asyncio.sleep(0.02)
