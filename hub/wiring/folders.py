"""The watched folders: one listener for every agency that drops files, started and ended as sites come into force."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from connectors.base import Listener
from hub.site.agency import Agency, FileIntake
from hub.site.environment import Environment
from hub.site.site import Site

# A listener for an agency, its intake, and the folder that counts in this deployment.
MakeListener = Callable[[Agency, FileIntake, Path], Listener]
_Place = tuple[FileIntake | None, Path, int | None]


@dataclass(frozen=True, slots=True)
class _Watched:
    place: _Place
    task: asyncio.Task[None]


class Folders:
    """Used from the event loop. A listener whose intake stays as it is never notices a reload."""

    def __init__(self, make: MakeListener) -> None:
        self._make = make
        self._watched: dict[str, _Watched] = {}

    async def leave(self, site: Site, environment: Environment) -> None:
        """End the listeners that have no place in this site, or another one; their files wait where they are."""
        for name, watched in list(self._watched.items()):
            agency = site.agencies.get(name)
            if agency is None or watched.place != _place(agency, environment):
                await self._end(name)

    def watch(self, site: Site, environment: Environment) -> None:
        """Start the listeners that this site has and that do not run yet."""
        for agency in site.agencies.values():
            if agency.file is not None and agency.name not in self._watched:
                listener = self._make(agency, agency.file, environment.intake_folder(agency))
                task = asyncio.create_task(listener.run())
                self._watched[agency.name] = _Watched(_place(agency, environment), task)

    async def close(self) -> None:
        """End them all."""
        for name in list(self._watched):
            await self._end(name)

    async def _end(self, name: str) -> None:
        task = self._watched.pop(name).task
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _place(agency: Agency, environment: Environment) -> _Place:
    return agency.file, environment.intake_folder(agency), agency.max_bytes
