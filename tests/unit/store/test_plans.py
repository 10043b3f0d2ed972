"""No hot statement reads a whole table: a million rows make none of them slow."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from hub.store import cases, notes, sequencer, statements
from hub.store.batch import Batch
from hub.store.migrate import migrate
from hub.store.statements import Statements, dialect_of

BATCHES = sorted(name for name, value in vars(Statements(dialect_of("sqlite"))).items() if isinstance(value, Batch))
SINGLES = {
    name: value
    for module in (statements, cases, notes, sequencer)
    for name, value in vars(module).items()
    if name.isupper() and isinstance(value, str) and value.strip().startswith(("SELECT", "UPDATE"))
    if name != "NEW_SHARED"  # PostgreSQL's only
}
SMALL = ("rows", "tally", "unsequenced", "checkpoint")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    """The tables, empty and never analysed."""
    path: Path = tmp_path_factory.mktemp("plans") / "hub.db"
    migrate("sqlite", path)
    return sqlite3.connect(path)


def scans(database: sqlite3.Connection, statement: str, values: object) -> list[str]:
    """The steps of its plan that read a whole table."""
    plan = database.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()  # type: ignore[arg-type]
    steps = [row[3] for row in plan]
    return [
        step
        for step in steps
        if (step.startswith("SCAN") and step.split()[1] not in SMALL and "CONSTANT ROW" not in step)
        or "AUTOMATIC" in step
    ]


@pytest.mark.parametrize("name", BATCHES)
def test_batches_use_indexes(database: sqlite3.Connection, name: str) -> None:
    """Each row of a batch finds its own by an index."""
    batch: Batch = getattr(Statements(dialect_of("sqlite")), name)
    row = (0,) * batch._width
    for statement, values in batch.runs([row] * 3):
        assert scans(database, statement, values) == []


@pytest.mark.parametrize("name", sorted(SINGLES))
def test_single_statements_use_indexes(database: sqlite3.Connection, name: str) -> None:
    """So do the others; ORDER BY and LIMIT along an index read only what they give."""
    written = SINGLES[name]
    names = dict.fromkeys(text(written).compile().params, 0)
    found = [step for step in scans(database, written, names) if "USING INDEX" not in step]
    assert [step for step in found if not step.startswith("SCAN page")] == []
