"""Ending attempts: the outcome, the new state, and the lane that moves on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hub.message import Result, State
from hub.store.base import Finish, Finished
from hub.store.batch import Row
from hub.store.held import lock_lanes_of
from hub.store.lanes import LaneName, move_on
from hub.store.work import Bell, Work

_PENDING = State.PENDING.value


class Ended(NamedTuple):
    """A delivery whose attempt was ended (the columns that ``Statements.finish`` gives back)."""

    id: str
    n: int
    message: int
    agency: str
    type: str
    case_key: int
    token: int
    parcel: int | None


def finish(work: Work, finishes: Sequence[Finish]) -> list[Finished]:
    """Each of ``finishes`` for those of its deliveries whose token is current."""
    lock_lanes_of(work, (id for each in finishes for id in each.ids))
    found = _change(work, finishes)
    attempts: list[Row] = []
    ended: list[list[Ended]] = []
    stale: list[tuple[str, ...]] = []
    for each in finishes:
        current = [found.pop(key) for key in zip(each.ids, each.tokens, strict=True) if key in found]
        ended.append(current)
        taken = {one.id for one in current}
        stale.append(tuple(id for id in each.ids if id not in taken))
        for one in current:
            attempts.append(_attempt(one, each))
            if each.state is not State.PENDING:
                work.count(one.agency, one.type, _PENDING, -1)
                work.count(one.agency, one.type, each.state.value, 1)
        _enter(work, each, current)
    work.run(work.statements.insert_attempt, attempts)
    bells = _move_lanes(work, finishes, ended)
    return [Finished(missed, bell.ring()) for missed, bell in zip(stale, bells, strict=True)]


def _change(work: Work, finishes: Sequence[Finish]) -> dict[tuple[str, int], Ended]:
    """Write the new state where a claim with the token shown has not ended yet; gives these by id and token.

    A dead letter keeps its place in the lane unless it leaves a gap.
    """
    rows: dict[tuple[str, int], Row] = {}
    for each in finishes:
        dead = each.state is State.DEAD
        gap = dead and each.gap
        stays = each.state is State.PENDING or (dead and not gap)
        unknown = each.outcome.result in (Result.UNKNOWN, Result.SENT)
        change = (each.state.value, each.reason, int(gap), int(stays), int(unknown), each.at, each.rule)
        for key in zip(each.ids, each.tokens, strict=True):
            rows.setdefault(key, (*key, *change))
    found = map(Ended._make, work.run(work.statements.finish, list(rows.values())))
    return {(one.id, one.token): one for one in found}


def _attempt(one: Ended, each: Finish) -> Row:
    outcome = each.outcome
    return (
        one.n, one.token, one.parcel, each.started_at, each.at, outcome.result.value, outcome.code, outcome.text,
        outcome.partner_log_id or "",
    )  # fmt: skip


def _enter(work: Work, each: Finish, current: Sequence[Ended]) -> None:
    """The ledger entries: one for each delivery where they are as many, else all of them where anything was ended."""
    if len(each.entries) == len(each.ids):
        messages = {one.id: one.message for one in current}
        for id, body in zip(each.ids, each.entries, strict=True):
            if id in messages:
                work.entry(body, messages[id])
    elif current:
        for body in each.entries:
            work.entry(body, current[0].message)


def _move_lanes(work: Work, finishes: Sequence[Finish], ended: Sequence[Sequence[Ended]]) -> list[Bell]:
    """Make the next delivery of each lane its head; the bell of the finish that freed a lane rings it."""
    freed: dict[LaneName, Bell] = {}
    due: dict[int, float | None] = {}
    bells: list[Bell] = []
    for each, current in zip(finishes, ended, strict=True):
        bell = Bell()
        bells.append(bell)
        for one in current:
            freed[one.case_key, one.agency] = bell
            if each.state is State.PENDING:
                due[one.n] = each.due_at
    if freed:
        move_on(work, freed, due, max(each.at for each in finishes))
    return bells
