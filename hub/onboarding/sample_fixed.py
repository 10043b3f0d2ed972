"""A layout inferred from a sample of fixed width: kinds of line, positions of columns, their rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.onboarding.columns import Rules, rules_of
from hub.onboarding.contract import ContractDraft, Offer, Unusable
from hub.onboarding.fixed_kinds import Kinds, kinds_of
from hub.onboarding.fixed_positions import Span, inferred, named
from hub.onboarding.yaml_text import flow, quoted

_MOST_SHOWN, _LEAST_ALIKE = 20, 0.5


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of one kind of line, as its layout writes them, and what is doubtful about them."""

    written: tuple[str, ...]
    doubts: tuple[str, ...]
    spans: tuple[Span, ...]


def read_fixed_sample(stem: str, text: str, encoding: str, columns: str) -> ContractDraft:
    """``columns``: first and last positions of a row's columns where they are known (``1-10,11-25,26``), else they are
    inferred from several lines. Raises ``Unusable``."""
    known = named(columns) if columns else ()
    lines = [line.removesuffix("\r") for line in text.split("\n") if line.strip("\r")]
    newline = ("crlf" if "\r\n" in text else "lf") if len(lines) > 1 else "none"
    length = known[-1].end if known else 0
    if newline == "none" and length and lines and len(lines[0]) % length == 0:
        lines = [lines[0][at : at + length] for at in range(0, len(lines[0]), length)]
    elif newline == "none":
        needed = f"its length is no multiple of {length}" if length else "columns show only where lines are compared"
        raise Unusable(f"{stem} is one line: {needed}. Give several lines, or their columns: --columns 1-10,11-25,26")
    kinds = kinds_of(lines, known)
    name = f"{stem}.layout.yaml"
    spans = (known[1:] if kinds.code else known) or inferred(kinds.rows, kinds.code)
    longest = max(map(len, kinds.rows))
    if known and longest > length:
        raise Unusable(f"the columns end at {length}, and {stem} has lines of {longest} characters")
    if not known and (len(spans) < 2 or kinds.alike < _LEAST_ALIKE):
        raise Unusable(
            f"{stem}: no separator parts it into rows of equal length, and no columns of fixed width show in its"
            f" {len(lines)} lines. If it has some, give their positions: --columns 1-10,11-25,26"
        )
    rows = _columns(kinds.rows, spans, kinds.names)
    layout = [
        f"# Inferred from a sample of {len(lines)} lines; every line is to be confirmed with the agency.",
        "format: fixed-width",
        f"encoding: {encoding}",
        f"newline: {newline}",
        *(["trimmed: true"] if kinds.is_trimmed else []),
        *([f"code: 1-{kinds.code}"] if kinds.code else []),
        *_parts(kinds, rows),
    ]
    content = "\n".join(layout) + "\n"
    said = (*_said(encoding, kinds, rows, columns), *rows.doubts)
    offer = Offer(stem, "fixed-width", name)
    return ContractDraft({name: content.encode()}, (offer,), "file", "incoming", charset=encoding, decisions=said)


def _parts(kinds: Kinds, rows: _Columns) -> Iterator[str]:
    if kinds.names:
        yield from ("header:", "  columns:", f"    - {{at: 1-{len(kinds.names)}, filler: the names of the columns}}")
    elif kinds.header:
        yield from ("header:", *_code(kinds.header, kinds, "  "), "  columns:")
        yield from _indented(_outside(kinds.header, kinds), "    - ")
    yield from ("rows:", *_code(kinds.rows[0], kinds, "  "), "  columns:", *_indented(rows.written, "    - "))
    if kinds.lists:
        yield "  lists:"
    for code, lines in kinds.lists.items():
        columns = _columns(lines, inferred(lines, kinds.code), "")
        yield from (f"    lines{code}:", f"      code: {quoted(code)}", "      columns:")
        yield from _indented(columns.written, "        - ")
    if kinds.trailer:
        yield from ("trailer:", *_code(kinds.trailer, kinds, "  "), "  columns:")
        yield from _indented(_outside(kinds.trailer, kinds, kinds.counts), "    - ")


def _code(line: str, kinds: Kinds, indent: str) -> list[str]:
    return [f"{indent}code: {quoted(line[: kinds.code])}"] if kinds.code else []


def _indented(columns: Sequence[str], indent: str) -> list[str]:
    return [indent + column for column in columns]


def _outside(line: str, kinds: Kinds, counts: Sequence[tuple[str, int]] = ()) -> list[str]:
    """The columns of a line that stands once: where digits meet letters, or blanks end."""
    found = []
    for number, span in enumerate(inferred([line], kinds.code), 1):
        cell = span.of(line).strip()
        counted = next((word for word, count in counts if cell.isdecimal() and int(cell) == count), "")
        keys: Rules = [("name", f"column{number}"), ("at", span.at)]
        if counted:
            pad = "0" if cell.startswith("0") and len(cell) > 1 else " "
            found.append(flow([*keys, ("counts", counted), ("align", "right"), ("pad", pad)]))
            counts = ()
        else:
            found.append(flow([*keys, ("type", "string")]))
    return found


def _columns(lines: Sequence[str], spans: Sequence[Span], names: str) -> _Columns:
    written, doubts = [], []
    taken = [span.of(names).strip() for span in spans]
    numbered = [f"column{number}" for number in range(1, len(spans) + 1)]
    use = taken if names and all(taken) and len(set(taken)) == len(taken) else numbered
    for span, name in zip(spans, use, strict=True):
        cells = [span.of(line) for line in lines]
        filled = [cell for cell in cells if cell.strip()]
        keys: Rules = [("name", name), ("at", span.at)]
        if filled and all(cell[-1:].isdecimal() for cell in filled) and any(cell[:1] == " " for cell in filled):
            keys.append(("align", "right"))
        if any(cell[:1] == "0" for cell in filled) and all(cell.isdecimal() for cell in filled):
            doubts.append(
                f"{name} (positions {span.at}) has leading zeros: are they part of it, or do they fill it"
                ' (align: right, pad: "0")?'
            )
        written.append(flow([*keys, *rules_of(cells, length=False)]))
    return _Columns(tuple(written), tuple(doubts), tuple(spans))


def _said(encoding: str, kinds: Kinds, rows: _Columns, columns: str) -> Iterator[str]:
    sure = "the sample is UTF-8" if encoding == "utf-8" else "a guess, and a wrong guess never fails"
    yield f"Encoding {encoding}: {sure}. Ask the agency, and declare what it says."
    if kinds.code:
        told = ", ".join(f"{code} ({kind})" for code, kind in kinds.told)
        yield f"Kinds of line, by the first {kinds.code} characters: {told}. Inferred from where they stand."
    if kinds.header or kinds.trailer or kinds.names:
        yield "Header and trailer: map what they say (/header/..., /trailer/...), or ignores; a count is a guess."
    if kinds.is_trimmed:
        yield "Lines have different lengths: it is taken that the spaces at their end are left out (trimmed)."
    spans = ",".join(span.at for span in rows.spans[:_MOST_SHOWN])
    if columns:
        yield f"Columns at {spans}: as given."
    else:
        yield (
            f"Columns at {spans}: guesses from {len(kinds.rows)} lines (blanks that all share, digits beside letters)."
            " Numbers beside numbers are not parted, and blanks belong to the text before them. The agency's own"
            " positions are better: --columns."
        )
    yield "Columns: types, patterns and code lists hold for the sample; loosen what only happens to be so in it."
