"""From a place in an agency's document back to the mapping's line that reads or writes it: the way of error texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hub.mapping.paths import Kind, Step
from hub.mapping.plan import Plan
from hub.mapping.uses import uses
from hub.schema.shape import WHOLE

_INDEX = re.compile(r"\[[0-9]+\]")
_ROW = re.compile(r"(?:row [0-9]+(?:, [^,]* [0-9]+)?|(header|trailer))(?:, column (.*))?", re.DOTALL)


class MappingLines:
    """The lines of one mapping by agency place."""

    def __init__(self, plan: Plan) -> None:
        self._kind: Kind = plan.kind
        self._all: dict[tuple[str, ...], list[int]] = {}
        for use in uses(plan.fields):
            self._all.setdefault(_names(plan.kind, use.steps), []).append(use.line)
        self._lines = {names: lines[0] for names, lines in self._all.items()}

    def at(self, path: str | None) -> int | None:
        """The line for a place in show-path form, or for the nearest thing above it; None where nothing leads there."""
        steps = self._split(path) if path else ()
        for length in range(len(steps), 0, -1):
            if line := self._lines.get(steps[:length]):
                return line
        return None

    def every(self, path: str | None) -> list[int]:
        """All lines for a place, where several share it."""
        return self._all.get(self._split(path), []) if path else []

    def beside(self, path: str | None) -> list[int]:
        """The lines for everything in the container of a place."""
        steps = self._split(path)[:-1] if path else ()
        return [line for names, lines in self._all.items() if names[: len(steps)] == steps for line in lines]

    def below(self, path: str | None) -> list[int]:
        """The lines for places inside a container."""
        steps = self._split(path) if path else ()
        return [line for names, line in self._lines.items() if steps and names[: len(steps)] == steps]

    def _split(self, path: str) -> tuple[str, ...]:
        if self._kind == "table":
            found = _ROW.fullmatch(path)
            return tuple(filter(None, found.groups())) if found and found[2] else ()
        if self._kind == "xml":
            return tuple(_INDEX.sub("", path).strip("/").split("/"))
        return tuple(step for step in path.split("/")[1:] if not step.isdecimal())


def _names(kind: Kind, steps: Sequence[Step]) -> tuple[str, ...]:
    if kind == "table":
        outside = steps[:1] if len(steps) > 1 and not steps[0].shape.repeats else ()
        return tuple(step.name for step in (*outside, *steps[-1:]))
    if kind == "xml":
        return tuple(step.shown for step in steps)
    names = (step.name for step in steps if step.name != WHOLE and not step.name.isdecimal())
    return tuple(name.replace("~", "~0").replace("/", "~1") for name in names)
