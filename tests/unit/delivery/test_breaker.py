"""Circuit breakers: when an agency may be tried, decided from outcomes and a clock that is handed in."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from hub.delivery.breaker import Breakers
from hub.delivery.circuit import JITTER, LONGEST_PAUSE_S, MOST_DOUBLINGS, RAMP_DOUBLES_S, Circuit
from hub.message import Outbound, Outcome, Result
from hub.site.agency import Breaker
from hub.site.window import Window
from hub.store.base import CircuitState, Standing
from tests.unit.delivery.playing import Watcher, an_agency

LIMITS = Breaker(failures=3, open_s=10)
FAILED = Outcome(Result.FAILED, "partner-failed")
DELIVERED = Outcome(Result.DELIVERED)


def _opened(at: float = 0) -> Circuit:
    circuit = Circuit()
    for _ in range(LIMITS.failures):
        circuit.heard(FAILED, LIMITS, at, 0.0)
    return circuit


def test_a_closed_circuit_leaves_the_concurrency_as_it_is() -> None:
    """Two failures of three allowed ones change nothing."""
    circuit = Circuit()
    circuit.heard(FAILED, LIMITS, 0, 0.0)
    circuit.heard(FAILED, LIMITS, 0, 0.0)
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
        circuit.heard(outcome, LIMITS, 0, 0.0)
    assert circuit.room(8, 0) == 8


def test_a_clear_refusal_is_a_sign_of_life() -> None:
    """A partner that says 400 is there; its refusals must not stop the other messages."""
    circuit = Circuit()
    for outcome in (FAILED, FAILED, Outcome(Result.REFUSED, "partner-refused"), FAILED):
        circuit.heard(outcome, LIMITS, 0, 0.0)
    assert circuit.state is CircuitState.CLOSED


def test_the_hubs_own_faults_say_nothing_about_the_partner() -> None:
    """A lost lease or a document that breaks the schema never reached it."""
    circuit = Circuit()
    for code in ("lease-lost", "internal"):
        for _ in range(5):
            circuit.heard(Outcome(Result.FAILED, code), LIMITS, 0, 0.0)
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
    circuit.heard(DELIVERED, LIMITS, 11, 0.0)
    assert circuit.state is CircuitState.CLOSED
    for _ in range(LIMITS.failures):
        circuit.heard(FAILED, LIMITS, 20, 0.0)
    assert circuit.reopens_at(20) == 30


def test_a_partner_that_comes_back_is_not_stampeded() -> None:
    """After the probe one at a time, then two, four, as it shows that it can take them."""
    circuit = _opened()
    circuit.room(8, 10)
    circuit.heard(DELIVERED, LIMITS, 11, 0.0)
    steps = [circuit.room(8, 11 + RAMP_DOUBLES_S * doubled) for doubled in (0, 0.9, 1, 2, 3, 4)]
    assert steps == [1, 1, 2, 4, 8, 8]
    assert circuit.room(1000, 1e6) == 1000


def test_agencies_behind_one_gateway_are_not_probed_in_step() -> None:
    """Chance makes an opening longer, within limits."""
    circuit = Circuit()
    for _ in range(LIMITS.failures):
        circuit.heard(FAILED, LIMITS, 0, 0.5)
    assert circuit.reopens_at(0) == LIMITS.open_s * (1 + JITTER / 2)


def test_another_process_that_probes_is_waited_for() -> None:
    """Its end tells both; until then nothing goes, and if it ends with the process, its lease ends too."""
    circuit = _opened()
    circuit.learn(Standing(CircuitState.HALF_OPEN, open_until=70, openings=1, revision=1))
    assert (circuit.state, circuit.room(8, 60)) == (CircuitState.OPEN, 0)
    circuit.learn(Standing(revision=2, ramp_from=50))
    assert circuit.room(8, 60) == 8


def test_the_probing_process_is_not_stopped_by_its_own_probe() -> None:
    """The store shows half-open until its lease ends; the outcome still counts."""
    circuit = _opened()
    assert circuit.room(8, 10) == 1
    circuit.learn(Standing(CircuitState.HALF_OPEN, open_until=70, openings=1, revision=1))
    assert circuit.heard(DELIVERED, LIMITS, 12, 0.0)
    assert circuit.state is CircuitState.CLOSED


def test_the_first_of_many_answers_that_ask_for_a_pause_is_told() -> None:
    """Eight that were under way say the same; the store is not written for each of them."""
    circuit, throttled = Circuit(), Outcome(Result.FAILED, "partner-throttled", retry_after_s=30)
    assert [circuit.heard(throttled, LIMITS, 100 + 0.1 * step, 0.0) for step in range(4)] == [True, False, False, False]
    assert circuit.heard(throttled, LIMITS, 102, 0.0)


def test_openings_double_up_to_a_limit() -> None:
    """A partner that is away for the night is asked seldom, but never less often than the limit."""
    circuit, now, waits = _opened(), 0.0, []
    for _ in range(MOST_DOUBLINGS + 3):
        reopens = circuit.reopens_at(now)
        assert reopens is not None
        waits.append(reopens - now)
        now = reopens
        assert circuit.room(8, now) == 1
        circuit.heard(FAILED, LIMITS, now, 0.0)
    assert waits == [10, 20, 40, 80, 160, 160, 160]


def test_the_late_end_of_an_earlier_attempt_changes_nothing_while_open() -> None:
    """Eight were under way when it opened; their ends neither close it nor stretch it."""
    circuit = _opened(at=0)
    circuit.heard(FAILED, LIMITS, 5, 0.0)
    circuit.heard(DELIVERED, LIMITS, 6, 0.0)
    assert circuit.room(8, 9) == 0
    assert circuit.room(8, 10) == 1


def test_being_throttled_pauses_without_opening() -> None:
    """The partner's clock applies to the whole agency, not to the one delivery that was told."""
    circuit = Circuit()
    for _ in range(LIMITS.failures):
        circuit.heard(Outcome(Result.FAILED, "partner-throttled", retry_after_s=30), LIMITS, 100, 0.0)
    assert circuit.state is CircuitState.CLOSED
    assert circuit.room(8, 129) == 0
    assert circuit.reopens_at(100) == 130
    assert circuit.room(8, 130) == 8


def test_no_partner_can_pause_itself_for_ever() -> None:
    """A garbled Retry-After of years is cut."""
    circuit = Circuit()
    circuit.heard(Outcome(Result.FAILED, "partner-throttled", retry_after_s=1e12), LIMITS, 0, 0.0)
    assert circuit.reopens_at(0) == LONGEST_PAUSE_S


def test_outside_of_its_window_an_agency_has_no_room() -> None:
    """Open from one to two on every day; what opens begins slowly."""
    now = [0.0]
    window = Window(frozenset(range(7)), 60, 120, ZoneInfo("UTC"))
    site = {"north": an_agency("north", window=window)}
    breakers = Breakers(lambda: site, Watcher(), lambda: now[0])
    assert (breakers.room("north", 8), breakers.reopens_in_s("north")) == (0, 3600)
    assert list(breakers.shutting()) == [("north", 3600.0)]
    now[0] = 3600.0
    assert (breakers.room("north", 8), breakers.reopens_in_s("north")) == (1, None)
    now[0] = 3700.0
    assert breakers.room("north", 8) == 8
    assert list(breakers.shutting()) == []
    now[0] = 7200.0
    assert breakers.reopens_in_s("north") == 23 * 3600


def test_each_change_is_told_once_by_agency() -> None:
    """Open, half-open, closed: what the operator sees."""
    watcher, now = Watcher(), [0.0]
    site = {"north": an_agency("north", breaker=LIMITS), "south": an_agency("south", breaker=LIMITS)}
    breakers = Breakers(lambda: site, watcher, lambda: now[0], lambda: 0.0)
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
