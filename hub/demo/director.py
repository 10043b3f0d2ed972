"""Plays the day: every agency does what its role says, when its time has come."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession

from hub.demo.cast import Play, Role
from hub.demo.partner import Partner
from hub.demo.screen import Screen
from hub.demo.sender import send
from hub.message import State
from hub.store.query import Queries


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
    queries: Queries
    surprises: int = 0
    shown: list[Shown] = field(default_factory=list)
    _told_withheld: set[str] = field(default_factory=set)

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
        if play.document is not None:
            await self._send_all(session, role, play)

    async def _be_away(self, play: Play) -> None:
        partner = self.partners[play.agency]
        await partner.close()
        await asyncio.sleep(play.away_s)
        await partner.open()
        self.screen.scene(play.back, play.agency, "is back")

    async def _send_all(self, session: ClientSession, role: Role, play: Play) -> None:
        """Every repetition; answers that are alike are told once."""
        answers: Counter[tuple[str, str]] = Counter()
        messages = []
        for number in range(1, play.repeat + 1):
            document = play.bytes_of(number)
            told = await send(session, self.hub, role, play, document, self.files)
            answers[told.outcome, told.detail if play.repeat == 1 else ""] += 1
            if told.message:
                messages.append(told.message)
            if play.shown and told.message:
                self.shown.append(Shown(play.agency, play.type, document, told.message))
            await asyncio.sleep(play.every_s)
        for (outcome, detail), times in answers.items():
            self.screen.told(outcome in ("accepted", "duplicate"), outcome, detail or f"{times} times")
            if outcome != play.expect:
                self.surprises += 1
                self.screen.wrong(f"{play.expect} was expected")
        for message in messages:
            await self._tell_withheld(message)

    async def _tell_withheld(self, message_id: str) -> None:
        """Say to whom an accepted message does not go, and why."""
        message = await self.queries.message(message_id)
        for delivery in message.deliveries if message is not None else ():
            if delivery.state is State.WITHHELD and delivery.id not in self._told_withheld:
                self._told_withheld.add(delivery.id)
                self.screen.withheld(delivery.agency, delivery.reason, delivery.rule)
