"""Every statement of the writing side, built from the tables once for a dialect and kept as SQL text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    SmallInteger,
    TableClause,
    case,
    delete,
    exists,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.expression import ClauseElement

from hub.store import act_statements
from hub.store.batch import Batch, insertion, is_real
from hub.store.tables import (
    act,
    attempt,
    case_key,
    case_link,
    content,
    delivery,
    entry,
    lane,
    message,
    parcel,
    pause,
    reading,
    tally,
    unsequenced,
)


def dialect_of(name: str) -> Dialect:
    """The SQLAlchemy dialect for ``sqlite`` or ``postgresql``."""
    if name == "sqlite":
        return sqlite.dialect(paramstyle="named")
    return postgresql.dialect()  # type: ignore[no-untyped-call]


class Statements:
    """The statements that the kinds of work share, and those that write rows as they are."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._singles: dict[str, str] = {}
        self.insert_content = insertion(dialect, content, "n", "digest", "body")
        self.insert_case = insertion(dialect, case_key, "n", "at")
        self.insert_link = insertion(dialect, case_link)
        self.insert_message = insertion(dialect, message)
        self.insert_lane = insertion(dialect, lane)
        self.insert_delivery = insertion(dialect, delivery, *NEW_DELIVERY)
        self.insert_parcel = insertion(dialect, parcel)
        self.insert_attempt = insertion(dialect, attempt)
        self.insert_entry = insertion(dialect, entry)
        self.insert_reading = insertion(dialect, reading)
        self.insert_generation = insertion(dialect, delivery, *NEW_DELIVERY, *act_statements.GENERATION)
        self.insert_act = insertion(dialect, act)
        self.insert_unsequenced = insertion(dialect, unsequenced)
        self.known = Batch(dialect, [message.c.sender, message.c.identity], _known)
        self.links = Batch(dialect, [case_link.c.scheme, case_link.c.number], _links)
        self.lock_cases = Batch(dialect, [case_key.c.n], _lock_cases)
        self.lock_lanes = Batch(dialect, [lane.c.case_key, lane.c.agency], _lock_lanes)
        self.lanes = Batch(dialect, [lane.c.case_key, lane.c.agency], _lanes)
        self.set_last = Batch(dialect, [lane.c.case_key, lane.c.agency, lane.c.last], _set_last)
        self.heads = Batch(dialect, [lane.c.case_key, lane.c.agency], _heads)
        self.demote = Batch(dialect, [lane.c.case_key, lane.c.agency], _demote)
        self.wake = Batch(dialect, [delivery.c.n, delivery.c.wake_at], _wake)
        self.open_until = Batch(dialect, [lane.c.case_key, lane.c.agency, delivery.c.place], _open_until)
        self.move = Batch(dialect, [delivery.c.n, delivery.c.case_key, delivery.c.number], _move)
        self.offered = Batch(dialect, [delivery.c.id], _offered)
        self.claim = Batch(dialect, CLAIM_COLUMNS, _claim)
        self.held = Batch(dialect, [delivery.c.id], _held)
        self.frozen = Batch(dialect, [parcel.c.n], _frozen)
        self.lanes_of = Batch(dialect, [delivery.c.id], _lanes_of)
        self.set_parcel = Batch(dialect, [delivery.c.n, delivery.c.parcel], _set_parcel)
        self.finish = Batch(dialect, FINISH_COLUMNS, _finish)
        self.acknowledged = Batch(dialect, [delivery.c.id], _acknowledged)
        self.acknowledge = Batch(dialect, ACKNOWLEDGE_COLUMNS, _acknowledge)
        self.release = Batch(dialect, [delivery.c.n, delivery.c.wake_at], _release)
        self.again = Batch(dialect, act_statements.AGAIN, act_statements.again)
        self.leave = Batch(dialect, act_statements.LEAVE, act_statements.leave)
        self.refuse = Batch(dialect, act_statements.REFUSE, act_statements.refuse)
        self.count = Batch(dialect, list(tally.columns), lambda rows: _count(dialect, rows))
        self.sequenced = Batch(dialect, [unsequenced.c.entry], _sequenced)

    def single(self, written: str) -> str:
        """A single statement with ``:named`` parameters as the driver wants it."""
        found = self._singles.get(written)
        if found is None:
            found = self._singles[written] = str(text(written).compile(dialect=self.dialect))
        return found


NEW_DELIVERY = (
    "n", "id", "message", "agency", "type", "case_key", "number", "state", "reason", "rule", "place", "wake_at",
    "changed_at",
)  # fmt: skip

FOR_GOOD = 1e18  # later than any clock

CLAIM_COLUMNS: list[Column[Any]] = [
    delivery.c.n,
    delivery.c.wake_at,
    delivery.c.lease_until,
    delivery.c.worker,
    delivery.c.token,
    delivery.c.attempts,
    delivery.c.crashes,
    delivery.c.maybe_sent,
    delivery.c.first_tried_at,
]

FINISH_COLUMNS: list[Column[Any]] = [
    delivery.c.id,
    delivery.c.token,
    delivery.c.state,
    delivery.c.reason,
    delivery.c.gap,
    Column("stays", SmallInteger),
    Column("unknown", SmallInteger),
    delivery.c.changed_at,
    delivery.c.rule,
]


ACKNOWLEDGE_COLUMNS: list[Column[Any]] = [
    delivery.c.n,
    delivery.c.state,
    delivery.c.reason,
    delivery.c.gap,
    delivery.c.place,
    delivery.c.token,
    delivery.c.changed_at,
]


def _same_lane(rows: TableClause, table: Any) -> Any:
    return (table.c.case_key == rows.c.case_key) & (table.c.agency == rows.c.agency)


def _known(rows: TableClause) -> ClauseElement:
    m = message.c
    return select(m.sender, m.identity, m.id, m.type, m.subject, m.digest, m.accepted_at, m.record).select_from(
        rows.join(message, (m.sender == rows.c.sender) & (m.identity == rows.c.identity))
    )


def _links(rows: TableClause) -> ClauseElement:
    link = case_link.c
    return select(link.scheme, link.number, link.case_key).select_from(
        rows.join(case_link, (link.scheme == rows.c.scheme) & (link.number == rows.c.number))
    )


def _lock_cases(rows: TableClause) -> ClauseElement:
    found = select(case_key.c.n, case_key.c.merged_into).select_from(rows.join(case_key, case_key.c.n == rows.c.n))
    return found.order_by(case_key.c.n).with_for_update(of=case_key)


def _lock_lanes(rows: TableClause) -> ClauseElement:
    found = select(lane.c.case_key).select_from(rows.join(lane, _same_lane(rows, lane)))
    return found.order_by(lane.c.case_key, lane.c.agency).with_for_update(of=lane)


def _lanes(rows: TableClause) -> ClauseElement:
    occupied = exists().where(_same_lane(rows, delivery), delivery.c.place.is_not(None))
    return select(lane.c.case_key, lane.c.agency, lane.c.last, occupied).select_from(
        rows.join(lane, _same_lane(rows, lane))
    )


def _set_last(rows: TableClause) -> ClauseElement:
    return update(lane).values(last=rows.c.last).where(_same_lane(rows, lane))


def _lowest_place(rows: TableClause) -> Any:
    other = delivery.alias("other")
    return (
        select(func.min(other.c.place))
        .where(_same_lane(rows, other), other.c.place.is_not(None))
        .correlate(rows)
        .scalar_subquery()
    )


def _heads(rows: TableClause) -> ClauseElement:
    d = delivery.c
    here = _same_lane(rows, delivery) & (d.place == _lowest_place(rows))
    return select(d.n, d.id, d.case_key, d.agency, d.state, d.wake_at, d.lease_until).select_from(
        rows.join(delivery, here)
    )


def _demote(rows: TableClause) -> ClauseElement:
    d = delivery.c
    return (
        update(delivery)
        .values(wake_at=None)
        .where(_same_lane(rows, delivery), d.wake_at.is_not(None), d.place > _lowest_place(rows))
    )


def _wake(rows: TableClause) -> ClauseElement:
    return update(delivery).values(wake_at=rows.c.wake_at).where(delivery.c.n == rows.c.n)


def _open_until(rows: TableClause) -> ClauseElement:
    d = delivery.c
    here = _same_lane(rows, delivery) & d.place.is_not(None) & (d.place <= rows.c.place)
    return (
        select(d.case_key, d.agency, d.id, d.type, d.state, d.parcel, d.lease_until, d.place)
        .select_from(rows.join(delivery, here))
        .order_by(d.case_key, d.place)
    )


def _move(rows: TableClause) -> ClauseElement:
    return (
        update(delivery)
        .values(case_key=rows.c.case_key, number=rows.c.number, place=rows.c.number)
        .where(delivery.c.n == rows.c.n)
    )


def _offered(rows: TableClause) -> ClauseElement:
    """Whatever a claim has to know; the order of the columns is that of ``hub.store.claim.Offer``."""
    d, m, p, r = delivery.c, message.c, parcel.c, reading.c
    canonical, frozen = content.alias("canonical"), content.alias("frozen")
    own_number = (
        select(case_link.c.number)
        .where(case_link.c.case_key == d.case_key, case_link.c.scheme == d.agency)
        .order_by(case_link.c.n.desc())
        .limit(1)
        .correlate(delivery)
        .scalar_subquery()
    )
    source = (
        rows.join(delivery, d.id == rows.c.id)
        .join(message, m.n == d.message)
        .outerjoin(reading, r.n == d.reading)
        .join(canonical, canonical.c.n == func.coalesce(r.canonical, m.canonical))
        .outerjoin(parcel, p.n == d.parcel)
        .outerjoin(frozen, frozen.c.n == p.content)
    )
    read = [func.coalesce(r[name], m[name]) for name in ("subject", "time", "classification", "site")]
    found = select(
        *(d.n, d.id, d.agency, d.type, d.case_key, d.number, d.state, d.place, d.wake_at, d.lease_until),
        *(d.token, d.attempts, d.crashes, d.maybe_sent, d.first_tried_at, d.reason),
        *(m.id, m.sender, *read, m.trace, m.test, m.accepted_at, d.relates_to),
        *(canonical.c.body, p.id, p.digest, p.members, p.disclosed, p.disclosed_each, frozen.c.body),
        *(own_number, _paused_until()),
    )
    return found.select_from(source).with_for_update(of=delivery, skip_locked=True)


def _paused_until() -> Any:
    """Until when a delivery may not be claimed; NULL where its agency and type are not paused."""
    d, p = delivery.c, pause.c
    until = func.max(func.coalesce(p.until, FOR_GOOD))
    return select(until).where(p.agency == d.agency, p.type.in_(["", d.type])).correlate(delivery).scalar_subquery()


def _claim(rows: TableClause) -> ClauseElement:
    values = {each.name: rows.columns[each.name] for each in CLAIM_COLUMNS if each.name != "n"}
    return update(delivery).values(values).where(delivery.c.n == rows.c.n)


def _held(rows: TableClause) -> ClauseElement:
    """What ending or freezing an attempt has to know; the order of the columns is that of ``hub.store.held.Held``."""
    d = delivery.c
    found = select(
        *(d.n, d.id, d.message, d.agency, d.type, d.case_key, d.number, d.state, d.place, d.wake_at),
        *(d.lease_until, d.token, d.maybe_sent, d.parcel, d.crashes, d.reason, d.generation),
    )
    return found.select_from(rows.join(delivery, d.id == rows.c.id)).with_for_update(of=delivery)


def _frozen(rows: TableClause) -> ClauseElement:
    p = parcel.c
    return select(p.n, p.id, p.digest, p.members).select_from(rows.join(parcel, p.n == rows.c.n))


def _lanes_of(rows: TableClause) -> ClauseElement:
    d = delivery.c
    return select(d.case_key, d.agency).select_from(rows.join(delivery, d.id == rows.c.id))


def _set_parcel(rows: TableClause) -> ClauseElement:
    return update(delivery).values(parcel=rows.c.parcel).where(delivery.c.n == rows.c.n)


def _finish(rows: TableClause) -> ClauseElement:
    """Gives back what it changed; the order of these columns is that of ``hub.store.finish.Ended``."""
    d = delivery.c
    ended = {"wake_at": None, "lease_until": None, "worker": None, "crashes": 0}
    given = {name: rows.columns[name] for name in ("state", "reason", "gap", "changed_at")}
    kept = {
        "place": case((rows.c.stays == 1, d.place)),
        "maybe_sent": case((rows.c.unknown == 1, 1), else_=d.maybe_sent),
        "rule": case((rows.c.rule == "", d.rule), else_=rows.c.rule),
    }
    return (
        update(delivery)
        .values({**given, **ended, **kept})
        .where(d.id == rows.c.id, d.token == rows.c.token, d.lease_until.is_not(None), d.state == "pending")
        .returning(d.id, d.n, d.message, d.agency, d.type, d.case_key, d.token, d.parcel)
    )


def _acknowledged(rows: TableClause) -> ClauseElement:
    """What an acknowledgement has to know; the order of the columns is that of ``hub.store.acknowledge.Awaited``."""
    d, m, p = delivery.c, message.c, parcel.c
    source = rows.join(delivery, d.id == rows.c.id).join(message, m.n == d.message).join(parcel, p.n == d.parcel)
    found = select(
        *(d.n, d.id, d.message, d.agency, d.type, d.case_key, d.number, d.state, d.reason, d.place, d.token),
        *(d.attempts, d.maybe_sent, d.parcel, m.id, m.subject, m.classification, m.accepted_at, p.digest, p.members),
    )
    return found.select_from(source).with_for_update(of=delivery)


def _acknowledge(rows: TableClause) -> ClauseElement:
    """Ends whatever attempt is under way: its token is no longer current."""
    given = {each.name: rows.columns[each.name] for each in ACKNOWLEDGE_COLUMNS if each.name != "n"}
    ended = {"wake_at": None, "lease_until": None, "worker": None, "crashes": 0}
    return update(delivery).values({**given, **ended}).where(delivery.c.n == rows.c.n)


def _release(rows: TableClause) -> ClauseElement:
    d = delivery.c
    given_back = {"attempts": d.attempts - 1, "crashes": d.crashes - 1, "lease_until": None, "worker": None}
    return update(delivery).values({**given_back, "wake_at": rows.c.wake_at}).where(d.n == rows.c.n)


def _count(dialect: Dialect, rows: TableClause) -> ClauseElement:
    make: Any = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    columns = [each.name for each in tally.columns]
    added = make(tally).from_select(columns, select(*rows.columns).where(is_real(dialect, rows.c.agency)))
    key = ["agency", "type", "state", "shard"]
    return added.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=key, set_={"count": tally.c.count + added.excluded.count}
    )


def _sequenced(rows: TableClause) -> ClauseElement:
    return delete(unsequenced).where(unsequenced.c.entry.in_(select(rows.c.entry)))


DUE = """
SELECT delivery.id, delivery.case_key, delivery.place, parcel.members
FROM delivery LEFT JOIN parcel ON parcel.n = delivery.parcel
WHERE delivery.agency = :agency AND delivery.type = :type AND delivery.wake_at <= :now AND NOT EXISTS (
  SELECT 1 FROM pause
  WHERE pause.agency = :agency AND pause.type IN ('', :type) AND (pause.until IS NULL OR pause.until > :now)
)
ORDER BY delivery.wake_at LIMIT :most
"""
NEXT_DUE = "SELECT min(wake_at) FROM delivery WHERE agency = :agency AND type = :type AND wake_at IS NOT NULL"
WAYS = "SELECT DISTINCT agency, type FROM tally"
COUNTS = "SELECT agency, state, sum(count) FROM tally GROUP BY agency, state"
OLDEST = """
SELECT message.accepted_at FROM delivery JOIN message ON message.n = delivery.message
WHERE delivery.agency = :agency AND delivery.state = 'pending' AND delivery.state <> 'delivered'
ORDER BY delivery.n LIMIT 1
"""
BLOCKED = """
SELECT count(DISTINCT case_key) FROM delivery
WHERE agency = :agency AND state = 'dead' AND state <> 'delivered' AND place IS NOT NULL
"""
