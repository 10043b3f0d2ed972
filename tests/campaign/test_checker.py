"""The checker turns red for each way of breaking a promise, and for runs that prove nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.campaign.checker import Verdict, check
from tests.campaign.history import Arrival, History, Kill, Operation

AGENCIES = ("a", "b")
TEXTS = {("C-1", 1): "one", ("C-1", 2): "two"}


def _arrival(agency: str, number: int) -> Arrival:
    id = f"{agency}{number}"
    return Arrival(agency, id, f"digest of {id}", "C-1", number, TEXTS["C-1", number], id, "answered", float(number))


def _good() -> History:
    """Two notes for two agencies, one of them twice; a kill that bit; one request without an answer."""
    history = History(Path())
    history.operations = [
        Operation("C-1", 1, "info", 0, 1),
        Operation("C-1", 1, "ok", 1, 2, "r1", duplicate=True),
        Operation("C-1", 2, "ok", 2, 3, "r2"),
    ]
    history.arrivals = [_arrival(agency, number) for number in (1, 2) for agency in AGENCIES]
    history.arrivals.append(_arrival("a", 1))
    history.kills = [Kill(0.5, True, 1, 2)]
    return history


def _check(history: History) -> Verdict:
    return check(history, AGENCIES, TEXTS)


def _words(verdict: Verdict) -> set[str]:
    return {violation.split(":")[0] for violation in verdict.violations}


def test_a_run_without_fault_passes() -> None:
    """Repeated arrivals of the same bytes under the same id are what at-least-once means."""
    verdict = _check(_good())
    assert verdict.passed, verdict
    assert verdict.figures["distinct_id_and_digest"] == verdict.figures["accepted"] * len(AGENCIES)


def test_a_note_that_never_arrived_is_lost() -> None:
    """A receipt was given for it."""
    history = _good()
    history.arrivals = [one for one in history.arrivals if one.id != "b2"]
    assert _words(_check(history)) == {"lost"}


def test_a_note_that_nobody_sent_is_a_phantom() -> None:
    """As is one that arrives where it does not belong."""
    history = _good()
    history.arrivals.append(replace(_arrival("a", 1), number=9, id="x", header="x"))
    history.arrivals.append(replace(_arrival("a", 1), agency="c", id="y", header="y"))
    assert {"phantom", "wrong recipient"} <= _words(_check(history))


def test_other_bytes_under_one_id_are_seen() -> None:
    """A retry that rendered anew."""
    history = _good()
    history.arrivals.append(replace(_arrival("a", 1), digest="other"))
    assert _words(_check(history)) == {"bytes"}


def test_a_new_id_on_a_retry_is_seen() -> None:
    """The partner could not know that it is the same note."""
    history = _good()
    history.arrivals.append(replace(_arrival("a", 1), id="new", header="new"))
    assert _words(_check(history)) == {"identity"}


def test_an_id_that_two_notes_share_is_seen() -> None:
    """Partners would drop the second as a repetition."""
    history = _good()
    history.arrivals = [replace(one, id="a1", header="a1") if one.id == "a2" else one for one in history.arrivals]
    assert "shared identity" in _words(_check(history))


def test_first_arrivals_out_of_order_are_seen() -> None:
    """A late repetition of an earlier one is none."""
    history = _good()
    history.arrivals.reverse()
    assert _words(_check(history)) == {"order"}


def test_another_receipt_for_the_same_note_is_seen() -> None:
    """P5: whoever asks again gets the stored receipt."""
    history = _good()
    history.operations.append(Operation("C-1", 2, "ok", 3, 4, "r3"))
    assert _words(_check(history)) == {"receipts"}


def test_an_id_beside_the_body_that_differs_is_seen() -> None:
    """The transport's standard place and the body name the same delivery."""
    history = _good()
    history.arrivals.append(replace(_arrival("a", 1), header="other"))
    assert _words(_check(history)) == {"header"}


def test_kills_that_hit_an_idle_hub_prove_nothing() -> None:
    """The run is unknown, not passed."""
    history = _good()
    history.kills = [Kill(0.5, True, 0, 0)]
    verdict = _check(history)
    assert not verdict.violations
    assert not verdict.passed


def test_a_run_without_any_repetition_proves_nothing() -> None:
    """No retry was ever needed."""
    history = _good()
    history.arrivals.pop()
    assert not _check(history).passed
