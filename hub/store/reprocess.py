"""Reprocessing: a delivery is superseded by a new generation in its place of the lane, made by today's site.

Nothing of the old one is overwritten: its row, its frozen bytes and its message's raw and canonical bytes stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.message import Outcome, Result, State
from hub.store.acts import UNDER_WAY, Act, Acted, Generation, NotRead
from hub.store.batch import Row
from hub.store.doing import Doing
from hub.store.held import Held
from hub.store.lanes import LaneName, Lanes
from hub.store.work import Work

_PENDING = State.PENDING.value
OPEN = (State.DEAD, State.PENDING, State.WITHHELD)


@dataclass(frozen=True, slots=True)
class Reprocess:
    """New generations, and what today's site refuses."""

    generations: tuple[Generation, ...]
    refused: tuple[NotRead, ...]
    act: Act


def reprocess(work: Work, reprocesses: Sequence[Reprocess]) -> list[Acted]:
    """Each of ``reprocesses``; deliveries that have changed since they were read are left."""
    return [_reprocess_one(work, each) for each in reprocesses]


def left(state: str, under_way: bool) -> str:
    """Why a delivery in this state is not made anew; empty where it is."""
    if state not in OPEN:
        return state
    return UNDER_WAY if state == _PENDING and under_way else ""


def _reprocess_one(work: Work, each: Reprocess) -> Acted:
    doing = Doing(work, each.act)
    found = doing.chosen((*(one.of for one in each.generations), *(one.of for one in each.refused)))
    for id, one in found.items():
        why = left(one.state, one.is_under_way(each.act.at))
        if why:
            doing.left[id] = why
    _refuse(doing, {id: one for id, one in found.items() if id not in doing.left}, each.refused)
    leaving = {new.of: found[new.of] for new in each.generations if new.of in found and new.of not in doing.left}
    _supersede(doing, doing.parting(leaving), each.generations)
    return doing.end()


def _refuse(doing: Doing, found: Mapping[str, Held], refused: Sequence[NotRead]) -> None:
    """A dead letter stays one, for today's reason; what still waits goes on as it is."""
    reasons: list[Row] = []
    attempts: list[Row] = []
    at = doing.act.at
    for each in refused:
        one = found.get(each.of)
        if one is None:
            continue
        doing.left[each.of] = each.code
        doing.enter(one, outcome="refused", code=each.code)
        if one.state == State.DEAD:
            outcome = Outcome(Result.REFUSED, each.code, each.text)
            reasons.append((one.n, each.code, one.token + 1, doing.number(), at))
            attempts.append((one.n, one.token + 1, None, at, at, outcome.result.value, outcome.code, outcome.text, ""))
    doing.work.run(doing.work.statements.refuse, reasons)
    doing.work.run(doing.work.statements.insert_attempt, attempts)


def _supersede(doing: Doing, leaving: Mapping[str, Held], generations: Sequence[Generation]) -> None:
    work, at = doing.work, doing.act.at
    never_numbered = {_lane(one) for one in leaving.values() if not one.number}
    lanes = Lanes(work, never_numbered, set())
    old: list[Row] = []
    readings: list[Row] = []
    new: list[Row] = []
    for each in generations:
        one = leaving.get(each.of)
        if one is None:
            continue
        number = one.number or lanes.take(*_lane(one))[0]
        place = number if one.place is None else one.place
        reading = work.number()
        readings.append((
            reading, one.message, each.site, work.content(each.canonical), each.subject, int(each.classification),
            each.time, at,
        ))  # fmt: skip
        old.append((one.n, State.SUPERSEDED.value, each.id, 0, doing.number(), at))
        new.append((
            work.number(), each.id, one.message, one.agency, one.type, one.case_key, number, _PENDING, "", each.rule,
            place, None, at, reading, one.id, one.generation + 1, doing.number(),
        ))  # fmt: skip
        doing.done[each.of] = each.id
        doing.comes(one, State.SUPERSEDED)
        work.count(one.agency, one.type, _PENDING, 1)
        doing.enter(one, delivery=each.id, relatesTo=one.id, site=each.site, rule=each.rule)
    lanes.write(work)
    work.run(work.statements.insert_reading, readings)
    work.run(work.statements.leave, old)
    work.run(work.statements.insert_generation, new)


def _lane(one: Held) -> LaneName:
    return one.case_key, one.agency
