"""PostgreSQL for the writer: one connection a process, many processes, made anew when the server was away.

A connection that is lost at a commit leaves open whether the transaction is durable. Every transaction therefore takes
its number at the beginning, and the server is asked what became of that number (``pg_xact_status``).
"""

from __future__ import annotations

import time
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

from hub.store.arrays import register
from hub.store.batch import Batch, Row
from hub.store.session import Broken, Busy, Collision, Full, StoreUnusable

LOCK_TIMEOUT_MS = 10_000
# A process that stands still within a transaction (stopped, swapped out, its machine paused) loses it and its locks,
# before those who wait for them give up.
STANDSTILL_MS = 5_000
TCP_TIMEOUT_MS = 20_000  # a network that swallows packets counts as a lost connection
SHARDS = 64
SHARD_LOCKS = 0x68756200
KNOWN_WITHIN_S = 30.0
ASK_AGAIN_S = 0.1


class PostgresSession:
    """The writing connection to ``url``; a lost connection is opened again at the next ``begin``."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        """Connect; raises StoreUnusable where a commit would not be durable or texts would not be kept as they are."""
        self._url = url
        self.shard = 0
        self._transaction = ""
        try:
            self._connection = self._connect()
        except psycopg.OperationalError as error:
            raise StoreUnusable(f"PostgreSQL does not answer: {error}") from error

    def _connect(self) -> psycopg.Connection[Row]:
        connection = psycopg.connect(
            self._url, autocommit=True, connect_timeout=5, prepare_threshold=1, keepalives_idle=10,
            keepalives_interval=5, keepalives_count=3, tcp_user_timeout=TCP_TIMEOUT_MS,
        )  # fmt: skip
        connection.prepared_max = 1000
        register(connection)
        connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
        connection.execute(f"SET idle_in_transaction_session_timeout = {STANDSTILL_MS}")
        connection.execute("SET synchronous_commit = on")
        if unfit := _unfit(connection):
            connection.close()
            raise StoreUnusable(unfit)
        self.shard = _free_shard(connection)
        return connection

    def begin(self) -> None:
        """Start a transaction, on a new connection where the old one is lost."""
        try:
            if self._connection.closed or self._connection.broken:
                self._connection = self._connect()
            begun = self._connection.execute("BEGIN; SELECT pg_current_xact_id()::text", prepare=False)
            begun.nextset()
            (self._transaction,) = begun.fetchone() or ("",)
        except psycopg.Error as error:
            raise Busy(str(error)) from error

    def commit(self) -> None:
        """Raises Busy where it surely was not committed; where that cannot be found out the error is final."""
        try:
            ended = self._connection.execute("COMMIT").statusmessage
        except DiskFull as error:
            raise Full(str(error)) from error
        except psycopg.Error as error:
            if not self._was_committed(error):
                raise Busy(str(error)) from error
            return
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
                cursor = self._connection.execute(text, values, prepare=True, binary=True)
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

    def _was_committed(self, lost: psycopg.Error) -> bool:
        """What became of the transaction whose commit ended with ``lost``, by the server's own word."""
        asked_until = time.monotonic() + KNOWN_WITHIN_S
        while time.monotonic() < asked_until:
            try:
                if self._connection.closed or self._connection.broken:
                    self._connection = self._connect()
                asked = self._connection.execute("SELECT pg_xact_status(%s::xid8)", (self._transaction,))
                status = (asked.fetchone() or (None,))[0]
            except psycopg.OperationalError:  # not back yet
                status = "in progress"
            except psycopg.Error as error:  # another server, to which the number says nothing
                raise Broken(f"{lost}; {error}") from error
            if status != "in progress":
                if status not in ("committed", "aborted"):
                    raise Broken(f"{lost}; the transaction is {status}")
                return bool(status == "committed")
            time.sleep(ASK_AGAIN_S)
        raise Broken(f"{lost}; its outcome is not known after {KNOWN_WITHIN_S:.0f} s")

    def _meaning(self, error: psycopg.Error) -> Exception:
        """The same error in the words of ``hub.store.session``, or itself where it says that a statement is wrong."""
        if isinstance(error, DiskFull):
            return Full(str(error))
        if isinstance(error, DeadlockDetected | SerializationFailure | UniqueViolation):
            return Collision(str(error))
        if isinstance(error, LockNotAvailable | AdminShutdown | CannotConnectNow) or self._connection.broken:
            return Busy(str(error))
        return error


def _unfit(connection: psycopg.Connection[Row]) -> str:
    """Why this database must not be used; empty where it may."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        return f"the database has the encoding {encoding}: make it with ENCODING 'UTF8' TEMPLATE template0"
    durable = connection.execute("SELECT current_setting('fsync')::bool").fetchone()
    return "" if durable == (True,) else "PostgreSQL runs with fsync off: what is committed could be lost"


def _free_shard(connection: psycopg.Connection[Row]) -> int:
    """A shard that no other connected process has; the last one is shared where there are more processes."""
    for shard in range(SHARDS):
        found = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (SHARD_LOCKS, shard)).fetchone()
        if found == (True,):
            return shard
    return SHARDS
