"""A data folder whose store has seen something."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.unit.cli.stocked import Stocked, stock


@pytest.fixture
def stocked(tmp_path: Path) -> Stocked:
    """See ``stock``."""
    return asyncio.run(stock(tmp_path))
