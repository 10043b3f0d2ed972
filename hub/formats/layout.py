"""The layout file of a delimited table: encoding, separator, columns and their rules, and how rows are grouped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from hub.definition import Flag, ListOf, Number, Reading, Record, Scalar, Values
from hub.errors import HubError
from hub.findings import Findings
from hub.formats.text import accepted_codec
from hub.marked import load
from hub.schema.shape import Base, Shape, ValueType

TYPES: tuple[Base, ...] = ("string", "integer", "decimal", "date", "time", "date-time")
FOLDS = ("presentation-forms", "digits")

_COLUMN = Record(
    {
        "name": Scalar("as the header writes it"),
        "required": Flag("a cell of this column is never empty"),
        "pattern": Scalar("the whole cell matches this regular expression"),
        "max-length": Number("most characters", least=1, whole=True),
        "codes": ListOf(Scalar(), "the only values"),
        "type": Scalar("what a filled cell holds; dates and times in ISO 8601", TYPES),
        "note": Scalar("for people"),
    },
    required=("name",),
)
LAYOUT = Record(
    {
        "format": Scalar("the kind of layout", ("delimited",)),
        "encoding": Scalar("the codec in which the agency writes and reads (windows-1256, utf-8, ...)"),
        "separator": Scalar("one character, or tab"),
        "quote": Scalar("the character around cells that hold a separator, quote or line break"),
        "newline": Scalar("how a row ends when we write", ("crlf", "lf")),
        "header": Flag("whether the first row names the columns"),
        "fold": ListOf(Scalar("", FOLDS), "what may be changed in a character that the encoding does not have"),
        "columns": ListOf(_COLUMN, "in order"),
        "group": Record(
            {"by": ListOf(Scalar(), "columns"), "rows": Scalar("name of the list with the other columns")},
            required=("by", "rows"),
        ),
    },
    required=("format", "encoding", "separator", "columns"),
    note="The layout of a delimited table",
)


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


@dataclass(frozen=True, slots=True)
class Layout:
    """A table as its file declares it. ``group`` is (columns that stay equal, name of the list of the others).

    ``codec`` is Python's name of the ``encoding``.
    """

    encoding: str
    codec: str
    separator: str
    quote: str
    newline: str
    header: bool
    fold: frozenset[str]
    columns: tuple[Column, ...]
    group: tuple[tuple[str, ...], str] | None

    def shape(self) -> Shape:
        """The document: ``rows``, with the layout's group inside."""
        return Shape(name="", expand=lambda: (Shape(name="rows", minimum=0, maximum=None, expand=self._row),))

    def _row(self) -> tuple[Shape, ...]:
        if self.group is None:
            return tuple(column.shape for column in self.columns)
        by, rows = self.group
        inner = tuple(column.shape for column in self.columns if column.name not in by)
        outer = tuple(column.shape for column in self.columns if column.name in by)
        least = int(any(shape.minimum for shape in inner))
        return (*outer, Shape(name=rows, minimum=least, maximum=None, expand=lambda: inner))


def load_layout(path: Path, name: str) -> Layout:
    """Read a layout file; ``name`` is its path inside the site. Raises ``Findings`` with every mistake."""
    reading = Reading(name)
    values = LAYOUT.read(load(path, name), 1, reading)
    columns: tuple[Column, ...] = ()
    if values is not None:
        columns = tuple(column for raw in values.get("columns", ()) if (column := _column(raw, reading)) is not None)
        _check(values, columns, reading)
    if reading.findings or values is None:
        raise Findings(reading.findings)
    group = values.get("group")
    separator = values["separator"]
    return Layout(
        encoding=str(values["encoding"]),
        codec=accepted_codec(values["encoding"]),
        separator="\t" if separator == "tab" else str(separator),
        quote=str(values.get("quote", '"')),
        newline="\n" if values.get("newline") == "lf" else "\r\n",
        header=values.get("header", True),
        fold=frozenset(map(str, values.get("fold", ()))),
        columns=columns,
        group=(tuple(map(str, group["by"])), str(group["rows"])) if group else None,
    )


def _column(raw: Values, reading: Reading) -> Column | None:
    name = raw.get("name")
    if not name:
        return None
    base = cast(Base, str(raw.get("type", "string")))
    codes = tuple(map(str, raw["codes"])) if "codes" in raw else None
    length = int(raw["max-length"]) if "max-length" in raw else None
    required = bool(raw.get("required", False))
    try:
        pattern = re.compile(raw["pattern"], re.ASCII) if "pattern" in raw else None
    except re.error as error:
        reading.wrong("bad-value", raw.lines["pattern"], f"not a regular expression: {error}")
        return None
    value = ValueType(
        base,
        codes=codes,
        patterns=(f"^(?:{raw['pattern']})$",) if pattern else (),
        min_length=1 if required else 0,
        max_length=length,
    )
    shape = Shape(name=str(name), minimum=int(required), value=value, note=str(raw.get("note", "")))
    return Column(str(name), required, pattern, length, frozenset(codes) if codes else None, base, shape)


def _check(values: Values, columns: Sequence[Column], reading: Reading) -> None:
    try:
        accepted_codec(values.get("encoding", "utf-8"))
    except HubError as error:
        reading.wrong("bad-value", values.lines["encoding"], error.text)
    separator, quote = values.get("separator", ";"), values.get("quote", '"')
    if separator != "tab" and len(separator) != 1:
        reading.wrong("bad-value", values.lines["separator"], "the separator is one character, or tab")
    if len(quote) != 1 or quote == separator:
        reading.wrong("bad-value", values.lines["quote"], "the quote is one character, not the separator")
    names = [column.name for column in columns]
    for name in {name for name in names if names.count(name) > 1}:
        reading.wrong("duplicate-key", values.lines["columns"], f"the column {name!r} stands here twice")
    group: Any = values.get("group") or {}
    for name in group.get("by", ()):
        if name not in names:
            reading.wrong("unknown-column", values.lines["group"], f"{str(name)!r} is not a column")
    if group and (group.get("rows") in group.get("by", ()) or set(names) <= set(group.get("by", ()))):
        reading.wrong("bad-value", values.lines["group"], "a group needs columns beside those it is made by")
