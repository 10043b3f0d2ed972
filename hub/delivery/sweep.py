"""The sweep: rings whatever the store says is due, at least once a second, so that no lost ring matters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from hub.delivery.sharing import Sharing
from hub.observe import Observer
from hub.store.base import Store

LONGEST_S = 1.0
MOST = 2_000  # heads of one agency and type in one look


@dataclass(slots=True)
class Sweep:
    """``found`` is called after each look; ``reopens_in_s`` says how soon a breaker's time is over.

    ``fetching`` gives the agencies that fetch: what waits for them is no worker's concern.

    Each look also takes over what other processes learnt of the agencies.
    """

    store: Store
    sharing: Sharing
    observer: Observer
    clock: Callable[[], float]
    found: Callable[[Mapping[str, Sequence[str]]], None]
    reopens_in_s: Callable[[], float]
    fetching: Callable[[], frozenset[str]] = frozenset
    most: int = MOST
    _sooner: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Look, then sleep until something is due; until cancelled."""
        while True:
            self._sooner.clear()
            sleep_s = LONGEST_S
            try:
                sleep_s = await self._look()
            except Exception as error:  # the store is busy: the next look is a second away
                self.observer.faulted("sweep", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(sleep_s):
                    await self._sooner.wait()

    def hurry(self) -> None:
        """Look again at once: there is room for more than was known."""
        self._sooner.set()

    async def _look(self) -> float:
        await self.sharing.tell()
        now, without = self.clock(), self.fetching()
        due, upcoming, _ = await asyncio.gather(
            self.store.due(now, self.most, without), self.store.next_due_at(without), self.sharing.learn()
        )
        self.found(due)
        # what is due already was found just now; asking for it again at once would only spin
        until_due_s = upcoming - now if upcoming is not None and upcoming > now else LONGEST_S
        return max(0.01, min(LONGEST_S, until_due_s, self.reopens_in_s()))
