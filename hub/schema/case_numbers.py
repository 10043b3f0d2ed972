"""``x-case``: which numbers of a message name its case, and which of them is the subject.

A table names numbers that belong together: every one present is the case's, in this order. A list of one-entry tables
names alternatives: the first one present counts alone. A number is the value at one path, or the values at a list of
paths joined with ``/`` where it is unique only within another (an incident within its agency); then all must be
present. A step ``arrests[]`` takes the first item.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.message import Json

SEPARATOR = "/"

_Find = Callable[[Json], "str | None"]


class CaseNumbers:
    """One type's ``x-case`` made ready. ``paths`` are all its (scheme, canonical path) pairs, in order."""

    def __init__(self, declared: Any) -> None:
        """Raises ``ValueError`` with a text for whoever wrote the schema."""
        self._alone = isinstance(declared, list)
        tables = declared if isinstance(declared, list) else [declared]
        if not all(isinstance(table, dict) and (not self._alone or len(table) == 1) for table in tables):
            raise ValueError("x-case is a table of scheme: path, or a list of tables with one entry each")
        self._finders: list[tuple[str, _Find]] = []
        self.paths: tuple[tuple[str, str], ...] = ()
        for scheme, paths in _entries(tables):
            self._finders.append((scheme, _finder(paths)))
            self.paths += tuple((scheme, path) for path in paths)

    def of(self, data: Json) -> tuple[tuple[str, str], ...]:
        """The (scheme, number) pairs that the message has, its subject first; empty if it names no case."""
        found = []
        for scheme, find in self._finders:
            number = find(data)
            if number is not None:
                found.append((scheme, number))
                if self._alone:
                    break
        return tuple(found)


def _entries(tables: list[Json]) -> list[tuple[str, tuple[str, ...]]]:
    entries = []
    for table in tables:
        for scheme, value in table.items():
            paths = tuple(value) if isinstance(value, list) else (value,)
            if not paths or not all(isinstance(path, str) and path for path in paths):
                raise ValueError(f"x-case: {scheme} is one canonical path or a list of them")
            entries.append((str(scheme), paths))
    return entries


def _finder(paths: tuple[str, ...]) -> _Find:
    steps = tuple(tuple(path.split(".")) for path in paths)
    if len(steps) == 1:
        (only,) = steps
        return lambda data: _value(data, only)

    def find(data: Json) -> str | None:
        parts = [_value(data, path) for path in steps]
        return None if None in parts else SEPARATOR.join(part for part in parts if part)

    return find


def _value(data: Any, steps: tuple[str, ...]) -> str | None:
    for step in steps:
        if not isinstance(data, dict):
            return None
        data = data.get(step.removesuffix("[]"))
        if step.endswith("[]"):
            data = data[0] if isinstance(data, list) and data else None
    return None if data is None or data == "" or isinstance(data, (dict, list)) else str(data)
