"""A statement over many rows at once, compiled once to SQL text and run through the raw driver.

A batch statement reads its input from a source called ``rows``. SQLite gets the source as a list of values whose
length is filled up to a power of two with rows of NULL, which match nothing; PostgreSQL gets one array a column. So a
batch is one call of the driver whatever its size: each call gives up the interpreter's lock and may wait for it, which
costs more than the rows do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Column, TableClause, column, insert, select, table
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Table
from sqlalchemy.sql.expression import ClauseElement

LARGEST_RUN = 128

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
        self._values: dict[int, str] = {}
        if dialect.name == "postgresql":
            types = [each.type.compile(dialect=dialect) for each in columns]
            arrays = ", ".join(f"%s::{type}[]" for type in types)
            self._arrays = f"{self._head}SELECT * FROM unnest({arrays}){self._tail}"

    def runs(self, rows: Sequence[Row]) -> Iterator[tuple[str, list[Any]]]:
        """SQL text and its parameters for each call that ``rows`` need (at most ``LARGEST_RUN`` rows a call)."""
        if self._arrays is not None:
            yield self._arrays, [list(values) for values in zip(*rows, strict=True)]
            return
        for start in range(0, len(rows), LARGEST_RUN):
            run = rows[start : start + LARGEST_RUN]
            size = 1 << (len(run) - 1).bit_length()
            values = list(chain.from_iterable(run))
            values.extend([None] * ((size - len(run)) * self._width))
            yield self._text(size), values

    def _text(self, size: int) -> str:
        text = self._values.get(size)
        if text is None:
            group = f"({', '.join('?' * self._width)})"
            text = f"{self._head}VALUES {', '.join([group] * size)}{self._tail}"
            self._values[size] = text
        return text


def insertion(dialect: Dialect, target: Table) -> Batch:
    """The batch that inserts whole rows of ``target``, their values in the order of its columns."""
    columns = list(target.columns)
    key = next(iter(target.primary_key.columns)).name

    def build(rows: TableClause) -> ClauseElement:
        chosen = select(*rows.columns).where(rows.columns[key].is_not(None))
        return insert(target).from_select([each.name for each in columns], chosen)

    return Batch(dialect, columns, build)
