"""When an agency may be tried at all: a circuit breaker and a pause for each, so that a dead partner costs nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum

from hub.errors import CODES, Fault
from hub.message import Outbound, Outcome, Result
from hub.observe import Observer
from hub.site.agency import Agency, Breaker

Send = Callable[[Outbound, float], Awaitable[Outcome]]

MOST_DOUBLINGS = 4
LONGEST_PAUSE_S = 3600.0


class CircuitState(StrEnum):
    """``closed``: all may go; ``open``: nothing; ``half-open``: one at a time, until one shows how the partner is."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Circuit:
    """One agency's breaker. Times are epoch seconds handed in; nothing here waits or knows a clock."""

    def __init__(self) -> None:
        self.state = CircuitState.CLOSED
        self._failures = 0
        self._openings = 0
        self._open_until = 0.0
        self._paused_until = 0.0

    def room(self, concurrency: int, now: float) -> int:
        """How many attempts may be under way at ``now``; turns an open circuit whose time is over half-open."""
        if now < self._paused_until:
            return 0
        if self.state is CircuitState.OPEN and now >= self._open_until:
            self.state = CircuitState.HALF_OPEN
        if self.state is CircuitState.OPEN:
            return 0
        return 1 if self.state is CircuitState.HALF_OPEN else concurrency

    def reopens_at(self, now: float) -> float | None:
        """When ``room`` stops being 0, or None where it is not."""
        open_until = self._open_until if self.state is CircuitState.OPEN else 0.0
        latest = max(open_until, self._paused_until)
        return latest if latest > now else None

    def heard(self, outcome: Outcome, limits: Breaker, now: float) -> None:
        """Learn from one attempt; outcomes that say nothing about the partner change nothing."""
        if outcome.retry_after_s is not None:
            self._paused_until = max(self._paused_until, now + min(outcome.retry_after_s, LONGEST_PAUSE_S))
        if self.state is CircuitState.OPEN:
            return  # the end of an attempt that began before
        if _is_answer(outcome):
            self.state, self._failures, self._openings = CircuitState.CLOSED, 0, 0
        elif _is_failure(outcome):
            self._failures += 1
            if self.state is CircuitState.HALF_OPEN or self._failures >= limits.failures:
                self._open_until = now + limits.open_s * 2 ** min(self._openings, MOST_DOUBLINGS)
                self.state, self._failures = CircuitState.OPEN, 0
                self._openings += 1


class Breakers:
    """The circuits of all agencies; whoever ends an attempt calls ``heard``, the dispatcher asks for ``room``."""

    def __init__(
        self, site: Callable[[], Mapping[str, Agency]], observer: Observer, clock: Callable[[], float]
    ) -> None:
        self._site = site
        self._observer = observer
        self._clock = clock
        self._circuits: dict[str, Circuit] = {}

    def room(self, agency: str, concurrency: int) -> int:
        """How many attempts this agency may have under way now, at most ``concurrency``."""
        circuit = self._circuits.get(agency)
        if circuit is None:
            return concurrency
        before = circuit.state
        room = circuit.room(concurrency, self._clock())
        self._tell(agency, before, circuit.state)
        return room

    def reopens_in_s(self, agency: str) -> float | None:
        """Seconds until the agency may be tried again, or None where it may be now."""
        now = self._clock()
        circuit = self._circuits.get(agency)
        at = circuit.reopens_at(now) if circuit is not None else None
        return None if at is None else at - now

    def heard(self, agency: str, outcome: Outcome) -> None:
        """Learn how one attempt at the agency ended."""
        way = self._site()[agency].way if agency in self._site() else None
        if way is None:
            return
        circuit = self._circuits.setdefault(agency, Circuit())
        before = circuit.state
        circuit.heard(outcome, way.breaker, self._clock())
        self._tell(agency, before, circuit.state)

    def forget(self, agency: str) -> None:
        """The agency is reached in another way from now on: what was learnt about the one before does not count."""
        circuit = self._circuits.pop(agency, None)
        if circuit is not None:
            self._tell(agency, circuit.state, CircuitState.CLOSED)

    def watching(self, agency: str, send: Send) -> Send:
        """The same way out, with every outcome heard here before its caller sees it."""

        async def watched(outbound: Outbound, timeout_s: float) -> Outcome:
            outcome = await send(outbound, timeout_s)
            self.heard(agency, outcome)
            return outcome

        return watched

    def _tell(self, agency: str, before: CircuitState, after: CircuitState) -> None:
        if before is not after:
            self._observer.breaker(agency, after.value)


def _is_answer(outcome: Outcome) -> bool:
    """The partner is there and answered clearly, be it no."""
    return outcome.result is Result.DELIVERED or (
        outcome.result is Result.REFUSED and CODES[outcome.code].fault is Fault.RECEIVER
    )


def _is_failure(outcome: Outcome) -> bool:
    """The partner could not take it; being asked to slow down is no failure, nor are the hub's own faults."""
    return (
        outcome.result in (Result.FAILED, Result.UNKNOWN)
        and outcome.code != "partner-throttled"
        and CODES[outcome.code].fault is Fault.RECEIVER
    )
