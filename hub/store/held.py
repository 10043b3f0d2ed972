"""Deliveries that workers hold: which of the tokens shown for them are current."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hub.message import State
from hub.store.work import Work


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
    parcel_id: str | None
    parcel_digest: str | None
    parcel_members: str | None

    def by(self, token: int) -> bool:
        """Whether ``token`` is that of the latest claim, and that claim has not ended."""
        return self.token == token and self.lease_until is not None and self.state == State.PENDING


def held(work: Work, ids: Iterable[str], *, with_lanes: bool = False) -> dict[str, Held]:
    """The deliveries with these ids. Where other processes write too they are locked, and with them their lanes."""
    wanted = [(id,) for id in dict.fromkeys(ids)]
    if with_lanes:
        names = {(case_key, agency) for case_key, agency in work.lock(work.statements.lanes_of, wanted)}
        work.lock(work.statements.lock_lanes, sorted(names))
    return {row[1]: Held._make(row) for row in work.run(work.statements.held, wanted)}
