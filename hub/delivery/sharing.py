"""What one process learns of an agency, told to all over the store, and what the others learnt taken over."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hub.delivery.breaker import Breakers
from hub.observe import Observer
from hub.store.base import Store


@dataclass(slots=True)
class Sharing:
    """Tells at once what turned; ``learn`` belongs into every look of the sweep. While the store is away it waits."""

    store: Store
    breakers: Breakers
    observer: Observer
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Tell whatever turns; until cancelled."""
        while True:
            await self.breakers.changed.wait()
            self.breakers.changed.clear()
            try:
                await self.tell()
            except Exception as error:  # told again by the next look
                self.observer.faulted("sharing", error)

    async def tell(self) -> None:
        """Everything that the store has not heard yet."""
        async with self._one:
            while self.breakers.untold:
                agency = next(iter(self.breakers.untold))
                changes = self.breakers.changes
                first = await self._tell_one(agency)
                if changes == self.breakers.changes:  # nothing has turned meanwhile
                    self.breakers.untold.discard(agency)
                self.breakers.told(agency, first=first)
            for agency, until in list(self.breakers.shutting()):
                await self.store.shut(agency, until)

    async def learn(self) -> None:
        """Take over what others learnt."""
        since = self.breakers.changes
        self.breakers.learn(await self.store.standings(), since)

    async def _tell_one(self, agency: str) -> bool:
        standing = self.breakers.standing(agency)
        if standing is None:
            await self.store.forget(agency)
            return False
        first, _ = await asyncio.gather(
            self.store.turn(agency, standing), self.store.throttle(agency, standing.throttled_until)
        )
        return first
