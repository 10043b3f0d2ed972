"""Freezing: a parcel's bytes, its members and the disclosure entries, committed before the first byte goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from hub.store.base import Freeze
from hub.store.batch import Row
from hub.store.held import Frozen, Held, frozen, held
from hub.store.work import Work


class BytesChanged(Exception):
    """Other bytes were to be sent under an id under which something may have been sent (P3)."""


def freeze(work: Work, freezes: Sequence[Freeze]) -> list[bool]:
    """For each of ``freezes`` whether its tokens are all current; only then is it written."""
    found = held(work, (id for each in freezes for id in each.parcel.members))
    earlier = frozen(work, found.values())
    parcels: list[Row] = []
    members: list[Row] = []
    answers: list[bool] = []
    for each in freezes:
        current = _current(each, found)
        answers.append(current is not None)
        if current is None:
            continue
        if not _is_frozen(each, current, earlier):
            number = work.number()
            parcels.append(_parcel(work, each, number))
            members += [(one.n, number) for one in current]
        _enter(work, each, current)
    work.run(work.statements.insert_parcel, parcels)
    work.run(work.statements.set_parcel, members)
    return answers


def _current(each: Freeze, found: dict[str, Held]) -> list[Held] | None:
    """The parcel's deliveries, or None where the token of one of them is stale."""
    current: list[Held] = []
    for id, token in zip(each.parcel.members, each.tokens, strict=True):
        one = found.get(id)
        if one is None or not one.by(token):
            return None
        current.append(one)
    return current


def _is_frozen(each: Freeze, current: Sequence[Held], earlier: Mapping[int | None, Frozen]) -> bool:
    """Whether the very same parcel is frozen already; raises BytesChanged where another may have been sent."""
    wanted = (each.parcel.id, each.parcel.digest)
    same = all(one.parcel in earlier and earlier[one.parcel][1:3] == wanted for one in current)
    if not same and any(one.maybe_sent for one in current):
        raise BytesChanged
    return same


def _parcel(work: Work, each: Freeze, number: int) -> Row:
    parcel = each.parcel
    together = parcel.disclosed[0] if len(parcel.members) == 1 else sorted(set().union(*parcel.disclosed))
    apart = orjson.dumps(parcel.disclosed).decode() if len(parcel.members) > 1 else None
    return (
        number, parcel.id, work.content(parcel.body), parcel.digest, orjson.dumps(parcel.members).decode(),
        orjson.dumps(together).decode(), each.at, apart,
    )  # fmt: skip


def by_member(together: str | None, apart: str | None, count: int) -> tuple[tuple[str, ...], ...]:
    """What a parcel of ``count`` members discloses of each. Versions before 0004 knew only what it was together: that
    then stands for every member, so that too much is held against the rules rather than too little."""
    if apart is not None:
        return tuple(map(tuple, orjson.loads(apart)))
    return (tuple(orjson.loads(together or "[]")),) * count


def _enter(work: Work, each: Freeze, current: Sequence[Held]) -> None:
    """The ledger entries: one for each member where they are as many, else all under the first member's message."""
    paired = len(each.entries) == len(current)
    for index, body in enumerate(each.entries):
        work.entry(body, current[index if paired else 0].message)
