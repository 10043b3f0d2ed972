"""Questions about deliveries: which there are, how many, why they are as they are, and what they are made from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, literal, select

from hub.message import Classification, State
from hub.store.choice import Choice, conditions, last, source, with_last
from hub.store.read_waits import Waits, waits_at
from hub.store.tables import act, delivery
from hub.store.tables import message as message_table
from hub.store.views import ActView, ChosenView, CountView, DeliveryPage, DeliveryView, OriginalView

HOUR_S, DAY_S, WEEK_S = 3600.0, 86_400.0, 604_800.0


def deliveries(connection: Connection, choice: Choice, limit: int, cursor: int | None) -> DeliveryPage:
    """The chosen ones, oldest first."""
    asked = shown().where(*conditions(choice)).order_by(delivery.c.n).limit(limit + 1)
    if cursor is not None:
        asked = asked.where(delivery.c.n > cursor)
    rows = connection.execute(asked).all()
    page, waits = rows[:limit], waits_at(connection, time.time())
    return DeliveryPage(tuple(view(row, waits) for row in page), page[-1].n if len(rows) > limit else None)


def counts(connection: Connection, choice: Choice) -> tuple[CountView, ...]:
    """How many are chosen, by agency, state and reason."""
    d, m = delivery.c, message_table.c
    age = time.time() - m.accepted_at
    within = (age < HOUR_S, and_(age >= HOUR_S, age < DAY_S), and_(age >= DAY_S, age < WEEK_S), age >= WEEK_S)
    ages = [func.sum(case((each, 1), else_=0)) for each in within]
    # an attempt that was cut off after its bytes were frozen leaves open whether they arrived
    perhaps = case(((d.maybe_sent == 1) | ((d.crashes > 0) & d.parcel.is_not(None)), 1), else_=0)
    reason = case((d.state == State.SUPERSEDED.value, literal("")), else_=d.reason).label("reason")
    asked = (
        select(d.agency, d.state, reason, func.count(), func.count(d.case_key.distinct()), *ages,
               func.min(m.accepted_at), func.sum(perhaps))
        .select_from(source(choice))
        .where(*conditions(choice))
        .group_by(d.agency, d.state, reason)
        .order_by(d.agency, d.state, func.count().desc())
    )  # fmt: skip
    return tuple(
        CountView(
            agency, State(state), why, int(count), int(lanes), tuple(map(int, found[:4])), found[4], int(found[5])
        )
        for agency, state, why, count, lanes, *found in connection.execute(asked)
    )


def chosen(connection: Connection, choice: Choice, limit: int | None) -> list[ChosenView]:
    """The ids of the chosen ones, oldest first."""
    d = delivery.c
    asked = select(d.id, d.agency, d.case_key, d.number).select_from(source(choice)).where(*conditions(choice))
    return [ChosenView(*row) for row in connection.execute(asked.order_by(d.n).limit(limit))]


def originals(connection: Connection, ids: Sequence[str]) -> tuple[OriginalView, ...]:
    """What these deliveries are made from."""
    d, m = delivery.c, message_table.c
    under_way = case((d.lease_until > time.time(), 1), else_=0)
    asked = select(
        d.id, d.agency, d.state, under_way, m.id, m.sender, m.type, m.transport, m.accepted_at, m.record,
        m.classification, m.test, m.raw,
    ).select_from(source(Choice())).where(d.id.in_(ids)).order_by(d.n)  # fmt: skip
    return tuple(
        OriginalView(id, agency, State(state), bool(held), message, sender, type, transport, accepted_at, record,
                     Classification(label), bool(test), raw)
        for id, agency, state, held, message, sender, type, transport, accepted_at, record, label, test, raw
        in connection.execute(asked)
    )  # fmt: skip


def shown() -> Select[Any]:
    """Deliveries with all that a ``DeliveryView`` shows."""
    d, m, a, z, first = delivery.c, message_table.c, act.c, last.c, delivery.alias("first")
    head = (
        select(first.c.id)
        .where(first.c.case_key == d.case_key, first.c.agency == d.agency, first.c.place.is_not(None))
        .order_by(first.c.place)
        .limit(1)
        .correlate(delivery)
        .scalar_subquery()
    )
    waiting = and_(d.state == State.PENDING.value, d.wake_at.is_(None), d.place.is_not(None))
    joined = with_last(source(Choice())).outerjoin(act, a.n == d.act)
    return select(
        delivery,
        *(m.id.label("message_id"), m.subject, m.accepted_at),
        *(z.result.label("result"), z.code.label("code"), z.text.label("error")),
        *(a.kind.label("act_kind"), a.who, a.authenticated_by, a.why, a.at.label("act_at")),
        case((waiting, head)).label("behind"),
    ).select_from(joined)


def view(row: Row[Any], waits: Waits) -> DeliveryView:
    """One row of ``shown``."""
    waits_for, wake_at = waits.of(row)
    acted = ActView(row.act_kind, row.who, row.authenticated_by, row.why, row.act_at) if row.act_kind else None
    return DeliveryView(
        id=row.id,
        message_id=row.message_id,
        agency=row.agency,
        type=row.type,
        subject=row.subject,
        state=State(row.state),
        reason=row.reason,
        rule=row.rule,
        waits_for=waits_for,
        wake_at=wake_at,
        worker=row.worker,
        case_key=str(row.case_key),
        sequence=row.number,
        gap=bool(row.gap),
        attempts=row.attempts,
        maybe_sent=bool(row.maybe_sent) or (row.crashes > 0 and row.parcel is not None),
        first_tried_at=row.first_tried_at,
        changed_at=row.changed_at,
        accepted_at=row.accepted_at,
        behind=row.behind,
        result=row.result,
        code=row.code,
        error=row.error,
        generation=row.generation,
        relates_to=row.relates_to or None,
        acted=acted,
    )
