"""Verifying the ledger of a store: brings its entries, pages and checkpoints to ``hub.ledger.verify``. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select, type_coerce
from sqlalchemy.types import NullType

from hub.ledger import HASH_BYTES, Fault, read_public, verify
from hub.store.keys import LATEST, PUBLIC
from hub.store.query import reading_engine
from hub.store.sequencer import unpack_numbers
from hub.store.tables import checkpoint, entry, page

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries are sound, how many not in the tree yet, how many checkpoints there are; the fault, if any."""

    entries: int
    waiting: int
    checkpoints: int
    fault: Fault | None


class _Break(Exception):
    """The pages do not join up."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.why)


def verify_store(url: str, data: Path, public: str | None = None, notes: Sequence[str] = ()) -> Verdict:
    """Check the whole ledger of the store at ``url``, from one consistent state, also while the hub runs.

    ``public`` is the text of the ledger's public key (default: ``ledger.pub`` in ``data``); ``notes`` are checkpoints
    that somebody kept elsewhere: only they show that the end of the ledger was cut off together with its checkpoints.
    The latest one in ``data`` is checked as well.
    """
    key = read_public(public if public is not None else (data / PUBLIC).read_text())
    engine = reading_engine(url, data)
    latest = data / LATEST
    kept = [*notes, *([latest.read_text()] if latest.exists() else [])]
    try:
        with engine.connect() as connection:
            signed = list(connection.execute(select(checkpoint.c.note).order_by(checkpoint.c.size)).scalars())
            total = connection.execute(select(func.count()).select_from(entry)).scalar_one()
            try:
                sound, fault = verify(_leaves(connection), [*signed, *kept], key)
            except _Break as broken:
                sound, fault = broken.fault.index, broken.fault
            fault = fault or _unaccounted(connection)
    finally:
        engine.dispose()
    return Verdict(sound, max(0, total - sound), len(signed), fault)


def _leaves(connection: Connection) -> Iterator[tuple[bytes | None, bytes]]:
    """Each entry with its recorded leaf hash, by index."""
    expected = 0
    last = -1
    while True:
        asked = select(page.c.first, page.c.entries, page.c.leaves).where(page.c.first > last)
        row = connection.execute(asked.order_by(page.c.first).limit(1)).first()
        if row is None:
            return
        numbers = unpack_numbers(row.entries)
        if row.first != expected:
            raise _Break(Fault(expected, f"the record of the entries from here to {row.first - 1} is missing"))
        if len(row.leaves) != len(numbers) * HASH_BYTES:
            raise _Break(Fault(expected, "the record of the entries from here on was changed"))
        bodies = _bodies(connection, numbers)
        for at, number in enumerate(numbers):
            yield bodies.get(number), row.leaves[at * HASH_BYTES : (at + 1) * HASH_BYTES]
        last = row.first
        expected += len(numbers)


def _bodies(connection: Connection, numbers: Sequence[int]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        wanted = numbers[start : start + _AT_ONCE]
        # As the database has it: whoever changes an entry may leave a text or a number where bytes were.
        asked = select(entry.c.n, type_coerce(entry.c.body, NullType())).where(entry.c.n.in_(wanted))
        found.update((number, body if isinstance(body, bytes) else b"") for number, body in connection.execute(asked))
    return found


def _unaccounted(connection: Connection) -> Fault | None:
    """An entry that stands among sequenced ones without being one of them was put in afterwards.

    Only told where one process writes: with several, entries wait while others with higher numbers are sequenced.
    """
    if connection.dialect.name != "sqlite":
        return None
    size, highest = connection.execute(select(func.sum(page.c.count), func.max(page.c.highest))).one()
    if size is None:
        return None
    older = connection.execute(select(func.count()).select_from(entry).where(entry.c.n <= highest)).scalar_one()
    return Fault(size, "an entry was added behind the tree's back") if older > size else None
