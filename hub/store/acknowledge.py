"""Acknowledging: the partner's word on what was sent to it ends the delivery, whoever has it in hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson

from hub.message import Classification, State
from hub.store.base import Acknowledge, Acknowledged
from hub.store.batch import Row
from hub.store.held import lock_lanes_of
from hub.store.lanes import LaneName, move_on
from hub.store.work import Bell, Work

_ENDED = frozenset({State.DELIVERED.value, State.DEAD.value})
_OPEN = frozenset({State.PENDING.value, State.DEAD.value})


class Awaited(NamedTuple):
    """A delivery that was frozen in a parcel (the columns of ``Statements.acknowledged``)."""

    n: int
    id: str
    message_n: int
    agency: str
    type: str
    case_key: int
    number: int
    state: str
    reason: str
    place: int | None
    token: int
    attempts: int
    maybe_sent: int
    parcel: int
    message: str
    subject: str
    classification: int
    accepted_at: float
    digest: str
    members: str


def acknowledge(work: Work, acknowledges: Sequence[Acknowledge]) -> list[Acknowledged]:
    """Each of ``acknowledges``, with the members of the parcels in which its deliveries were frozen."""
    return [_one(work, each) for each in acknowledges]


def _one(work: Work, each: Acknowledge) -> Acknowledged:
    named = _found(work, each.ids)
    ids = {*each.ids, *(id for one in named.values() for id in orjson.loads(one.members))}
    lock_lanes_of(work, ids)
    found = [one for one in _found(work, ids).values() if one.agency == each.agency and one.maybe_sent]
    reason = each.outcome.code
    ending = [one for one in found if one.state in _OPEN and (one.state, one.reason) != (each.state, reason)]
    dead = each.state is State.DEAD
    stays = dead and not each.gap
    gap = int(dead and each.gap)
    rows: list[Row] = []
    attempts: list[Row] = []
    for one in ending:
        place = _place(one) if stays else None
        rows.append((one.n, each.state.value, reason, gap, place, one.token + 1, each.at))
        attempts.append((
            one.n, one.token + 1, one.parcel, each.at, each.at, each.outcome.result.value, reason, each.outcome.text,
            each.outcome.partner_log_id or "",
        ))  # fmt: skip
        work.count(one.agency, one.type, one.state, -1)
        work.count(one.agency, one.type, each.state.value, 1)
        work.entry({**each.entry, **_about(one)}, one.message_n)
    work.run(work.statements.acknowledge, rows)
    work.run(work.statements.insert_attempt, attempts)
    bell = Bell()
    freed: dict[LaneName, Bell] = {(one.case_key, one.agency): bell for one in ending}
    if freed:
        work.run(work.statements.demote, sorted(freed))
        move_on(work, freed, {}, each.at)
    ended = {one.id for one in ending}
    return Acknowledged(
        tuple((one.id, one.type, one.accepted_at) for one in ending),
        {one.id: State(one.state) for one in found if one.id not in ended and one.state in _ENDED},
        bell.ring(),
    )


def _found(work: Work, ids: Iterable[str]) -> dict[str, Awaited]:
    wanted: list[Row] = [(id,) for id in sorted(set(ids))]
    return {row[1]: Awaited._make(row) for row in work.run(work.statements.acknowledged, wanted)}


def _place(one: Awaited) -> int:
    """A dead letter keeps its place in the lane, or takes it again where it had left a gap."""
    return one.number if one.place is None else one.place


def _about(one: Awaited) -> dict[str, object]:
    return {
        "message": one.message,
        "delivery": one.id,
        "type": one.type,
        "case": one.subject,
        "classification": Classification(one.classification).name,
        "out": one.digest,
        "attempt": one.attempts,
    }
