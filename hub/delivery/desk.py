"""What one agency has waiting in this process, and how much of it may be tried at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from hub.delivery.breaker import Breakers
from hub.site.agency import Agency, Batch, Rate

MOST_WAITING = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How an agency is served today; one that the site no longer has is served one by one, so that its rows end.

    One that fetches its messages (``concurrency`` 0) is not served here at all.
    """

    concurrency: int
    batch: Batch
    types: tuple[str, ...]
    gap: bool
    rate: Rate | None

    @classmethod
    def of(cls, agency: Agency | None) -> Limits:
        """Read them from the agency's definition."""
        if agency is None or agency.way is None:
            return cls(concurrency=1, batch=Batch(), types=(), gap=False, rate=None)
        way = agency.way
        concurrency = 0 if way.mailbox is not None else way.concurrency
        return cls(concurrency, way.batch, tuple(sorted(agency.documents)), way.lane == "gap", way.rate)


class Desk:
    """One agency's waiting ids and attempts under way. Ids are a hint: the store alone says what can be claimed."""

    def __init__(self, agency: str, breakers: Breakers) -> None:
        self.agency = agency
        self.under_way = 0
        self.overflowed = False  # ids were left out: the store holds more than is known here
        self.suspects: set[str] = set()  # put aside: they are not claimed when they are rung
        self.changed = asyncio.Event()  # something arrived, or there may be room
        self._breakers = breakers
        self._waiting: deque[str] = deque()
        self._known: set[str] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, ids: Iterable[str]) -> None:
        """Take ids in, each once; what does not fit is left to the sweep."""
        for id in ids:
            if id in self._known or id in self.suspects:
                continue
            if len(self._waiting) >= MOST_WAITING:
                self.overflowed = True
                break
            self._known.add(id)
            self._waiting.append(id)
        self.changed.set()

    def put_back(self, ids: list[str]) -> None:
        """Return what was taken and could not be claimed now, to the front and in its old order."""
        for id in reversed([id for id in ids if id not in self._known]):
            self._known.add(id)
            self._waiting.appendleft(id)

    def take(self, most: int) -> list[str]:
        """Up to ``most`` ids, in the order of their rings."""
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        self._known.difference_update(taken)
        return taken

    def room(self, limits: Limits) -> int:
        """How many attempts may begin now."""
        most = self._breakers.room(self.agency, limits.concurrency) - self.under_way
        return max(0, most if limits.rate is None else min(most, limits.rate.burst))
