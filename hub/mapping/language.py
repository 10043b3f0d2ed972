"""What a mapping file may say: frozen nodes as written, each with its line, not yet compared with any schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hub.mapping.convert import Converter
from hub.mapping.paths import Pick
from hub.marked import Items, Text


@dataclass(frozen=True, slots=True)
class Written:
    """One text of the file and its line."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Absent:
    """Agency texts that mean nothing, and how nothing is written: ``omit``, ``empty``, ``nil`` or a text."""

    read: frozenset[str] = frozenset({""})
    write: str = "omit"


@dataclass(frozen=True, slots=True)
class BothWays:
    """A text for each direction (``else``, ``default``); None where that direction has none."""

    read: str | None = None
    write: str | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What the file says will happen on writing where nothing proves that it cannot: the checker takes it as told.

    ``too_long``: cut or refuse. ``too_many``: refuse or drop. ``unfit``: refuse, or drop the value. ``missing``: a
    message without the value is refused.
    """

    too_long: Literal["", "cut", "refuse"] = ""
    too_many: Literal["", "refuse", "drop"] = ""
    unfit: Literal["", "refuse", "drop"] = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class GuardSpec:
    """``is: {path: values}``; ``listed`` where a list was written (it only filters)."""

    path: Written
    values: tuple[str, ...]
    listed: bool


@dataclass(frozen=True, slots=True)
class Conversion:
    """``as`` with its options, or ``codes``, or neither; ``by`` is the converter of that name."""

    converter: Written | None = None
    by: Converter | None = None
    options: Mapping[str, Text | Items] | None = None
    codes: Written | None = None


@dataclass(frozen=True, slots=True)
class ValueSpec:
    """One place (or set of ports) of a value with its options. ``ports`` is {"": path} without ports."""

    line: int
    ports: Mapping[str, Written]
    conversion: Conversion
    otherwise: BothWays
    default: BothWays
    absent: Absent | None
    pick: Pick
    answers: Answers
    where: tuple[tuple[Written, str], ...]
    guards: tuple[GuardSpec, ...]
    unless: Written | None
    always: Written | None


@dataclass(frozen=True, slots=True)
class ValueNode:
    """A scalar, converted object or list of scalars."""

    key: Written
    specs: tuple[ValueSpec, ...]
    rest_dropped: bool = False


@dataclass(frozen=True, slots=True)
class ConstantSpec:
    """One constant: agency path and either a literal text or a source (``$message.id``)."""

    path: Written
    source: Written
    conversion: Conversion
    answers: Answers = field(default_factory=Answers)


@dataclass(frozen=True, slots=True)
class RepeatSpec:
    """One agency list (or numbered slots, or the scope itself) behind a canonical list."""

    line: int
    at: Written | None
    id: Written | None
    where: tuple[tuple[Written, str], ...]
    guards: tuple[GuardSpec, ...]
    constants: tuple[ConstantSpec, ...]
    too_many: Literal["", "refuse", "drop"]
    fields: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class RepeatNode:
    """A list of objects; several specs where it is spread over several agency lists."""

    key: Written
    specs: tuple[RepeatSpec, ...]
    rest_dropped: bool = False


@dataclass(frozen=True, slots=True)
class LinkNode:
    """A link to an item of the list ``to``.

    ``form``: ``ref`` (path: the reference), ``via`` (path: the association; here, there: its two references) or
    ``follow`` (path: the nested target; id, same, fields: as for a list).
    """

    key: Written
    form: Literal["ref", "via", "follow"]
    path: Written
    to: Written
    pick: Pick
    missing: bool
    dangling: Literal["", "prune", "refuse"]
    here: Written | None
    there: Written | None
    id: Written | None
    same: tuple[Written, ...]
    fields: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class GroupNode:
    """``fields`` under a key that is no list: prefixes for what stands below."""

    key: Written
    at: Written | None
    fields: tuple[Node, ...]


Node = ValueNode | RepeatNode | LinkNode | GroupNode


@dataclass(frozen=True, slots=True)
class EmbeddedSpec:
    """``embedded``: the element at ``path`` (from the document) holds a document of that XSD as text."""

    path: Written
    schema: Written
    root: Written


@dataclass(frozen=True, slots=True)
class UnlinkedSpec:
    """``unlinked``: what becomes of items of a list (``persons[]``) that nothing links to; without ``refuse`` they are
    dropped for the ``reason``."""

    path: Written
    refuse: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stylesheets:
    """``xslt``: what stands between the agency's document and the one that is mapped (of the XSD ``schema``).

    ``refuse``: the file says that a written document which breaks the agency's schema is a dead letter.
    """

    line: int
    read: Written | None
    write: Written | None
    schema: Written | None
    refuse: bool


@dataclass(frozen=True, slots=True)
class MappingFile:
    """One file as written."""

    file: str
    message: Written
    agency: Written
    root: Written | None
    identity: tuple[Written, ...]
    absent: Absent
    unseen: Literal["count", "keep", "refuse"]
    unseen_line: int
    fields: tuple[Node, ...]
    constants: tuple[ConstantSpec, ...]
    embedded: tuple[EmbeddedSpec, ...]
    xslt: Stylesheets | None
    drops: tuple[tuple[Written, str], ...]
    unlinked: tuple[UnlinkedSpec, ...]
    ignores: tuple[tuple[Written, str], ...]
    refuses: tuple[tuple[Written, str], ...]
    unproven: tuple[tuple[Written, str], ...]
