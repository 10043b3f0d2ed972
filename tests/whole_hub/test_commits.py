"""How often a delivery waits for the disk, counted in the store of a running hub."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from hub.store.store import SqlStore
from hub.wiring import hub as wiring
from tests.whole_hub.events import send_event
from tests.whole_hub.running import ROOT, Running

ALONE = 30
SWEEPS_A_SECOND = 4  # looking for what is due, twice at most, and the figures for the gauges


def test_a_delivery_costs_at_most_four_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accept, claim, freeze, finish: sent one after the other, so that no two share a commit, each costs these four."""
    opened: list[SqlStore] = []
    monkeypatch.setattr(wiring, "open_store", lambda *given: opened.append(found := open_store(*given)) or found)
    with Running(ROOT, tmp_path / "data") as hub:
        hub.settled(send_event(hub, stage="STATEMENT_HEARD").message, public_prosecution="delivered")
        before, began = opened[0].commits, time.monotonic()
        for _ in range(ALONE):
            hub.settled(send_event(hub, stage="STATEMENT_HEARD").message, public_prosecution="delivered")
        sweeps = SWEEPS_A_SECOND * (1 + time.monotonic() - began)
        assert 3 * ALONE <= opened[0].commits - before <= 4 * ALONE + sweeps


def open_store(*given: Any) -> SqlStore:
    """The real one, kept apart from the name that the test replaces."""
    return REAL(*given)


REAL = wiring.open_store
