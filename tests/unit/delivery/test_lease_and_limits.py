"""A lease must leave room for an attempt: a hub with a shorter one says so at once, where it would never send."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from hub.delivery.breaker import Breakers
from hub.findings import Findings
from hub.site.environment import Environment
from hub.site.site import load_site
from hub.wiring.ways import Ways
from tests.unit.queue.listening import Ears

SITE = Path(__file__).parents[2] / "campaign" / "site"  # its receivers have two seconds an attempt


def open_ways(lease_s: float, data: Path) -> int:
    """Open the ways of the campaign's site; how many there are."""

    async def play() -> int:
        site = load_site(SITE)
        ways = Ways(Breakers(lambda: site.agencies, Ears(), time.time), lease_s)
        ways.switch(await ways.open(site, Environment(data, {})))
        found = sum(ways.get(agency) is not None for agency in site.agencies)
        await ways.close()
        return found

    return asyncio.run(play())


def test_a_lease_without_room_for_an_attempt_is_a_finding_for_each_agency(tmp_path: Path) -> None:
    """It names the file, and the setting that mends it."""
    with pytest.raises(Findings) as raised:
        open_ways(7.9, tmp_path)
    assert sorted(each.file.split("/")[2] for each in raised.value.findings) == ["file-desk", "rest-desk", "soap-desk"]
    assert {each.code for each in raised.value.findings} == {"lease-too-short"}
    assert "HUB_LEASE_S" in raised.value.findings[0].hint


def test_a_lease_with_room_is_taken(tmp_path: Path) -> None:
    """Two seconds an attempt, five kept free at the end, one to prepare."""
    assert open_ways(8.0, tmp_path) == 3
