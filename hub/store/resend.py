"""Resending: dead deliveries become pending again, with the same bytes; those that wait for their time are due now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.message import State
from hub.store.acts import BEHIND, DUE, UNDER_WAY, Act, Acted
from hub.store.batch import Row
from hub.store.doing import Doing, with_fellows
from hub.store.held import Held
from hub.store.work import Work


@dataclass(frozen=True, slots=True)
class Resend:
    """Which deliveries."""

    ids: tuple[str, ...]
    act: Act


def resend(work: Work, resends: Sequence[Resend]) -> list[Acted]:
    """Each of ``resends``, with the dead fellow members of the parcels in which its deliveries were frozen."""
    return [_resend_one(work, each) for each in resends]


def _resend_one(work: Work, each: Resend) -> Acted:
    doing = Doing(work, each.act)
    asked = doing.chosen(each.ids)
    found = {**asked, **doing.chosen(id for id in with_fellows(work, asked, each.ids) if id not in asked)}
    again: list[Row] = []
    wakes: list[Row] = []
    for id, one in found.items():
        if one.state == State.DEAD:
            place = one.number if one.place is None else one.place
            again.append((one.n, place, doing.number(), each.act.at))
            doing.comes(one, State.PENDING)
        elif id in asked and (why := _left(one, each.act.at)):
            doing.left[id] = why
        elif id in asked:
            wakes.append((one.n, each.act.at))
            doing.bell.add(one.agency, id)
        if id not in doing.left and (one.state == State.DEAD or id in asked):
            doing.done[id] = id
            doing.enter(one)
    work.run(work.statements.again, again)
    work.run(work.statements.wake, wakes)
    return doing.end()


def _left(one: Held, now: float) -> str:
    """Why a delivery that is not dead cannot go out sooner; empty where it can."""
    if one.state != State.PENDING:
        return one.state
    if one.is_under_way(now):
        return UNDER_WAY
    if one.wake_at is None:
        return BEHIND
    return DUE if one.wake_at <= now else ""
