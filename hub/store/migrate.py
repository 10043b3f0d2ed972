"""Bringing the tables of a store to this hub's form; only ever forward."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.exc import OperationalError
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_delay, wait_fixed

from hub.store.session import StoreUnusable
from hub.store.sqlite import PAGE_BYTES

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "store_version"
HEAD = max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
ADVISORY_LOCK = 0x6D696772
LOCK_NOT_AVAILABLE = "55P03"
LOCK_TIMEOUT_MS = 500
PAUSE_S = 1.0
FREE_WITHIN_S = 120.0


def migrate(url: str, database: Path) -> None:
    """Run the migrations that the store at ``url`` (``database`` for SQLite) lacks, in one transaction.

    Processes that start together on PostgreSQL wait for each other. Hubs of the version before go on meanwhile: a table
    that somebody reads for long is asked for again and again, because who waits for it would stop all others. Raises
    StoreUnusable where a newer hub made the store, or a table was never free.
    """
    engine = create_engine(engine_url(url, database))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_page_size)
    try:
        for attempt in Retrying(retry=_of_locks, wait=wait_fixed(PAUSE_S), stop=stop_after_delay(FREE_WITHIN_S)):
            with attempt, engine.begin() as connection:
                _bring_up_to_date(connection)
    except RetryError as error:
        raise StoreUnusable(f"the store's tables are in use for too long: {error.last_attempt.exception()}") from error
    except OperationalError as error:
        raise StoreUnusable(f"the store does not answer: {error.orig}") from error
    finally:
        engine.dispose()


def _bring_up_to_date(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_MS}ms'"))
    if _version(connection) != HEAD:
        _upgrade(connection)


_of_locks = retry_if_exception(
    lambda error: getattr(getattr(error, "orig", None), "sqlstate", "") == LOCK_NOT_AVAILABLE
)


def _set_page_size(connection: sqlite3.Connection, _: object) -> None:
    """Choose the size of pages; it has an effect only before the first table is made."""
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")


def engine_url(url: str, database: Path) -> str:
    """The same store in SQLAlchemy's spelling."""
    if url == "sqlite":
        return f"sqlite:///{database}"
    return "postgresql+psycopg://" + url.split("://", 1)[1]


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnusable(f"the store was made by another version of the hub ({error})") from error
