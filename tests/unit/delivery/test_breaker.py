"""Circuit breakers: when an agency may be tried, decided from outcomes and a clock that is handed in."""

from __future__ import annotations

import asyncio

from hub.delivery.breaker import LONGEST_PAUSE_S, MOST_DOUBLINGS, Breakers, Circuit, CircuitState
from hub.message import Outbound, Outcome, Result
from hub.site.agency import Breaker
from tests.unit.delivery.playing import Watcher, an_agency

LIMITS = Breaker(failures=3, open_s=10)
FAILED = Outcome(Result.FAILED, "partner-failed")
DELIVERED = Outcome(Result.DELIVERED)


def _opened(at: float = 0) -> Circuit:
    circuit = Circuit()
    for _ in range(LIMITS.failures):
        circuit.heard(FAILED, LIMITS, at)
    return circuit


def test_a_closed_circuit_leaves_the_concurrency_as_it_is() -> None:
    """Two failures of three allowed ones change nothing."""
    circuit = Circuit()
    circuit.heard(FAILED, LIMITS, 0)
    circuit.heard(FAILED, LIMITS, 0)
    assert circuit.room(8, 0) == 8


def test_failures_in_a_row_open_it() -> None:
    """Nothing is tried until open_s is over."""
    circuit = _opened(at=100)
    assert circuit.room(8, 100) == 0
    assert circuit.room(8, 109.9) == 0
    assert circuit.reopens_at(105) == 110


def test_a_success_in_between_starts_the_count_again() -> None:
    """Only failures in a row mean that the partner is away."""
    circuit = Circuit()
    for outcome in (FAILED, FAILED, DELIVERED, FAILED, FAILED):
        circuit.heard(outcome, LIMITS, 0)
    assert circuit.room(8, 0) == 8


def test_a_clear_refusal_is_a_sign_of_life() -> None:
    """A partner that says 400 is there; its refusals must not stop the other messages."""
    circuit = Circuit()
    for outcome in (FAILED, FAILED, Outcome(Result.REFUSED, "partner-refused"), FAILED):
        circuit.heard(outcome, LIMITS, 0)
    assert circuit.state is CircuitState.CLOSED


def test_the_hubs_own_faults_say_nothing_about_the_partner() -> None:
    """A lost lease or a document that breaks the schema never reached it."""
    circuit = Circuit()
    for code in ("lease-lost", "internal"):
        for _ in range(5):
            circuit.heard(Outcome(Result.FAILED, code), LIMITS, 0)
    assert circuit.room(8, 0) == 8


def test_after_its_time_one_probe_may_go() -> None:
    """Half-open: one attempt at a time."""
    circuit = _opened()
    assert circuit.room(8, 10) == 1
    assert circuit.state is CircuitState.HALF_OPEN


def test_a_probe_that_gets_through_closes_it() -> None:
    """And the next opening is as short as the first."""
    circuit = _opened()
    circuit.room(8, 10)
    circuit.heard(DELIVERED, LIMITS, 11)
    assert circuit.room(8, 11) == 8
    for _ in range(LIMITS.failures):
        circuit.heard(FAILED, LIMITS, 20)
    assert circuit.reopens_at(20) == 30


def test_openings_double_up_to_a_limit() -> None:
    """A partner that is away for the night is asked seldom, but never less often than the limit."""
    circuit, now, waits = _opened(), 0.0, []
    for _ in range(MOST_DOUBLINGS + 3):
        reopens = circuit.reopens_at(now)
        assert reopens is not None
        waits.append(reopens - now)
        now = reopens
        assert circuit.room(8, now) == 1
        circuit.heard(FAILED, LIMITS, now)
    assert waits == [10, 20, 40, 80, 160, 160, 160]


def test_the_late_end_of_an_earlier_attempt_changes_nothing_while_open() -> None:
    """Eight were under way when it opened; their ends neither close it nor stretch it."""
    circuit = _opened(at=0)
    circuit.heard(FAILED, LIMITS, 5)
    circuit.heard(DELIVERED, LIMITS, 6)
    assert circuit.room(8, 9) == 0
    assert circuit.room(8, 10) == 1


def test_being_throttled_pauses_without_opening() -> None:
    """The partner's clock applies to the whole agency, not to the one delivery that was told."""
    circuit = Circuit()
    for _ in range(LIMITS.failures):
        circuit.heard(Outcome(Result.FAILED, "partner-throttled", retry_after_s=30), LIMITS, 100)
    assert circuit.state is CircuitState.CLOSED
    assert circuit.room(8, 129) == 0
    assert circuit.reopens_at(100) == 130
    assert circuit.room(8, 130) == 8


def test_no_partner_can_pause_itself_for_ever() -> None:
    """A garbled Retry-After of years is cut."""
    circuit = Circuit()
    circuit.heard(Outcome(Result.FAILED, "partner-throttled", retry_after_s=1e12), LIMITS, 0)
    assert circuit.reopens_at(0) == LONGEST_PAUSE_S


def test_each_change_is_told_once_by_agency() -> None:
    """Open, half-open, closed: what the operator sees."""
    watcher, now = Watcher(), [0.0]
    site = {"north": an_agency("north", breaker=LIMITS), "south": an_agency("south", breaker=LIMITS)}
    breakers = Breakers(lambda: site, watcher, lambda: now[0])
    for _ in range(4):
        breakers.heard("north", FAILED)
    breakers.heard("south", FAILED)
    now[0] = 10.0
    assert [breakers.room("north", 8), breakers.room("north", 8), breakers.room("south", 8)] == [1, 1, 8]
    breakers.heard("north", DELIVERED)
    assert watcher.breakers == [("north", "open"), ("north", "half-open"), ("north", "closed")]


def test_outcomes_are_heard_on_their_way_from_the_connector() -> None:
    """``watching`` wraps a way out; the caller sees the same outcome."""
    watcher = Watcher()
    breakers = Breakers(lambda: {"north": an_agency("north", breaker=Breaker(failures=1))}, watcher, lambda: 0.0)

    async def send(outbound: Outbound, timeout_s: float) -> Outcome:
        return FAILED

    async def play() -> Outcome:
        return await breakers.watching("north", send)(Outbound("p", "north", "t", b"", "", "", (), 1), 1.0)

    assert asyncio.run(play()) is FAILED
    assert breakers.room("north", 8) == 0
