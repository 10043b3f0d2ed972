"""A store with a million pending deliveries, made by the database itself: each a message of a case of its own."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg

from hub.store.open import DATABASE

CHUNK = 100_000
FIRST = 1_000_000  # numbers below it are left to what the store holds already

# One row each of what a message has, all with the content of the first one; {i} is its number in the series, {n} a
# number that no other row has.
MESSAGE = """
INSERT INTO message (n, id, sender, identity, digest, type, version, subject, case_key, classification, time,
  accepted_at, site, record, raw, canonical, partner, trace, reference, transport, test)
SELECT {n}, 'm' || {i}, model.sender, 'filled-' || {i}, model.digest, model.type, model.version, 'filled-' || {i}, {n},
  model.classification, model.time, {at} + {i} / 1000.0, model.site, 0, model.raw, model.canonical, '', '', '', 'rest',
  0
FROM {series}, (SELECT * FROM message ORDER BY n LIMIT 1) AS model
"""
DELIVERY = """
INSERT INTO delivery (n, id, message, agency, type, case_key, number, state, reason, rule, place, wake_at, changed_at)
SELECT {n}, 'm' || {i} || '-d', {n}, 'case-archive', 'case-record', {n}, 1, 'pending', '', '', 1,
  {at} + {i} / 1000.0, {at} + {i} / 1000.0 FROM {series}
"""
OTHERS = (
    "INSERT INTO case_key (n, at) SELECT {n}, {at} FROM {series}",
    "INSERT INTO case_link (scheme, number, case_key, n) SELECT 'case', 'filled-' || {i}, {n}, {n} FROM {series}",
    "INSERT INTO lane (case_key, agency, last) SELECT {n}, 'case-archive', 1 FROM {series}",
)
COUNT = """
INSERT INTO tally (agency, type, state, shard, count) VALUES ('case-archive', 'case-record', 'pending', 99, {count})
"""
SERIES = {
    "sqlite": "(WITH RECURSIVE s(i) AS (SELECT {a} UNION ALL SELECT i + 1 FROM s WHERE i < {b}) SELECT i FROM s)",
    "postgresql": "generate_series({a}, {b}) AS s(i)",
}


def fill(url: str, data: Path, count: int, at: float) -> None:
    """Add ``count`` due deliveries for one agency, accepted from ``at`` on, to a store that holds a first message."""
    dialect = "sqlite" if url == "sqlite" else "postgresql"
    written = [COUNT.format(count=count)]
    for begin in range(1, count + 1, CHUNK):
        series = SERIES[dialect].format(a=begin, b=min(begin + CHUNK - 1, count))
        values = {"i": "i", "n": f"i + {FIRST}", "at": at, "series": series}
        written += [each.format(**values) for each in (*OTHERS, MESSAGE, DELIVERY)]
    run_all(url, data, written)


def run_all(url: str, data: Path, statements: list[str]) -> None:
    """Run them, each in a transaction of its own; afterwards PostgreSQL counts what it has, as its autovacuum would."""
    if url == "sqlite":
        with sqlite3.connect(data / DATABASE, isolation_level=None) as lite:
            for each in statements:
                lite.execute(each)
        lite.close()
        return
    highest = "SELECT setval('number_block', (SELECT max(n) FROM delivery) / 1000 * 1000 + 2001)"
    with psycopg.connect(url, autocommit=True) as connection:
        for each in [*statements, highest, "ANALYZE"]:
            connection.execute(each)
