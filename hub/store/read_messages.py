"""Questions about messages, cases, attempts and their content."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, or_, select

from hub.message import CaseNumber, Classification
from hub.store.accept import receipt_time
from hub.store.content import opened
from hub.store.read_deliveries import shown, view
from hub.store.read_waits import waits_at
from hub.store.tables import attempt as attempt_table
from hub.store.tables import case_link, content, delivery
from hub.store.tables import message as message_table
from hub.store.tables import parcel as parcel_table
from hub.store.views import AttemptView, CaseView, DeliveryView, MessageView, ParcelView


def message(connection: Connection, id: str) -> MessageView | None:
    """The message with this id, or of the delivery with this id."""
    numbers = select(delivery.c.message).where(delivery.c.id == id)
    m = message_table.c
    found = _messages(connection, or_(m.id == id, m.n.in_(numbers)))
    return found[0] if found else None


def accepted_before(
    connection: Connection, sender: str, identities: Sequence[str]
) -> dict[str, tuple[str, str]]:  # fmt: skip
    """Digest and id by identity."""
    m = message_table.c
    asked = select(m.identity, m.digest, m.id).where(m.sender == sender, m.identity.in_(identities))
    return {identity: (digest, id) for identity, digest, id in connection.execute(asked)}


def cases(connection: Connection, number: str) -> tuple[CaseView, ...]:
    """The cases that have this number."""
    keys = select(case_link.c.case_key).where(case_link.c.number == number).distinct().order_by(case_link.c.case_key)
    return tuple(_case(connection, key) for key in connection.execute(keys).scalars().all())


def attempts(connection: Connection, delivery_id: str) -> tuple[AttemptView, ...]:
    """The attempts of a delivery."""
    a = attempt_table.c
    asked = (
        select(a.token, a.started_at, a.ended_at, a.result, a.code, a.text, a.partner_log_id)
        .join_from(attempt_table, delivery, delivery.c.n == a.delivery)
        .where(delivery.c.id == delivery_id)
        .order_by(a.token)
    )
    return tuple(AttemptView(*row[:-1], row[-1] or None) for row in connection.execute(asked))


def parcel(connection: Connection, delivery_id: str) -> ParcelView | None:
    """The latest frozen bytes of a delivery."""
    p = parcel_table.c
    asked = (
        select(p.id, p.digest, p.members, p.disclosed, p.at, content.c.key_id, content.c.digest, content.c.body)
        .join_from(delivery, parcel_table, p.n == delivery.c.parcel)
        .join(content, content.c.n == p.content)
        .where(delivery.c.id == delivery_id)
    )
    row = connection.execute(asked).first()
    if row is None:
        return None
    id, digest, members, disclosed, at, *sealed = row
    return ParcelView(
        id, digest, tuple(orjson.loads(members)), tuple(orjson.loads(disclosed)), at, opened(*sealed)
    )  # fmt: skip


def raw(connection: Connection, message_id: str) -> bytes | None:
    """The bytes in which a message came."""
    return _content(connection, message_id, message_table.c.raw)


def canonical(connection: Connection, message_id: str) -> bytes | None:
    """A message's canonical data."""
    return _content(connection, message_id, message_table.c.canonical)


def _content(connection: Connection, message_id: str, number: ColumnElement[int]) -> bytes | None:
    asked = (
        select(content.c.key_id, content.c.digest, content.c.body)
        .join_from(message_table, content, content.c.n == number)
        .where(message_table.c.id == message_id)
    )
    row = connection.execute(asked).first()
    return opened(*row) if row is not None else None


def _case(connection: Connection, key: int) -> CaseView:
    links = select(case_link.c.scheme, case_link.c.number).where(case_link.c.case_key == key)
    numbers = tuple(CaseNumber(*row) for row in connection.execute(links.order_by(case_link.c.n, case_link.c.scheme)))
    return CaseView(str(key), numbers, tuple(_messages(connection, message_table.c.case_key == key)))


def _messages(connection: Connection, wanted: ColumnElement[bool]) -> list[MessageView]:
    rows = connection.execute(select(message_table).where(wanted).order_by(message_table.c.n)).all()
    by_message: dict[int, list[DeliveryView]] = {row.n: [] for row in rows}
    waits = waits_at(connection, time.time())
    asked = shown().where(delivery.c.message.in_(list(by_message))).order_by(delivery.c.n)
    for row in connection.execute(asked):
        by_message[row.message].append(view(row, waits))
    return [_message(row, by_message[row.n]) for row in rows]


def _message(row: Row[Any], its_deliveries: Sequence[DeliveryView]) -> MessageView:
    return MessageView(
        id=row.id,
        sender=row.sender,
        identity=row.identity,
        digest=row.digest,
        type=row.type,
        version=row.version,
        subject=row.subject,
        case_key=str(row.case_key),
        classification=Classification(row.classification),
        time=row.time,
        accepted_at=receipt_time(row.accepted_at),
        site=row.site,
        record=row.record,
        partner=orjson.loads(row.partner) if row.partner else {},
        transport=row.transport,
        reference=row.reference or None,
        trace=row.trace or None,
        test=bool(row.test),
        deliveries=tuple(its_deliveries),
    )
