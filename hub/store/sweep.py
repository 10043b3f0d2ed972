"""The sweep and the totals: what is due, and how many deliveries stand where; reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.store.statements import BLOCKED, COUNTS, DUE, NEXT_DUE, OLDEST, WAYS
from hub.store.work import Work

WAIT = """
SELECT agency FROM circuit
WHERE throttled_until > :now OR shut_until > :now OR (state <> 'closed' AND open_until > :now)
"""


@dataclass(frozen=True, slots=True)
class Sweep:
    """When, and at most how many heads of each agency and type."""

    now: float
    most: int


def due(work: Work, sweeps: Sequence[Sweep]) -> list[dict[str, list[str]]]:
    """Heads of lanes whose time has come, by agency; a head whose lease has ended is one of them."""
    return [_due_one(work, each) for each in sweeps]


def _due_one(work: Work, sweep: Sweep) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    waiting = {agency for (agency,) in work.ask(WAIT, now=sweep.now)}
    for agency, type in work.ask(WAYS):
        if agency in waiting:
            continue
        rows = work.ask(DUE, agency=agency, type=type, now=sweep.now, most=sweep.most)
        if rows:
            found.setdefault(agency, []).extend(row[0] for row in rows)
    return found


def next_due_at(work: Work, asked: Sequence[None]) -> list[float | None]:
    """The earliest moment at which any head wants attention."""
    found = [work.ask(NEXT_DUE, agency=agency, type=type)[0][0] for agency, type in work.ask(WAYS)]
    earliest = min((each for each in found if each is not None), default=None)
    return [earliest] * len(asked)


def totals(work: Work, moments: Sequence[float]) -> list[dict[str, Any]]:
    """By agency: ``states`` (state to count), ``oldest_pending_s`` (None: nothing is pending) and ``blocked_lanes``."""
    agencies: dict[str, dict[str, Any]] = {}
    for agency, state, count in work.ask(COUNTS):
        agencies.setdefault(agency, {"states": {}})["states"][state] = int(count)
    oldest: dict[str, float] = {}
    for agency, found in agencies.items():
        rows = work.ask(OLDEST, agency=agency)
        if rows:
            oldest[agency] = rows[0][0]
        found["blocked_lanes"] = work.ask(BLOCKED, agency=agency)[0][0]
    return [
        {
            agency: {**found, "oldest_pending_s": max(0.0, now - oldest[agency]) if agency in oldest else None}
            for agency, found in agencies.items()
        }
        for now in moments
    ]
