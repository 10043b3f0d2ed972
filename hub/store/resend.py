"""Resending: dead deliveries become pending again, with the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from hub.message import Json, State
from hub.store.base import Finished
from hub.store.held import Held, frozen, held, lock_lanes_of
from hub.store.lanes import LaneName, move_on
from hub.store.work import Bell, Work


@dataclass(frozen=True, slots=True)
class Resend:
    """Which deliveries; ``entry`` is their ledger entry, to which the delivery's id is added."""

    ids: tuple[str, ...]
    entry: Json
    now: float


def resend(work: Work, resends: Sequence[Resend]) -> list[Finished]:
    """Each of ``resends``, with the dead fellow members of the parcels in which its deliveries were frozen.

    ``stale`` names those asked for that are not dead.
    """
    return [_resend_one(work, each) for each in resends]


def _resend_one(work: Work, each: Resend) -> Finished:
    parcels = frozen(work, held(work, each.ids).values())
    ids = {*each.ids, *(id for parcel in parcels.values() for id in orjson.loads(parcel.members))}
    lock_lanes_of(work, ids)
    found = held(work, ids)
    dead = [one for one in found.values() if one.state == State.DEAD]
    bell = Bell()
    freed: dict[LaneName, Bell] = {(one.case_key, one.agency): bell for one in dead}
    places = [(one.n, one.number if one.place is None else one.place, each.now) for one in dead]
    work.run(work.statements.again, places)
    work.run(work.statements.demote, sorted(freed))
    move_on(work, freed, {}, each.now)
    for one in dead:
        _enter(work, each, one)
    sent = {one.id for one in dead}
    return Finished(tuple(id for id in each.ids if id not in sent), bell.ring())


def _enter(work: Work, each: Resend, one: Held) -> None:
    work.entry({**each.entry, "delivery": one.id}, one.message)
    work.count(one.agency, one.type, State.DEAD.value, -1)
    work.count(one.agency, one.type, State.PENDING.value, 1)
