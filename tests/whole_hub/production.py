"""Production mode on this machine: a database and a virtual host of the test's own, and a fleet of hub processes."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import aiohttp
import orjson
import psycopg
import pytest

from hub.child import Child, free_port
from tests.campaign.clients import API_KEY
from tests.campaign.history import History, Operation, Reference, now
from tests.campaign.hubs import SITE

SERVER = "postgresql://postgres@127.0.0.1:5432"
BROKER = "127.0.0.1", 5672
READY_WITHIN_S = 90.0  # four processes on a busy machine
CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Services:
    """Where they are, and how they fail for a moment."""

    store: str
    queue: str

    @property
    def _host(self) -> str:
        return self.queue.rpartition("/")[2]

    def cut_store(self) -> int:
        """Cut every connection to the database; how many there were."""
        with psycopg.connect(self.store, autocommit=True) as connection:
            return len(connection.execute(CUT).fetchall())

    def cut_queue(self) -> None:
        """Close every connection to the virtual host."""
        control("close_all_connections", "-p", self._host, "a test")

    def listeners(self) -> dict[str, int]:
        """How many processes listen, by queue."""
        lines = control("list_queues", "-p", self._host, "name", "consumers", "--no-table-headers").splitlines()
        return {name: int(count) for name, count in (line.split("\t") for line in lines)}


@contextmanager
def services() -> Iterator[Services]:
    """Both services for one test; it is skipped where the machine lacks one, unless services are required."""
    if lacking := _lacking():
        if os.environ.get("HUB_TEST_SERVICES") == "required":
            pytest.fail(f"{lacking} is required here")
        pytest.skip(f"no {lacking} on this machine")
    name = f"hub_test_{uuid4().hex[:12]}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        try:
            control("add_vhost", name)
            control("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
            yield Services(f"{SERVER}/{name}", f"amqp://guest:guest@127.0.0.1:5672/{name}")
        finally:
            control("delete_vhost", name)
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def control(*arguments: str) -> str:
    """What ``rabbitmqctl`` says."""
    return subprocess.run(["rabbitmqctl", "-q", *arguments], check=True, capture_output=True, text=True).stdout


def _lacking() -> str:
    try:
        psycopg.connect(f"{SERVER}/postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return "PostgreSQL"
    try:
        socket.create_connection(BROKER, timeout=2).close()
    except OSError:
        return "RabbitMQ"
    return "" if shutil.which("rabbitmqctl") is not None and os.geteuid() == 0 else "rabbitmqctl for this account"


@dataclass
class Fleet:
    """``hub intake`` and ``hub deliver``, so many ``each``, on the campaign's site, with one data folder."""

    services: Services
    data: Path
    each: int = 2
    intakes: Sequence[Child] = ()
    deliverers: Sequence[Child] = ()

    @asynccontextmanager
    async def running(self, **settings: str) -> AsyncIterator[None]:
        """All started together on the empty folder and ready; afterwards stopped."""
        self.intakes = [self._child("intake", settings) for _ in range(self.each)]
        self.deliverers = [self._child("deliver", settings) for _ in range(self.each)]
        try:
            await asyncio.gather(*(each.start(READY_WITHIN_S) for each in (*self.intakes, *self.deliverers)))
            yield
        finally:
            await asyncio.gather(*(each.stop() for each in (*self.intakes, *self.deliverers)))

    def _child(self, command: str, settings: dict[str, str]) -> Child:
        environment = {"HUB_STORE": self.services.store, "HUB_QUEUE": self.services.queue, **settings}
        return Child(SITE, self.data, free_port(), environment=environment, command=command)

    def said(self, of: Child) -> str:
        """The log of one process."""
        return next(self.data.glob(f"hub-*-{of.port}.log")).read_text(encoding="utf-8")


@dataclass
class Senders:
    """Sends each case's notes in order, by turns to each intake, until each has its receipt; every third to both."""

    intakes: Sequence[int]
    history: History
    chance: random.Random
    cases: int
    notes: int
    at_once: int
    pause_s: float = 0.0  # after each note
    enough: bool = False  # set from outside: no case is begun any more
    texts: dict[Reference, str] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)  # answers that are neither a receipt nor an honest refusal

    async def run(self) -> None:
        """Everything is sent when this returns."""
        waiting = iter(range(1, self.cases + 1))
        timeout = aiohttp.ClientTimeout(total=10)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session, asyncio.TaskGroup() as group:
            for _ in range(self.at_once):
                group.create_task(self._cases(session, waiting))

    async def _cases(self, session: aiohttp.ClientSession, waiting: Iterator[int]) -> None:
        for case in waiting:
            if self.enough:
                return
            for number in range(1, self.notes + 1):
                self.texts[f"C-{case}", number] = f"C-{case} رقم {number} " + "محضر" * self.chance.randint(1, 40)
                turns = [case + number, case + number + 1][: 2 if (case + number) % 3 == 0 else 1]
                await asyncio.gather(*(self._until_taken(session, f"C-{case}", number, turn) for turn in turns))
                await asyncio.sleep(self.pause_s)

    async def _until_taken(self, session: aiohttp.ClientSession, case: str, number: int, turn: int) -> None:
        while True:
            port = self.intakes[turn % len(self.intakes)]
            operation = await self._request(session, f"http://127.0.0.1:{port}/rest/sender/note", case, number)
            self.history.operated(operation)
            if operation.outcome == "ok":
                return
            turn += 1
            await asyncio.sleep(0.1)  # what a client does between two tries

    async def _request(self, session: aiohttp.ClientSession, url: str, case: str, number: int) -> Operation:
        headers = {"X-Api-Key": API_KEY, "Idempotency-Key": f"{case}-{number}", "Content-Type": "application/json"}
        body = orjson.dumps({"case": case, "number": str(number), "text": self.texts[case, number]})
        began = now()
        try:
            async with session.post(url, data=body, headers=headers) as answer:
                said = await answer.json(content_type=None)
                if answer.status == 202:
                    return Operation(case, number, "ok", began, now(), said["id"], said["duplicate"])
                if answer.status != 503 or int(answer.headers.get("Retry-After", "0")) < 1:
                    self.odd.append(f"{answer.status} {dict(answer.headers)} {said}")
                return Operation(case, number, "fail", began, now(), said=f"{answer.status} {said}")
        except (aiohttp.ClientError, TimeoutError) as error:
            self.odd.append(repr(error))
            return Operation(case, number, "info", began, now(), said=repr(error))
