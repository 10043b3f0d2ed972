"""Bringing the tables of a store to this hub's form; only ever forward."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.exc import OperationalError

from hub.store.session import StoreUnusable
from hub.store.sqlite import PAGE_BYTES

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "store_version"
HEAD = max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
ADVISORY_LOCK = 0x6D696772


def migrate(url: str, database: Path) -> None:
    """Run the migrations that the store at ``url`` (``database`` for SQLite) lacks, in one transaction.

    Processes that start together on PostgreSQL wait for each other. Raises StoreUnusable where a newer hub made it.
    """
    engine = create_engine(engine_url(url, database))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_page_size)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
            if _version(connection) != HEAD:
                _upgrade(connection)
    except OperationalError as error:
        raise StoreUnusable(f"the store does not answer: {error.orig}") from error
    finally:
        engine.dispose()


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
