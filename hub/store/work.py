"""One transaction in the making: runs statements, numbers rows, and gathers what all kinds of work write alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.ledger import entry_bytes
from hub.message import Json
from hub.store.batch import Batch, Row
from hub.store.content import sealed
from hub.store.numbers import Numbers
from hub.store.session import Session
from hub.store.statements import Statements


class Work:
    """Lives from the begin to the commit of one transaction; ``end`` writes what was gathered."""

    def __init__(self, session: Session, statements: Statements, numbers: Numbers) -> None:
        self.session = session
        self.statements = statements
        self.number = numbers.next
        self.shared = session.dialect != "sqlite"
        self.entries = 0
        self._shard = session.shard
        self._contents: list[Row] = []
        self._entries: list[Row] = []
        self._counts: dict[tuple[str, str, str], int] = {}

    def run(self, batch: Batch, rows: Sequence[Row]) -> list[Row]:
        """Run a batch now."""
        return self.session.run(batch, rows)

    def lock(self, batch: Batch, rows: Sequence[Row]) -> list[Row]:
        """Run a batch that locks rows, where other processes write to the same database."""
        return self.session.run(batch, rows) if self.shared else []

    def ask(self, written: str, **values: Any) -> list[Row]:
        """Run a single statement with ``:named`` parameters."""
        return self.session.ask(self.statements.single(written), values)

    def content(self, body: bytes) -> int:
        """Keep bytes; gives the number under which they are found (``hub.store.content``)."""
        number = self.number()
        self._contents.append(sealed(number, body))
        return number

    def entry(self, body: Json, message: int | None) -> None:
        """Write a ledger entry, about a message where there is one."""
        self._entries.append((self.number(), message, bytearray(entry_bytes(body))))

    def count(self, agency: str, type: str, state: str, by: int) -> None:
        """Note that ``by`` deliveries more (or fewer) are in a state."""
        key = (agency, type, state)
        self._counts[key] = self._counts.get(key, 0) + by

    def end(self) -> None:
        """Write what was gathered; the last step before the commit."""
        statements = self.statements
        self.run(statements.insert_content, self._contents)
        self.run(statements.insert_entry, self._entries)
        if self.shared:
            self.run(statements.insert_unsequenced, [(number,) for number, _, _ in self._entries])
        counts = sorted(self._counts.items())
        self.run(statements.count, [(*key, self._shard, by) for key, by in counts if by])
        self.entries = len(self._entries)
        self._contents, self._entries, self._counts = [], [], {}


Ring = Mapping[str, tuple[str, ...]]


class Bell:
    """Collects which deliveries can be claimed now, by agency."""

    def __init__(self) -> None:
        self._ids: dict[str, list[str]] = {}

    def add(self, agency: str, delivery: str) -> None:
        """One more."""
        self._ids.setdefault(agency, []).append(delivery)

    def ring(self) -> Ring:
        """All of them, in the order in which they came."""
        return {agency: tuple(ids) for agency, ids in self._ids.items()}
