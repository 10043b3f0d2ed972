"""Gates: how many parcels a claim may take of an agency, as its breaker, clock, window and rate leave over all.

They are asked inside the claim's own transaction: a limit costs no commit, and no two processes pass as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from hub.site.agency import Rate
from hub.store.base import CircuitState
from hub.store.work import Work

WAITING = "SELECT agency, state, open_until, prober, throttled_until, shut_until FROM circuit"
PROBE = """
UPDATE circuit SET state = 'half-open', open_until = :until, prober = :worker
WHERE agency = :agency AND state <> 'closed' AND (open_until <= :now OR prober = :worker) RETURNING agency
"""
NEXT_AT = "SELECT next_at FROM circuit WHERE agency = :agency"
NEXT_AT_SHARED = f"{NEXT_AT} FOR UPDATE SKIP LOCKED"
ADD = "INSERT INTO circuit (agency) VALUES (:agency) ON CONFLICT (agency) DO NOTHING"
SPEND = "UPDATE circuit SET next_at = :next_at WHERE agency = :agency"

ASK_AGAIN_S = 0.02  # another process is claiming for this agency at this moment


@dataclass(frozen=True, slots=True)
class Caller:
    """Who claims, when, until when, and at which rates by agency."""

    worker: str
    now: float
    until: float
    rates: Mapping[str, Rate]


@dataclass(slots=True)
class _Clock:
    """An agency's parcels on the line of time: the next one's moment, and how many were taken."""

    next_at: float
    interval_s: float
    taken: int = 0

    def after(self) -> float:
        return self.next_at + self.taken * self.interval_s


class Gates:
    """Made at the beginning of a piece of work, ended with ``end``."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._waiting = {agency: waiting for agency, *waiting in work.ask(WAITING)}
        self._left: dict[str, float] = {}
        self._clocks: dict[str, _Clock] = {}
        self._later: dict[str, float] = {}

    def lets(self, agency: str, caller: Caller) -> bool:
        """Whether one more parcel may go; it counts as gone."""
        left = self._left.get(agency)
        if left is None:
            left = min(self._standing(agency, caller), self._rated(agency, caller))
        passes = left >= 1
        self._left[agency] = left - 1 if passes else 0
        if agency in self._clocks:
            clock = self._clocks[agency]
            clock.taken += passes
            if not passes:
                self._later.setdefault(agency, clock.after())
        return passes

    def end(self) -> Mapping[str, float]:
        """Note what was taken; by agency that was left waiting, when to ask again."""
        for agency, clock in sorted(self._clocks.items()):
            if clock.taken:
                self._work.ask(SPEND, agency=agency, next_at=clock.after())
        return self._later

    def _standing(self, agency: str, caller: Caller) -> float:
        if agency not in self._waiting:
            return inf
        state, open_until, prober, throttled_until, shut_until = self._waiting[agency]
        waits_until = max(throttled_until, shut_until)
        if waits_until <= caller.now and state == CircuitState.CLOSED:
            return inf
        if waits_until <= caller.now and (open_until <= caller.now or prober == caller.worker):
            named = {"agency": agency, "now": caller.now, "worker": caller.worker, "until": caller.until}
            if self._work.ask(PROBE, **named):
                return 1
            waits_until = caller.now + ASK_AGAIN_S
        self._later[agency] = max(waits_until, open_until if state != CircuitState.CLOSED else 0.0)
        return 0

    def _rated(self, agency: str, caller: Caller) -> float:
        rate = caller.rates.get(agency)
        if rate is None or agency in self._later:
            return inf
        next_at = self._next_at(agency)
        if next_at is None:
            self._later[agency] = caller.now + ASK_AGAIN_S
            return 0
        interval_s = rate.interval_s
        clock = self._clocks[agency] = _Clock(max(next_at, caller.now - (rate.burst - 1) * interval_s), interval_s)
        return max(0.0, (caller.now - clock.next_at) // interval_s + 1)

    def _next_at(self, agency: str) -> float | None:
        """When the agency's next parcel may go, locked for this transaction; None where another process has it."""
        asked = NEXT_AT_SHARED if self._work.shared else NEXT_AT
        found = self._work.ask(asked, agency=agency)
        if not found and agency not in self._waiting:
            self._work.ask(ADD, agency=agency)
            found = self._work.ask(asked, agency=agency)
        return float(found[0][0]) if found else None
