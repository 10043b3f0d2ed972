"""JSON lines to a file descriptor, gathered for a moment so that a burst of messages costs few system calls."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson

Later = Callable[[float, Callable[[], None]], object]


class Lines:
    """Bytes lines on their way to ``descriptor``; used from one thread.

    ``later`` runs a call after some seconds (the event loop's ``call_later``); without it every line is written at
    once. What is gathered when the process is killed is lost: the log is for people, the ledger is the record.
    """

    def __init__(self, descriptor: int, later: Later | None = None, wait_s: float = 0.2, most: int = 200) -> None:
        self._descriptor = descriptor
        self._later = later
        self._wait_s = wait_s
        self._most = most
        self._gathered: list[bytes] = []
        self._is_torn = False  # the last write ended within a line

    def gather_on(self, later: Later) -> None:
        """From now on gather lines; called once the event loop runs."""
        self._later = later

    def info(self, line: bytes) -> None:
        """Write the line within ``wait_s`` seconds."""
        gathered = self._gathered
        gathered.append(line)
        if self._later is None or len(gathered) >= self._most:
            self.flush()
        elif len(gathered) == 1:
            self._later(self._wait_s, self.flush)

    def warning(self, line: bytes) -> None:
        """Write the line, and everything before it, at once."""
        self._gathered.append(line)
        self.flush()

    error = critical = warning

    def flush(self) -> None:
        """Write what is gathered; a reader that went away or a full disk ends logging, not the hub."""
        if not self._gathered:
            return
        rest = b"\n" * self._is_torn + b"\n".join((*self._gathered, b""))
        self._gathered.clear()
        with suppress(OSError):
            while rest:
                written = os.write(self._descriptor, rest)
                self._is_torn = not rest[:written].endswith(b"\n")
                rest = rest[written:]


def to_json(_logger: Any, _name: str, event: Any) -> bytes:
    """Last structlog processor: the event as one JSON line; what JSON does not know is written as its type's name."""
    return orjson.dumps(event, default=_type_name)


def _type_name(value: object) -> str:
    return f"<{type(value).__name__}>"
