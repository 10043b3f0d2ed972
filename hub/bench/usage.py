"""What a process costs, from ``/proc``: CPU time and memory, its children included."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds since the process began (all threads), resident megabytes, and when that was read."""

    cpu_s: float
    rss_mb: float
    at: float


def usage(pid: int) -> Usage:
    """Read process ``pid`` and every process below it."""
    cpu, pages = 0.0, 0
    parents = {int(entry.name): _fields(entry) for entry in Path("/proc").iterdir() if entry.name.isdecimal()}
    wanted = {pid}
    for _ in parents:
        more = {child for child, fields in parents.items() if fields and int(fields[1]) in wanted} | wanted
        if more == wanted:
            break
        wanted = more
    for each in wanted:
        fields = parents.get(each)
        if fields:
            cpu += (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
            pages += int(fields[21])
    return Usage(cpu, pages * _PAGE_BYTES / 1_000_000, time.monotonic())


def _fields(process: Path) -> list[str]:
    """The fields of ``stat`` after the command's name (which may hold spaces): state, parent, ..."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def fsync_ms(folder: Path, times: int = 50) -> list[float]:
    """How long appending 4 KB and ``fdatasync`` take on the disk of ``folder``, in milliseconds."""
    path = folder / ".fsync"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return [_write_ms(descriptor) for _ in range(times)]
    finally:
        os.close(descriptor)
        path.unlink()


def _write_ms(descriptor: int) -> float:
    began = time.perf_counter()
    os.write(descriptor, b"x" * 4096)
    os.fdatasync(descriptor)
    return (time.perf_counter() - began) * 1000
