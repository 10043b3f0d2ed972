"""The resolved plan of one mapping: what reader, writer, checker, explanations and error paths are all made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hub.mapping.convert import Converter, Options
from hub.mapping.fits import Fits
from hub.mapping.language import Answers, MappingFile
from hub.mapping.paths import Kind, Pick, Place, Step, show
from hub.schema.shape import Shape, ValueType

# A change that leaves every value as it is, is None.
Change = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class Ground:
    """The element that places are relative to: its way from the document, and which steps of it are counted.

    ``marks`` are indices into ``trail``; at run time there is one index (from 0) for each of them.
    """

    trail: tuple[Step, ...] = ()
    marks: tuple[int, ...] = ()

    def below(self, steps: tuple[Step, ...]) -> Ground:
        """The ground of the items that stand ``steps`` below; the last step is counted."""
        trail = self.trail + steps
        return Ground(trail, (*self.marks, len(trail) - 1))

    def show(self, kind: Kind, place: Place, indices: Sequence[int], nth: int | None = None) -> str:
        """A place in show-path form; ``nth`` is the index at the step that the place wants every one of."""
        steps: list[tuple[Step, int | None]] = []
        if not place.absolute:
            counted = dict(zip(self.marks, indices, strict=False))
            steps = [(step, counted.get(index)) for index, step in enumerate(self.trail)]
        steps += [(step, nth if index == place.each else None) for index, step in enumerate(place.steps)]
        return show(kind, steps)


@dataclass(frozen=True, slots=True)
class Guard:
    """``is``: a canonical value (relative to the item) that decides; ``sets`` is what reading puts there."""

    names: tuple[str, ...]
    text: str
    values: frozenset[Any]
    sets: Any = None


@dataclass(frozen=True, slots=True)
class Where:
    """An agency value that must stand beside another. ``place`` is relative to the listed item, or to the ground.
    ``line``: where the file says so."""

    place: Place
    text: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Spot:
    """One agency place (or set of ports, or numbered slots) of a value, with everything that happens on the way.

    ``read`` takes the raw value (with ports: {port: raw}); ``writes`` gives by port the raw value for a canonical one.
    ``missing`` is written where there is nothing (None: nothing; "nil" with ``nil`` true). ``fits`` tests by port what
    is to be written, where the file says what happens to a value that the agency does not take.
    """

    line: int
    ports: tuple[tuple[str, Place], ...]
    slots: tuple[Place, ...]
    read: Change
    writes: Mapping[str, Change]
    absent: frozenset[str]
    missing: Any
    nil: bool
    default: Any
    otherwise_read: Any
    otherwise_write: Any
    pick: Pick
    cut: int | None
    answers: Answers
    fits: Mapping[str, Fits]
    where: tuple[Where, ...]
    guards: tuple[Guard, ...]
    unless: tuple[str, ...] | None
    converter: str
    by: Converter | None
    options: Options | None
    codes: str
    reads_back: bool


@dataclass(frozen=True, slots=True)
class Value:
    """A scalar, converted object, or list of scalars (``many``). ``partner`` names a ``$partner`` number instead."""

    key: str
    names: tuple[str, ...]
    shape: Shape | None
    many: bool
    line: int
    spots: tuple[Spot, ...]
    always: Any = None
    partner: str = ""
    rest_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """A text, or a source: ``origin`` is ``message`` or ``parcel`` and ``name`` its member."""

    line: int
    place: Place
    origin: Literal["", "message", "parcel"]
    name: str
    text: Any
    write: Change
    codes: str = ""
    converter: str = ""
    by: Converter | None = None
    options: Options | None = None
    answers: Answers = field(default_factory=Answers)
    fits: Fits | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """What an item is made of. Places are relative to ``ground``."""

    ground: Ground
    values: tuple[Value, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    links: tuple[Link, ...] = ()
    constants: tuple[Constant, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """Items behind a repeating step: ``place`` ends with it; ``fields`` stand on the item's own ground."""

    line: int
    place: Place
    fields: Fields
    id: Place | None
    where: tuple[Where, ...]
    guards: tuple[Guard, ...]
    too_many: str
    most: int | None


@dataclass(frozen=True, slots=True)
class Slotted:
    """Items in numbered slots or in the element itself (one slot): one set of fields each, on the parent's ground."""

    line: int
    slots: tuple[Fields, ...]
    ids: tuple[Place | None, ...]
    where: tuple[tuple[Where, ...], ...]
    guards: tuple[Guard, ...]
    too_many: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """A canonical list of objects. ``made_ids``: the prefix of ids to make where the agency has none."""

    key: str
    names: tuple[str, ...]
    shape: Shape
    line: int
    top: bool
    made_ids: str
    branches: tuple[Listed | Slotted, ...]
    rest_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The list that a link points to: its key (``persons[]``) and where it stands in the message."""

    key: str
    names: tuple[str, ...]
    shape: Shape


@dataclass(frozen=True, slots=True)
class Ref:
    """A link by the target's id at ``place``."""

    key: str
    names: tuple[str, ...]
    many: bool
    line: int
    place: Place
    to: Target
    pick: Pick
    refuse: bool
    missing: bool


@dataclass(frozen=True, slots=True)
class Via:
    """A link by association elements: ``place`` is relative to ``ground`` (of the list that holds the link)."""

    key: str
    names: tuple[str, ...]
    many: bool
    line: int
    ground: Ground
    place: Place
    here: Place
    there: Place
    to: Target
    refuse: bool


@dataclass(frozen=True, slots=True)
class Follow:
    """A link to what is nested at ``place``; ``listed``: behind a repeating step, on a ground of its own."""

    key: str
    names: tuple[str, ...]
    many: bool
    line: int
    place: Place
    listed: bool
    fields: Fields
    to: Target
    id: Place | None
    same: tuple[tuple[str, ...], ...]
    missing: bool


Link = Ref | Via | Follow


@dataclass(frozen=True, slots=True)
class Plan:
    """One mapping, resolved. ``root`` are the steps to the record's element, ``record`` its ground."""

    written: MappingFile
    kind: Kind
    document: Shape
    canonical: Shape
    root: Place
    record: Ground
    fields: Fields
    namespaces: Mapping[str, str]

    @property
    def here(self) -> Place:
        """The record itself, seen from its ground."""
        return Place(".", (), self.root.shape)


def every_fields(fields: Fields) -> Iterator[Fields]:
    """These fields and all below them; of numbered slots only the first."""
    yield fields
    for repeat in fields.repeats:
        for branch in repeat.branches:
            yield from every_fields(branch.fields if isinstance(branch, Listed) else branch.slots[0])
    for link in fields.links:
        if isinstance(link, Follow):
            yield from every_fields(link.fields)


def nested_lists(plan: Plan) -> dict[str, Follow]:
    """The canonical lists (``persons[]``) that are written only under links, each with the first of these."""
    listed = {repeat.key for fields in every_fields(plan.fields) for repeat in fields.repeats}
    links = [link for fields in every_fields(plan.fields) for link in fields.links if isinstance(link, Follow)]
    return {link.to.key: link for link in reversed(links) if link.to.key not in listed}


def is_whole(shape: Shape) -> bool:
    """Whether a canonical place is an object rather than a scalar."""
    return shape.value is None


def value_type(shape: Shape) -> ValueType:
    """What a place may hold; plain text where the schema says nothing."""
    return shape.value or ValueType()
