"""PostgreSQL for the writer: one connection a process, many processes, made anew when the server was away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.errors import (
    AdminShutdown,
    CannotConnectNow,
    DeadlockDetected,
    DiskFull,
    LockNotAvailable,
    SerializationFailure,
    UniqueViolation,
)

from hub.store.batch import Batch, Row
from hub.store.session import Broken, Busy, Collision, Full, StoreUnusable

LOCK_TIMEOUT_MS = 10_000
SHARDS = 64
SHARD_LOCKS = 0x68756200


class PostgresSession:
    """The writing connection to ``url``; a lost connection is opened again at the next ``begin``."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        """Connect; raises StoreUnusable where a commit would not be durable."""
        self._url = url
        self.shard = 0
        self._connection = self._connect()

    def _connect(self) -> psycopg.Connection[Row]:
        connection = psycopg.connect(self._url, autocommit=True, connect_timeout=5, prepare_threshold=1)
        connection.prepared_max = 1000
        connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
        connection.execute("SET synchronous_commit = on")
        found = connection.execute("SELECT current_setting('fsync'), current_setting('server_encoding')").fetchone()
        if found != ("on", "UTF8"):
            connection.close()
            raise StoreUnusable(f"PostgreSQL must have fsync on and encoding UTF8, not {found}")
        self.shard = _free_shard(connection)
        return connection

    def begin(self) -> None:
        """Start a transaction, on a new connection where the old one is lost."""
        try:
            if self._connection.closed or self._connection.broken:
                self._connection = self._connect()
            self._connection.execute("BEGIN")
        except psycopg.Error as error:
            raise Busy(str(error)) from error

    def commit(self) -> None:
        """An error here leaves open whether the transaction is durable, so it is final."""
        try:
            ended = self._connection.execute("COMMIT").statusmessage
        except DiskFull as error:
            raise Full(str(error)) from error
        except psycopg.Error as error:
            raise Broken(str(error)) from error
        if ended != "COMMIT":
            raise Broken(f"COMMIT ended as {ended}")

    def rollback(self) -> None:
        """Undo; on a lost connection the server has done so."""
        try:
            if not self._connection.closed:
                self._connection.execute("ROLLBACK")
        except psycopg.Error:
            self._connection.close()

    def run(self, batch: Batch, rows: Sequence[Row]) -> list[Row]:
        """One call of PostgreSQL, prepared, with one array a column."""
        found: list[Row] = []
        if not rows:
            return found
        try:
            for text, values in batch.runs(rows):
                cursor = self._connection.execute(text, values, prepare=True)
                if cursor.description is not None:
                    found += cursor.fetchall()
        except psycopg.Error as error:
            raise self._meaning(error) from error
        return found

    def ask(self, text: str, values: Mapping[str, Any]) -> list[Row]:
        """One statement with named parameters."""
        try:
            cursor = self._connection.execute(text, values)
            return cursor.fetchall() if cursor.description is not None else []
        except psycopg.Error as error:
            raise self._meaning(error) from error

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _meaning(self, error: psycopg.Error) -> Exception:
        """The same error in the words of ``hub.store.session``, or itself where it says that a statement is wrong."""
        if isinstance(error, DiskFull):
            return Full(str(error))
        if isinstance(error, DeadlockDetected | SerializationFailure | UniqueViolation):
            return Collision(str(error))
        if isinstance(error, LockNotAvailable | AdminShutdown | CannotConnectNow) or self._connection.broken:
            return Busy(str(error))
        return error


def _free_shard(connection: psycopg.Connection[Row]) -> int:
    """A shard that no other connected process has; the last one is shared where there are more processes."""
    for shard in range(SHARDS):
        found = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (SHARD_LOCKS, shard)).fetchone()
        if found == (True,):
            return shard
    return SHARDS
