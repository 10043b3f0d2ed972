"""The verdict over the histories: what was promised to clients against what partners saw and the store says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tests.campaign.books import check_books
from tests.campaign.history import Arrival, History, Reference
from tests.campaign.witness import Books

FEW = 5
BITING = 0.5  # the share of a kind's strikes that must have found something to break
# After these one delivery may rightly be under way twice: the lease ended while its holder was still alive.
LEASE_FAULTS = frozenset({"stop", "clock", "partner"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """``violations`` of promises; ``unknown``: reasons why the run proves nothing; ``figures`` for the report."""

    violations: tuple[str, ...]
    unknown: tuple[str, ...]
    figures: dict[str, int]

    @property
    def passed(self) -> bool:
        """Nothing was broken, and the faults bit."""
        return not self.violations and not self.unknown

    @property
    def word(self) -> str:
        """``violated``, ``unknown`` or ``passed``."""
        return "violated" if self.violations else "unknown" if self.unknown else "passed"

    @property
    def broken(self) -> set[str]:
        """The names of the promises that were broken (what stands before the colon)."""
        return {violation.partition(":")[0] for violation in self.violations}

    def __str__(self) -> str:
        figures = (f"{name}: {value}" for name, value in self.figures.items())
        return "\n  ".join([self.word, *self.violations, *self.unknown, *figures])


def check(
    history: History, agencies: tuple[str, ...], texts: dict[Reference, str], books: Books | None = None
) -> Verdict:
    """Judge one run that had time to drain. ``texts`` is what clients meant to send, by note.

    ``books``, what the store says afterwards, is left out where nobody looked.
    """
    violations = [
        *_receipts(history),
        *_refused(history),
        *_lost(history, agencies),
        *_phantoms(history, agencies, texts),
        *_identities(history),
        *_order(history),
        *_disclosures(history),
        *_overlaps(history),
        *(check_books(history, books) if books is not None else ()),
    ]
    return Verdict(tuple(violations), tuple(_doubts(history)), _figures(history))


def _receipts(history: History) -> Iterator[str]:
    """P5: the same note has the same receipt whenever it is asked for."""
    given: dict[Reference, set[str]] = defaultdict(set)
    for one in history.operations:
        if one.outcome == "ok":
            given[one.case, one.number].add(one.receipt)
    for note, receipts in given.items():
        if len(receipts) > 1:
            yield f"receipts: {note} has {sorted(receipts)}"


def _refused(history: History) -> Iterator[str]:
    """What was refused, or had to be, reached nobody."""
    refused = {one.text for one in history.operations if one.outcome in ("refused", "taken")}
    for one in history.operations:
        if one.outcome == "taken":
            yield f"not refused: {(one.case, one.number)} {one.text[-40:]!r} has the receipt {one.receipt}"
    for arrival in history.arrivals:
        if arrival.text in refused:
            yield f"refused but delivered: {arrival.agency} got {arrival.id} {arrival.text[-40:]!r}"


def _lost(history: History, agencies: tuple[str, ...]) -> Iterator[str]:
    """P1, P2: every receipt's note is at every recipient."""
    arrived = {(one.agency, one.case, one.number) for one in history.arrivals}
    for agency in agencies:
        missing = [note for note in history.accepted() if (agency, *note) not in arrived]
        if missing:
            yield f"lost: {len(missing)} notes never reached {agency}, such as {missing[:FEW]}"


def _phantoms(history: History, agencies: tuple[str, ...], texts: dict[Reference, str]) -> Iterator[str]:
    """Nothing arrives that nobody sent, at somebody it is not for, or with another content."""
    for one in history.arrivals:
        if one.agency not in agencies:
            yield f"wrong recipient: {one}"
        elif one.answered == "cut off":
            yield f"cut off: {one.agency} saw a file that is not whole, ending in {one.text!r}"
        elif (one.case, one.number) not in texts:
            yield f"phantom: {one}"
        elif texts[one.case, one.number] != one.text:
            yield f"content: {one} instead of {texts[one.case, one.number]!r}"


def _identities(history: History) -> Iterator[str]:
    """P3: one id for one note at one agency, one digest for one id, and the transport carries the same id."""
    digests: dict[str, set[str]] = defaultdict(set)
    ids: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    owners: dict[str, set[tuple[str, str, int]]] = defaultdict(set)
    for one in history.arrivals:
        if one.answered == "cut off":
            continue
        note = (one.agency, one.case, one.number)
        digests[one.id].add(one.digest)
        ids[note].add(one.id)
        owners[one.id].add(note)
        if one.header not in ("", one.id):
            yield f"header: {one.agency} got {one.header} for {one.id}"
    yield from (f"bytes: {id} came as {sorted(found)}" for id, found in digests.items() if len(found) > 1)
    yield from (f"identity: {note} came as {sorted(found)}" for note, found in ids.items() if len(found) > 1)
    yield from (f"shared identity: {id} is {sorted(found)}" for id, found in owners.items() if len(found) > 1)


def _order(history: History) -> Iterator[str]:
    """P4: within (agency, case) the first arrivals are in the order of acceptance, without a gap."""
    expected: dict[tuple[str, str], int] = defaultdict(lambda: 1)
    for one in first_arrivals(history.arrivals):
        lane = (one.agency, one.case)
        if one.number != expected[lane] and one.case:
            yield f"order: {lane} got number {one.number} when it was the turn of {expected[lane]}"
        expected[lane] = max(expected[lane], one.number + 1)


def _disclosures(history: History) -> Iterator[str]:
    """P7: when bytes arrived, the store already said that they may leave."""
    early = [one for one in history.arrivals if one.disclosed is False and one.answered != "cut off"]
    if early:
        few = [(one.agency, one.id) for one in early[:FEW]]
        yield f"undisclosed: {len(early)} arrivals stood in no ledger when they came, such as {few}"


def _overlaps(history: History) -> Iterator[str]:
    """A delivery has one attempt at a time, as long as no lease ends before its holder."""
    if LEASE_FAULTS & {strike.kind for strike in history.strikes}:
        return
    twice = [one for one in history.arrivals if one.answered == "overlapping"]
    if twice:
        few = [(one.agency, one.id) for one in twice[:FEW]]
        yield f"overlap: {len(twice)} came while an earlier attempt was still waiting, such as {few}"


def first_arrivals(arrivals: list[Arrival]) -> Iterator[Arrival]:
    """Each note's first arrival at each agency, in the order in which that agency wrote them down."""
    seen: set[tuple[str, str, int]] = set()
    for one in arrivals:
        note = (one.agency, one.case, one.number)
        if note not in seen:
            seen.add(note)
            yield one


def _doubts(history: History) -> Iterator[str]:
    """Why this run would also have passed without any fault."""
    yield from (f"{kind}: not possible here: {why}" for kind, why in history.impossible.items())
    if not history.strikes:
        yield "no fault struck"
    struck = Counter(strike.kind for strike in history.strikes)
    bitten = Counter(strike.kind for strike in history.strikes if strike.has_bitten)
    for kind, times in struck.items():
        if bitten[kind] < times * BITING:
            yield f"{kind}: only {bitten[kind]} of {times} found anything to break"
    figures = _figures(history)
    if struck["kill"] and (figures["strikes_on_open_requests"] == 0 or figures["requests_with_unknown_end"] == 0):
        yield "no client was left without an answer"
    if figures["arrived_again"] == 0:
        yield "no partner got anything twice"


def _figures(history: History) -> dict[str, int]:
    first = sum(1 for _ in first_arrivals(history.arrivals))
    kinds = Counter(strike.kind for strike in history.strikes)
    return {
        "strikes": len(history.strikes),
        **{f"of_kind_{kind}": times for kind, times in sorted(kinds.items())},
        "strikes_on_open_requests": sum(1 for strike in history.strikes if strike.requests > 0),
        "kills_before_ready": sum(1 for strike in history.strikes if strike.kind == "kill" and not strike.ready),
        "accepted": len(history.accepted()),
        "requests_with_unknown_end": sum(1 for one in history.operations if one.outcome == "info"),
        "requests_turned_away": sum(1 for one in history.operations if one.said.startswith(("429", "503"))),
        "refused": sum(1 for one in history.operations if one.outcome == "refused"),
        "receipts_given_again": sum(1 for one in history.operations if one.duplicate),
        "first_arrivals": first,
        "arrived_again": len(history.arrivals) - first,
        "distinct_id_and_digest": len({(one.id, one.digest) for one in history.arrivals}),
        "arrivals_checked_in_the_ledger": sum(1 for one in history.arrivals if one.disclosed is not None),
    }
