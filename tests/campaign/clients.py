"""Clients that send the notes of a case one after the other and never give up on one."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import aiohttp
import orjson

from tests.campaign.history import History, Operation, Reference, now

NOTES_PER_CASE = 8
API_KEY = "campaign-key"


@dataclass
class Clients:
    """``count`` clients, each with one request open at a time. ``open_requests`` is how many wait for an answer now."""

    url: str
    history: History
    chance: random.Random
    count: int = 24
    pause_s: float = 0.1
    texts: dict[Reference, str] = field(default_factory=dict)
    open_requests: int = 0
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _cases: int = 0

    async def run(self) -> None:
        """Send until ``stop``, and then until every note that was begun has its receipt."""
        timeout = aiohttp.ClientTimeout(total=5)
        async with (
            aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(self.count):
                group.create_task(self._cases_in_turn(session))

    def stop(self) -> None:
        """Begin no new note."""
        self._stopping.set()

    async def _cases_in_turn(self, session: aiohttp.ClientSession) -> None:
        while not self._stopping.is_set():
            self._cases += 1
            case = f"C-{self._cases}"
            for number in range(1, NOTES_PER_CASE + 1):
                if self._stopping.is_set():
                    return
                await self._until_taken(session, case, number)
                await asyncio.sleep(self.chance.uniform(0, 2 * self.pause_s))

    async def _until_taken(self, session: aiohttp.ClientSession, case: str, number: int) -> None:
        text = f"{case} رقم {number}: " + "محضر " * self.chance.randint(1, 40)
        text = self.texts[case, number] = text.strip()
        while True:
            operation = await self._request(session, case, number, text)
            self.history.operated(operation)
            if operation.outcome == "ok":
                return
            await asyncio.sleep(self.chance.uniform(0.02, 0.2))

    async def _request(self, session: aiohttp.ClientSession, case: str, number: int, text: str) -> Operation:
        headers = {
            "X-Api-Key": API_KEY,
            "Idempotency-Key": f"{case}-{number}",
            "Content-Type": "application/json",
        }
        body = orjson.dumps({"case": case, "number": str(number), "text": text})
        began = now()
        self.open_requests += 1
        try:
            async with session.post(self.url, data=body, headers=headers) as answer:
                said = await answer.json()
                if answer.status == 202:
                    return Operation(case, number, "ok", began, now(), said["id"], said["duplicate"])
                return Operation(case, number, "fail", began, now(), said=f"{answer.status} {said}")
        except aiohttp.ClientConnectorError:
            return Operation(case, number, "fail", began, now(), said="no connection")
        except (aiohttp.ClientError, TimeoutError) as error:
            return Operation(case, number, "info", began, now(), said=repr(error))
        finally:
            self.open_requests -= 1
