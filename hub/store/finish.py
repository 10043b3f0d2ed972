"""Ending attempts: the outcome, the new state, and the lane that moves on."""

from __future__ import annotations

from collections.abc import Sequence

from hub.message import Result, State
from hub.store.base import Finish, Finished
from hub.store.batch import Row
from hub.store.held import Held, held
from hub.store.lanes import LaneName, move_on
from hub.store.work import Bell, Work

_PENDING = State.PENDING.value


def finish(work: Work, finishes: Sequence[Finish]) -> list[Finished]:
    """Each of ``finishes`` for those of its deliveries whose token is current."""
    found = held(work, (id for each in finishes for id in each.ids), with_lanes=True)
    ended: list[list[Held]] = []
    stale: list[tuple[str, ...]] = []
    attempts: list[Row] = []
    changes: list[Row] = []
    for each in finishes:
        current = [
            found.pop(id) for id, token in zip(each.ids, each.tokens, strict=True) if _is_current(found, id, token)
        ]
        ended.append(current)
        taken = {one.id for one in current}
        stale.append(tuple(id for id in each.ids if id not in taken))
        for one in current:
            attempts.append(_attempt(one, each))
            changes.append(_change(one, each))
            if each.state is not State.PENDING:
                work.count(one.agency, one.type, _PENDING, -1)
                work.count(one.agency, one.type, each.state.value, 1)
        _enter(work, each, current)
    work.run(work.statements.insert_attempt, attempts)
    work.run(work.statements.finish, changes)
    bells = _move_lanes(work, finishes, ended)
    return [Finished(missed, bell.ring()) for missed, bell in zip(stale, bells, strict=True)]


def _is_current(found: dict[str, Held], id: str, token: int) -> bool:
    one = found.get(id)
    return one is not None and one.by(token)


def _attempt(one: Held, each: Finish) -> Row:
    outcome = each.outcome
    return (
        one.n, one.token, one.parcel, each.started_at, each.at, outcome.result.value, outcome.code, outcome.text,
        outcome.partner_log_id or "",
    )  # fmt: skip


def _change(one: Held, each: Finish) -> Row:
    """The new values of a delivery (``FINISH_COLUMNS``): a dead letter keeps its place unless it leaves a gap."""
    dead = each.state is State.DEAD
    stays = each.state is State.PENDING or (dead and not each.gap)
    maybe_sent = 1 if each.outcome.result is Result.UNKNOWN else one.maybe_sent
    return (
        one.n, each.state.value, each.reason, int(dead and each.gap), one.place if stays else None, maybe_sent, each.at,
    )  # fmt: skip


def _enter(work: Work, each: Finish, current: Sequence[Held]) -> None:
    """The ledger entries: one for each delivery where they are as many, else all of them where anything was ended."""
    if len(each.entries) == len(each.ids):
        messages = {one.id: one.message for one in current}
        for id, body in zip(each.ids, each.entries, strict=True):
            if id in messages:
                work.entry(body, messages[id])
    elif current:
        for body in each.entries:
            work.entry(body, current[0].message)


def _move_lanes(work: Work, finishes: Sequence[Finish], ended: Sequence[Sequence[Held]]) -> list[Bell]:
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
