"""The short form of the campaign: kills under load, and a few faults of the world around the hub."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.campaign.campaign import Plan, run
from tests.campaign.desks import AGENCIES

SEED = 20


def test_twenty_kills_lose_nothing(tmp_path: Path) -> None:
    """Every receipt's note is at every recipient, once by id and in order; kills that did not bite prove nothing."""
    verdict = asyncio.run(run(Plan(kills=20, seed=SEED), tmp_path))
    assert verdict.passed, f"{verdict}\nhistories: {tmp_path}"
    assert verdict.figures["distinct_id_and_digest"] == verdict.figures["accepted"] * len(AGENCIES)


def test_partners_files_and_crowds_lose_nothing(tmp_path: Path) -> None:
    """A partner that is not well, a file dropped half and twice, far too many clients."""
    verdict = asyncio.run(run(Plan(kills=3, seed=SEED, faults=("partner", "file", "overload")), tmp_path))
    assert verdict.passed, f"{verdict}\nhistories: {tmp_path}"
