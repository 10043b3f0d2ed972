"""What the store itself says, read beside the hub with plain SQL: was a disclosure committed before bytes arrived?

Partners ask while they hold a request and before they write it down; whatever the ledger does not say by then was
sent without it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psycopg

_ABOUT = "SELECT e.body FROM delivery d JOIN entry e ON e.message = d.message WHERE d.id = {}"
_ENTRIES = "SELECT body FROM entry ORDER BY n"
_DELIVERIES = "SELECT d.id, d.agency, d.state, m.id FROM delivery d JOIN message m ON m.n = d.message"
_STATES = "SELECT state, count(*) FROM delivery GROUP BY state"
_ATTEMPTS = """
SELECT d.id, a.token, a.started_at, a.ended_at, a.result FROM attempt a JOIN delivery d ON d.n = a.delivery
ORDER BY d.id, a.token
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One ended attempt as the store has it; ``token`` grows with every claim of the delivery."""

    delivery: str
    token: int
    started_at: float
    ended_at: float
    result: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery as the store has it in the end."""

    id: str
    agency: str
    state: str
    message: str


@dataclass(frozen=True, slots=True)
class Books:
    """The store after the run: ledger entries in the order of their numbers, deliveries, attempts."""

    entries: tuple[dict[str, Any], ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    attempts: tuple[Attempt, ...] = ()


@dataclass
class Witness:
    """Reads the store at ``url`` (``sqlite:///...`` or ``postgresql://...``); a store that is away knows nothing."""

    url: str
    _connection: Any = None

    def disclosed(self, delivery: str, digest: str) -> bool | None:
        """Whether the ledger says that ``digest`` may leave for this delivery; None where it could not be asked."""
        try:
            rows = self._ask(_ABOUT.format("%s" if self._is_shared else "?"), (delivery,))
        except (sqlite3.Error, psycopg.Error):
            self.look_away()
            return None
        entries = (orjson.loads(bytes(body)) for (body,) in rows)
        return any(
            entry.get("delivery") == delivery and entry.get("out") == digest and entry["outcome"] == "started"
            for entry in entries
        )

    def read(self) -> Books:
        """Everything, after the hub has ended. Raises the driver's error."""
        return Books(
            tuple(orjson.loads(bytes(body)) for (body,) in self._ask(_ENTRIES)),
            tuple(Delivery(*row) for row in self._ask(_DELIVERIES)),
            tuple(Attempt(*row) for row in self._ask(_ATTEMPTS)),
        )

    def standing(self) -> dict[str, int] | None:
        """How many deliveries are in each state; None where the store could not be asked."""
        try:
            return dict(self._ask(_STATES))
        except (sqlite3.Error, psycopg.Error):
            self.look_away()
            return None

    def look_away(self) -> None:
        """Close the connection: whoever opens the store next finds nobody in it."""
        if self._connection is not None:
            with suppress(sqlite3.Error, psycopg.Error):
                self._connection.close()
        self._connection = None

    @property
    def _is_shared(self) -> bool:
        return self.url.startswith("postgres")

    def _ask(self, question: str, values: Sequence[object] = ()) -> Sequence[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = self._connect()
        found: Sequence[tuple[Any, ...]] = self._connection.execute(question, values or None).fetchall() \
            if self._is_shared else self._connection.execute(question, values).fetchall()  # fmt: skip
        return found

    def _connect(self) -> Any:
        if self._is_shared:
            return psycopg.connect(self.url, autocommit=True, connect_timeout=2)
        path = Path(self.url.removeprefix("sqlite:///"))
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=0.5, isolation_level=None)
