"""One agency's circuit: from the ends of attempts to how many may begin. Nothing here waits or knows a clock."""

from __future__ import annotations

from dataclasses import replace

from hub.errors import CODES, Fault
from hub.message import Outcome, Result
from hub.site.agency import Breaker
from hub.store.base import CircuitState, Standing

MOST_DOUBLINGS = 4
LONGEST_PAUSE_S = 3600.0
JITTER = 0.2  # of the time for which it stays open: agencies behind one gateway are not probed in step
RAMP_DOUBLES_S = 2.0  # after a pause as many may be under way as this often have doubled 1
_RAMPED = 10  # doublings: a thousand
SAME_PAUSE_S = 1.0  # eight attempts that are told "in a minute" move the clock once


class Circuit:
    """``standing`` is what all processes know; the failures in a row are this process's own. Times: epoch seconds."""

    def __init__(self, standing: Standing | None = None) -> None:
        self.standing = standing or Standing()
        self._failures = 0
        self._not_before = 0.0

    @property
    def state(self) -> CircuitState:
        """Closed, open or half-open."""
        return self.standing.state

    def room(self, concurrency: int, now: float, opened_at: float = 0.0) -> int:
        """How many attempts may be under way at ``now``; turns an open circuit whose time is over half-open.

        ``opened_at`` is when the agency's daily window opened. A partner that was away begins with one.
        """
        known = self.standing
        if now < max(known.throttled_until, known.open_until, self._not_before):
            return 0
        if known.state is not CircuitState.CLOSED:
            self.standing = replace(known, state=CircuitState.HALF_OPEN)
            return 1
        back = max(known.ramp_from, opened_at)
        doublings = max(0.0, now - back) / RAMP_DOUBLES_S
        return min(concurrency, int(2**doublings)) if back and doublings < _RAMPED else concurrency

    def reopens_at(self, now: float) -> float | None:
        """When ``room`` stops being 0, or None where it is not."""
        latest = max(self.standing.open_until, self.standing.throttled_until, self._not_before)
        return latest if latest > now else None

    def heard(self, outcome: Outcome, limits: Breaker, now: float, chance: float) -> bool:
        """Learn from one attempt; whether ``standing`` has changed. ``chance`` is in [0, 1)."""
        changed = self._throttle(outcome, now)
        known = self.standing
        if known.state is CircuitState.OPEN:
            return changed  # the end of an attempt that began before
        if _is_answer(outcome):
            self._failures = 0
            if known.state is CircuitState.HALF_OPEN:
                closed = CircuitState.CLOSED
                self.standing = replace(known, state=closed, open_until=0.0, openings=0, ramp_from=now)
                return True
        elif _is_failure(outcome):
            self._failures += 1
            if known.state is CircuitState.HALF_OPEN or self._failures >= limits.failures:
                open_s = limits.open_s * 2 ** min(known.openings, MOST_DOUBLINGS) * (1 + JITTER * chance)
                self.standing = replace(
                    known, state=CircuitState.OPEN, open_until=now + open_s, openings=known.openings + 1
                )
                self._failures = 0
                return True
        return changed

    def waits(self, until: float) -> None:
        """The store said that nothing goes before ``until``: another process is probing, or the rate is used up."""
        if self.state is CircuitState.CLOSED:
            self._not_before = until
        else:
            self.standing = replace(self.standing, state=CircuitState.OPEN, open_until=until)

    def learn(self, standing: Standing) -> None:
        """Take what the store says; who probes is told by the end of the probe, and everybody else waits for it."""
        if standing.state is CircuitState.HALF_OPEN:
            own = self.state is CircuitState.HALF_OPEN
            state, until = (self.state, self.standing.open_until) if own else (CircuitState.OPEN, standing.open_until)
            standing = replace(standing, state=state, open_until=until)
        elif standing.state is not self.state:
            self._failures = 0
        self.standing = standing

    def _throttle(self, outcome: Outcome, now: float) -> bool:
        if outcome.retry_after_s is None:
            return False
        until = now + min(outcome.retry_after_s, LONGEST_PAUSE_S)
        moved = until > self.standing.throttled_until + SAME_PAUSE_S
        if moved:
            self.standing = replace(self.standing, throttled_until=until)
        return moved


def _is_answer(outcome: Outcome) -> bool:
    """The partner is there and answered clearly, be it no."""
    return outcome.result in (Result.DELIVERED, Result.SENT) or (
        outcome.result is Result.REFUSED and CODES[outcome.code].fault is Fault.RECEIVER
    )


def _is_failure(outcome: Outcome) -> bool:
    """The partner could not take it; being asked to slow down is no failure, nor are the hub's own faults."""
    return (
        outcome.result in (Result.FAILED, Result.UNKNOWN)
        and outcome.code not in ("partner-throttled", "not-acknowledged")
        and CODES[outcome.code].fault is Fault.RECEIVER
    )
