"""What follows from the outcome of one attempt: a decision as a value, never a sleep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tenacity import RetryCallState, Retrying
from tenacity.stop import stop_after_attempt, stop_after_delay, stop_any
from tenacity.wait import wait_exponential

from hub.message import Outcome, Result, State
from hub.site.agency import Retry, Way


@dataclass(frozen=True, slots=True)
class Decision:
    """The state that a delivery comes into, why, and (``pending`` only) the epoch second of its next attempt."""

    state: State
    reason: str = ""
    due_at: float | None = None


def decide(
    outcome: Outcome,
    attempt: int,
    first_tried_at: float | None,
    now: float,
    way: Way,
    random: Callable[[], float],
    *,
    again: bool = False,
) -> Decision:
    """Decide from how attempt number ``attempt`` (from 1) ended at ``now``.

    ``first_tried_at`` is when the first attempt began (None: this is the first); ``random`` gives numbers in [0, 1).
    The clock lives in these numbers alone, so a restart in between changes nothing. ``failed`` and ``unknown`` differ
    only in what the ledger says: both are tried again, with the same id and bytes (P3). ``sent`` waits for the
    partner's acknowledgement; without one in time a person has to ask the partner (``again``: the attempt before was
    ``sent`` too).
    """
    if outcome.result is Result.DELIVERED:
        return Decision(State.DELIVERED)
    if outcome.result is Result.REFUSED or outcome.code == "not-acknowledged":
        return Decision(State.DEAD, outcome.code)
    retry, age_s = way.retry, _age_s(first_tried_at, now, way)
    state = _state(attempt, age_s)
    ends = stop_any(stop_after_attempt(retry.attempts), stop_after_delay(retry.give_up_after_s))(state)
    if outcome.result is Result.SENT:
        if ends and again:
            return Decision(State.DEAD, "not-acknowledged")
        return Decision(State.PENDING, "sent", now + outcome.acknowledge_within_s)
    if ends:
        return Decision(State.DEAD, "gave-up")
    return Decision(State.PENDING, outcome.code, now + _wait_s(outcome, state, age_s, retry, random()))


def _age_s(first_tried_at: float | None, now: float, way: Way) -> float:
    """How long it has been tried; nights and holidays of the agency's window do not count."""
    if first_tried_at is None:
        return 0.0
    return way.window.open_s(first_tried_at, now) if way.window is not None else max(0.0, now - first_tried_at)


def _wait_s(outcome: Outcome, state: RetryCallState, age_s: float, retry: Retry, chance: float) -> float:
    """Back-off spread over its upper half, not before the partner's own clock, and one last try when the age ends."""
    full_s = wait_exponential(multiplier=retry.first_s, max=retry.longest_s)(state)
    wait_s = full_s * (0.5 + chance / 2)
    if outcome.retry_after_s is not None:
        wait_s = max(wait_s, outcome.retry_after_s)
    return min(wait_s, retry.give_up_after_s - age_s)


def _state(attempt: int, age_s: float) -> RetryCallState:
    """Tenacity's view of a call that began ``age_s`` ago; its strategies read nothing else."""
    state = RetryCallState(retry_object=Retrying(), fn=None, args=(), kwargs={})
    state.attempt_number = attempt
    state.start_time = 0.0
    state.outcome_timestamp = age_s
    return state
