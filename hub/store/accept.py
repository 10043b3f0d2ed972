"""Accepting: messages, their cases, lanes and deliveries, and the ledger entries, or the receipt of an earlier time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from hub.message import Receipt, State
from hub.store.base import Acceptance, Conflict, Intake, Stored
from hub.store.batch import Row
from hub.store.cases import case_keys
from hub.store.lanes import Lanes
from hub.store.work import Bell, Work


class _Fresh(NamedTuple):
    """One acceptance to be written: the number of its message and of the raw bytes it came in."""

    acceptance: Acceptance
    message: int
    raw: int
    bell: Bell


_Known = dict[tuple[str, str], Receipt]
_PENDING = State.PENDING.value


def accept(work: Work, intakes: Sequence[Intake]) -> list[Stored]:
    """Everything that ``intakes`` bring, in their order; what was accepted before is answered from store."""
    known = _known(work, intakes)
    fresh: list[_Fresh] = []
    answers: list[tuple[tuple[Receipt | Conflict, ...], Bell]] = []
    for intake in intakes:
        bell = Bell()
        results, new = _decide(intake, known)
        if new:
            raw = work.content(intake.raw)
            fresh += [_Fresh(each, work.number(), raw, bell) for each in new]
        for body in intake.refused:
            work.entry(body, None)
        answers.append((results, bell))
    if fresh:
        _write(work, fresh)
    return [Stored(results, bell.ring()) for results, bell in answers]


def receipt_time(accepted_at: float) -> str:
    """The moment of acceptance as receipts show it: RFC 3339, UTC, milliseconds."""
    return datetime.fromtimestamp(accepted_at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _known(work: Work, intakes: Sequence[Intake]) -> _Known:
    """The receipts that earlier messages with the same sender and identity were given."""
    wanted = {(each.sender, each.identity) for intake in intakes for each in intake.acceptances}
    known: _Known = {}
    for sender, identity, id, type, subject, digest, at, record in work.run(work.statements.known, sorted(wanted)):
        known[sender, identity] = Receipt(id, type, subject, identity, digest, receipt_time(at), record)
    return known


def _decide(intake: Intake, known: _Known) -> tuple[tuple[Receipt | Conflict, ...], list[Acceptance]]:
    """The answer for each acceptance of one intake, and those that are new; adds these to ``known``."""
    results: list[Receipt | Conflict] = []
    conflicts: list[Conflict] = []
    new: dict[tuple[str, str], Acceptance] = {}
    seen: _Known = {}
    for each in intake.acceptances:
        key = (each.sender, each.identity)
        earlier = known.get(key) or seen.get(key)
        if earlier is None:
            seen[key] = _receipt(each)
            new[key] = each
            results.append(seen[key])
        elif earlier.digest == each.digest:
            results.append(replace(earlier, duplicate=True))
        else:
            conflicts.append(Conflict(each.identity, each.record, earlier.id))
            results.append(conflicts[-1])
    if conflicts and intake.whole:
        return tuple(conflicts), []
    known.update(seen)
    return tuple(results), list(new.values())


def _receipt(new: Acceptance) -> Receipt:
    return Receipt(
        new.id, new.type, new.subject, new.identity, new.digest, receipt_time(new.accepted_at), new.record
    )  # fmt: skip


def _write(work: Work, fresh: Sequence[_Fresh]) -> None:
    """Insert what is new; cases are joined first, because a merge moves lanes."""
    keys, made = case_keys(work, [(each.acceptance, each.message) for each in fresh])
    lanes = Lanes(work, {(key, r.agency) for each, key in zip(fresh, keys, strict=True)
                         for r in each.acceptance.recipients if r.state is State.PENDING}, made)  # fmt: skip
    messages: list[Row] = []
    deliveries: list[Row] = []
    for each, key in zip(fresh, keys, strict=True):
        messages.append(_message(work, each, key))
        deliveries += _deliveries(work, each, key, lanes)
        work.entry(each.acceptance.entry, each.message)
    statements = work.statements
    work.run(statements.insert_message, messages)
    lanes.write(work)
    work.run(statements.insert_delivery, deliveries)


def _message(work: Work, each: _Fresh, key: int) -> Row:
    new = each.acceptance
    return (
        each.message, new.id, new.sender, new.identity, new.digest, new.type, new.version, new.subject, key,
        int(new.classification), new.time, new.accepted_at, new.site, new.record, each.raw,
        work.content(new.canonical), orjson.dumps(new.partner).decode() if new.partner else "",
        new.trace or "", new.reference or "", new.transport, int(new.test),
    )  # fmt: skip


def _deliveries(work: Work, each: _Fresh, key: int, lanes: Lanes) -> list[Row]:
    """The delivery rows of one message: numbered in their lanes where pending, outside them where withheld."""
    new = each.acceptance
    rows: list[Row] = []
    for recipient, id in zip(new.recipients, new.delivery_ids, strict=True):
        number, place, wake_at, state = 0, None, None, recipient.state.value
        if state == _PENDING:
            number, head = lanes.take(key, recipient.agency)
            place = number
            if head:
                wake_at = new.accepted_at
                each.bell.add(recipient.agency, id)
        work.count(recipient.agency, new.type, state, 1)
        rows.append((
            work.number(), id, each.message, recipient.agency, new.type, key, number, state, recipient.reason,
            recipient.rule, place, wake_at, new.accepted_at,
        ))  # fmt: skip
    return rows
