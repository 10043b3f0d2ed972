"""Migrations: the tables that they make are those that the statements expect, and versions are checked."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from hub.store.migrate import HEAD, MIGRATIONS, VERSION_TABLE, engine_url, migrate
from hub.store.session import StoreUnusable
from hub.store.tables import metadata
from tests.unit.store.making import Opening


def test_migrations_make_the_declared_tables(opening: Opening) -> None:
    """Nothing is in the database that the tables do not declare, and the other way round."""
    database = opening.data / "hub.db"
    migrate(opening.url, database)
    engine = create_engine(engine_url(opening.url, database))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": False})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_newest_migration_is_the_expected_one() -> None:
    """The short cut for stores that are up to date names the newest migration."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_store_of_a_newer_hub_is_refused(opening: Opening) -> None:
    """An older hub does not touch tables that it does not know."""
    database = opening.data / "hub.db"
    migrate(opening.url, database)
    migrate(opening.url, database)
    engine = create_engine(engine_url(opening.url, database))
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreUnusable, match="another version"):
        migrate(opening.url, database)
