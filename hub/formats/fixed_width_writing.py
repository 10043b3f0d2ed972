"""Records to lines of fixed width: each text in its positions, whole and so that it comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub.errors import HubError, Problem
from hub.formats.columns import broken_rule
from hub.formats.contract import Tree
from hub.formats.fixed_width_lines import Field, FixedWidthLayout, LineKind
from hub.formats.grouping import texts
from hub.formats.padding import SPACE


class Writing:
    """One document being written, with the problems so far."""

    def __init__(self, layout: FixedWidthLayout) -> None:
        self._layout = layout
        self._problems: list[Problem] = []

    def document(self, output: Tree) -> bytes:
        """The bytes of a tree. Raises ``HubError`` output-invalid, not-encodable."""
        layout, records = self._layout, output.get("rows", ())
        body = [line for number, record in enumerate(records, 1) for line in self._record(record, f"row {number}")]
        head = [self._once(layout.header, output)] if layout.header else []
        outside = len(head) + (layout.trailer is not None)
        tail = [self._once(layout.trailer, output, len(records), len(body) + outside)] if layout.trailer else []
        if self._problems:
            raise HubError("output-invalid", self._problems[0].text, self._problems)
        return "".join(line + layout.newline for line in (*head, *body, *tail)).encode(layout.alphabet.codec)

    def _record(self, record: Tree, path: str) -> Iterator[str]:
        layout = self._layout
        for number, cells in enumerate(layout.grouping.cells(record), 1):
            inner = f"{path}, {layout.grouping.rows} {number}"
            yield self._line(layout.rows, cells, path, inner if layout.grouping.by else path)
        for name, kind in layout.lists.items():
            for number, row in enumerate(record.get(name) or (), 1):
                at = f"{path}, {name} {number}"
                yield self._line(kind, _cells(kind, row), at, at)

    def _once(self, kind: LineKind, output: Tree, records: int = 0, lines: int = 0) -> str:
        """Header or trailer."""
        cells, counting = _cells(kind, output.get(kind.name) or {}), kind.counting
        line = self._line(kind, cells, kind.name, kind.name)
        if counting is None:
            return line
        count = self._layout.counted(counting, records, lines)
        if len(count) > counting.width:
            said = f"{counting.said}: {count} {counting.counts} do not fit the trailer"
            self._problems.append(Problem(said, kind.name, rule="max-length"))
        return counting.into(line, count)

    def _line(self, kind: LineKind, cells: Sequence[str], path: str, inner: str) -> str:
        """One line; ``inner`` is the path of the columns that a group does not share."""
        found, rest = [], iter(cells)
        for field in kind.fields:
            if field.column is None:
                found.append(field.code or (SPACE if field.counts else field.padding.pad) * field.width)
                continue
            at = path if field.column.name in self._layout.grouping.by else inner
            found.append(self._cell(field, next(rest), f"{at}, column {field.column.name}"))
        return "".join(found)

    def _cell(self, field: Field, text: str, path: str) -> str:
        column = field.column
        if column is None:
            return ""
        text = self._layout.alphabet.written(text, column.name, path)
        if (broken := broken_rule(column, text)) is None and text and (lost := field.padding.lost(text)):
            broken = "padding", lost
        if broken is not None:
            said = f"{field.said}: {broken[1]}"
            self._problems.append(Problem(said, path, rule=broken[0]))
        return field.padding.fill(text, field.width)


def _cells(kind: LineKind, tree: Tree) -> list[str]:
    return texts(tree, [column.name for column in kind.columns])
