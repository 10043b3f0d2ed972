"""The layout file of records of fixed width: which kinds of line there are, and which positions each column takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hub.definition import Definition, Flag, ListOf, MapOf, Reading, Record, Scalar, Values
from hub.findings import Findings
from hub.formats.alphabet import ENCODING_KEYS, read_alphabet
from hub.formats.columns import COLUMN_KEYS, Column, read_column
from hub.formats.fixed_width_lines import Field, FixedWidthLayout, LineKind
from hub.formats.grouping import GROUP, read_grouping
from hub.formats.padding import SPACE, Padding
from hub.marked import load

COUNTS = ("records", "lines", "body-lines")
_AT = re.compile(r"([1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?")
_LONGEST = 32_000

_COLUMN = Record(
    {
        **{key: value for key, value in COLUMN_KEYS.items() if key != "max-length"},
        "at": Scalar("first and last position in the line, in characters from 1: 11-25, or 26 for one character"),
        "align": Scalar("where the text stands in its column (left)", ("left", "right")),
        "pad": Scalar("the character that fills the rest of the column (a space)"),
        "filler": Scalar("in place of a name: these positions hold nothing, and why"),
        "counts": Scalar("in a trailer: checked and written by the hub; lines: with header and trailer", COUNTS),
    },
    required=("at",),
)
_LINE: Mapping[str, Definition] = {
    "code": Scalar("what stands at the positions of `code` in lines of this kind"),
    "columns": ListOf(_COLUMN, "in order; together they cover the line"),
}
FIXED_WIDTH = Record(
    {
        "format": Scalar("the kind of layout", ("fixed-width",)),
        **ENCODING_KEYS,
        "newline": Scalar("what stands between lines (crlf); none: nothing", ("crlf", "lf", "none")),
        "trimmed": Flag("whether lines may come without the spaces at their end"),
        "code": Scalar("the positions where every line says of which kind it is: 1-2"),
        "header": Record(_LINE, required=("columns",), note="the first line"),
        "rows": Record(
            {**_LINE, "group": GROUP, "lists": MapOf(Record(_LINE, required=("code", "columns")), "lines below a row")},
            required=("columns",),
            note="the lines that begin a record each",
        ),
        "trailer": Record(_LINE, required=("columns",), note="the last line"),
    },
    required=("format", "encoding", "rows"),
    note="The layout of records of fixed width",
)


def load_fixed_width(path: Path, name: str) -> FixedWidthLayout:
    """Read a layout file; ``name`` is its path inside the site. Raises ``Findings`` with every mistake."""
    reading = Reading(name)
    values = FIXED_WIDTH.read(load(path, name), 1, reading)
    if values is None or not isinstance(values.get("rows"), Values):
        raise Findings(reading.findings)
    code = _positions(values["code"], values.lines["code"], reading) if "code" in values else None
    kinds = {kind: _kind(kind, values[kind], code, reading) for kind in ("header", "trailer") if kind in values}
    rows = _kind("rows", values["rows"], code, reading)
    raw_lists = values["rows"].get("lists", {})
    layout = FixedWidthLayout(
        alphabet=read_alphabet(values, reading),
        newline={"lf": "\n", "none": ""}.get(str(values.get("newline")), "\r\n"),
        trimmed=values.get("trimmed", False),
        code=code,
        header=kinds.get("header"),
        rows=rows,
        lists={str(each): _kind(str(each), raw, code, reading) for each, raw in raw_lists.items()},
        trailer=kinds.get("trailer"),
        grouping=read_grouping(values["rows"], [column.name for column in rows.columns], reading),
    )
    _check(layout, values, reading)
    if reading.findings:
        raise Findings(reading.findings)
    return layout


def _kind(name: str, raw: Values, code: tuple[int, int] | None, reading: Reading) -> LineKind:
    own = str(raw.get("code", ""))
    fields = [field for each in raw.get("columns", ()) if (field := _field(each, name, reading)) is not None]
    if code is not None:
        if len(own) != code[1] - code[0]:
            text = f"a code of {code[1] - code[0]} characters is needed, because the layout has `code`"
            reading.wrong("bad-value", raw.lines.get("code", raw.line), text)
        where = next((index for index, field in enumerate(fields) if field.start >= code[0]), len(fields))
        fields.insert(where, Field(*code, Padding(), code=own))
    elif own:
        reading.wrong("bad-value", raw.lines["code"], "the layout does not say where codes stand", "code: 1-2")
    if name == "rows" and not any(field.column for field in fields):
        reading.wrong("bad-value", raw.lines.get("columns", raw.line), "a row has at least one column")
    _check_cover(fields, raw, reading)
    names = [field.column.name for field in fields if field.column is not None]
    for twice in {name for name in names if names.count(name) > 1}:
        reading.wrong("duplicate-key", raw.lines["columns"], f"the column {twice!r} stands here twice")
    return LineKind(name, own, tuple(fields))


def _field(raw: Values, kind: str, reading: Reading) -> Field | None:
    at = _positions(raw["at"], raw.lines["at"], reading) if "at" in raw else None
    if at is None:
        return None
    padding = Padding(str(raw.get("pad", SPACE)), raw.get("align") == "right")
    if not padding.fits:
        reading.wrong("bad-value", raw.lines["pad"], "one printable character is expected, none of [ ] \\ ^ -")
        return None
    if "filler" in raw or "counts" in raw:
        return _without_column(raw, kind, Field(*at, padding), reading)
    if not raw.get("name"):
        reading.wrong("missing-key", raw.line, "a column has a name, or says why it has none", "filler: reserved")
        return None
    column = read_column(raw, reading, at[1] - at[0], padding.edge)
    if column is not None:
        _check_values(raw, column, padding, reading)
    return Field(*at, padding, column)


def _without_column(raw: Values, kind: str, field: Field, reading: Reading) -> Field:
    for key in ("required", "pattern", "codes", "type", *(("name", "counts") if "filler" in raw else ())):
        if key in raw:
            reading.wrong("bad-value", raw.lines[key], f"{key} says nothing here: no value is read")
    if "counts" in raw and kind != "trailer":
        reading.wrong("bad-value", raw.lines["counts"], "only a trailer says what the document holds")
    return replace(field, counts=str(raw.get("counts", "")), name=str(raw.get("name", "")))


def _positions(text: str, line: int, reading: Reading) -> tuple[int, int] | None:
    match = _AT.fullmatch(text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 0 < first <= last <= _LONGEST:
        reading.wrong("bad-value", line, f"{str(text)!r} is not first and last position, counted from 1: 11-25")
        return None
    return first - 1, last


def _check_values(raw: Values, column: Column, padding: Padding, reading: Reading) -> None:
    width = column.max_length or 0
    for code in sorted(column.codes or ()):
        if len(code) > width:
            text = f"the code {code!r} has {len(code)} characters, the column {width}"
            reading.wrong("bad-value", raw.lines["codes"], text)
        elif code and (why := padding.lost(code)) is not None:
            reading.wrong("bad-value", raw.lines["codes"], f"the code {code!r} would not come back: {why}")
    if column.base == "decimal" and padding.pad == "0":
        text = "a decimal number filled with 0 would not come back (0.5 is .5)"
        reading.wrong("bad-value", raw.lines["pad"], text, "type: string with a pattern")


def _check_cover(fields: Sequence[Field], raw: Values, reading: Reading) -> None:
    """Each position belongs to one column: a slip of one number would shift all that follows."""
    end, before = 0, "the line"
    for field in fields:
        name = repr(field.column.name) if field.column else "the code" if field.code else "a filler"
        if field.start < end:
            text = f"{name} begins at position {field.start + 1}, and {before} ends at {end}"
            reading.wrong("bad-value", raw.lines["columns"], text)
        elif field.start > end:
            free = Field(end, field.start, field.padding).positions
            text = f"{free} before {name} belong to no column"
            reading.wrong("bad-value", raw.lines["columns"], text, f"{{at: {end + 1}-{field.start}, filler: reserved}}")
        end, before = max(end, field.end), name


def _check(layout: FixedWidthLayout, values: Values, reading: Reading) -> None:
    rows = values["rows"]
    codes = [kind.code for kind in layout.kinds if kind.code]
    for code in {code for code in codes if codes.count(code) > 1}:
        reading.wrong("bad-value", values.lines["code"], f"two kinds of line have the code {code!r}")
    if layout.lists and layout.code is None:
        reading.wrong("missing-key", rows.lines["lists"], "lines below a row are told by their code", "code: 1-2")
    if layout.lists and layout.grouping.by:
        reading.wrong("bad-value", rows.lines["group"], "a record has groups of rows or lists of other lines, not both")
    for name in layout.lists:
        if name in (*layout.grouping.names, "header", "rows", "trailer"):
            reading.wrong("duplicate-key", rows.lines["lists"], f"{name!r} is the name of something else here")
    if not layout.newline and len({kind.length for kind in layout.kinds}) > 1:
        text = "without anything between them, all lines have to have the same length"
        reading.wrong("bad-value", values.lines["newline"], text)
    for kind in layout.kinds:
        try:
            kind.code.encode(layout.alphabet.codec)
        except UnicodeEncodeError:
            text = f"the encoding {layout.alphabet.encoding} does not have the code {kind.code!r}"
            reading.wrong("bad-value", values.lines["code"], text)
