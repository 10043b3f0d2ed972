"""Clients that send the notes of a case one after the other and never give up on one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import aiohttp
import orjson

from tests.campaign.history import History, Operation, Reference, now

NOTES_PER_CASE = 8
API_KEY = "campaign-key"
TOO_LONG = 2_100


@dataclass
class Clients:
    """``count`` clients, each with one request open at a time. ``open_requests`` is how many wait for an answer now.

    ``urls`` says where requests may go now. Of what has its receipt, the share ``odd`` is followed by something that
    no partner may ever see: the same identity with another content, or a note that breaks the contract; and by the
    same note again, which must get the same receipt.
    """

    urls: Callable[[], Sequence[str]]
    history: History
    chance: random.Random
    count: int = 24
    pause_s: float = 0.1
    odd: float = 0.0
    texts: dict[Reference, str] = field(default_factory=dict)
    open_requests: int = 0
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _cases: int = 0

    async def run(self) -> None:
        """Send until ``stop``, and then until every note that was begun has its receipt."""
        await self._serve(self.count, self.pause_s, self._stopping)

    async def crowd(self, count: int, for_s: float) -> int:
        """So many more clients that do not pause, for a while; how many of all requests were turned away meanwhile."""
        before, over = len(self.history.operations), asyncio.Event()
        asyncio.get_running_loop().call_later(for_s, over.set)
        await self._serve(count, 0.0, over)
        return sum(1 for one in self.history.operations[before:] if one.said.startswith(("429", "503")))

    def stop(self) -> None:
        """Begin no new note."""
        self._stopping.set()

    async def _serve(self, count: int, pause_s: float, over: asyncio.Event) -> None:
        timeout = aiohttp.ClientTimeout(total=5)
        async with (
            aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(count):
                group.create_task(self._cases_in_turn(session, pause_s, over))

    async def _cases_in_turn(self, session: aiohttp.ClientSession, pause_s: float, over: asyncio.Event) -> None:
        while not over.is_set():
            self._cases += 1
            case = f"C-{self._cases}"
            for number in range(1, NOTES_PER_CASE + 1):
                if over.is_set():
                    return
                await self._until_taken(session, case, number)
                if self.chance.random() < self.odd:
                    await self._oddly(session, case, number)
                await asyncio.sleep(self.chance.uniform(0, 2 * pause_s))

    async def _until_taken(self, session: aiohttp.ClientSession, case: str, number: int) -> None:
        text = f"{case} رقم {number}: " + "محضر " * self.chance.randint(1, 40)
        text = self.texts[case, number] = text.strip()
        while True:
            operation = await self._request(session, case, number, text, f"{case}-{number}")
            self.history.operated(operation)
            if operation.outcome == "ok":
                return
            await asyncio.sleep(self.chance.uniform(0.02, 0.2))

    async def _oddly(self, session: aiohttp.ClientSession, case: str, number: int) -> None:
        """Once more the same; once with other content; once too long. What is refused may be asked only once."""
        same = await self._request(session, case, number, self.texts[case, number], f"{case}-{number}")
        self.history.operated(same)
        other = await self._request(session, case, number, f"other than {case}-{number}", f"{case}-{number}")
        self.history.operated(_refusable(other))
        broken = "x" * TOO_LONG + f" {case}-{number}"
        self.history.operated(_refusable(await self._request(session, case, number, broken, f"{case}-{number}-long")))

    async def _request(
        self, session: aiohttp.ClientSession, case: str, number: int, text: str, identity: str
    ) -> Operation:
        headers = {"X-Api-Key": API_KEY, "Idempotency-Key": identity, "Content-Type": "application/json"}
        body = orjson.dumps({"case": case, "number": str(number), "text": text})
        began, url = now(), self.chance.choice(self.urls())
        self.open_requests += 1
        try:
            async with session.post(url, data=body, headers=headers) as answer:
                said = await answer.json()
                if answer.status == 202:
                    return Operation(case, number, "ok", began, now(), said["id"], said["duplicate"], text=text)
                outcome = "refused" if answer.status in (409, 422, 400) else "fail"
                honest = answer.status != 503 or int(answer.headers.get("Retry-After", "0")) > 0
                said = f"{answer.status}{'' if honest else ' without Retry-After'} {said}"
                return Operation(case, number, outcome, began, now(), said=said, text=text)
        except aiohttp.ClientConnectorError:
            return Operation(case, number, "fail", began, now(), said="no connection", text=text)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return Operation(case, number, "info", began, now(), said=repr(error), text=text)
        finally:
            self.open_requests -= 1


def _refusable(operation: Operation) -> Operation:
    """What must never be taken, whatever became of the request."""
    outcomes = {"ok": "taken", "refused": "refused", "fail": "refused", "info": "refused"}
    return Operation(
        operation.case, operation.number, outcomes[operation.outcome], operation.began, operation.ended,
        operation.receipt, operation.duplicate, operation.said, operation.text,
    )  # fmt: skip
