"""SQLite for the writer: the embedded default, one process, asserted to be durable."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.store.batch import Batch, Row
from hub.store.session import Broken, Busy, Full, StoreUnusable

# One page holds two or three documents of 2 to 3 KB; with 4096 bytes it would hold one, and a third of it were waste.
PAGE_BYTES = 8192
LOG_BYTES_BEFORE_CHECKPOINT = 32 * 1024 * 1024
CACHE_KIB = 65_536
BUSY_AFTER_S = 5.0

_BROKEN = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
}
_SHARED_MEMORY_FULL = sqlite3.SQLITE_IOERR_SHMSIZE


class SqliteSession:
    """The one writing connection to ``path``; made once, used by one thread at a time."""

    dialect = "sqlite"
    shard = 0

    def __init__(self, path: Path) -> None:
        """Open (or create) the database; raises StoreUnusable where it would not be durable."""
        self._connection = sqlite3.connect(
            path, timeout=BUSY_AFTER_S, isolation_level=None, check_same_thread=False, cached_statements=1024
        )
        try:
            self._set_up()
        except BaseException:
            self._connection.close()
            raise

    def _set_up(self) -> None:
        execute = self._connection.execute
        (mode,) = execute("PRAGMA journal_mode = WAL").fetchone()
        execute("PRAGMA synchronous = FULL")
        execute("PRAGMA temp_store = MEMORY")
        execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        (page_bytes,) = execute("PRAGMA page_size").fetchone()
        execute(f"PRAGMA wal_autocheckpoint = {LOG_BYTES_BEFORE_CHECKPOINT // page_bytes}")
        (synchronous,) = execute("PRAGMA synchronous").fetchone()
        if mode != "wal" or synchronous != 2:
            raise StoreUnusable(f"SQLite is not durable here: journal mode {mode}, synchronous {synchronous}")

    def begin(self) -> None:
        """Take the write lock now, so that nothing later in the transaction can find the database changed."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise _meaning(error) from error

    def commit(self) -> None:
        """Write the log through; an error other than a full or busy database is final."""
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            meaning = _meaning(error)
            raise (meaning if isinstance(meaning, Full | Busy) else Broken(str(error))) from error

    def rollback(self) -> None:
        """Undo; SQLite may have rolled back by itself after an error."""
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error as error:
                raise Broken(str(error)) from error

    def run(self, batch: Batch, rows: Sequence[Row]) -> list[Row]:
        """One call of SQLite for each run of rows."""
        found: list[Row] = []
        if not rows:
            return found
        try:
            for text, values in batch.runs(rows):
                found += self._connection.execute(text, values).fetchall()
        except sqlite3.Error as error:
            raise _meaning(error) from error
        return found

    def ask(self, text: str, values: Mapping[str, Any]) -> list[Row]:
        """One statement with named parameters."""
        try:
            return self._connection.execute(text, values).fetchall()
        except sqlite3.Error as error:
            raise _meaning(error) from error

    def close(self) -> None:
        """Close; SQLite checkpoints its log."""
        self._connection.close()


def _meaning(error: sqlite3.Error) -> Exception:
    """The same error in the words of ``hub.store.session``, or itself where it says that a statement is wrong."""
    extended = getattr(error, "sqlite_errorcode", None)
    if extended is None:
        return error
    primary = extended & 0xFF
    if primary == sqlite3.SQLITE_FULL or extended == _SHARED_MEMORY_FULL:
        return Full(str(error))
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Busy(str(error))
    if primary in _BROKEN:
        return Broken(str(error))
    return error
