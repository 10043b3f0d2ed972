"""A running hub with real partners on loopback, used from outside: tests call it, and wait, as its partners do."""

from __future__ import annotations

import asyncio
import http.client
import os
import shutil
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import orjson
import yaml

from hub.child import Child, free_port
from hub.demo.cast import Role, load_cast
from hub.demo.deployment import write_environment
from hub.demo.figures import counts_of
from hub.settings import Settings
from hub.store.audit import Verdict, verify_store
from hub.store.query import Queries, open_queries
from hub.store.views import AttemptView, DeliveryView
from hub.web.operator import socket_path
from hub.wiring.checking import load_checked_site
from hub.wiring.hub import Hub
from monitoring.lines import Lines
from monitoring.logs import Journal, open_log
from monitoring.metrics import Metrics
from monitoring.observers import Observers
from tests.whole_hub.service import Service

ROOT = Path(__file__).parents[2]
PARTS = ("connectors/agencies", "schemas", "mappings")
DEADLINE_S = 15.0
T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    """One whole HTTP answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


def until(happened: Callable[[], T], deadline_s: float = DEADLINE_S) -> T:
    """The first truthy value of ``happened``; fails when the deadline is over."""
    ends = time.monotonic() + deadline_s
    while not (value := happened()):
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.01)
    return value


def copy_site(target: Path, changes: Mapping[str, Mapping[str, Any]], site: Path = ROOT) -> Path:
    """A site with other values in some ``agency.yaml`` files: by agency, merged into what stands there."""
    for part in PARTS:
        shutil.copytree(site / part, target / part)
    for agency, change in changes.items():
        path = target / "connectors" / "agencies" / agency / "agency.yaml"
        values = _merged(yaml.load(path.read_text(), yaml.BaseLoader), change)
        path.write_text(yaml.safe_dump(values, allow_unicode=True, sort_keys=False))
    return target


def _merged(values: Any, change: Any) -> Any:
    if not isinstance(values, dict) or not isinstance(change, Mapping):
        return change
    return {**values, **{key: _merged(values.get(key), value) for key, value in change.items()}}


class Running:
    """A hub of ``site`` with a service for each agency that it reaches over HTTP; secrets as in the demo.

    In this process, on a loop of its own in a thread, or (``as_process``) as ``hub run``.
    """

    def __init__(
        self,
        site: Path,
        data: Path,
        *,
        as_process: bool = False,
        secrets: Mapping[str, Mapping[str, str]] | None = None,
        **settings: Any,
    ) -> None:
        """``secrets``: those of agencies to which the demo gives none."""
        self._secrets = secrets or {}
        self.data = data
        self.log = data / "hub.log"
        self.services: dict[str, Service] = {}
        self._site = site
        self._as_process = as_process
        self._settings = settings
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="running-hub")
        self._hub: Hub | None = None
        self._child: Child | None = None
        self.queries: Queries
        self.cast: dict[str, Role] = {}
        self.port = 0

    def __enter__(self) -> Running:
        self._thread.start()
        try:
            self.wait(self._open())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.wait(self._close())
        finally:
            self._end()

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run something on the hub's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def start(self) -> None:
        """Start the hub (again) on the same data."""
        self.wait(self._start_hub())

    def stop(self) -> None:
        """Stop the hub; its partners stay."""
        self.wait(self._stop_hub())

    def kill(self) -> None:
        """End the hub's process as a power cut would; its partners stay."""
        assert self._child is not None
        self.wait(self._child.kill())

    @property
    def pid(self) -> int:
        """The hub's process."""
        assert self._child is not None
        return self._child.pid

    # --- what a partner can do ---------------------------------------------------------------------------------------

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """One request; ``X_Api_Key="k"`` becomes the header ``X-Api-Key``."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())

    def post(self, agency: str, type: str, body: bytes, **headers: str) -> Reply:
        """REST as the agency, with its own key."""
        role = self.cast[agency]
        credential = role.agency.rest.credential if role.agency.rest else ""
        given = {"Content_Type": "application/json", "X_Api_Key": role.secrets.get(credential, ""), **headers}
        return self.request("POST", f"/rest/{agency}/{type}", body, **given)

    def drop(self, agency: str, name: str, content: bytes, meta: Mapping[str, Any] | None = None) -> None:
        """Put a file into the agency's folder: beside first, then under its name."""
        folder = self.inbox(agency)
        if meta is not None:
            (folder / f"{name}.meta.json").write_bytes(orjson.dumps(meta))
        (folder / f".{name}.part").write_bytes(content)
        (folder / f".{name}.part").rename(folder / name)

    def report(self, agency: str, name: str) -> tuple[str, Any]:
        """Where a dropped file ended (``accepted`` or ``rejected``) and the report beside it."""
        ends = {"accepted": ".receipt.json", "rejected": ".rejected.json"}
        found = {end: self.inbox(agency) / end / (name + suffix) for end, suffix in ends.items()}
        end = until(lambda: next((end for end, path in found.items() if path.exists()), None))
        until(lambda: (found[end].parent / name).exists())
        return end, orjson.loads(found[end].read_bytes())

    def inbox(self, agency: str) -> Path:
        """The folder that the hub watches for the agency."""
        intake = self.cast[agency].agency.file
        assert intake is not None
        folder = self.data / "files" / agency / intake.folder
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def outbox(self, agency: str) -> list[Path]:
        """The whole files that the hub has put into the agency's folder, by name."""
        way = self.cast[agency].agency.way
        assert way is not None
        folder = self.data / "files" / agency / way.endpoint
        return sorted(path for path in folder.glob("*.xml") if not path.name.startswith("."))

    # --- what an operator can see ------------------------------------------------------------------------------------

    def deliveries(self, message: str) -> dict[str, DeliveryView]:
        """The deliveries of a message by agency."""
        found = self.wait(self.queries.message(message))
        assert found is not None
        return {each.agency: each for each in found.deliveries}

    def settled(self, message: str, **states: str) -> dict[str, DeliveryView]:
        """Wait until the message's deliveries are in these states (``public_security="delivered"``)."""
        wanted = {agency.replace("_", "-"): state for agency, state in states.items()}

        def there() -> dict[str, DeliveryView] | None:
            found = self.deliveries(message)
            return found if {name: found[name].state for name in wanted if name in found} == wanted else None

        return until(there)

    def ledger(self) -> list[Any]:
        """The body of every ledger entry, in the order of their commits."""
        with closing(sqlite3.connect(f"file:{self.data / 'hub.db'}?mode=ro", uri=True)) as connection:
            return [orjson.loads(body) for (body,) in connection.execute("SELECT body FROM entry ORDER BY n")]

    def verify(self) -> Verdict:
        """What ``hub ledger verify`` says."""
        return verify_store("sqlite", self.data)

    def metrics(self) -> str:
        """What Prometheus scrapes."""
        return self.request("GET", "/metrics").body.decode()

    def count(self, agency: str, what: str) -> int:
        """One figure of ``hub.demo.figures``: refused, delivered, dead, withheld, pending, open ..."""
        return counts_of(self.metrics())[agency, what]

    def disclosures(self, delivery: str) -> list[Any]:
        """The ledger's entries about sending one delivery."""
        return [entry for entry in self.ledger() if entry["kind"] == "disclose" and entry.get("delivery") == delivery]

    def attempts(self, delivery: str) -> tuple[AttemptView, ...]:
        """The attempts of a delivery that ended."""
        return self.wait(self.queries.attempts(delivery))

    def resend(self, *ids: str, why: str = "mended") -> Any:
        """What ``hub resend`` does while a hub runs: ask it over its socket."""
        connection = http.client.HTTPConnection("localhost", timeout=30)
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with closing(connection), socket_path(self.data) as path:
            connection.sock.connect(path)
            connection.request("POST", "/resend", orjson.dumps({"ids": ids, "who": "operator", "why": why}))
            return orjson.loads(connection.getresponse().read())

    # --- opening and closing -----------------------------------------------------------------------------------------

    async def _open(self) -> None:
        site = await asyncio.to_thread(load_checked_site, self._site)
        self.cast = load_cast(ROOT, site.agencies)
        for name, secrets in self._secrets.items():
            self.cast[name] = replace(self.cast[name], secrets={**self.cast[name].secrets, **secrets})
        self.data.mkdir(parents=True, exist_ok=True)
        for name, role in self.cast.items():
            if role.agency.way is not None and role.agency.way.transport not in ("file", "mailbox"):
                self.services[name] = Service(role)
                await self.services[name].up()
        write_environment(self.data, self.cast, {name: each.port for name, each in self.services.items()})
        await self._start_hub()
        self.queries = await open_queries("sqlite", self.data)

    async def _start_hub(self) -> None:
        if self._as_process:
            environment = {f"HUB_{name.upper()}": str(value) for name, value in self._settings.items()}
            self._child = Child(self._site, self.data, free_port(), environment=environment)
            await self._child.start()
            self.port = self._child.port
            return
        site = await asyncio.to_thread(load_checked_site, self._site)
        metrics = Metrics()
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        observers = Observers(metrics, Journal(open_log(Lines(descriptor))))
        settings = Settings(site=self._site, data=self.data, port=0, **self._settings)
        self._hub = Hub(settings, site, observers, metrics)
        await self._hub.start()
        self.port = self._hub.port

    async def _stop_hub(self) -> None:
        if self._child is not None:
            await self._child.stop()
        if self._hub is not None:
            await self._hub.stop()
            self._hub = None

    async def _close(self) -> None:
        await self._stop_hub()
        await self.queries.close()
        for service in self.services.values():
            await service.down()
        left = asyncio.all_tasks() - {asyncio.current_task()}  # services that never answer
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
