"""Rows that belong together: which row is part of which record, the tree that they make, and the rows of a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.definition import ListOf, Reading, Record, Scalar, Values
from hub.formats.contract import Tree
from hub.schema.shape import Shape

GROUP = Record(
    {"by": ListOf(Scalar(), "columns"), "rows": Scalar("name of the list with the other columns")},
    required=("by", "rows"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One data row as it came: the line on which it starts, its cells, the record (row or group) that it belongs to,
    and its place in that group, both from 0."""

    line: int
    cells: Sequence[str]
    record: int
    place: int


@dataclass(frozen=True, slots=True)
class Grouping:
    """Consecutive rows that agree in the columns ``by`` are one record, the other columns a list called ``rows``;
    without ``by`` each row is a record."""

    names: tuple[str, ...]
    by: tuple[str, ...] = ()
    rows: str = ""

    def key(self, cells: Sequence[str]) -> list[str]:
        """What rows of one record have in common; empty where each row is its own."""
        return [cells[index] if index < len(cells) else "" for index in map(self.names.index, self.by)]

    def numbered(self, lines: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Row]:
        """Rows with their records: each its own, or the same as the row before where the group's columns agree."""
        record, place, last = -1, 0, None
        for line, cells in lines:
            key = self.key(cells)
            if self.by and key == last:
                place += 1
            else:
                record, place, last = record + 1, 0, key
            yield Row(line, cells, record, place)

    def path(self, row: Row, column: str | None = None) -> str:
        """Where a row or cell stands: ``row 3, persons 2, column Name``."""
        path = f"row {row.record + 1}"
        if self.by and column not in self.by:
            path += f", {self.rows} {row.place + 1}"
        return path if column is None else f"{path}, column {column}"

    def trees(self, rows: Sequence[Row]) -> list[Tree]:
        """The records; cells that a row lacks are empty."""
        width = len(self.names)
        trees = [dict(zip(self.names, [*row.cells, *[""] * (width - len(row.cells))], strict=False)) for row in rows]
        if not self.by:
            return trees
        grouped: list[Tree] = []
        for row, tree in zip(rows, trees, strict=True):
            if row.record == len(grouped):
                grouped.append({**{column: tree[column] for column in self.by}, self.rows: []})
            grouped[row.record][self.rows].append({key: value for key, value in tree.items() if key not in self.by})
        for record in grouped:
            if len(record[self.rows]) == 1 and not any(record[self.rows][0].values()):
                record[self.rows] = []  # a line with nothing beside the group's columns: a record without rows
        return grouped

    def cells(self, record: Tree) -> Iterator[list[str]]:
        """The rows of one record to be written."""
        for row in (record.get(self.rows) if self.by else None) or [{}]:
            merged: Mapping[str, Any] = {**record, **row}
            yield texts(merged, self.names)

    def shapes(self, columns: Sequence[Shape]) -> tuple[Shape, ...]:
        """What a record holds."""
        if not self.by:
            return tuple(columns)
        inner = tuple(column for column in columns if column.name not in self.by)
        outer = tuple(column for column in columns if column.name in self.by)
        least = int(any(shape.minimum for shape in inner))
        return (*outer, Shape(name=self.rows, minimum=least, maximum=None, expand=lambda: inner))


def texts(tree: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """The cells of a row by their columns' names."""
    return ["" if tree.get(name) is None else str(tree[name]) for name in names]


def read_grouping(values: Values, names: Sequence[str], reading: Reading) -> Grouping:
    """What a layout file says of groups; mistakes are noted."""
    group = values.get("group")
    if not group:
        return Grouping(tuple(names))
    by = tuple(map(str, group.get("by", ())))
    for name in by:
        if name not in names:
            reading.wrong("unknown-column", values.lines["group"], f"{name!r} is not a column")
    rows = str(group.get("rows", ""))
    if rows in by or set(names) <= set(by):
        reading.wrong("bad-value", values.lines["group"], "a group needs columns beside those it is made by")
    return Grouping(tuple(names), by, rows)
