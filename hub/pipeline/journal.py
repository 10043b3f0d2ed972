"""A large document that was decided, on disk until all of its messages are in the store.

Thousands of messages in one commit would hold up everyone else's, so they are committed in parts; and because a process
may be killed between two of them, the decision is durable first, with every id in it. Whoever starts next on the same
data puts the rest into the store: what is there already is known by its identity (P5).

A journal is a file of lines: a head, then one ``Part`` a line.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from hub.errors import HubError, Problem
from hub.message import CaseNumber, Classification, Json, Refusal, State
from hub.store.base import Acceptance, Recipient

FOLDER = "underway"
_DECIDED = ".records"
_UNDECIDED = ".part"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Item:
    """One message, and the sender's bytes of it: its record with the document's head and tail (empty: the part's)."""

    acceptance: Acceptance
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Part:
    """What is written together: messages, and the ledger's entries of records that were refused among them.

    ``raw``: the document as it came, where it was not read in parts.
    """

    items: tuple[Item, ...]
    refusals: tuple[Refusal, ...] = ()
    entries: tuple[Json, ...] = ()
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class About:
    """Whose document it is; ``conflict`` is the ledger's entry of a record whose identity was used before."""

    agency: str
    type: str
    transport: str
    conflict: Json

    def clash(self, record: int) -> Json:
        """The entry for one record."""
        return {**self.conflict, "record": record}


def write_part(part: Part) -> bytes:
    """One line of a journal."""
    line = {
        "items": part.items,
        "refusals": [_refusal(each) for each in part.refusals],
        "entries": part.entries,
        "raw": part.raw,
    }
    return orjson.dumps(line, default=_text, option=orjson.OPT_APPEND_NEWLINE)


def write_head(about: About) -> bytes:
    """The first line of a journal."""
    return orjson.dumps({"version": _VERSION, "about": about}, option=orjson.OPT_APPEND_NEWLINE)


class Journal:
    """One journal, locked for as long as this object is open; a process that ends lets go of it.

    Everything here blocks: call it in a thread.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._file = os.fdopen(descriptor, "rb")

    @classmethod
    def make(cls, data: Path, id: str) -> Journal:
        """A new one, not decided yet; ``path`` is where to write it."""
        folder = data / FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            with suppress(BlockingIOError):  # another process tidied it away before it was locked
                return cls._locked(folder / (id + _UNDECIDED), os.O_CREAT)

    @classmethod
    def left(cls, data: Path) -> Iterator[Journal]:
        """Those that a process which ended has left decided; what was not decided is cleared away."""
        folder = data / FOLDER
        if not folder.is_dir():
            return
        for path in sorted(folder.iterdir()):
            try:
                journal = cls._locked(path)
            except (BlockingIOError, FileNotFoundError):
                continue
            if path.suffix == _DECIDED and path.exists():
                yield journal
            else:
                journal.remove()

    @classmethod
    def _locked(cls, path: Path, flags: int = 0) -> Journal:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise
        return cls(path, descriptor)

    def decide(self) -> None:
        """From here on all of it is accepted, whatever happens: returns once that is durable."""
        os.fsync(self._file.fileno())
        decided = self.path.with_suffix(_DECIDED)
        self.path.rename(decided)
        self.path = decided
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def about(self) -> About:
        """Its head. Raises ``ValueError`` where another version of the hub has written it."""
        self._file.seek(0)
        read = orjson.loads(self._file.readline())
        if read.get("version") != _VERSION:
            raise ValueError("a journal that another version of the hub has written")
        return About(**read["about"])

    def parts(self) -> Iterator[bytes]:
        """Its other lines, for ``read_part``."""
        self._file.seek(0)
        self._file.readline()
        while line := self._file.readline():
            yield line

    def remove(self) -> None:
        """Everything is in the store (or was never decided)."""
        with suppress(FileNotFoundError):
            self.path.unlink()
        self._file.close()

    def close(self) -> None:
        """Leave it to whoever looks next."""
        self._file.close()


def read_part(line: bytes) -> Part:
    """What ``write_part`` wrote."""
    read = orjson.loads(line)
    items = tuple(Item(_acceptance(each["acceptance"]), each["raw"].encode("latin-1")) for each in read["items"])
    refusals = tuple(_read_refusal(each) for each in read["refusals"])
    return Part(items, refusals, tuple(read["entries"]), read["raw"].encode("latin-1"))


def _text(value: Any) -> str:
    """Bytes as text, one character a byte."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    raise TypeError


def _acceptance(read: Json) -> Acceptance:
    return Acceptance(
        **{
            **read,
            "numbers": tuple(CaseNumber(**each) for each in read["numbers"]),
            "classification": Classification(read["classification"]),
            "canonical": read["canonical"].encode("latin-1"),
            "recipients": tuple(Recipient(**{**each, "state": State(each["state"])}) for each in read["recipients"]),
            "delivery_ids": tuple(read["delivery_ids"]),
        }
    )


def _refusal(refusal: Refusal) -> Json:
    error = refusal.error
    problems: Sequence[Problem] = error.problems
    return {"record": refusal.record, "code": error.code.name, "text": error.text, "problems": problems}


def _read_refusal(read: Json) -> Refusal:
    problems = [Problem(**problem) for problem in read["problems"]]
    return Refusal(read["record"], HubError(read["code"], read["text"], problems))
