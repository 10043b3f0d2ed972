"""The verdict over the histories: what was promised to clients against what partners saw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tests.campaign.history import Arrival, History, Reference

FEW = 5


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

    def __str__(self) -> str:
        word = "violated" if self.violations else "unknown" if self.unknown else "passed"
        lines = [word, *self.violations, *self.unknown, *(f"{name}: {value}" for name, value in self.figures.items())]
        return "\n  ".join(lines)


def check(history: History, agencies: tuple[str, ...], texts: dict[Reference, str]) -> Verdict:
    """Judge one run that had time to drain. ``texts`` is what clients meant to send, by note."""
    violations = [
        *_receipts(history),
        *_lost(history, agencies),
        *_phantoms(history, agencies, texts),
        *_identities(history),
        *_order(history),
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
        if one.number != expected[lane]:
            yield f"order: {lane} got number {one.number} when it was the turn of {expected[lane]}"
        expected[lane] = max(expected[lane], one.number + 1)


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
    bit = [kill for kill in history.kills if kill.deliveries > 0]
    if not history.kills or len(bit) * 2 < len(history.kills):
        yield f"only {len(bit)} of {len(history.kills)} kills found deliveries on their way"
    figures = _figures(history)
    if figures["kills_with_open_requests"] == 0 or figures["requests_with_unknown_end"] == 0:
        yield "no client was left without an answer"
    if figures["arrived_again"] == 0:
        yield "no partner got anything twice"


def _figures(history: History) -> dict[str, int]:
    first = sum(1 for _ in first_arrivals(history.arrivals))
    return {
        "kills": len(history.kills),
        "kills_with_open_requests": sum(1 for kill in history.kills if kill.requests > 0),
        "kills_before_ready": sum(1 for kill in history.kills if not kill.ready),
        "accepted": len(history.accepted()),
        "requests_with_unknown_end": sum(1 for one in history.operations if one.outcome == "info"),
        "receipts_given_again": sum(1 for one in history.operations if one.duplicate),
        "first_arrivals": first,
        "arrived_again": len(history.arrivals) - first,
        "distinct_id_and_digest": len({(one.id, one.digest) for one in history.arrivals}),
    }
