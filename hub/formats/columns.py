"""The columns of a table, whatever separates them: names and rules from a layout file, and what cells keep of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, cast

from hub.definition import Definition, Flag, ListOf, Number, Reading, Scalar, Values
from hub.formats.text import shown
from hub.schema.shape import Base, Shape, ValueType

TYPES: tuple[Base, ...] = ("string", "integer", "decimal", "date", "time", "date-time")
COLUMN_KEYS: Mapping[str, Definition] = {
    "name": Scalar("as the agency writes it"),
    "required": Flag("a cell of this column is never empty"),
    "pattern": Scalar("the whole cell matches this regular expression"),
    "max-length": Number("most characters", least=1, whole=True),
    "codes": ListOf(Scalar(), "the only values"),
    "type": Scalar("what a filled cell holds; dates and times in ISO 8601", TYPES),
    "note": Scalar("for people"),
}

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``pattern`` must match the whole cell."""

    name: str
    required: bool
    pattern: re.Pattern[str] | None
    max_length: int | None
    codes: frozenset[str] | None
    base: Base
    shape: Shape


def read_column(raw: Values, reading: Reading, length: int | None, edge: str = "") -> Column | None:
    """One column as its file declares it; None where that was wrong (and a finding was noted).

    ``length`` is the most characters, ``edge`` one more pattern that a filled cell keeps.
    """
    name = raw.get("name")
    if not name:
        return None
    base = cast(Base, str(raw.get("type", "string")))
    codes = tuple(map(str, raw["codes"])) if "codes" in raw else None
    required = bool(raw.get("required", False))
    try:
        pattern = re.compile(raw["pattern"], re.ASCII) if "pattern" in raw else None
    except re.error as error:
        reading.wrong("bad-value", raw.lines["pattern"], f"not a regular expression: {error}")
        return None
    patterns = [f"^(?:{raw['pattern']})$"] if pattern else []
    value = ValueType(
        base,
        codes=codes,
        patterns=(*patterns, edge) if edge and codes is None else tuple(patterns),
        min_length=1 if required else 0,
        max_length=length,
    )
    shape = Shape(name=str(name), minimum=int(required), value=value, note=str(raw.get("note", "")))
    return Column(str(name), required, pattern, length, frozenset(codes) if codes else None, base, shape)


def broken_rule(column: Column, cell: str) -> tuple[str, str] | None:
    """The first rule that a cell breaks, and what to say of it."""
    if not cell:
        return ("required", "the cell is empty") if column.required else None
    if column.codes is not None and cell not in column.codes:
        return "codes", f"{shown(cell)} is not one of the agreed codes"
    if column.max_length is not None and len(cell) > column.max_length:
        return "max-length", f"{len(cell)} characters, at most {column.max_length} are allowed"
    if column.pattern is not None and not column.pattern.fullmatch(cell):
        return "pattern", f"{shown(cell)} does not match the pattern {column.pattern.pattern}"
    if column.base != "string" and not _reads(column.base, cell):
        return "type", f"{shown(cell)} is not a valid {column.base}"
    return None


def _reads(base: str, cell: str) -> bool:
    if base == "integer":
        return _INTEGER.fullmatch(cell) is not None
    if base == "decimal":
        return _DECIMAL.fullmatch(cell) is not None
    readers: dict[str, Callable[[str], Any]] = {
        "date": date.fromisoformat,
        "time": time.fromisoformat,
        "date-time": datetime.fromisoformat,
    }
    try:
        readers[base](cell)
    except ValueError:
        return False
    return base != "date" or len(cell) == 10
