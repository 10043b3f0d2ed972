"""Choosing deliveries: what an operator can ask for, as conditions of a query."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, func, literal_column, or_, select

from hub.message import State
from hub.store.tables import attempt, case_link, delivery, message

last = attempt.alias("last")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which deliveries; what is empty or None chooses all. Times are epoch seconds, ages count from acceptance.

    ``code`` is the reason of the state or how the last attempt ended; ``error`` a part of that attempt's text, in
    whatever case. ``case`` is any number of a case, ``lane_of`` a delivery whose whole lane is meant.
    """

    states: tuple[State, ...] = ()
    agency: str | None = None
    type: str | None = None
    code: str | None = None
    error: str | None = None
    case: str | None = None
    lane_of: str | None = None
    accepted_before: float | None = None
    accepted_after: float | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing but the state is chosen by."""
        return self == Choice(states=self.states)

    def of(self, states: tuple[State, ...]) -> Choice:
        """The same, in these states."""
        return replace(self, states=states)


def source(choice: Choice) -> FromClause:
    """Deliveries with their messages, and with their last attempts where those are asked for."""
    joined: FromClause = delivery.join(message, message.c.n == delivery.c.message)
    return with_last(joined) if choice.code is not None or choice.error is not None else joined


def with_last(joined: FromClause) -> FromClause:
    """With the last attempt that ended, where there is one, as ``last``."""
    a = attempt.alias()
    token = select(func.max(a.c.token)).where(a.c.delivery == delivery.c.n).correlate(delivery).scalar_subquery()
    return joined.outerjoin(last, (last.c.delivery == delivery.c.n) & (last.c.token == token))


def conditions(choice: Choice) -> list[ColumnElement[bool]]:
    """What holds for every chosen delivery of ``source``."""
    d, m = delivery.c, message.c
    found: list[ColumnElement[bool]] = []
    if choice.states:
        # Written out, so that the index of those that are not delivered can be used.
        found.append(d.state.in_([_written(each) for each in choice.states]))
        if State.DELIVERED not in choice.states:
            found.append(d.state != _written(State.DELIVERED))
    equal: list[tuple[ColumnElement[Any], str | None]] = [(d.agency, choice.agency), (d.type, choice.type)]
    found += [column == value for column, value in equal if value is not None]
    if choice.code is not None:
        found.append(or_(d.reason == choice.code, last.c.code == choice.code))
    if choice.error is not None:
        found.append(func.lower(last.c.text).contains(choice.error.lower(), autoescape=True))
    if choice.case is not None:
        found.append(m.case_key.in_(select(case_link.c.case_key).where(case_link.c.number == choice.case)))
    if choice.lane_of is not None:
        found.append(_in_lane_of(choice.lane_of))
    if choice.accepted_before is not None:
        found.append(m.accepted_at < choice.accepted_before)
    if choice.accepted_after is not None:
        found.append(m.accepted_at >= choice.accepted_after)
    return found


def _written(state: State) -> ColumnElement[str]:
    return literal_column(f"'{state.value}'", Text)


def _in_lane_of(id: str) -> ColumnElement[bool]:
    d, one = delivery.c, delivery.alias()
    key = select(one.c.case_key).where(one.c.id == id).scalar_subquery()
    agency = select(one.c.agency).where(one.c.id == id).scalar_subquery()
    return (d.case_key == key) & (d.agency == agency)
