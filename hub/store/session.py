"""What the writer needs of a database connection: transactions, batches, and errors told apart by what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from hub.store.batch import Batch, Row
from hub.store.unusable import StoreUnusable as StoreUnusable


class Full(Exception):
    """The database has no room; the transaction is rolled back."""


class Busy(Exception):
    """The database cannot be used for the moment; the transaction is rolled back and surely not committed."""


class Collision(Exception):
    """Another process was first; the same work succeeds when it is run again."""


class Broken(Exception):
    """A commit failed or ended unknown, or reading or writing failed: nothing may go on after it (P1)."""


class Session(Protocol):
    """One connection of the writer thread; raises driver errors only where a statement is wrong, else the above.

    ``shard`` is this process's own row of each counter, so that processes do not wait for each other's counts.
    """

    dialect: str
    shard: int

    def begin(self) -> None:
        """Start a transaction that may write."""
        ...

    def commit(self) -> None:
        """Make it durable: when this returns, the operating system has written it through."""
        ...

    def rollback(self) -> None:
        """Undo what was not committed."""
        ...

    def run(self, batch: Batch, rows: Sequence[Row]) -> list[Row]:
        """Run a batch over ``rows`` (none: does nothing); the rows that it returns, if it is a query."""
        ...

    def ask(self, text: str, values: Mapping[str, Any]) -> list[Row]:
        """Run one statement with named parameters."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...
