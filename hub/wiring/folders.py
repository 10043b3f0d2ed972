"""The watched folders of one kind: a listener for each agency that has one, exchanged as sites come into force."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.base import Listener
from hub.site.agency import Agency
from hub.site.environment import Environment
from hub.site.site import Site

Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class _Watched(Generic[Place]):
    place: Place
    task: asyncio.Task[None]


class Folders(Generic[Place]):
    """Used from the event loop. A listener whose place stays as it is never notices a reload."""

    def __init__(
        self, place: Callable[[Agency, Environment], Place | None], make: Callable[[Agency, Place], Listener]
    ) -> None:
        """``place`` is all that a listener is made from in this deployment, None where the agency has none."""
        self._place = place
        self._make = make
        self._watched: dict[str, _Watched[Place]] = {}

    async def leave(self, site: Site, environment: Environment) -> None:
        """End the listeners that have no place in this site, or another one; their files wait where they are."""
        for name, watched in list(self._watched.items()):
            agency = site.agencies.get(name)
            if agency is None or watched.place != self._place(agency, environment):
                await self._end(name)

    def watch(self, site: Site, environment: Environment) -> None:
        """Start the listeners that this site has and that do not run yet."""
        for agency in site.agencies.values():
            place = self._place(agency, environment)
            if place is not None and agency.name not in self._watched:
                task = asyncio.create_task(self._make(agency, place).run())
                self._watched[agency.name] = _Watched(place, task)

    async def close(self) -> None:
        """End them all."""
        for name in list(self._watched):
            await self._end(name)

    async def _end(self, name: str) -> None:
        task = self._watched.pop(name).task
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
