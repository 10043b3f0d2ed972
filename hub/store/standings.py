"""When agencies may be tried, as all processes know it: a row an agency, changed when something turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.store.base import CircuitState, Standing
from hub.store.work import Work

STANDINGS = """
SELECT agency, state, open_until, openings, ramp_from, throttled_until, shut_until, revision FROM circuit
"""
TURN = """
INSERT INTO circuit (agency, state, open_until, openings, ramp_from, revision)
VALUES (:agency, :state, :open_until, :openings, :ramp_from, 1)
ON CONFLICT (agency) DO UPDATE SET state = excluded.state, open_until = excluded.open_until,
  openings = excluded.openings, ramp_from = excluded.ramp_from, prober = '', revision = circuit.revision + 1
WHERE circuit.revision = :revision RETURNING revision
"""
THROTTLE = """
INSERT INTO circuit (agency, throttled_until) VALUES (:agency, :until)
ON CONFLICT (agency) DO UPDATE SET throttled_until = excluded.throttled_until
WHERE circuit.throttled_until < excluded.throttled_until
"""
SHUT = """
INSERT INTO circuit (agency, shut_until) VALUES (:agency, :until)
ON CONFLICT (agency) DO UPDATE SET shut_until = excluded.shut_until
"""


FORGET = "DELETE FROM circuit WHERE agency = :agency"


@dataclass(frozen=True, slots=True)
class Turn:
    """What an agency's breaker did, decided from the standing with that ``revision``."""

    agency: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Until:
    """Until when an agency has to wait."""

    agency: str
    until: float


def standings(work: Work, asked: Sequence[None]) -> list[dict[str, Standing]]:
    """By agency."""
    found = {agency: Standing(CircuitState(state), *rest) for agency, state, *rest in work.ask(STANDINGS)}
    return [found] * len(asked)


def turn(work: Work, turns: Sequence[Turn]) -> list[bool]:
    """For each whether it was the first to turn that revision."""
    return [
        bool(
            work.ask(
                TURN,
                agency=each.agency,
                state=each.standing.state.value,
                open_until=each.standing.open_until,
                openings=each.standing.openings,
                ramp_from=each.standing.ramp_from,
                revision=each.standing.revision,
            )
        )
        for each in turns
    ]


def forget(work: Work, agencies: Sequence[str]) -> list[None]:
    """As if nothing had ever been known of them."""
    for agency in agencies:
        work.ask(FORGET, agency=agency)
    return [None] * len(agencies)


def throttle(work: Work, asked: Sequence[Until]) -> list[None]:
    """The partner's own clock: only ever forward."""
    for each in asked:
        work.ask(THROTTLE, agency=each.agency, until=each.until)
    return [None] * len(asked)


def shut(work: Work, asked: Sequence[Until]) -> list[None]:
    """The daily window."""
    for each in asked:
        work.ask(SHUT, agency=each.agency, until=each.until)
    return [None] * len(asked)
