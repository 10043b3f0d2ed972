"""Lanes: (agency, case key), in each of which deliveries are numbered, and only the first one open may be claimed."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from hub.message import State
from hub.store.batch import Row
from hub.store.work import Bell, Work

LaneName = tuple[int, str]
_PENDING = State.PENDING.value


@dataclass(slots=True)
class _Lane:
    last: int
    occupied: bool
    known: bool


class Lanes:
    """The lanes that one transaction appends to, locked in sorted order until it ends."""

    def __init__(self, work: Work, names: Set[LaneName], made: Set[int]) -> None:
        """``made`` are the case keys that this transaction makes: their lanes cannot exist yet."""
        self._lanes: dict[LaneName, _Lane] = {}
        old = sorted(name for name in names if name[0] not in made)
        work.lock(work.statements.lock_lanes, old)
        for case_key, agency, last, occupied in work.run(work.statements.lanes, old):
            self._lanes[case_key, agency] = _Lane(last, bool(occupied), known=True)

    def take(self, case_key: int, agency: str) -> tuple[int, bool]:
        """The next number of a lane, and whether the delivery that gets it is the lane's head."""
        lane = self._lanes.get((case_key, agency))
        if lane is None:
            lane = self._lanes[case_key, agency] = _Lane(0, occupied=False, known=False)
        lane.last += 1
        head = not lane.occupied
        lane.occupied = True
        return lane.last, head

    def write(self, work: Work) -> None:
        """Write the last numbers given."""
        lanes = sorted(self._lanes.items())
        work.run(work.statements.insert_lane, [(*name, lane.last) for name, lane in lanes if not lane.known])
        work.run(work.statements.set_last, [(*name, lane.last) for name, lane in lanes if lane.known])


def move_on(work: Work, freed: Mapping[LaneName, Bell], due: Mapping[int, float | None], now: float) -> None:
    """See that the head of each freed lane, where it is pending, wants attention at the right time.

    ``due`` holds when the deliveries that just ended an attempt may be tried again. A head that can be claimed now goes
    to the bell of its lane.
    """
    wakes: list[Row] = []
    for n, id, case_key, agency, state, wake_at, lease_until in work.run(work.statements.heads, sorted(freed)):
        if state != _PENDING or wake_at is not None:
            continue
        at = due.get(n)
        if at is None:
            at = now if lease_until is None else max(now, lease_until)
        wakes.append((n, at))
        if at <= now:
            freed[case_key, agency].add(agency, id)
    work.run(work.statements.wake, wakes)
