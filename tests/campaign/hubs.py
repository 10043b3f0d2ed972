"""The hub under test: one ``hub run`` on SQLite, or two intakes and two deliverers on PostgreSQL and RabbitMQ."""

from __future__ import annotations

import asyncio
import json
import mmap
import os
import shutil
import struct
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hub.child import Child, free_port
from tests.campaign.clients import API_KEY
from tests.campaign.history import History, Ready, now
from tests.campaign.proxy import Proxy
from tests.campaign.services import Impossible, Postgres, Rabbit

SITE = Path(__file__).parent / "site"
CLOCK = Path(__file__).parent / "clock"
LEASE_S = 9
SMALL_DISK_BYTES = 192 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of hub. ``engine`` is the folder whose ``hub`` and ``connectors`` are run (None: this repository's)."""

    production: bool = False
    engine: Path | None = None
    clock: bool = False
    small_disk: bool = False


@dataclass
class Hubs:
    """The processes, what they stand on, and how all of it is reached."""

    data: Path
    store: str
    history: History
    intakes: Sequence[Child]
    deliverers: Sequence[Child]
    postgres: Postgres | None = None
    rabbit: Rabbit | None = None
    to_store: Proxy | None = None
    to_queue: Proxy | None = None
    clock: Clock | None = None
    disk: Path | None = None

    @property
    def processes(self) -> list[Child]:
        """Each process once: the embedded hub takes in and delivers."""
        return list(dict.fromkeys((*self.intakes, *self.deliverers)))

    @property
    def urls(self) -> list[str]:
        """Where notes are sent to."""
        return [f"http://127.0.0.1:{child.port}/rest/sender/note" for child in self.intakes]

    def name(self, child: Child) -> str:
        """The process's name in the histories."""
        if child in self.intakes and child in self.deliverers:
            return "hub"
        kind = self.intakes if child in self.intakes else self.deliverers
        return f"{'intake' if child in self.intakes else 'deliver'}-{kind.index(child) + 1}"

    async def start(self, child: Child) -> None:
        """Start one process and note when it was ready. Raises ``NotReady``."""
        took = await child.start()
        self.history.ready(Ready(self.name(child), now(), took))

    async def start_all(self) -> None:
        """Those that do not run."""
        await asyncio.gather(*(self.start(child) for child in self.processes if not is_running(child)))

    async def stop(self) -> list[str]:
        """Ask all to end; those that did not end well, with their status."""
        ended = await asyncio.gather(*(child.stop() for child in self.processes))
        return [f"{self.name(child)} ended with {status} on SIGTERM"
                for child, status in zip(self.processes, ended, strict=True) if status != 0]  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """The file from which the hub's processes read how far their clock is off."""

    path: Path
    _seconds: list[float] = field(default_factory=lambda: [0.0])

    def __post_init__(self) -> None:
        self.path.write_bytes(struct.pack("d", 0.0))

    def jump(self, by_s: float) -> None:
        """From now on all of them see a time that is so much later (or earlier)."""
        self._seconds[0] += by_s
        with self.path.open("r+b") as opened, mmap.mmap(opened.fileno(), 8) as shared:
            shared[:8] = struct.pack("d", self._seconds[0])


@asynccontextmanager
async def hubs(wanted: Wanted, folder: Path, partners: Mapping[str, str], history: History) -> AsyncIterator[Hubs]:
    """All that the deployment needs, made in ``folder``, services running, hub processes not started yet.

    ``partners`` are the endpoints of the recipients. Raises ``Impossible`` where the machine lacks a service.
    """
    async with AsyncExitStack() as stack:
        disk = _small_disk(folder / "disk", stack) if wanted.small_disk else None
        data = (disk or folder) / "data"
        write_environment(data, partners)
        environment = {"HUB_LEASE_S": str(LEASE_S), "HUB_MAX_IN_FLIGHT": "64", **_engine(wanted.engine)}
        clock = None
        if wanted.clock:
            clock = Clock(folder / "clock")
            environment |= {"CAMPAIGN_CLOCK": str(clock.path), **_path(environment, CLOCK)}
        made = Hubs(data, f"sqlite:///{data / 'hub.db'}", history, (), (), clock=clock, disk=disk)
        if wanted.production:
            await _production(made, folder, environment, stack)
        else:
            child = Child(SITE, data, free_port(), environment=environment)
            made.intakes = made.deliverers = (child,)
        stack.push_async_callback(_end, made)
        yield made


async def _production(made: Hubs, folder: Path, environment: dict[str, str], stack: AsyncExitStack) -> None:
    made.postgres, made.rabbit = Postgres(folder / "postgres"), Rabbit(folder / "rabbit")
    for service in (made.postgres, made.rabbit):
        await service.prepare()
        stack.push_async_callback(service.kill)
    await asyncio.gather(made.postgres.start(), made.rabbit.start())
    made.store = made.postgres.url()
    made.to_store = Proxy(("127.0.0.1", made.postgres.port), reads_commits=True)
    made.to_queue = Proxy(("127.0.0.1", made.rabbit.port))
    await stack.enter_async_context(made.to_store.listening())
    await stack.enter_async_context(made.to_queue.listening())
    environment |= {
        "HUB_STORE": made.postgres.url(made.to_store.port),
        "HUB_QUEUE": made.rabbit.url(made.to_queue.port),
    }
    made.intakes, made.deliverers = (
        tuple(Child(SITE, made.data, free_port(), environment=environment, command=command) for _ in range(2))
        for command in ("intake", "deliver")
    )


def is_running(child: Child) -> bool:
    """Started and not ended."""
    try:
        return child.pid > 0 and child.status is None
    except Exception:  # never started
        return False


def write_environment(data: Path, partners: Mapping[str, str]) -> None:
    """The deployment: where the partners are, and the sender's key."""
    data.mkdir(parents=True)
    environment: dict[str, object] = {"sender": {"secrets": {"api-key": {"value": API_KEY}}}}
    environment |= {agency: {"endpoint": endpoint} for agency, endpoint in partners.items()}
    path = data / "environment.yaml"
    path.write_text(json.dumps(environment, indent=1), encoding="utf-8")
    path.chmod(0o600)


def _engine(engine: Path | None) -> dict[str, str]:
    """Run the packages of another folder: before all others on the path, and without the current folder."""
    if engine is None:
        return {}
    return {"PYTHONSAFEPATH": "1", "PYTHONPATH": str(engine)}


def _path(environment: Mapping[str, str], first: Path) -> dict[str, str]:
    before = environment.get("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(first), before)))}


def _small_disk(folder: Path, stack: AsyncExitStack) -> Path:
    """A file system in memory of its own, that can be filled; raises ``Impossible``."""
    folder.mkdir()
    command = ("mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES}", "campaign", str(folder))
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(command, check=False).returncode != 0:
        raise Impossible("no small disk: mount needs root")
    stack.callback(_take_down, folder)
    return folder


def _take_down(folder: Path) -> None:
    """Keep the logs that lie on it, and give the memory back."""
    for log in folder.rglob("*.log"):
        shutil.copy(log, folder.parent)
    subprocess.run(("umount", "-l", str(folder)), check=False)


async def _end(made: Hubs) -> None:
    """Whatever still runs."""
    await asyncio.gather(*(child.kill() for child in made.processes))
