"""Parcels for an agency that takes many deliveries at once: wait for company, then claim whole parcels type by type."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from hub.delivery.claims import Claims
from hub.delivery.desk import Desk, Limits
from hub.delivery.suspects import Suspects
from hub.store.base import Claimed


@dataclass(slots=True)
class Batcher:
    """Serves one desk. Its waiting ids only say that something is there: the store chooses a parcel's members."""

    desk: Desk
    claims: Claims
    suspects: Suspects
    limits: Callable[[], Limits]
    start: Callable[[Desk, Sequence[Claimed]], None]
    stopping: Callable[[], bool]
    wait: Callable[[Mapping[str, float]], None]

    async def run(self) -> None:
        """Until stopped, or until the agency takes single deliveries (the dispatcher serves it then)."""
        while self._goes_on():
            await self._company()
            if self._goes_on():
                await self._round()

    async def _company(self) -> None:
        """The first waits for others, but not long."""
        await self._changes_until(lambda: len(self.desk) > 0)
        batch = self.limits().batch
        await self._changes_until(lambda: len(self.desk) >= batch.most, batch.wait_s)

    async def _round(self) -> None:
        """One pass over the agency's types; what arrives meanwhile begins the next."""
        asked, brought = self.desk.take(len(self.desk)), set[str]()
        for type in self.limits().types:
            while True:
                await self._changes_until(lambda: self.desk.room(self.limits()) > 0)
                if not self._goes_on():
                    return
                claimed = await self.claims.batch(self.desk.agency, type, self.limits().batch.most)
                if claimed is None or claimed.later:
                    self.desk.put_back([id for id in asked if id not in brought])
                    self.wait(claimed.later if claimed is not None else {})
                    return
                if not claimed:
                    break
                brought.update(item.id for item in claimed)
                self.start(self.desk, claimed)
        await self.suspects.look_for(self.desk, [id for id in asked if id not in brought])

    def _goes_on(self) -> bool:
        return not self.stopping() and self.limits().batch.most > 1

    async def _changes_until(self, met: Callable[[], bool], most_s: float | None = None) -> None:
        """Wait until ``met``, at most ``most_s``, or until this batcher's work is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                while not met() and self._goes_on():
                    self.desk.changed.clear()
                    await self.desk.changed.wait()
