"""A drop folder on disk: which files are whole, and how each goes through ``work/`` to ``accepted/`` or ``rejected/``.

A claimed file lies in ``work/`` and nowhere else; a file moves, is never copied, and never replaces another. One
process at a time holds the folder (a lock that ends with the process), so that files keep their order. Everything here
blocks: call it in a thread.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from connectors.durable import synchronise, write_durably

DONE = ".done"
META = ".meta.json"
REPORTS = {"accepted": ".receipt.json", "rejected": ".rejected.json"}
_OWN = ("work", *REPORTS)
_UNFINISHED = (".part", ".tmp")
_LONGEST_KEPT = 180


class TooLarge(Exception):
    """The file holds more than may be read."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One whole file; ``claimed`` where it lies in ``work/`` already (put there before a crash or an overload)."""

    name: str
    claimed: bool


class DropFolder:
    """``open`` first. ``ready`` and ``stable_s`` as in ``FileIntake``; ``clock`` is monotonic seconds."""

    def __init__(
        self,
        folder: Path,
        ready: Literal["rename", "done-marker", "stable"],
        stable_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._work = folder / "work"
        self._ready = ready
        self._stable_s = stable_s
        self._clock = clock
        self._sizes: dict[str, tuple[int, int, float]] = {}
        self._lock = -1
        self.strange: frozenset[str] = frozenset()  # names of what lies there and is no file: links, pipes, folders

    def open(self) -> bool:
        """Make the folders and hold the lock; False while another process holds it. May be called again."""
        for name in ("work", *REPORTS):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._work / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o640)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True

    def close(self) -> None:
        """Let another process have the folder."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def waiting(self) -> list[Waiting]:
        """What is to be taken: files in ``work/`` first, then the whole ones, oldest first."""
        claimed = [Waiting(name, True) for name in self._leftovers()]
        held = {each.name for each in claimed}
        entries = {entry.name: entry for entry in os.scandir(self._folder)}
        whole = [
            (found.st_mtime_ns, name)
            for name, entry in entries.items()
            if (found := _candidate(entry)) is not None and name not in held and self._is_whole(name, found, entries)
        ]
        self._sizes = {name: seen for name, seen in self._sizes.items() if name in entries}
        self.strange = frozenset(name for name, entry in entries.items() if _is_strange(entry))
        return claimed + [Waiting(name, False) for _, name in sorted(whole)]

    def claim(self, name: str) -> bool:
        """Move the file into ``work/``; False where it is gone.

        Its companions go first: the marker says that the file is whole, and a claim that is cut off is completed later.
        """
        for companion in (name + DONE, name + META):
            if companion.endswith(META) or self._ready == "done-marker":
                _move(self._folder / companion, self._work / companion)
        moved = _move(self._folder / name, self._work / name)
        synchronise(self._work)
        return moved

    def read(self, name: str, max_bytes: int) -> tuple[bytes, bytes | None]:
        """The claimed file's bytes, and those of its ``.meta.json`` where it has one; raises ``TooLarge``."""
        return _read(self._work / name, max_bytes) or b"", _read(self._work / (name + META), max_bytes)

    def finish(self, name: str, end: Literal["accepted", "rejected"], report: bytes) -> None:
        """Move the claimed file to where it ends, its report beside it; the report is there first."""
        folder = self._folder / end
        final = _free_name(folder, name)
        write_durably(folder / (final + REPORTS[end]), report)
        os.rename(self._work / name, folder / final)
        _move(self._work / (name + META), folder / (final + META))
        (self._work / (name + DONE)).unlink(missing_ok=True)
        synchronise(folder)
        synchronise(self._work)

    def put_back(self, name: str) -> None:
        """Leave a claimed file where its sender put it, to be taken later.

        Where a newer file has that name meanwhile (or the file system knows no hard links) it waits in ``work/``.
        """
        try:
            os.link(self._work / name, self._folder / name, follow_symlinks=False)
        except OSError:
            return
        os.unlink(self._work / name)
        for companion in (name + META, name + DONE):
            _move(self._work / companion, self._folder / companion)

    def _leftovers(self) -> Iterator[str]:
        """Names in ``work/``. A companion without its file shows a claim that was cut off: it is completed here."""
        names = {entry.name for entry in os.scandir(self._work) if not entry.name.startswith(".")}
        for name in sorted(names):
            base = next((name.removesuffix(end) for end in (DONE, META) if name.endswith(end)), name)
            if base == name:
                yield name
            elif base not in names:
                if _move(self._folder / base, self._work / base):
                    names.add(base)
                    yield base
                else:
                    (self._work / name).unlink()

    def _is_whole(self, name: str, found: os.stat_result, entries: dict[str, os.DirEntry[str]]) -> bool:
        if self._ready == "done-marker":
            return name + DONE in entries
        if self._ready == "rename":
            return True
        size, changed, since = self._sizes.get(name, (-1, -1, 0.0))
        if (size, changed) != (found.st_size, found.st_mtime_ns):
            self._sizes[name] = (found.st_size, found.st_mtime_ns, self._clock())
            return False
        return self._clock() - since >= self._stable_s


def _candidate(entry: os.DirEntry[str]) -> os.stat_result | None:
    """The state of what may be a message file: a plain, visible file, no link and no companion."""
    if entry.name.startswith(".") or entry.name.endswith((*_UNFINISHED, DONE, META)):
        return None
    try:
        found = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def _is_strange(entry: os.DirEntry[str]) -> bool:
    """Whether it is something that can never become a message, and not one of the hub's own folders."""
    if entry.name.startswith(".") or entry.name in _OWN:
        return False
    return not entry.is_file(follow_symlinks=False)


def _move(source: Path, target: Path) -> bool:
    try:
        os.rename(source, target)
    except FileNotFoundError:
        return False
    return True


def _read(path: Path, max_bytes: int) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as opened:
        content = opened.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise TooLarge
    return content


def _free_name(folder: Path, name: str) -> str:
    """``name``, or a longer one where a file of that name ended here before (its report is not another file's)."""
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem:
        stem, suffix = name, ""
    if len(os.fsencode(name)) > _LONGEST_KEPT:
        stem = os.fsdecode(os.fsencode(stem)[: _LONGEST_KEPT - len(os.fsencode(suffix)[:20])])
        suffix = suffix[:20]
        name = stem + dot + suffix
    while os.path.lexists(folder / name):
        name = f"{stem}~{time.time_ns()}{dot}{suffix}"
    return name
