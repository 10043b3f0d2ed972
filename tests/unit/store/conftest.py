"""A fresh store of each kind: SQLite in a folder, and PostgreSQL where a server answers."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.unit.store.making import Opening

SERVER = "postgresql://postgres@127.0.0.1:5432"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A database of this run's own on the local PostgreSQL server."""
    name = f"hub_test_{uuid.uuid4().hex[:12]}"
    try:
        with psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=2) as connection:
            connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    except psycopg.OperationalError as error:
        if os.environ.get("HUB_TEST_SERVICES") == "required":
            raise
        pytest.skip(f"no PostgreSQL server: {error}")
    yield f"{SERVER}/{name}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
    """Opens the empty store of this test, again and again."""
    if request.param == "sqlite":
        return Opening("sqlite", tmp_path)
    address: str = request.getfixturevalue("server")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return Opening(address, tmp_path)
