"""What came in, in the order of acceptance, page by page: for looking at all of it again in bounded memory."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, select

from hub.message import Classification
from hub.store.content import opened
from hub.store.tables import content
from hub.store.tables import message as message_table
from hub.store.views import CameSpan, CameView


def span(connection: Connection, sender: str | None, type: str | None, latest: int | None) -> CameSpan:
    """The messages of a sender and type: how many there are, at most the ``latest`` so many of them."""
    n = message_table.c.n
    chosen = _of(select(n), sender, type).order_by(n.desc())
    if latest is not None:
        chosen = chosen.limit(latest)
    numbers = chosen.subquery()
    first, last, count = connection.execute(
        select(func.min(numbers.c.n), func.max(numbers.c.n), func.count()).select_from(numbers)
    ).one()
    return CameSpan(first or 0, last or 0, count)


def came(
    connection: Connection, after: int, last: int, most: int, sender: str | None, type: str | None
) -> tuple[CameView, ...]:
    """The first ``most`` messages with numbers above ``after`` and up to ``last``."""
    m = message_table.c
    asked = select(
        m.n, m.raw, m.id, m.sender, m.type, m.transport, m.accepted_at, m.record, m.classification, m.test
    )  # fmt: skip
    rows = connection.execute(_of(asked, sender, type).where(m.n > after, m.n <= last).order_by(m.n).limit(most))
    return tuple(
        CameView(
            n=row.n,
            raw=row.raw,
            id=row.id,
            sender=row.sender,
            type=row.type,
            transport=row.transport,
            accepted_at=row.accepted_at,
            record=row.record,
            classification=Classification(row.classification),
            test=bool(row.test),
        )
        for row in rows
    )


def came_as(connection: Connection, raw: int) -> bytes:
    """The bytes of one document; raises ContentDamaged."""
    row = connection.execute(select(content.c.key_id, content.c.digest, content.c.body).where(content.c.n == raw)).one()
    return opened(*row)


def _of(asked: Select[Any], sender: str | None, type: str | None) -> Select[Any]:
    if sender is not None:
        asked = asked.where(message_table.c.sender == sender)
    if type is not None:
        asked = asked.where(message_table.c.type == type)
    return asked
