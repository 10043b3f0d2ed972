"""Everything a fault can reach, and what it notes down when it strikes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from hub.child import Child, NotReady
from tests.campaign.clients import Clients
from tests.campaign.desks import AGENCIES, Desks
from tests.campaign.history import History, Owed, Strike, now
from tests.campaign.hubs import Hubs, is_running
from tests.campaign.proxy import Weather
from tests.campaign.witness import Witness

Fault = Callable[["World", Random], Awaitable[None]]


@dataclass
class World:
    """The parties of one run. ``odd`` gathers what no fault explains, such as a process that ended by itself."""

    history: History
    hubs: Hubs
    desks: Desks
    clients: Clients
    witness: Witness
    odd: list[str] = field(default_factory=list)
    case: int = 500_000
    longest_life_s: float = 1.8
    before_ready: float = 0.15
    stopped_s: float = 0.0
    owed: Owed = field(init=False)

    def __post_init__(self) -> None:
        self.owed = Owed(self.history, AGENCIES)

    def strike(self, kind: str, target: str, *, ready: bool = True, bit: bool | None = None) -> None:
        """Note a fault down, with what it finds at this moment."""
        on_their_way = self.owed.count()
        self.history.struck(Strike(kind, target, now(), ready, self.clients.open_requests, on_their_way, bit))

    def bit(self, bit: bool) -> None:
        """Whether the strike that was noted last did what it is for, now that it shows."""
        last = self.history.strikes.pop()
        self.history.struck(
            Strike(last.kind, last.target, last.at, last.ready, last.requests, last.deliveries, bit)
        )  # fmt: skip

    async def restart(self, child: Child) -> None:
        """Start a process that was ended; nobody else holds the store open meanwhile. Raises ``NotReady``."""
        self.witness.look_away()
        await self.hubs.start(child)

    async def live(self, chance: Random) -> None:
        """Let everything work for a moment."""
        await asyncio.sleep(chance.uniform(0.2, self.longest_life_s))

    async def heal(self) -> None:
        """End every fault that lasts, and start what does not run."""
        self.desks.ill.clear()
        for proxy in (*self.desks.ways.values(), self.hubs.to_store, self.hubs.to_queue):
            if proxy is not None:
                proxy.turn(Weather.FAIR)
                proxy.at_commit = None
        self.witness.look_away()
        for child in self.hubs.processes:
            if not is_running(child):
                if child.status is not None:
                    self.odd.append(f"ended: {self.hubs.name(child)} ended by itself with {child.status}")
                with suppress(NotReady):  # told by the next who needs it
                    await self.hubs.start(child)
