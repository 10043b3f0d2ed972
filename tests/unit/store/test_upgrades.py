"""Migrations only add: hubs of the version before go on working on the same tables while the new ones come."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Inspector, create_engine, inspect, text

from hub.store import migrate as migrating
from hub.store.migrate import HEAD, MIGRATIONS, VERSION_TABLE, engine_url, migrate
from hub.store.session import StoreUnusable
from tests.unit.store.making import Opening


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["connection"] = connection
    return made


STEPS = [script.revision for script in reversed(list(ScriptDirectory.from_config(config()).walk_revisions()))]


def columns(inspector: Inspector, table: str) -> dict[str, Mapping[str, Any]]:
    return {column["name"]: column for column in inspector.get_columns(table)}


def facts(connection: Connection) -> dict[str, Any]:
    """Everything that a statement of the version before relies on: columns with their types, keys, unique indexes."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": columns(inspector, table),
            "key": inspector.get_pk_constraint(table)["constrained_columns"],
            "indexes": {each["name"]: (each["column_names"], each["unique"]) for each in inspector.get_indexes(table)},
        }
        for table in inspector.get_table_names()
        if table != VERSION_TABLE
    }


@pytest.mark.parametrize(("before", "after"), list(itertools.pairwise(STEPS)))
def test_a_migration_only_adds(opening: Opening, before: str, after: str) -> None:
    """Nothing goes or changes; a new column is filled by itself where a hub of before writes a row without it."""
    engine = create_engine(engine_url(opening.url, opening.data / "hub.db"))
    with engine.begin() as connection:
        command.upgrade(config(connection), before)
        old = facts(connection)
    with engine.begin() as connection:
        command.upgrade(config(connection), after)
        new = facts(connection)
    engine.dispose()
    assert old.keys() <= new.keys()
    for table, was in old.items():
        now = new[table]
        assert now["key"] == was["key"], table
        for name, column in was["columns"].items():
            found = now["columns"].get(name)
            assert found is not None, f"{table}.{name} is gone"
            assert (str(found["type"]), found["nullable"]) == (str(column["type"]), column["nullable"])
        for name in now["columns"].keys() - was["columns"].keys():
            added = now["columns"][name]
            assert added["nullable"] or added["default"] is not None, f"{table}.{name}: who fills it?"
        assert was["indexes"].items() <= now["indexes"].items(), table
        for name in now["indexes"].keys() - was["indexes"].keys():
            assert not now["indexes"][name][1], f"{table}.{name} would refuse rows that the version before writes"


def test_a_reader_delays_a_migration_and_stops_nobody(
    opening: Opening, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits for a table keeps others from it: a migration waits in short steps, and writers get their turn."""
    if opening.url == "sqlite":
        pytest.skip("of servers only")
    monkeypatch.setattr(migrating, "PAUSE_S", 0.2)
    engine = create_engine(engine_url(opening.url, opening.data))
    with engine.begin() as connection:
        command.upgrade(config(connection), STEPS[-2])
    with psycopg.connect(opening.url) as reader, psycopg.connect(opening.url, autocommit=True) as writer:
        for table in inspect(engine).get_table_names():
            if table != VERSION_TABLE:
                reader.execute(f"SELECT count(*) FROM {table}")
        migrates = threading.Thread(target=migrate, args=(opening.url, opening.data))
        migrates.start()
        writer.execute("SET lock_timeout = '5s'")
        for number in range(20):
            writer.execute("INSERT INTO case_key (n, at) VALUES (%s, 0)", (number,))
            writer.execute("INSERT INTO parcel VALUES (%s, '', 0, '', '', '', 0)", (number,))
        assert migrates.is_alive()
        reader.rollback()
        migrates.join(30)
    with engine.connect() as connection:
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() == HEAD
    engine.dispose()


def test_a_table_that_is_never_free_is_told(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that cannot migrate ends with a reason, and has changed nothing."""
    if opening.url == "sqlite":
        pytest.skip("of servers only")
    monkeypatch.setattr(migrating, "FREE_WITHIN_S", 0.6)
    monkeypatch.setattr(migrating, "PAUSE_S", 0.1)
    engine = create_engine(engine_url(opening.url, opening.data))
    with engine.begin() as connection:
        command.upgrade(config(connection), STEPS[-2])
    with psycopg.connect(opening.url) as reader:
        reader.execute("LOCK TABLE parcel IN ACCESS SHARE MODE")
        reader.execute("LOCK TABLE delivery IN ACCESS SHARE MODE")
        with pytest.raises(StoreUnusable, match="in use for too long"):
            migrate(opening.url, opening.data)
    with engine.connect() as connection:
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() == STEPS[-2]
    engine.dispose()
