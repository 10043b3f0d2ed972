"""The same on PostgreSQL, whose planner decides by what the tables hold: filled and counted, as after a busy month."""

from __future__ import annotations

import json
import struct
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hub.store import cases, gates, notes, sequencer, standings, statements
from hub.store.arrays import register
from hub.store.batch import Batch
from hub.store.statements import Statements, dialect_of
from tests.campaign.filling import fill
from tests.unit.store.making import Opening, acceptance, put

COUNT = 100_000
LARGE = {"message", "delivery", "content", "case_key", "case_link", "lane", "entry", "parcel", "attempt"}
MADE = Statements(dialect_of("postgresql"))
BATCHES = sorted(name for name, value in vars(MADE).items() if isinstance(value, Batch) and "insert" not in name)
MODULES = (statements, cases, notes, sequencer, gates, standings)
SINGLES = {
    f"{module.__name__.rpartition('.')[2]}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if name.isupper() and isinstance(value, str) and value.strip().startswith(("SELECT", "UPDATE", "DELETE"))
}


# What the filled deliveries do not have yet: a parcel and an attempt each, contents, ledger entries.
SERIES = f"generate_series(1000001, {1_000_000 + COUNT}) AS s(i)"
MORE = (
    f"INSERT INTO parcel SELECT i, 'm' || i, i, '', '[]', '[]', 0, NULL FROM {SERIES}",
    f"INSERT INTO attempt SELECT i, 1, i, 0, 0, '', '', '', '' FROM {SERIES}",
    f"INSERT INTO content (n, digest, body) SELECT i, '', '' FROM {SERIES}",
    f"INSERT INTO entry SELECT i, i, '' FROM {SERIES}",
)


@pytest.fixture(scope="module")
def connection(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[Any]]:
    """A store of this module's own, with as many cases as deliveries."""
    name = f"plans_{uuid.uuid4().hex[:8]}"
    base = server.rpartition("/")[0]
    with psycopg.connect(server, autocommit=True) as maker:
        maker.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    data: Path = tmp_path_factory.mktemp("plans")
    try:
        Opening(f"{base}/{name}", data).run(lambda store: put(store, acceptance("a")))
        fill(f"{base}/{name}", data, COUNT, 1_760_000_000.0)
        with psycopg.connect(f"{base}/{name}", autocommit=True) as opened:
            register(opened)
            for statement in MORE:
                opened.execute(statement)
            opened.execute("ANALYZE")
            yield opened
    finally:
        with psycopg.connect(server, autocommit=True) as maker:
            maker.execute(f"DROP DATABASE {name} WITH (FORCE)")


def whole(plan: Any) -> Iterator[str]:
    """The large tables that a plan reads from end to end."""
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in LARGE:
        yield str(plan["Relation Name"])
    for below in plan.get("Plans", ()):
        yield from whole(below)


def explained(connection: psycopg.Connection[Any], statement: str, values: Any) -> list[str]:
    (found,) = connection.execute(f"EXPLAIN (FORMAT JSON) {statement}", values).fetchone() or ([],)
    plans = json.loads(found) if isinstance(found, str) else found
    return list(whole(plans[0]["Plan"]))


@pytest.mark.parametrize("name", BATCHES)
def test_batches_use_indexes(connection: psycopg.Connection[Any], name: str) -> None:
    """However many rows a batch has."""
    batch: Batch = getattr(MADE, name)
    for size in (1, 50):
        values = [encoded(encode, size) for encode in batch._encoders]
        assert explained(connection, batch._arrays or "", values) == [], size


def encoded(encode: Any, size: int) -> Any:
    """Some values, as the column's type wants them: large numbers, small ones, or ids."""
    for values in (range(1_000_001, 1_000_001 + size), [0] * size, [f"m{number}-d" for number in range(1, 1 + size)]):
        try:
            return encode(values)
        except (AttributeError, TypeError, struct.error):
            continue
    raise AssertionError


@pytest.mark.parametrize("name", sorted(SINGLES))
def test_single_statements_use_indexes(connection: psycopg.Connection[Any], name: str) -> None:
    """The sweep, the gauges, the gates and the rest."""
    statement = MADE.single(SINGLES[name])
    names = {part.partition(")")[0] for part in statement.split("%(")[1:]}
    values: dict[str, Any] = dict.fromkeys(names, 0)
    values |= {name: value for name, value in TEXTS.items() if name in names}
    assert explained(connection, statement, values) == []


TEXTS = {
    "agency": "case-archive",
    "type": "case-record",
    "worker": "w",
    "name": "x",
    "digest": "x",
    "now": 1_760_000_100.0,
    "most": 500,
}
