"""The layout file of a delimited table: encoding, separator, columns and their rules, and how rows are grouped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub.definition import Flag, ListOf, Reading, Record, Scalar, Values
from hub.findings import Findings
from hub.formats.alphabet import ENCODING_KEYS, Alphabet, read_alphabet
from hub.formats.columns import COLUMN_KEYS, Column, read_column
from hub.formats.grouping import GROUP, Grouping, read_grouping
from hub.marked import load
from hub.schema.shape import Shape

DELIMITED = Record(
    {
        "format": Scalar("the kind of layout", ("delimited",)),
        **ENCODING_KEYS,
        "separator": Scalar("one character, or tab"),
        "quote": Scalar("the character around cells that hold a separator, quote or line break"),
        "newline": Scalar("how a row ends when we write", ("crlf", "lf")),
        "header": Flag("whether the first row names the columns"),
        "columns": ListOf(Record(COLUMN_KEYS, required=("name",)), "in order"),
        "group": GROUP,
    },
    required=("format", "encoding", "separator", "columns"),
    note="The layout of a delimited table",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """A table as its file declares it."""

    alphabet: Alphabet
    separator: str
    quote: str
    newline: str
    header: bool
    columns: tuple[Column, ...]
    grouping: Grouping

    def shape(self) -> Shape:
        """The document: ``rows``, with the layout's group inside."""
        row = self.grouping.shapes([column.shape for column in self.columns])
        return Shape(name="", expand=lambda: (Shape(name="rows", minimum=0, maximum=None, expand=lambda: row),))


def load_layout(path: Path, name: str) -> Layout:
    """Read a layout file; ``name`` is its path inside the site. Raises ``Findings`` with every mistake."""
    reading = Reading(name)
    values = DELIMITED.read(load(path, name), 1, reading)
    if values is None:
        raise Findings(reading.findings)
    columns = tuple(column for raw in values.get("columns", ()) if (column := _column(raw, reading)) is not None)
    names = [column.name for column in columns]
    separator, quote = str(values.get("separator", ";")), str(values.get("quote", '"'))
    _check_signs(values, separator, quote, reading)
    for twice in {name for name in names if names.count(name) > 1}:
        reading.wrong("duplicate-key", values.lines["columns"], f"the column {twice!r} stands here twice")
    layout = Layout(
        alphabet=read_alphabet(values, reading),
        separator="\t" if separator == "tab" else separator,
        quote=quote,
        newline="\n" if values.get("newline") == "lf" else "\r\n",
        header=values.get("header", True),
        columns=columns,
        grouping=read_grouping(values, names, reading),
    )
    if reading.findings:
        raise Findings(reading.findings)
    return layout


def _column(raw: Values, reading: Reading) -> Column | None:
    return read_column(raw, reading, int(raw["max-length"]) if "max-length" in raw else None)


def _check_signs(values: Values, separator: str, quote: str, reading: Reading) -> None:
    if separator != "tab" and len(separator) != 1:
        reading.wrong("bad-value", values.lines["separator"], "the separator is one character, or tab")
    if len(quote) != 1 or quote == separator:
        reading.wrong("bad-value", values.lines["quote"], "the quote is one character, not the separator")
