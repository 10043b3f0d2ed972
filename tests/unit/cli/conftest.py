"""A data folder whose store has seen something, of each kind of store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.unit.cli.stocked import Stocked, stock


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty store; commands find it as they find a deployment's, by ``HUB_STORE``."""
    url: str = "sqlite" if request.param == "sqlite" else request.getfixturevalue("empty_database")
    monkeypatch.setenv("HUB_STORE", url)
    return url


@pytest.fixture
def stocked(tmp_path: Path, store: str) -> Stocked:
    """See ``stock``."""
    return asyncio.run(stock(tmp_path, store))
