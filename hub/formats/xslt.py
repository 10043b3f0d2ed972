"""Stylesheets applied in a process of their own, so that one that does not end is ended."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

MOST_CPU_S = 2.0
MOST_WALL_S = 30.0
MOST_BYTES = 16 * 1024 * 1024
IDLE_S = 30.0
_WORKER = Path(__file__).parent / "xslt_worker.py"
_LENGTH_BYTES = 8
_SLICE = 65536


class Unstyled(Exception):
    """A document that a stylesheet did not turn into another; the text names no content of it.

    ``said``: what the stylesheet itself gave as the reason (``xsl:message terminate="yes"``), which may hold content.
    """

    def __init__(self, text: str, said: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.said = said


class _Ended(Exception):
    """The process ended, or was too slow, before it had answered."""


class Stylist:
    """One process at most, started with the first document and ended when none has come for a while.

    May be used from several threads; they wait for each other.
    """

    def __init__(
        self,
        *,
        cpu_s: float = MOST_CPU_S,
        wall_s: float = MOST_WALL_S,
        most_bytes: int = MOST_BYTES,
        idle_s: float = IDLE_S,
    ) -> None:
        self._arguments = [str(cpu_s), str(most_bytes), str(idle_s)]
        self._limits = f"{cpu_s:g} s of computing"
        self._wall_s = wall_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process that there is at the moment."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def apply(self, sheet: bytes, document: bytes) -> bytes:
        """The document that a stylesheet makes of another, as UTF-8. Raises ``Unstyled``."""
        lengths = b"".join(len(part).to_bytes(_LENGTH_BYTES, "big") for part in (sheet, document))
        with self._lock:
            try:
                try:
                    kind, body = self._ask(lengths + sheet + document, fresh=False)
                except BrokenPipeError:  # it had ended for want of work
                    kind, body = self._ask(lengths + sheet + document, fresh=True)
            except (_Ended, OSError):
                self._end()
                raise Unstyled(f"it took more than {self._limits}, or more memory than it may") from None
        if kind == b"o":
            return body
        if kind == b"m":
            raise Unstyled("it says that this document cannot be taken", body.decode("utf-8", "replace"))
        raise Unstyled({b"l": "its result is too large", b"n": "it makes no element"}.get(kind, "it failed"))

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def __del__(self) -> None:
        self._end()

    def _ask(self, request: bytes, *, fresh: bool) -> tuple[bytes, bytes]:
        process = self._process
        if fresh or process is None or process.poll() is not None:
            self._end()
            process = self._process = _start(self._arguments)
        deadline = time.monotonic() + self._wall_s
        _write(process, request, deadline)
        head = _read(process, 1 + _LENGTH_BYTES, deadline)
        return head[:1], _read(process, int.from_bytes(head[1:], "big"), deadline)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _start(arguments: list[str]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-I", str(_WORKER), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        cwd="/",
        env={},
    )
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
    return process


def _write(process: subprocess.Popen[bytes], content: bytes, deadline: float) -> None:
    pipe = process.stdin
    view = memoryview(content)
    while view and pipe is not None:
        if not select.select([], [pipe], [], max(deadline - time.monotonic(), 0))[1]:
            raise _Ended
        with suppress(BlockingIOError):
            view = view[os.write(pipe.fileno(), view[:_SLICE]) :]


def _read(process: subprocess.Popen[bytes], length: int, deadline: float) -> bytes:
    pipe = process.stdout
    content = bytearray()
    while len(content) < length and pipe is not None:
        if not select.select([pipe], [], [], max(deadline - time.monotonic(), 0))[0]:
            raise _Ended
        part = os.read(pipe.fileno(), min(_SLICE, length - len(content)))
        if not part:
            raise _Ended
        content += part
    return bytes(content)
