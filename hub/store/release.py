"""Giving claims back unused: at a shutdown, or where a lane was blocked meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.store.base import Finished
from hub.store.batch import Row
from hub.store.held import held
from hub.store.work import Bell, Work


@dataclass(frozen=True, slots=True)
class Release:
    """Which claims, shown by their tokens."""

    ids: tuple[str, ...]
    tokens: tuple[int, ...]
    now: float


def release(work: Work, releases: Sequence[Release]) -> list[Finished]:
    """Each of ``releases``: the attempt is not counted, and a head is due at once."""
    found = held(work, (id for each in releases for id in each.ids))
    rows: list[Row] = []
    answers: list[Finished] = []
    for each in releases:
        bell = Bell()
        stale: list[str] = []
        for id, token in zip(each.ids, each.tokens, strict=True):
            one = found.get(id)
            if one is None or not one.by(token):
                stale.append(id)
                continue
            del found[id]
            head = one.wake_at is not None
            rows.append((one.n, each.now if head else None))
            if head:
                bell.add(one.agency, id)
        answers.append(Finished(tuple(stale), bell.ring()))
    work.run(work.statements.release, rows)
    return answers
