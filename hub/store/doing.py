"""An act of a person inside its transaction: which deliveries are locked, what is entered, which lanes move on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from hub.message import State
from hub.store.acts import FROZEN_TOGETHER, UNKNOWN, Act, Acted, Entered
from hub.store.batch import Row
from hub.store.held import Held, frozen, held, lock_lanes_of
from hub.store.lanes import LaneName, move_on
from hub.store.work import Bell, Work


@dataclass(slots=True)
class Doing:
    """One act in the making, inside its transaction."""

    work: Work
    act: Act
    done: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    bell: Bell = field(default_factory=Bell)
    _number: int | None = None
    _lanes: set[LaneName] = field(default_factory=set)
    _entered: list[Entered] = field(default_factory=list)

    def number(self) -> int:
        """The number of the act's row, which is written where anything refers to it."""
        if self._number is None:
            self._number, act = self.work.number(), self.act
            self.work.run(self.work.statements.insert_act, [(self._number, act.kind, act.who, act.by, act.why, act.at)])
        return self._number

    def chosen(self, ids: Iterable[str]) -> dict[str, Held]:
        """Those of ``ids`` that exist, locked with their lanes; the others are left as unknown."""
        wanted = list(dict.fromkeys(ids))
        lock_lanes_of(self.work, wanted)
        found = held(self.work, wanted)
        self.left.update({id: UNKNOWN for id in wanted if id not in found})
        return {id: found[id] for id in wanted if id in found}

    def enter(self, one: Held, **more: Any) -> None:
        """The ledger entry of one delivery."""
        body = {**self.act.entry, "delivery": one.id, "recipient": one.agency, "type": one.type, **more}
        self.work.entry(body, one.message)

    def comes(self, one: Held, state: State) -> None:
        """Count a delivery in its new state, and look at its lane when the act ends."""
        if one.state != state:
            self.work.count(one.agency, one.type, one.state, -1)
            self.work.count(one.agency, one.type, state.value, 1)
            if state is not State.PENDING:
                self._entered.append(Entered(one.agency, one.type, one.id, state, one.reason))
        self._lanes.add((one.case_key, one.agency))

    def end(self) -> Acted:
        """Let the lanes that were touched move on."""
        lanes = sorted(self._lanes)
        self.work.run(self.work.statements.demote, lanes)
        move_on(self.work, dict.fromkeys(lanes, self.bell), {}, self.act.at)
        return Acted(self.done, self.left, self.bell.ring(), tuple(self._entered))

    def parting(self, leaving: dict[str, Held]) -> dict[str, Held]:
        """Those of ``leaving`` that can leave the parcels in which they are frozen with others that stay.

        Where the receiver perhaps has a parcel nobody leaves it, since only the same bytes may follow; else those that
        stay are frozen anew.
        """
        parcels = frozen(self.work, leaving.values())
        shared = {number: orjson.loads(each.members) for number, each in parcels.items()}
        stay_ids = {id for members in shared.values() for id in members if id not in leaving}
        stay = [one for one in self.chosen(sorted(stay_ids)).values() if one.parcel in shared and _is_open(one)]
        stuck = {one.parcel for one in stay if one.may_be_there() or one.is_under_way(self.act.at)}
        stuck |= {one.parcel for one in leaving.values() if one.may_be_there()} & {one.parcel for one in stay}
        anew: list[Row] = [(one.n, None) for one in stay if one.parcel not in stuck]
        self.work.run(self.work.statements.set_parcel, anew)
        self.left.update({id: FROZEN_TOGETHER for id, one in leaving.items() if one.parcel in stuck})
        return {id: one for id, one in leaving.items() if id not in self.left}


def with_fellows(work: Work, found: Mapping[str, Held], ids: Sequence[str]) -> list[str]:
    """``ids``, followed by all that were frozen in one parcel with one of them."""
    members = (id for each in frozen(work, found.values()).values() for id in orjson.loads(each.members))
    return list(dict.fromkeys((*ids, *members)))


def _is_open(one: Held) -> bool:
    return one.state in (State.PENDING, State.DEAD)
