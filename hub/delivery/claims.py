"""Claiming with patience: a store that is busy is waited out, and nothing of what was asked for is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hub.observe import Observer
from hub.site.agency import Rate
from hub.store.base import Store, Taken

Answer = TypeVar("Answer")
_BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)


@dataclass(slots=True)
class Claims:
    """Claims for one worker. Each call answers None, after a pause, where the store could not be asked."""

    store: Store
    observer: Observer
    worker: str
    lease_s: float
    clock: Callable[[], float]
    rates: Callable[[], Mapping[str, Rate]]
    _failures: int = 0

    async def singles(self, ids: Sequence[str]) -> Taken | None:
        """Those of ``ids`` that this worker may try now, without suspects."""
        rates = self.rates()
        return await self._patiently(
            self.store.claim(ids, self.worker, self.lease_s, self.clock(), suspects=False, rates=rates)
        )

    async def alone(self, id: str) -> Taken | None:
        """This one, be it a suspect, with those that were frozen with it."""
        return await self._patiently(
            self.store.claim([id], self.worker, self.lease_s, self.clock(), rates=self.rates())
        )

    async def suspects(self, left: Sequence[str]) -> dict[str, int]:
        """Which of those that a claim did not bring are suspects, with crashes; none where the store is busy."""
        return await self._patiently(self.store.suspects(left, self.clock())) or {}

    async def batch(self, agency: str, type: str, most: int) -> Taken | None:
        """Deliveries for one parcel, in lane order."""
        return await self._patiently(
            self.store.claim_batch(
                agency, type, most, self.worker, self.lease_s, self.clock(), self.rates().get(agency)
            )
        )

    async def _patiently(self, answer: Awaitable[Answer]) -> Answer | None:
        try:
            answered = await answer
        except Exception as error:
            self.observer.faulted("claim", error)
            await asyncio.sleep(_BACK_OFF_S[min(self._failures, len(_BACK_OFF_S) - 1)])
            self._failures += 1
            return None
        self._failures = 0
        return answered
