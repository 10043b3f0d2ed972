"""Reads a system call trace of the hub: no receipt leaves before a sync that covers it has returned (P1).

A receipt's id stands in the pages that are written to the store's log. Between the write of such a page and the
answer that shows the id, one ``fdatasync`` or ``fsync`` of that file must have begun after the write and returned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

# strace -f -y -s 65536 -e trace=...; the lines of a file come in the order in which the kernel was left or entered
CALLS = "pwrite64,pwritev,write,writev,sendto,sendmsg,fdatasync,fsync"
_LINE = re.compile(
    r"^(?P<pid>\d+) +(?:<\.\.\. (?P<resumed>\w+) resumed>|(?P<call>\w+)\((?P<fd>\d+)(?:<(?P<path>[^>]*)>)?)"
)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_RECEIPT = re.compile(r'\{\\"id\\":\\"([0-9a-f-]{36})\\",\\"status\\":\\"accepted\\"')
_UNFINISHED = "<unfinished ...>"


@dataclass
class Traced:
    """``receipts``: ids seen in answers; ``early``: those that no returned sync covered; ``syncs`` that returned."""

    receipts: set[str] = field(default_factory=set)
    early: set[str] = field(default_factory=set)
    syncs: int = 0
    _written: dict[str, set[str]] = field(default_factory=dict)
    _syncing: dict[str, tuple[str, set[str]]] = field(default_factory=dict)
    _durable: set[str] = field(default_factory=set)

    def line(self, text: str) -> None:
        """Take in the next line of the trace."""
        found = _LINE.match(text)
        if found is None:
            return
        if found["resumed"] in ("fdatasync", "fsync"):
            self._returned(found["pid"], text)
        elif found["call"] in ("fdatasync", "fsync"):
            path = found["path"] or found["fd"]
            self._syncing[found["pid"]] = (path, self._written.pop(path, set()))
            if _UNFINISHED not in text:
                self._returned(found["pid"], text)
        elif found["call"] is not None:
            self._write(found["path"] or found["fd"], text)

    def _write(self, path: str, text: str) -> None:
        for id in _RECEIPT.findall(text):
            self.receipts.add(id)
            if id not in self._durable:
                self.early.add(id)
        if not path.startswith(("socket:", "TCP", "pipe:")):
            self._written.setdefault(path, set()).update(_ID.findall(text))

    def _returned(self, pid: str, text: str) -> None:
        path, covered = self._syncing.pop(pid, ("", set()))
        if text.rstrip().endswith("= 0"):
            self.syncs += 1
            self._durable |= covered
        else:
            self._written.setdefault(path, set()).update(covered)


def read(lines: Iterable[str]) -> Traced:
    """The whole trace."""
    traced = Traced()
    for line in lines:
        traced.line(line)
    return traced
