"""Questions about the ledger: the entries about a message with their place in the tree."""

from __future__ import annotations

from bisect import bisect_left

import orjson
from sqlalchemy import Connection, select

from hub.ledger import HASH_BYTES
from hub.store.sequencer import unpack_numbers
from hub.store.tables import delivery, entry, message, page
from hub.store.views import EntryView, FieldsView

_LOOK_BACK = 64


def entries(connection: Connection, message_id: str) -> tuple[EntryView, ...]:
    """The ledger entries about a message, in the order of their commits."""
    asked = (
        select(entry.c.n, entry.c.body)
        .join_from(message, entry, entry.c.message == message.c.n)
        .where(message.c.id == message_id)
        .order_by(entry.c.n)
    )
    shown: list[EntryView] = []
    for number, body in connection.execute(asked).all():
        index, leaf = _place(connection, number)
        shown.append(EntryView(index, leaf, orjson.loads(body)))
    return tuple(shown)


def fields(connection: Connection, delivery_id: str) -> FieldsView | None:
    """What the latest entry that lists fields says about a delivery."""
    asked = (
        select(entry.c.body)
        .join_from(delivery, entry, entry.c.message == delivery.c.message)
        .where(delivery.c.id == delivery_id)
        .order_by(entry.c.n.desc())
    )
    for body in connection.execute(asked).scalars():
        told = orjson.loads(body)
        if told.get("delivery") == delivery_id and "disclosed" in told:
            return FieldsView(tuple(told["disclosed"]), dict(told.get("withheld", {})))
    return None


def _place(connection: Connection, number: int) -> tuple[int | None, str | None]:
    """The index and leaf hash of an entry. Pages of several processes may overlap, so a few are looked at."""
    asked = (
        select(page.c.first, page.c.entries, page.c.leaves)
        .where(page.c.highest >= number, page.c.lowest <= number)
        .order_by(page.c.highest)
        .limit(_LOOK_BACK)
    )
    for first, packed, leaves in connection.execute(asked):
        numbers = unpack_numbers(packed)
        at = bisect_left(numbers, number)
        if at < len(numbers) and numbers[at] == number:
            return first + at, leaves[at * HASH_BYTES : (at + 1) * HASH_BYTES].hex()
    return None, None
