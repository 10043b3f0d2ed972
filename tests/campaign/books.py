"""The verdict over the store's own books: ledger, deliveries and attempts against what the partners saw."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.campaign.history import History
from tests.campaign.witness import Books

FEW = 5
DRIFT_S = 0.001
Entry = dict[str, Any]
# An attempt that today's rules stopped was refused by us.
_OUTCOMES = {"withheld": "refused"}


def check_books(history: History, books: Books) -> Iterator[str]:
    """Every way in which the books contradict each other or the histories."""
    yield from _receipts(history, books)
    yield from _disclosures(history, books)
    yield from _records(history, books)
    about: dict[str, list[Entry]] = defaultdict(list)
    for entry in books.entries:
        if "delivery" in entry:
            about[entry["delivery"]].append(entry)
    yield from _states(books, about)
    yield from _attempts(books, about)
    yield from _ends(about)
    if "clock" not in {strike.kind for strike in history.strikes}:
        yield from _fencing(books)


def _receipts(history: History, books: Books) -> Iterator[str]:
    """P7: what has a receipt has its ``accept`` entry, and so has every message in the store."""
    accepted = {entry["message"] for entry in books.entries if entry["kind"] == "accept"}
    without = [receipt for receipt in history.accepted().values() if receipt not in accepted]
    if without:
        yield f"unrecorded: {len(without)} receipts have no entry, such as {without[:FEW]}"
    stored = {delivery.message for delivery in books.deliveries}
    if silent := sorted(stored - accepted):
        yield f"unrecorded: {len(silent)} messages have no entry, such as {silent[:FEW]}"


def _disclosures(history: History, books: Books) -> Iterator[str]:
    """P7: every record at a partner has a ``disclose`` entry with its digest."""
    told = {(entry["delivery"], entry["out"]) for entry in books.entries if _is(entry, "disclose", "started")}
    missing = [one for one in history.arrivals if one.answered != "cut off" and (one.id, one.digest) not in told]
    if missing:
        few = [(one.agency, one.id) for one in missing[:FEW]]
        yield f"undisclosed: {len(missing)} arrivals stand in no ledger entry, such as {few}"


def _records(history: History, books: Books) -> Iterator[str]:
    """Every ``delivered`` entry has a record at the partner, with the same bytes."""
    seen = {(one.id, one.digest) for one in history.arrivals}
    delivered = [entry for entry in books.entries if _is(entry, "disclose", "delivered")]
    unseen = [entry["delivery"] for entry in delivered if (entry["delivery"], entry["out"]) not in seen]
    if unseen:
        yield f"delivered without a record: {len(unseen)} entries, such as {unseen[:FEW]}"


def _states(books: Books, about: dict[str, list[Entry]]) -> Iterator[str]:
    """P7: a state is never without the entry that explains it, nor an entry without the state."""
    wanted = {"delivered": "delivered", "dead": "refused"}
    for delivery in books.deliveries:
        ends = [entry["outcome"] for entry in about[delivery.id] if entry["outcome"] in ("delivered", "refused")]
        if delivery.state in wanted and wanted[delivery.state] not in ends:
            yield f"unrecorded: {delivery.id} is {delivery.state}, and no entry says so"
        if delivery.state != "delivered" and "delivered" in ends:
            yield f"delivered and {delivery.state}: {delivery.id}"


def _attempts(books: Books, about: dict[str, list[Entry]]) -> Iterator[str]:
    """P7: every attempt that ended has its entry, also where the delivery was sent again since and ended well."""
    ended = Counter((attempt.delivery, attempt.result) for attempt in books.attempts)
    for (delivery, result), count in ended.items():
        told = sum(1 for entry in about[delivery] if _OUTCOMES.get(entry["outcome"], entry["outcome"]) == result)
        if told < count:
            yield f"unrecorded: {count} attempts of {delivery} ended {result}, and entries tell of {told}"


def _ends(about: dict[str, list[Entry]]) -> Iterator[str]:
    """A delivery ends once, unless a person had it sent again."""
    for delivery, entries in about.items():
        ends = [entry["outcome"] for entry in entries if entry["outcome"] in ("delivered", "refused")]
        resent = any(entry["kind"] == "resend" for entry in entries)
        if len(set(ends)) > 1 and not resent:
            yield f"delivered and dead: {delivery}"
        elif len(ends) > 1 and not resent:
            yield f"ended twice: {delivery} is {ends}"


def _fencing(books: Books) -> Iterator[str]:
    """No attempt is ended after a later one of the same delivery was."""
    for earlier, later in pairwise(books.attempts):
        if earlier.delivery == later.delivery and earlier.ended_at > later.ended_at + DRIFT_S:
            yield f"fencing: attempt {earlier.token} of {earlier.delivery} was ended after attempt {later.token}"


def _is(entry: Entry, kind: str, outcome: str) -> bool:
    return bool(entry["kind"] == kind and entry["outcome"] == outcome)
