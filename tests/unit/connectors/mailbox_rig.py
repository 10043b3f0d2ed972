"""The mailbox under THE suite: what is sent lies in a tray until a reader fetches and acknowledges it over HTTP."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import aiohttp

from connectors.base import Connector, Features
from connectors.conformance import Behaviour, Taken
from connectors.mailbox import item
from hub.message import Acknowledgement, Json, Outbound, Outcome, Result, State
from hub.site.agency import Mailbox
from tests.unit.connectors.agencies import STATUS, agency
from tests.unit.web.serving import AGENCIES, KEY, Hub, serving


class Tray:
    """A ``Connector`` whose attempts end with the reader's word; the surface asks it as it asks the pipeline."""

    features = Features(batches=True)

    def __init__(self) -> None:
        self._lying: list[Outbound] = []
        self._awaited: dict[str, asyncio.Future[Acknowledgement]] = {}
        self._changed = asyncio.Event()

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, outbound: Outbound, timeout_s: float) -> Outcome:
        word = self._awaited[outbound.id] = asyncio.get_running_loop().create_future()
        self._lying.append(outbound)
        self._changed.set()
        try:
            said = await asyncio.wait_for(word, timeout_s)
        except TimeoutError:
            return Outcome(Result.SENT)
        return Outcome(Result.DELIVERED) if said.taken else Outcome(Result.REFUSED, "partner-refused", "no")

    async def fetch(self, agency: str, most: int, wait_s: float) -> list[Json]:
        if not self._lying:
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), wait_s)
        taken, self._lying = self._lying[:most], self._lying[most:]
        return [item(each) for each in taken]

    async def acknowledge(self, word: Acknowledgement) -> Mapping[str, State]:
        self._awaited[word.ids[0]].set_result(word)
        return {word.ids[0]: State.DELIVERED if word.taken else State.DEAD}


class MailboxRig:
    """The real surface on loopback, and a reader that fetches in small pages."""

    shows = frozenset({Behaviour.TAKE, Behaviour.DECLINE})

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.connector: Connector
        self._behaviour = Behaviour.TAKE
        self._open = AsyncExitStack()

    async def start(self) -> None:
        self.connector = tray = Tray()
        fetching = agency("mailbox", "")
        assert fetching.way is not None
        way = replace(fetching.way, mailbox=Mailbox("api-key", 60))
        hub = Hub(agencies={**AGENCIES, "north": replace(fetching, way=way)})
        hub.fetch, hub.acknowledge = tray.fetch, tray.acknowledge  # type: ignore[method-assign]
        base = await self._open.enter_async_context(serving(hub))
        client = await self._open.enter_async_context(aiohttp.ClientSession(headers={"X-Api-Key": KEY}))
        reading = asyncio.create_task(self._read(client, f"{base}/rest/north/mailbox"))
        self._open.callback(reading.cancel)

    async def stop(self) -> None:
        await self._open.aclose()

    async def behave(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour

    def parcel(self) -> Outbound:
        return STATUS

    async def _read(self, client: aiohttp.ClientSession, url: str) -> None:
        while True:
            async with client.get(f"{url}?most=7&wait=60") as answer:
                for message in (await answer.json())["messages"]:
                    self.taken.append(_taken(message))
                    outcome = "refused" if self._behaviour is Behaviour.DECLINE else "delivered"
                    await client.post(f"{url}/{message['id']}/ack", json={"outcome": outcome})


def _taken(message: Any) -> Taken:
    return Taken(
        body=base64.b64decode(message["contentBase64"]),
        id=message["id"],
        sequence=message["sequence"],
        classification=message["classification"],
        trace=message["trace"],
        test=message["test"],
    )
