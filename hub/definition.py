"""The keys of a site's YAML files, declared once: the declaration reads a file, reports its mistakes, and describes
itself as JSON Schema for editors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from hub.findings import Finding, nearest
from hub.marked import Items, Table, Text


@dataclass
class Reading:
    """One file being read: its name for findings, and the findings so far."""

    file: str
    findings: list[Finding] = field(default_factory=list)

    def wrong(self, code: str, line: int, text: str, hint: str = "") -> None:
        """Note one mistake and go on, so that a file's mistakes are all told at once."""
        self.findings.append(Finding(code, self.file, line, text, hint))


# Any scalar: an editor reads ``01`` and ``true`` as number and boolean, the hub as the text that stands there.
_TEXT = {"type": ["string", "number", "boolean"]}


class Definition(Protocol):
    """What one place in a file may hold."""

    def read(self, node: Any, line: int, reading: Reading) -> Any:
        """The value, or None where it was wrong (and a finding was noted)."""
        ...

    def json_schema(self) -> dict[str, Any]:
        """The same as JSON Schema 2020-12."""
        ...


@dataclass(frozen=True)
class Scalar:
    """One text; with ``choices`` one of those."""

    note: str = ""
    choices: tuple[str, ...] = ()

    def read(self, node: Any, line: int, reading: Reading) -> Text | None:
        if not isinstance(node, Text):
            reading.wrong("bad-value", line, "one text is expected here")
            return None
        if self.choices and node not in self.choices:
            text = f"{str(node)!r} is not one of {', '.join(self.choices)}"
            reading.wrong("bad-value", line, text, nearest(node, self.choices))
            return None
        return node

    def json_schema(self) -> dict[str, Any]:
        return _noted({"enum": list(self.choices)} if self.choices else dict(_TEXT), self.note)


@dataclass(frozen=True)
class Number:
    """A number from ``least`` to ``most``; ``whole`` for counts."""

    note: str = ""
    least: float = 0
    most: float = 1e9
    whole: bool = False

    def read(self, node: Any, line: int, reading: Reading) -> float | None:
        try:
            value = int(node, 10) if self.whole else float(node)
        except (TypeError, ValueError):
            reading.wrong("bad-value", line, f"a {'whole ' if self.whole else ''}number is expected here")
            return None
        if not self.least <= value <= self.most:
            reading.wrong("bad-value", line, f"{node} is not between {self.least:g} and {self.most:g}")
            return None
        return value

    def json_schema(self) -> dict[str, Any]:
        number = {"type": "integer" if self.whole else "number", "minimum": self.least, "maximum": self.most}
        text = {"type": "string", "pattern": "^[0-9]+$" if self.whole else "^[0-9]+([.][0-9]+)?$"}
        return _noted({"anyOf": [number, text]}, self.note)


@dataclass(frozen=True)
class Flag:
    """``true`` or ``false``."""

    note: str = ""

    def read(self, node: Any, line: int, reading: Reading) -> bool | None:
        if node in ("true", "false"):
            return bool(node == "true")
        reading.wrong("bad-value", line, "true or false is expected here")
        return None

    def json_schema(self) -> dict[str, Any]:
        return _noted({"enum": [True, False, "true", "false"]}, self.note)


@dataclass(frozen=True)
class ListOf:
    """A list; a single value stands for a list of one."""

    item: Definition
    note: str = ""

    def read(self, node: Any, line: int, reading: Reading) -> list[Any]:
        if not isinstance(node, Items):
            node, lines = [node], [line]
        else:
            lines = node.lines
        values = [self.item.read(child, at, reading) for child, at in zip(node, lines, strict=True)]
        return [value for value in values if value is not None]

    def json_schema(self) -> dict[str, Any]:
        item = self.item.json_schema()
        return _noted({"anyOf": [{"type": "array", "items": item}, item]}, self.note or item.get("description", ""))


@dataclass(frozen=True)
class MapOf:
    """Free keys (names, paths, patterns), each with the same kind of value."""

    value: Definition
    note: str = ""

    def read(self, node: Any, line: int, reading: Reading) -> dict[str, Any] | None:
        if not isinstance(node, Table):
            reading.wrong("bad-value", line, "keys with values are expected here")
            return None
        values = {key: self.value.read(child, node.lines[key], reading) for key, child in node.items()}
        return {key: value for key, value in values.items() if value is not None}

    def json_schema(self) -> dict[str, Any]:
        value = self.value.json_schema()
        return _noted({"type": "object", "additionalProperties": value}, self.note or value.get("description", ""))


@dataclass(frozen=True)
class Either:
    """A text or a table, by what stands there."""

    scalar: Definition
    table: Definition
    note: str = ""

    def read(self, node: Any, line: int, reading: Reading) -> Any:
        return (self.table if isinstance(node, Table) else self.scalar).read(node, line, reading)

    def json_schema(self) -> dict[str, Any]:
        return _noted({"anyOf": [self.scalar.json_schema(), self.table.json_schema()]}, self.note)


@dataclass(frozen=True)
class Anything:
    """A part that its owner checks later (a connector's options)."""

    note: str = ""

    def read(self, node: Any, line: int, reading: Reading) -> Any:
        return node

    def json_schema(self) -> dict[str, Any]:
        return _noted({}, self.note)


class Values(dict[str, Any]):
    """The values of a ``Record`` with the lines on which they stand (``line``: where the record begins)."""

    line: int = 0
    lines: Mapping[str, int]


@dataclass(frozen=True)
class Record:
    """Named keys; any other key is a mistake. Missing optional keys are absent from the values."""

    keys: Mapping[str, Definition]
    required: Sequence[str] = ()
    note: str = ""

    def read(self, node: Any, line: int, reading: Reading) -> Values | None:
        if not isinstance(node, Table):
            reading.wrong("bad-value", line, "keys with values are expected here")
            return None
        values = Values()
        values.line, values.lines = node.line, node.lines
        for key, child in node.items():
            if key not in self.keys:
                text = f"the key {key!r} is not known here (known: {', '.join(self.keys)})"
                reading.wrong("unknown-key", node.lines[key], text, nearest(key, self.keys))
                continue
            value = self.keys[key].read(child, node.lines[key], reading)
            if value is not None:
                values[key] = value
        for key in self.required:
            if key not in node:
                reading.wrong("missing-key", line, f"the key {key!r} is missing")
        return values

    def json_schema(self) -> dict[str, Any]:
        schema = {
            "type": "object",
            "properties": {key: child.json_schema() for key, child in self.keys.items()},
            "required": list(self.required),
            "additionalProperties": False,
        }
        return _noted(schema, self.note)


def _noted(schema: dict[str, Any], note: str) -> dict[str, Any]:
    return {"description": note, **schema} if note else schema
