"""A hub as a process of its own, for the demo, the benchmark and the fault campaign."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


class NotReady(Exception):
    """The hub ended, or was not ready in time; the text holds the end of its log."""


class Child:
    """``hub run`` (or another ``command``) with its own port; its log goes to ``DATA/hub.log``.

    Of several that share a data folder each has a log of its own, ``DATA/hub-<command>-<port>.log``.
    """

    def __init__(
        self,
        site: Path,
        data: Path,
        port: int,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        command: str = "run",
    ) -> None:
        self._command = [
            sys.executable, "-m", "hub.cli", command,
            "--site", str(site), "--data", str(data), "--port", str(port), *arguments,
        ]  # fmt: skip
        self._environment = {**os.environ, **(environment or {})}
        self._log = data / ("hub.log" if command == "run" else f"hub-{command}-{port}.log")
        self._process: asyncio.subprocess.Process | None = None
        self.port = port

    @property
    def pid(self) -> int:
        """The process's id; only after ``start``."""
        if self._process is None:
            raise NotReady("not started")
        return self._process.pid

    async def start(self, timeout_s: float = 30.0) -> float:
        """Start, and return how many seconds it took until ``/health/ready`` said yes."""
        began = time.monotonic()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment
            )
        while time.monotonic() < began + timeout_s:
            if self._process.returncode is not None:
                raise NotReady(f"the hub ended with {self._process.returncode}\n{self._end_of_log()}")
            if await _is_ready(self.port):
                return time.monotonic() - began
            await asyncio.sleep(0.01)
        await self.kill()
        raise NotReady(f"the hub was not ready after {timeout_s:.0f} s\n{self._end_of_log()}")

    @property
    def status(self) -> int | None:
        """Its exit status where it has ended, else None."""
        return None if self._process is None else self._process.returncode

    async def stop(self, timeout_s: float = 30.0) -> int:
        """Ask it to end (SIGTERM); kill it where it does not. Returns its exit status; may be called again."""
        process = self._process
        if process is None:
            return 0
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            return await asyncio.wait_for(process.wait(), timeout_s)
        except TimeoutError:
            await self.kill()
            return -signal.SIGKILL

    async def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def _end_of_log(self) -> str:
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


def free_port() -> int:
    """A TCP port of loopback that nobody listens on at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


async def _is_ready(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 200")
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
