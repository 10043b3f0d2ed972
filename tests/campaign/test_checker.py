"""The checker turns red for each way of breaking a promise, and for runs that prove nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.campaign.checker import Verdict, check
from tests.campaign.figures import figures_of
from tests.campaign.history import Arrival, History, Operation, Owed, Ready, Strike
from tests.campaign.witness import Attempt, Books, Delivery

AGENCIES = ("a", "b")
TEXTS = {("C-1", 1): "one", ("C-1", 2): "two"}


def _arrival(agency: str, number: int) -> Arrival:
    id = f"{agency}{number}"
    text = TEXTS["C-1", number]
    return Arrival(agency, id, f"digest of {id}", "C-1", number, text, id, "answered", float(number), True)


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
    history.strikes = [Strike("kill", "hub", 0.5, True, 1, 2)]
    return history


def _books() -> Books:
    """What a store says after the good run: every delivery disclosed, sent and ended once, in one attempt."""
    ids = [f"{agency}{number}" for number in (1, 2) for agency in AGENCIES]
    entries: list[dict[str, Any]] = [{"kind": "accept", "outcome": "accepted", "message": f"r{n}"} for n in (1, 2)]
    for outcome in ("started", "delivered"):
        entries += [
            {"kind": "disclose", "outcome": outcome, "delivery": id, "out": f"digest of {id}", "attempt": 1}
            for id in ids
        ]
    return Books(
        tuple(entries),
        tuple(Delivery(id, id[0], "delivered", f"r{id[1]}") for id in ids),
        tuple(Attempt(id, 1, 1.0, 2.0, "delivered") for id in ids),
    )


def _check(history: History, books: Books | None = None) -> Verdict:
    return check(history, AGENCIES, TEXTS, books)


def _words(verdict: Verdict) -> set[str]:
    return verdict.broken


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
    history.strikes = [Strike("kill", "hub", 0.5, True, 0, 0)]
    verdict = _check(history)
    assert not verdict.violations
    assert not verdict.passed


def test_a_run_without_any_repetition_proves_nothing() -> None:
    """No retry was ever needed."""
    history = _good()
    history.arrivals.pop()
    assert not _check(history).passed


def test_a_kind_of_fault_that_is_not_possible_here_makes_the_run_unknown() -> None:
    """Never green for what was not tried."""
    history = _good()
    history.impossible["store"] = "no PostgreSQL server here"
    assert _check(history).word == "unknown"


def test_a_kind_of_fault_of_which_most_found_nothing_makes_the_run_unknown() -> None:
    """One of three syscall kills bit; the others of the run do not make up for it."""
    history = _good()
    history.strikes += [Strike("syscall", "hub", 1.0, True, 1, 2, bit) for bit in (True, False, False)]
    assert _check(history).word == "unknown"


def test_what_was_refused_and_yet_delivered_is_seen() -> None:
    """Its sender was told that nobody gets it."""
    history = _good()
    history.operations.append(Operation("C-1", 1, "refused", 3, 4, said="409", text="not to be taken"))
    history.arrivals.append(replace(_arrival("a", 1), text="not to be taken"))
    assert "refused but delivered" in _words(_check(history))


def test_a_receipt_for_what_must_be_refused_is_seen() -> None:
    """Another content under an identity that is taken."""
    history = _good()
    history.operations.append(Operation("C-1", 1, "taken", 3, 4, "r1", text="other"))
    assert _words(_check(history)) == {"not refused"}


def test_a_file_that_is_not_whole_is_seen() -> None:
    """It was visible under its final name before it was complete."""
    history = _good()
    history.arrivals.append(Arrival("a", "", "half", "", 0, "C-1;1;o", "", "cut off", 9.0))
    assert _words(_check(history)) == {"cut off"}


def test_an_arrival_before_its_disclosure_is_seen() -> None:
    """The store was asked while the partner held the request."""
    history = _good()
    history.arrivals[0] = replace(history.arrivals[0], disclosed=False)
    assert _words(_check(history)) == {"undisclosed"}


def test_two_attempts_at_once_are_seen_where_no_lease_could_end() -> None:
    """After a stopped process or a clock that jumped they are right."""
    history = _good()
    history.arrivals[-1] = replace(history.arrivals[-1], answered="overlapping")
    assert _words(_check(history)) == {"overlap"}
    history.strikes.append(Strike("stop", "hub", 1.0, True, 1, 2))
    assert _check(history).passed


def test_books_that_agree_pass() -> None:
    """Every receipt, arrival, entry, state and attempt explains the others."""
    assert _check(_good(), _books()).passed


def test_a_receipt_without_its_entry_is_seen() -> None:
    """P7: the entry commits with what it records."""
    books = _books()
    assert _words(_check(_good(), replace(books, entries=books.entries[1:]))) == {"unrecorded"}


def test_a_record_at_a_partner_without_its_disclosure_is_seen() -> None:
    """Its digest stands in no entry."""
    books = _books()
    entries = tuple(each for each in books.entries if (each.get("delivery"), each["outcome"]) != ("a1", "started"))
    assert _words(_check(_good(), replace(books, entries=entries))) == {"undisclosed"}


def test_a_delivered_entry_without_a_record_at_the_partner_is_seen() -> None:
    """The hub believes in a delivery that nobody got."""
    history = _good()
    history.arrivals = [one for one in history.arrivals if one.id != "b2"]
    assert "delivered without a record" in _words(_check(history, _books()))


def test_an_attempt_without_its_entry_is_seen() -> None:
    """Also of a delivery that ended well later: nobody would miss the refusal in between."""
    books = _books()
    refused = Attempt("a1", 0, 0.5, 0.9, "refused")
    assert _words(_check(_good(), replace(books, attempts=(refused, *books.attempts)))) == {"unrecorded"}


def test_a_state_without_its_entry_is_seen() -> None:
    """Delivered, and nobody can see why."""
    books = _books()
    entries = tuple(each for each in books.entries if (each.get("delivery"), each["outcome"]) != ("a1", "delivered"))
    assert _words(_check(_good(), replace(books, entries=entries))) == {"unrecorded"}


def test_delivered_and_dead_is_seen() -> None:
    """By the entries, and by an entry against the state."""
    books = _books()
    refused = {"kind": "disclose", "outcome": "refused", "delivery": "a1", "out": "digest of a1", "attempt": 2}
    assert _words(_check(_good(), replace(books, entries=(*books.entries, refused)))) == {"delivered and dead"}
    dead = (replace(books.deliveries[0], state="dead"), *books.deliveries[1:])
    assert "delivered and dead" in _words(_check(_good(), replace(books, deliveries=dead)))


def test_a_delivery_that_ended_twice_is_seen() -> None:
    """Only a person's resend may begin it again."""
    books = _books()
    entries = (*books.entries, books.entries[-1])
    assert _words(_check(_good(), replace(books, entries=entries))) == {"ended twice"}
    resent = {"kind": "resend", "outcome": "pending", "delivery": books.entries[-1]["delivery"]}
    assert _check(_good(), replace(books, entries=(*entries, resent))).passed


def test_an_attempt_that_was_ended_after_a_later_one_is_seen() -> None:
    """Its token was not current any more."""
    books = _books()
    attempts = (replace(books.attempts[0], ended_at=9.0), Attempt("a1", 2, 3.0, 4.0, "delivered"), *books.attempts[1:])
    assert "fencing" in _words(_check(_good(), replace(books, attempts=attempts)))


def test_the_time_to_flow_again_begins_when_the_process_is_ready() -> None:
    """A life that the next fault ended soon says nothing."""
    history = _good()
    history.starts = [Ready("hub", 1.5, 0.9), Ready("hub", 0.4, 0.7)]
    figures = figures_of(history)
    assert figures["ready_to_arrival_ms_longest"] == 500
    assert figures["start_to_ready_ms_longest"] == 900


def test_what_is_owed_is_known_at_every_moment() -> None:
    """Arrivals before their receipt, twice, and of what nobody waits for any more."""
    history = History(Path())
    owed = Owed(history, ("a", "b"))
    history.arrived(_arrival("a", 1))
    assert owed.count() == 0
    history.operated(Operation("C-1", 1, "ok", 0.0, 1.0, "r"))
    history.operated(Operation("C-1", 1, "ok", 0.0, 1.0, "r", duplicate=True))
    history.operated(Operation("C-1", 2, "info", 0.0, 1.0))
    assert owed.count() == 1
    history.arrived(_arrival("b", 1))
    history.arrived(_arrival("b", 1))
    assert (owed.count(), owed.accepted) == (0, {("C-1", 1)})
