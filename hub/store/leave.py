"""Leaving a lane: a cancelled delivery is never sent, a skipped one is a dead letter that nothing waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.message import State
from hub.store.acts import NOT_BLOCKING, UNDER_WAY, Act, Acted
from hub.store.batch import Row
from hub.store.doing import Doing
from hub.store.held import Held
from hub.store.work import Work

SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Leave:
    """Which deliveries leave their lanes, into which state: ``cancelled``, or ``dead`` (skipped)."""

    ids: tuple[str, ...]
    state: State
    act: Act


def leave(work: Work, leaves: Sequence[Leave]) -> list[Acted]:
    """Each of ``leaves``: the lanes go on, and the gap that it leaves in their numbers is recorded."""
    return [_leave_one(work, each) for each in leaves]


def _leave_one(work: Work, each: Leave) -> Acted:
    doing = Doing(work, each.act)
    found = doing.chosen(each.ids)
    doing.left.update({id: why for id, one in found.items() if (why := _left(one, each))})
    leaving = doing.parting({id: one for id, one in found.items() if id not in doing.left})
    rows: list[Row] = []
    for id, one in leaving.items():
        reason = one.reason or (SKIPPED if each.state is State.DEAD else "")
        rows.append((one.n, each.state.value, reason, 1, doing.number(), each.act.at))
        doing.done[id] = id
        doing.comes(one, each.state)
        doing.enter(one, gap=one.number)
    work.run(work.statements.leave, rows)
    return doing.end()


def _left(one: Held, each: Leave) -> str:
    if one.state not in (State.PENDING, State.DEAD):
        return one.state
    if one.state == State.PENDING and one.is_under_way(each.act.at):
        return UNDER_WAY
    return NOT_BLOCKING if each.state is State.DEAD and one.place is None else ""
