"""What pending deliveries wait for: a lane, an outcome, a pause, the agency's window, a breaker, time, or a worker."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.message import State
from hub.store.tables import act, circuit, pause
from hub.store.views import ActView, PauseView

_FOR_GOOD = float("inf")
_CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Waits:
    """What holds agencies back at ``now``: by (agency, type) the end of a pause, by agency and kind the other ends."""

    now: float
    pauses: Mapping[tuple[str, str], float]
    agencies: Mapping[str, Mapping[str, float]]

    def of(self, row: Row[Any]) -> tuple[str | None, float | None]:
        """What a delivery waits for, and until when; of several things the one that lasts longest."""
        if row.state != State.PENDING:
            return None, row.wake_at
        if row.lease_until is not None:
            return "outcome", row.wake_at
        if row.wake_at is None:
            return "lane", None
        paused = max(self.pauses.get((row.agency, type), 0.0) for type in ("", row.type))
        own = "acknowledgement" if row.reason == "sent" and row.wake_at > self.now else "time"
        ends = {"pause": paused, **self.agencies.get(row.agency, {})}
        kind = max(ends, key=lambda each: ends[each])
        if ends[kind] <= max(self.now, row.wake_at):
            return own, row.wake_at
        return kind, None if ends[kind] == _FOR_GOOD else ends[kind]


def waits_at(connection: Connection, now: float) -> Waits:
    """Read them; both tables are as small as the number of agencies."""
    ends = {(each.agency, each.type): each.until or _FOR_GOOD for each in connection.execute(select(pause))}
    agencies: dict[str, dict[str, float]] = {}
    for row in connection.execute(select(circuit)):
        opened = row.open_until if row.state != _CLOSED else 0.0
        agencies[row.agency] = {"breaker": opened, "partner": row.throttled_until, "window": row.shut_until}
    return Waits(now, ends, agencies)


def pauses(connection: Connection) -> tuple[PauseView, ...]:
    """The pauses that hold now, by agency and type."""
    now = time.time()
    p, a = pause.c, act.c
    asked = select(p.agency, p.type, p.until, a.kind, a.who, a.authenticated_by, a.why, a.at)
    rows = connection.execute(asked.join_from(pause, act, a.n == p.act).order_by(p.agency, p.type))
    return tuple(
        PauseView(agency, type, until, ActView(*acted))
        for agency, type, until, *acted in rows
        if until is None or until > now
    )
