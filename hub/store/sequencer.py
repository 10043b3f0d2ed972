"""The sequencer: gives committed entries their index and leaf hash, and signs checkpoints, in transactions of its own.

Entries wait for it, never the other way round. With SQLite the writer thread is the only sequencer and its numbers grow
in commit order, so whatever is above the last sequenced number is new. With PostgreSQL each process tries to be the
sequencer under an advisory lock, and takes what the table ``unsequenced`` holds.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from hub.ledger import Checkpoint, Frontier, Signer, leaf_hash
from hub.store.batch import Row
from hub.store.work import Work

ADVISORY_LOCK = 0x6C656467
MOST_A_PAGE = 2_000  # a longer page would hold up the writer thread for too long

LAST_PAGE = "SELECT first + count, highest, frontier FROM page ORDER BY first DESC LIMIT 1"
LAST_SIGNED = "SELECT max(size) FROM checkpoint"
NEW_ALONE = "SELECT n, body FROM entry WHERE n > :last ORDER BY n LIMIT :most"
NEW_SHARED = """
SELECT entry.n, entry.body FROM unsequenced JOIN entry ON entry.n = unsequenced.entry ORDER BY entry.n LIMIT :most
"""
ADD_PAGE = """
INSERT INTO page (first, count, lowest, highest, entries, leaves, frontier, at)
VALUES (:first, :count, :lowest, :highest, :entries, :leaves, :frontier, :at)
"""
ADD_CHECKPOINT = "INSERT INTO checkpoint (size, note, at) VALUES (:size, :note, :at)"


EVERY_S = 0.2
SIGN_EVERY_S = 0.7
AGAIN_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class Sequenced:
    """What one run of the sequencer did; ``held`` is False where another process is sequencing at the moment."""

    held: bool
    complete: bool
    note: str | None


class Rhythm:
    """When the sequencer has to run: soon after new entries came, and to sign once a second while the tree grows.

    Times are of a monotonic clock, in seconds.
    """

    def __init__(self, now: float) -> None:
        self._sequence_at: float | None = now
        self._sign_at: float | None = now

    def grew(self, now: float) -> None:
        """Entries were committed."""
        if self._sequence_at is None:
            self._sequence_at = now + EVERY_S

    def next_at(self) -> float | None:
        """When it has to run next, or None while there is nothing to do."""
        return min((at for at in (self._sequence_at, self._sign_at) if at is not None), default=None)

    def signs(self, now: float) -> bool:
        """Whether a checkpoint is to be signed now."""
        return self._sign_at is not None and self._sign_at <= now

    def ran(self, done: Sequenced, now: float, *, signed: bool) -> None:
        """It ran; what it left over is done at once."""
        if not done.held:
            self._sequence_at = now + EVERY_S
            return
        self._sequence_at = None if done.complete else now
        if signed:
            self._sign_at = None
        elif self._sign_at is None:
            self._sign_at = now + SIGN_EVERY_S

    def failed(self, now: float) -> None:
        """It could not run; entries and signature wait for the next time."""
        self._sequence_at = now + AGAIN_AFTER_S


def pack_numbers(numbers: list[int]) -> bytes:
    """Entry numbers as a page keeps them: 8 bytes each, big-endian."""
    return struct.pack(f">{len(numbers)}q", *numbers)


def unpack_numbers(packed: bytes) -> tuple[int, ...]:
    """The entry numbers of a page."""
    return struct.unpack(f">{len(packed) // 8}q", packed)


def sequence(work: Work, signer: Signer, now: float, *, sign: bool) -> Sequenced:
    """Append all new entries to the tree; ``sign`` also signs its size where that was not signed before."""
    if work.shared and not work.ask("SELECT pg_try_advisory_xact_lock(:lock)", lock=ADVISORY_LOCK)[0][0]:
        return Sequenced(held=False, complete=False, note=None)
    pages = work.ask(LAST_PAGE)
    size, highest, nodes = pages[0] if pages else (0, 0, b"")
    frontier = Frontier(size, bytes(nodes))
    rows = work.ask(NEW_SHARED if work.shared else NEW_ALONE, last=highest, most=MOST_A_PAGE)
    if rows:
        _append(work, frontier, rows, now)
    note = _sign(work, frontier, signer, now) if sign else None
    return Sequenced(held=True, complete=len(rows) < MOST_A_PAGE, note=note)


def _append(work: Work, frontier: Frontier, rows: Sequence[Row], now: float) -> None:
    first = frontier.size
    leaves = [leaf_hash(body) for _, body in rows]
    frontier.extend(leaves)
    numbers = [number for number, _ in rows]
    work.ask(
        ADD_PAGE, first=first, count=len(rows), lowest=numbers[0], highest=numbers[-1], entries=pack_numbers(numbers),
        leaves=b"".join(leaves), frontier=frontier.as_bytes(), at=now,
    )  # fmt: skip
    if work.shared:
        work.run(work.statements.sequenced, [(number,) for number in numbers])


def _sign(work: Work, frontier: Frontier, signer: Signer, now: float) -> str | None:
    signed = work.ask(LAST_SIGNED)[0][0]
    if frontier.size == (signed or 0):
        return None
    note = signer.sign(Checkpoint(frontier.size, frontier.root()))
    work.ask(ADD_CHECKPOINT, size=frontier.size, note=note, at=now)
    return note
