"""A fresh store of each kind: SQLite in a folder, and PostgreSQL where a server answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.store.making import Opening


@pytest.fixture(params=["sqlite", "postgresql"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
    """Opens the empty store of this test, again and again."""
    if request.param == "sqlite":
        return Opening("sqlite", tmp_path)
    return Opening(request.getfixturevalue("empty_database"), tmp_path)
