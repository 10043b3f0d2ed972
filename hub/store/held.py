"""Deliveries that workers hold: which of the tokens shown for them are current."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hub.message import State
from hub.store.batch import Row
from hub.store.work import Work

_PENDING = State.PENDING.value


class Held(NamedTuple):
    """What ending or freezing an attempt has to know of a delivery (the columns of ``Statements.held``)."""

    n: int
    id: str
    message: int
    agency: str
    type: str
    case_key: int
    number: int
    state: str
    place: int | None
    wake_at: float | None
    lease_until: float | None
    token: int
    maybe_sent: int
    parcel: int | None
    crashes: int
    reason: str
    generation: int

    def by(self, token: int) -> bool:
        """Whether ``token`` is that of the latest claim, and that claim has not ended."""
        return self.token == token and self.lease_until is not None and self.state == _PENDING

    def is_under_way(self, now: float) -> bool:
        """Whether somebody may be sending it at this moment."""
        return self.lease_until is not None and self.lease_until > now

    def may_be_there(self) -> bool:
        """Whether the receiver perhaps has its latest bytes: the outcome of an attempt is not known."""
        return bool(self.maybe_sent) or (self.parcel is not None and self.crashes > 0)


class Frozen(NamedTuple):
    """A parcel that was frozen (the columns of ``Statements.frozen``)."""

    n: int
    id: str
    digest: str
    members: str


def held(work: Work, ids: Iterable[str]) -> dict[str, Held]:
    """The deliveries with these ids; where other processes write too they are locked, in sorted order."""
    wanted: list[Row] = [(id,) for id in dict.fromkeys(ids)]
    if work.shared:
        wanted.sort()
    return {row[1]: Held._make(row) for row in work.run(work.statements.held, wanted)}


def lock_lanes_of(work: Work, ids: Iterable[str]) -> None:
    """Hold the lanes of these deliveries, where other processes could append to them or move them on meanwhile."""
    if work.shared:
        wanted: list[Row] = [(id,) for id in set(ids)]
        names = {(case_key, agency) for case_key, agency in work.run(work.statements.lanes_of, wanted)}
        work.run(work.statements.lock_lanes, sorted(names))


def frozen(work: Work, deliveries: Iterable[Held]) -> dict[int | None, Frozen]:
    """The parcels in which these deliveries were frozen last, by number."""
    wanted = {each.parcel for each in deliveries if each.parcel is not None}
    rows = work.run(work.statements.frozen, [(number,) for number in sorted(wanted)])
    return {row[0]: Frozen._make(row) for row in rows}
