"""Twenty kills at random moments under load: every receipt's note is at every recipient, once in name and in order."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.campaign.campaign import Plan, run
from tests.campaign.desks import AGENCIES

SEED = 20


def test_twenty_kills_lose_nothing(tmp_path: Path) -> None:
    """The short form of ``make campaign``; a run whose kills did not bite proves nothing and fails."""
    verdict = asyncio.run(run(Plan(kills=20, seed=SEED), tmp_path))
    assert verdict.passed, f"{verdict}\nhistories: {tmp_path}"
    assert verdict.figures["distinct_id_and_digest"] == verdict.figures["accepted"] * len(AGENCIES)
