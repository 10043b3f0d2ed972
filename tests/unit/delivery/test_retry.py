"""Retry decisions: pure values from the outcome, the attempt and the clock."""

from __future__ import annotations

import pytest

from hub.delivery.retry import Decision, decide
from hub.message import Outcome, Result, State
from hub.site.agency import Batch, Breaker, Retry, Way

NOW = 1_000_000.0


def _way(retry: Retry) -> Way:
    return Way("rest", "", {}, 10.0, 8, retry, Breaker(), Batch(), "block", 1)


def _decide(
    outcome: Outcome,
    attempt: int = 1,
    tried_for_s: float | None = None,
    chance: float = 0.5,
    retry: Retry | None = None,
) -> Decision:
    first = None if tried_for_s is None else NOW - tried_for_s
    return decide(outcome, attempt, first, NOW, _way(retry or Retry()), lambda: chance)


FAILED = Outcome(Result.FAILED, "partner-failed")


def test_a_delivered_attempt_ends_the_delivery() -> None:
    """Nothing is left to do and nothing is due."""
    assert _decide(Outcome(Result.DELIVERED)) == Decision(State.DELIVERED)


def test_a_refusal_is_dead_at_once_with_its_code() -> None:
    """An HTTP 400 is never tried again."""
    assert _decide(Outcome(Result.REFUSED, "partner-refused")) == Decision(State.DEAD, "partner-refused")


@pytest.mark.parametrize("result", [Result.FAILED, Result.UNKNOWN])
def test_failed_and_unknown_are_tried_again(result: Result) -> None:
    """Both stay pending with the code as reason; the id and the bytes make the repetition harmless."""
    decision = _decide(Outcome(result, "partner-timeout"), retry=Retry(first_s=1))
    assert (decision.state, decision.reason) == (State.PENDING, "partner-timeout")


@pytest.mark.parametrize(("chance", "wait_s"), [(0.0, 2.0), (0.5, 3.0), (1.0, 4.0)])
def test_the_wait_lies_in_the_upper_half_of_the_back_off(chance: float, wait_s: float) -> None:
    """Third attempt, first_s 1: four seconds in full, at least two of them."""
    assert _decide(FAILED, 3, 5.0, chance, retry=Retry(first_s=1, longest_s=300)).due_at == NOW + wait_s


@pytest.mark.parametrize(("attempt", "full_s"), [(1, 2), (2, 4), (3, 8), (8, 60), (90, 60)])
def test_the_back_off_doubles_up_to_the_longest_wait(attempt: int, full_s: float) -> None:
    """From first_s on, without overflow however many attempts there were."""
    decision = _decide(FAILED, attempt, 100.0, chance=1.0, retry=Retry(first_s=2, longest_s=60))
    assert decision.due_at == NOW + full_s


def test_the_partners_own_clock_is_a_lower_bound() -> None:
    """Retry-After of 30 s beats a back-off of one."""
    throttled = Outcome(Result.FAILED, "partner-throttled", retry_after_s=30)
    assert _decide(throttled).due_at == NOW + 30


def test_the_back_off_beats_a_shorter_retry_after() -> None:
    """A partner that says "at once" on every attempt is still given room."""
    throttled = Outcome(Result.FAILED, "partner-throttled", retry_after_s=0)
    assert _decide(throttled, chance=1.0, retry=Retry(first_s=5)).due_at == NOW + 5


def test_the_last_attempt_falls_on_the_end_of_the_age() -> None:
    """No wait reaches past give_up_after_s, whatever the partner asked for."""
    throttled = Outcome(Result.FAILED, "partner-throttled", retry_after_s=1e9)
    assert _decide(throttled, 5, 90.0, retry=Retry(give_up_after_s=100)).due_at == NOW + 10


def test_it_gives_up_by_age() -> None:
    """The clock runs from the first attempt, so a restart does not begin it again."""
    assert _decide(FAILED, 2, 100.0, retry=Retry(give_up_after_s=100)) == Decision(State.DEAD, "gave-up")


def test_it_gives_up_by_attempts() -> None:
    """The attempt that just ended was the last allowed one."""
    assert _decide(FAILED, 7, 1.0, retry=Retry(attempts=7)) == Decision(State.DEAD, "gave-up")
    assert _decide(FAILED, 6, 1.0, retry=Retry(attempts=7)).state is State.PENDING


def test_a_clock_set_back_does_not_stretch_the_retries() -> None:
    """A first attempt that seems to lie in the future counts as made now."""
    throttled = Outcome(Result.FAILED, "partner-throttled", retry_after_s=1e9)
    decision = _decide(throttled, 2, -500.0, retry=Retry(give_up_after_s=100))
    assert decision == Decision(State.PENDING, "partner-throttled", NOW + 100)
