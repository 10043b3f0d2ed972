"""A layout inferred from a sample table: separator, header, types, patterns and code lists."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from hub.onboarding.columns import rules_of
from hub.onboarding.contract import ContractDraft, Offer, Unusable
from hub.onboarding.yaml_text import flow, quoted

_SEPARATORS = (";", ",", "\t", "|")


def read_csv_sample(stem: str, text: str, encoding: str) -> ContractDraft:
    """A table with a separator. Raises ``Unusable``."""
    separator = max(_SEPARATORS, key=lambda sign: _regularity(text, sign))
    if _regularity(text, separator) == 0:
        raise Unusable(f"{stem}: no separator ({' '.join(map(quoted, _SEPARATORS))}) gives rows of equal length")
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if any(row)]
    header = _has_header(rows)
    names = rows[0] if header else [f"column{number}" for number in range(1, len(rows[0]) + 1)]
    if len(set(names)) != len(names) or not all(names):
        raise Unusable(f"{stem}: the header names a column twice, or not at all")
    body = rows[1:] if header else rows
    columns = [
        flow([("name", name), *rules_of([row[index] for row in body if index < len(row)], length=True)])
        for index, name in enumerate(map(str.strip, names))
    ]
    name = f"{stem}.layout.yaml"
    newline = "crlf" if "\r\n" in text else "lf"
    sure = "the sample is UTF-8" if encoding == "utf-8" else "a guess, and a wrong guess never fails"
    said = [
        f"Encoding {encoding}: {sure}. Ask the agency, and declare what it says.",
        f"Separator {separator!r}, {'with' if header else 'without'} a header row: inferred from {len(body)} rows.",
        "Columns: types, patterns and code lists hold for the sample; loosen what only happens to be so in it.",
    ]
    layout = [
        f"# Inferred from a sample of {len(body)} rows; every line is to be confirmed with the agency.",
        "format: delimited",
        f"encoding: {encoding}",
        f"separator: {quoted('tab' if separator == chr(9) else separator)}",
        "quote: '\"'",
        f"newline: {newline}",
        f"header: {'true' if header else 'false'}",
        "columns:",
        *(f"  - {column}" for column in columns),
    ]
    content = "\n".join(layout) + "\n"
    offer = Offer(stem, "delimited", name)
    return ContractDraft(
        {name: content.encode()}, (offer,), "file", "incoming", charset=encoding, decisions=tuple(said)
    )


def is_separated(text: str) -> bool:
    """Whether some separator parts every row into equally many cells."""
    return any(_regularity(text, separator) for separator in _SEPARATORS)


def _regularity(text: str, separator: str) -> int:
    """How many cells every row has with this separator; 0 where rows differ."""
    counts = {len(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if any(row)}
    return counts.pop() - 1 if len(counts) == 1 else 0


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """A first row without digits, over at least one column that has them below."""
    if len(rows) < 2 or any(any(letter.isdecimal() for letter in cell) for cell in rows[0]):
        return False
    return any(letter.isdecimal() for row in rows[1:] for cell in row for letter in cell)
