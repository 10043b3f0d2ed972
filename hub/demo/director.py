"""Plays the day: every agency does what its role says, when its time has come."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession

from hub.demo.cast import Play, Role
from hub.demo.partner import Partner
from hub.demo.screen import Screen
from hub.demo.sender import send


@dataclass(frozen=True, slots=True)
class Shown:
    """The message that is shown side by side at the end: who sent it, as which bytes, and its id."""

    agency: str
    type: str
    document: bytes
    message: str


@dataclass
class Director:
    """``surprises`` counts answers that were not the expected ones."""

    hub: str
    files: Path
    cast: Mapping[str, Role]
    partners: Mapping[str, Partner]
    screen: Screen
    surprises: int = 0
    shown: list[Shown] = field(default_factory=list)

    async def play_all(self) -> None:
        """Every play of every agency; returns when the last is over."""
        async with ClientSession() as session, asyncio.TaskGroup() as group:
            for role in self.cast.values():
                for play in role.plays:
                    group.create_task(self._play(session, role, play))

    async def _play(self, session: ClientSession, role: Role, play: Play) -> None:
        if play.after is not None:
            await self.partners[play.agency].reached(play.after).wait()
        await asyncio.sleep(play.at_s)
        self.screen.scene(play.clock, play.agency, play.say)
        if play.away_s:
            await self._be_away(play)
        for number in range(1, play.repeat + 1 if play.document else 1):
            await self._send(session, role, play, number)
            await asyncio.sleep(play.every_s)

    async def _be_away(self, play: Play) -> None:
        partner = self.partners[play.agency]
        await partner.close()
        await asyncio.sleep(play.away_s)
        await partner.open()
        self.screen.scene(play.clock, play.agency, "is back")

    async def _send(self, session: ClientSession, role: Role, play: Play, number: int) -> None:
        document = play.bytes_of(number)
        told = await send(session, self.hub, role, play, document, self.files)
        expected = told.outcome == play.expect
        self.screen.told(told.outcome in ("accepted", "duplicate"), told.outcome, told.detail)
        if not expected:
            self.surprises += 1
            self.screen.wrong(f"{play.expect} was expected")
        if play.shown and told.message:
            self.shown.append(Shown(play.agency, play.type, document, told.message))
