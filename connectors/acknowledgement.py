"""Acknowledgement files: the partner says, in a folder of its own, which of our files or messages it has taken.

Either a file beside nothing but named after ours (``<our file>.ack``, ``<our file>.nak``), or a list (a table or XML)
with an id and a status in each record. The id is the message id that we sent, or our file's name, which holds it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from hub.definition import ListOf, Number, Reading, Record, Scalar, Values
from hub.errors import HubError, Problem
from hub.findings import nearest
from hub.formats.text import decode
from hub.formats.xml_door import parse_hardened
from hub.site.agency import Agency, Way

_LIST = Record(
    {
        "files": Scalar("file name pattern of the lists"),
        "format": Scalar("how they are written", ("csv", "xml")),
        "charset": Scalar("declared encoding"),
        "separator": Scalar("between columns; default ,"),
        "record": Scalar("xml: the element that repeats"),
        "id": Scalar("column, child element or @attribute with our message id or file name"),
        "status": Scalar("the same with the partner's word"),
        "is": ListOf(Scalar("word that means taken; any other refuses")),
        "number": Scalar("the same with the partner's own number"),
    },
    ("files", "format", "id", "status", "is"),
    "files of the partner's that name which of ours it took",
)
ACKNOWLEDGEMENT = Record(
    {
        "folder": Scalar("folder for acknowledgements, below the agency's file area"),
        "ready": Scalar("how a file shows that it is whole; default rename", ("rename", "done-marker", "stable")),
        "within-s": Number("then a person has to ask the partner", 1, 31_536_000),
        "taken": Scalar("ending after our file's name that means taken, as .ack"),
        "refused": Scalar("ending after our file's name that means refused, as .nak"),
        "list": _LIST,
    },
    ("folder", "within-s"),
    "how the partner says which files it has taken",
)
_ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PRINTABLE = re.compile("[!-~](?:[ -~]{0,198}[!-~])?")


@dataclass(frozen=True, slots=True)
class ListOptions:
    """``record`` is a Clark name (xml); ``id``, ``status``, ``number`` are columns, Clark names or ``@attribute``."""

    files: str
    format: Literal["csv", "xml"]
    charset: str | None
    separator: str
    record: str
    id: str
    status: str
    taken: frozenset[str]
    number: str | None


@dataclass(frozen=True, slots=True)
class AcknowledgementOptions:
    """``taken`` and ``refused`` are endings, empty where there are none."""

    folder: str
    ready: Literal["rename", "done-marker", "stable"]
    within_s: float
    taken: str
    refused: str
    list: ListOptions | None


@dataclass(frozen=True, slots=True)
class Word:
    """What one record says: which delivery (None: its id is none of ours), whether taken, the partner's number."""

    id: str | None
    taken: bool
    number: str | None
    line: int


def read_acknowledgement(values: Values, agency: Agency, way: Way, reading: Reading) -> AcknowledgementOptions:
    """The options below ``acknowledgement``; every mistake is noted in ``reading``."""
    taken, refused = str(values.get("taken", "")), str(values.get("refused", ""))
    listed = values.get("list")
    if not taken and listed is None:
        reading.wrong("missing-key", values.line, "an acknowledgement is told by 'taken' (an ending) or by a 'list'")
    if any(ending and (not ending.startswith(".") or "/" in ending) for ending in (taken, refused)) or (
        taken and taken == refused
    ):
        reading.wrong("bad-value", values.line, "endings begin with a dot and differ")
    if listed is not None and way.batch.most > 1:
        text = "a list names single messages, so a file must hold one: batch most 1, or acknowledge whole files"
        reading.wrong("bad-value", listed.line, text)
    return AcknowledgementOptions(
        folder=str(values.get("folder", "")),
        ready=values.get("ready", "rename"),
        within_s=float(values.get("within-s", 1)),
        taken=taken,
        refused=refused,
        list=_list(listed, agency, reading) if listed is not None else None,
    )


def _list(values: Values, agency: Agency, reading: Reading) -> ListOptions:
    xml = values.get("format") == "xml"
    if xml and "record" not in values:
        reading.wrong("missing-key", values.line, "an XML list needs 'record', the element that repeats")
    if len(values.get("separator", ",")) != 1:
        reading.wrong("bad-value", values.lines["separator"], "the separator is one character")

    def place(key: str) -> str:
        name = str(values.get(key, ""))
        prefix, colon, local = name.partition(":")
        if not xml or not colon or name.startswith("@"):
            return name
        if prefix not in agency.namespaces:
            text = f"the prefix {prefix!r} is not declared"
            reading.wrong(
                "unknown-prefix", values.lines.get(key, values.line), text, nearest(prefix, agency.namespaces)
            )
            return local
        return f"{{{agency.namespaces[prefix]}}}{local}"

    return ListOptions(
        files=str(values.get("files", "")),
        format=values.get("format", "csv"),
        charset=str(values["charset"]) if "charset" in values else None,
        separator=str(values.get("separator", ",")),
        record=place("record"),
        id=place("id"),
        status=place("status"),
        taken=frozenset(map(str, values.get("is", ()))),
        number=place("number") or None,
    )


def words(name: str, body: bytes, options: AcknowledgementOptions) -> list[Word]:
    """What one file says. Raises ``HubError``: unknown-type (no declared name), and what a list can be refused for."""
    for ending, taken in ((options.taken, True), (options.refused, False)):
        if ending and name.endswith(ending):
            return [Word(_own_id(name), taken, None, 1)]
    listed = options.list
    if listed is None or not fnmatchcase(name, listed.files):
        raise HubError("unknown-type", "No acknowledgement is declared for this file name")
    records = _rows(body, listed) if listed.format == "csv" else _elements(body, listed)
    found = [_word(record, line, listed) for line, record in records]
    if not found:
        raise HubError("malformed", "The list has no record")
    return found


def _word(record: Mapping[str, str], line: int, options: ListOptions) -> Word:
    for key in (options.id, options.status):
        if key not in record:
            text = f"{key.rpartition('}')[2]} is missing"
            raise HubError("malformed", text, [Problem(text, line=line)])
    number = record.get(options.number or "")
    fits = number is not None and _PRINTABLE.fullmatch(number) is not None
    return Word(_own_id(record[options.id]), record[options.status] in options.taken, number if fits else None, line)


def _own_id(text: str) -> str | None:
    """The delivery's id in a text that is it, or holds it as a file name does."""
    found = _ID.search(text.lower())
    return found.group() if found is not None else None


def _rows(body: bytes, options: ListOptions) -> Iterator[tuple[int, Mapping[str, str]]]:
    text = decode(body, options.charset)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=options.separator, strict=True)
    try:
        head = [cell.strip() for cell in next(reader, [])]
        for row in reader:
            if row:
                yield reader.line_num, dict(zip(head, (cell.strip() for cell in row), strict=False))
    except csv.Error as error:
        raise HubError(
            "malformed", f"Line {reader.line_num}: {error}", [Problem(str(error), line=reader.line_num)]
        ) from None


def _elements(body: bytes, options: ListOptions) -> Iterator[tuple[int, Mapping[str, str]]]:
    root: Any = parse_hardened(body, options.charset)
    for element in root.iter(options.record):
        values = {child.tag: (child.text or "").strip() for child in element}
        yield element.sourceline, {**values, **{f"@{name}": value.strip() for name, value in element.items()}}
