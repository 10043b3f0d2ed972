"""The statements by which a person changes deliveries; ``hub.store.statements`` compiles them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, TableClause, update
from sqlalchemy.sql.expression import ClauseElement

from hub.store.tables import delivery

# What a new generation has beside the columns of any new delivery.
GENERATION = ("reading", "relates_to", "generation", "act")

_d = delivery.c
AGAIN: list[Column[Any]] = [_d.n, _d.place, _d.act, _d.changed_at]
LEAVE: list[Column[Any]] = [_d.n, _d.state, _d.reason, _d.gap, _d.act, _d.changed_at]
REFUSE: list[Column[Any]] = [_d.n, _d.reason, _d.token, _d.act, _d.changed_at]


def again(rows: TableClause) -> ClauseElement:
    """Pending as on the first day, at its place in the lane; its bytes stay."""
    fresh = {"state": "pending", "reason": "", "gap": 0, "attempts": 0, "crashes": 0, "first_tried_at": None}
    return update(delivery).values({**fresh, **_given(rows, AGAIN)}).where(_d.n == rows.c.n)


def leave(rows: TableClause) -> ClauseElement:
    """Out of its lane; whoever still holds a claim on it holds nothing."""
    ended = {"place": None, "wake_at": None, "lease_until": None, "worker": None}
    return update(delivery).values({**_given(rows, LEAVE), **ended}).where(_d.n == rows.c.n)


def refuse(rows: TableClause) -> ClauseElement:
    """Another reason for a state that stays."""
    return update(delivery).values(_given(rows, REFUSE)).where(_d.n == rows.c.n)


def _given(rows: TableClause, columns: list[Column[Any]]) -> dict[str, Any]:
    return {each.name: rows.columns[each.name] for each in columns if each.name != "n"}
