"""The sweep and the totals: what is due, and how many deliveries stand where; reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.store.batch import Row
from hub.store.statements import BLOCKED, COUNTS, DUE, NEXT_DUE, OLDEST, WAYS
from hub.store.work import Work

HEADS = """
SELECT wake_at, id FROM delivery
WHERE agency = :agency AND type = :type AND wake_at <= :now
ORDER BY wake_at LIMIT :most
"""
WAIT = """
SELECT agency FROM circuit
WHERE throttled_until > :now OR shut_until > :now OR (state <> 'closed' AND open_until > :now)
"""


PAUSES = "SELECT agency, until FROM pause"


@dataclass(frozen=True, slots=True)
class Sweep:
    """When, at most how many heads of each agency and type, and whose do not count."""

    now: float
    most: int
    without: frozenset[str] = frozenset()


def due(work: Work, sweeps: Sequence[Sweep]) -> list[dict[str, list[str]]]:
    """Heads of lanes whose time has come, by agency; a head whose lease has ended is one of them."""
    return [_due_one(work, each) for each in sweeps]


def _due_one(work: Work, sweep: Sweep) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    waiting = {agency for (agency,) in work.ask(WAIT, now=sweep.now)}
    for agency, type in work.ask(WAYS):
        if agency in waiting or agency in sweep.without:
            continue
        rows = work.ask(DUE, agency=agency, type=type, now=sweep.now, most=sweep.most)
        if rows:
            found.setdefault(agency, []).extend(row[0] for row in rows)
    return found


@dataclass(frozen=True, slots=True)
class Heads:
    """Whose heads, when, and at most how many."""

    agency: str
    now: float
    most: int


def heads(work: Work, asked: Sequence[Heads]) -> list[list[str]]:
    """The heads of one agency's lanes whose time has come, those first that are due for longest."""
    ways = work.ask(WAYS)
    return [_heads_of(work, [type for agency, type in ways if agency == each.agency], each) for each in asked]


def _heads_of(work: Work, types: Sequence[str], each: Heads) -> list[str]:
    found: list[Row] = []
    for type in types:
        found += work.ask(HEADS, agency=each.agency, type=type, now=each.now, most=each.most)
    return [id for _, id in sorted(tuple(row) for row in found)[: each.most]]


def next_due_at(work: Work, asked: Sequence[frozenset[str]]) -> list[float | None]:
    """The earliest moment at which any head wants attention; those of the agencies ``asked`` for do not count."""
    found = [(agency, work.ask(NEXT_DUE, agency=agency, type=type)[0][0]) for agency, type in work.ask(WAYS)]
    times = [(agency, at) for agency, at in found if at is not None]
    return [min((at for agency, at in times if agency not in without), default=None) for without in asked]


def totals(work: Work, moments: Sequence[float]) -> list[dict[str, Any]]:
    """By agency: ``states`` (state to count), ``oldest_pending_s`` (None: nothing is pending), ``blocked_lanes`` and
    ``paused``."""
    agencies: dict[str, dict[str, Any]] = {}
    for agency, state, count in work.ask(COUNTS):
        agencies.setdefault(agency, {"states": {}})["states"][state] = int(count)
    oldest: dict[str, float] = {}
    for agency, found in agencies.items():
        rows = work.ask(OLDEST, agency=agency)
        if rows:
            oldest[agency] = rows[0][0]
        found["blocked_lanes"] = work.ask(BLOCKED, agency=agency)[0][0]
    pauses = work.ask(PAUSES)
    return [
        {
            agency: {
                **found,
                "paused": _is_paused(pauses, agency, now),
                "oldest_pending_s": max(0.0, now - oldest[agency]) if agency in oldest else None,
            }
            for agency, found in agencies.items()
        }
        for now in moments
    ]


def _is_paused(pauses: Sequence[Row], agency: str, now: float) -> bool:
    """Whether a person holds back the agency, or one of its types."""
    return any(name == agency and (until is None or until > now) for name, until in pauses)
