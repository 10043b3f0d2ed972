"""A statement over many rows at once, compiled once to SQL text and run through the raw driver.

A batch statement reads its input from a source called ``rows``. SQLite gets the source as a list of values whose
length is filled up to a power of two with rows of 0, which is no row's key; PostgreSQL gets one array a column. So a
batch is one call of the driver whatever its size: each call gives up the interpreter's lock and may wait for it, which
costs more than the rows do.

Values in hot batches are int, float, str and bytearray: for anything else, None and bytes among it, sqlite3 looks for
an adapter, which costs about a microsecond a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Column, ColumnElement, TableClause, column, insert, literal_column, select, table, true
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Table
from sqlalchemy.sql.expression import ClauseElement

from hub.store.arrays import Encode, encoder

LARGEST_RUN = 128
FILLER = 0

Row = tuple[Any, ...]


class Batch:
    """One batch statement for one dialect: ``runs(rows)`` yields what to hand to the driver, call by call."""

    def __init__(
        self, dialect: Dialect, columns: Sequence[Column[Any]], build: Callable[[TableClause], ClauseElement]
    ) -> None:
        """``build`` makes the statement from its source, whose columns are named as ``columns`` are."""
        names = [each.name for each in columns]
        source = table("rows", *(column(name) for name in names))
        statement = build(source)
        text = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        self._width = len(columns)
        self._head = f"WITH rows({', '.join(names)}) AS ("
        self._tail = f") {text}"
        self._arrays: str | None = None
        self._encoders: list[Encode] = []
        self._values: dict[int, str] = {}
        if dialect.name == "postgresql":
            types = [each.type.compile(dialect=dialect) for each in columns]
            self._encoders = [encoder(type) for type in types]
            arrays = ", ".join(f"%s::{type}[]" for type in types)
            self._arrays = f"{self._head}SELECT * FROM unnest({arrays}){self._tail}"

    def runs(self, rows: Sequence[Row]) -> Iterator[tuple[str, list[Any]]]:
        """SQL text and its parameters for each call that ``rows`` need (at most ``LARGEST_RUN`` rows a call)."""
        if self._arrays is not None:
            columns = zip(self._encoders, zip(*rows, strict=True), strict=True)
            yield self._arrays, [encode(values) for encode, values in columns]
            return
        for start in range(0, len(rows), LARGEST_RUN):
            run = rows[start : start + LARGEST_RUN]
            size = 1 << (len(run) - 1).bit_length()
            values = list(chain.from_iterable(run))
            values.extend([FILLER] * ((size - len(run)) * self._width))
            yield self._text(size), values

    def _text(self, size: int) -> str:
        text = self._values.get(size)
        if text is None:
            group = f"({', '.join('?' * self._width)})"
            text = f"{self._head}VALUES {', '.join([group] * size)}{self._tail}"
            self._values[size] = text
        return text


def insertion(dialect: Dialect, target: Table, *names: str) -> Batch:
    """The batch that inserts rows of ``target`` with the columns ``names`` (none: all), the others by default."""
    columns = [target.columns[name] for name in names] if names else list(target.columns)
    key = next(iter(target.primary_key.columns)).name

    def build(rows: TableClause) -> ClauseElement:
        chosen = select(*rows.columns).where(is_real(dialect, rows.columns[key]))
        return insert(target).from_select([each.name for each in columns], chosen)

    return Batch(dialect, columns, build)


def is_real(dialect: Dialect, key: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that a row is not a filler, for batches that insert."""
    return key != literal_column(str(FILLER)) if dialect.name == "sqlite" else true()
