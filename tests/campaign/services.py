"""A PostgreSQL and a RabbitMQ of the campaign's own, started under accounts without rights, killed like a power cut."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from hub.child import free_port

READY_WITHIN_S = 60.0
_POSTGRES = ("initdb", "postgres")


class Impossible(Exception):
    """This machine does not allow it; the text says why."""


@dataclass
class Service:
    """A server in ``folder``, under ``account``, on a port of its own; after ``kill`` it may be started again."""

    folder: Path
    account: str
    port: int = field(default_factory=free_port)
    _process: asyncio.subprocess.Process | None = None

    async def prepare(self) -> None:
        """Make what the server needs; raises ``Impossible``."""
        try:
            entry = pwd.getpwnam(self.account)
        except KeyError:
            raise Impossible(f"no account {self.account}") from None
        if os.geteuid() not in (0, entry.pw_uid):
            raise Impossible(f"only root can start a server as {self.account}")
        self.folder.mkdir(parents=True)
        shutil.chown(self.folder, self.account)
        self.folder.chmod(0o700)
        for parent in (self.folder.parent, self.folder.parent.parent):
            parent.chmod(parent.stat().st_mode | 0o011)

    async def start(self) -> float:
        """Start it; the seconds until it served. Raises ``Impossible`` where it does not."""
        began = time.monotonic()
        with (self.folder.parent / f"{self.account}.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._under_account(), *self._command(), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                env=self._environment(), cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        while not await asyncio.to_thread(self._serves):
            if self._process.returncode is not None:
                raise Impossible(f"{self.account} ended with {self._process.returncode}: see {log.name}")
            if time.monotonic() > began + READY_WITHIN_S:
                raise Impossible(f"{self.account} does not serve after {READY_WITHIN_S:.0f} s: see {log.name}")
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    async def kill(self) -> None:
        """SIGKILL for the server and all its children at once."""
        if self._process is None or self._process.returncode is not None:
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        while await asyncio.to_thread(_group_lives, self._process.pid):  # noqa: ASYNC110 - seen from outside
            await asyncio.sleep(0.01)

    def _under_account(self) -> Sequence[str]:
        if os.geteuid() != 0:
            return ()
        return ("setpriv", f"--reuid={self.account}", f"--regid={self.account}", "--clear-groups", "--")

    def _command(self) -> Sequence[str]:
        raise NotImplementedError

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(self.folder)}

    def _serves(self) -> bool:
        raise NotImplementedError


class Postgres(Service):
    """A cluster with ``fsync`` on, as the hub demands it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "postgres")

    def url(self, port: int | None = None) -> str:
        """Where its database is, or where a proxy at ``port`` pretends it is."""
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/postgres"

    async def prepare(self) -> None:
        await super().prepare()
        tools = _postgres_tools()
        made = await asyncio.create_subprocess_exec(
            *self._under_account(), str(tools / "initdb"), "-D", str(self.folder / "cluster"), "-A", "trust",
            "-U", "postgres", "-E", "UTF8", "--no-locale", "--no-sync",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, cwd=self.folder,
        )  # fmt: skip
        if await made.wait() != 0:
            raise Impossible("initdb failed")

    def _command(self) -> Sequence[str]:
        return (
            str(_postgres_tools() / "postgres"), "-D", str(self.folder / "cluster"), "-p", str(self.port),
            "-c", "listen_addresses=127.0.0.1", "-k", str(self.folder), "-c", "shared_buffers=64MB",
        )  # fmt: skip

    def _serves(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


class Rabbit(Service):
    """A node with its own name, ports and mnesia folder; no plugin."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "rabbitmq")
        self._distribution = free_port()

    def url(self, port: int | None = None) -> str:
        """Where its default virtual host is, or where a proxy at ``port`` pretends it is."""
        return f"amqp://guest:guest@127.0.0.1:{port or self.port}//"

    async def prepare(self) -> None:
        await super().prepare()
        if shutil.which(self._command()[0]) is None:
            raise Impossible("no rabbitmq-server here")
        (self.folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{self.port}\n", encoding="utf-8")
        (self.folder / "plugins").write_text("[].\n", encoding="utf-8")

    def _command(self) -> Sequence[str]:
        return ("/usr/lib/rabbitmq/bin/rabbitmq-server",)

    def _environment(self) -> dict[str, str]:
        folder = self.folder
        return {
            **super()._environment(),
            "PATH": f"/usr/sbin:/usr/bin:/sbin:/bin:{os.environ['PATH']}",
            "RABBITMQ_NODENAME": f"campaign{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def _serves(self) -> bool:
        """Says the AMQP header and waits for the broker's ``connection.start``."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False


def _postgres_tools() -> Path:
    """The folder of the newest PostgreSQL's programs."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb")
    if found is not None:
        folders.append(Path(found).resolve().parent)
    for folder in reversed(folders):
        if all((folder / name).exists() for name in _POSTGRES):
            return folder
    raise Impossible("no PostgreSQL server here")


def _group_lives(leader: int) -> bool:
    """Whether any process of the group is left that is more than a zombie."""
    listed = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    return any(int(line.split()[0]) == leader and "Z" not in line.split()[1] for line in listed.splitlines())
