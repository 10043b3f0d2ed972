"""A schema as a mapping names it: canonical types and agencies' documents as one kind of tree, ready to be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from hub.schema.json_schema import Located, SchemaSet
from hub.schema.json_shape import Facts, facts_of
from hub.schema.shape import Shape, ValueType

_DEEPEST = 9
_DATE = frozenset(("date", "calendar", "text"))


@dataclass(frozen=True, slots=True)
class Place:
    """One step: its name as a mapping writes it, what it may hold, and what the schema says about it.

    ``value`` is set where a scalar (or a canonical date object) stands; ``to`` is the list that a canonical link
    points to; ``niem`` its NIEM name. Children are made on first use: schemas may be recursive.
    """

    name: str
    value: ValueType | None = None
    repeats: bool = False
    required: bool = False
    note: str = ""
    niem: str = ""
    to: str = ""
    expand: Callable[[], tuple[Place, ...]] = tuple

    @property
    def children(self) -> tuple[Place, ...]:
        """What stands below."""
        return self.expand()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value below some place, with the steps to it. ``required``: on the whole way."""

    steps: tuple[Place, ...]
    required: bool

    @property
    def last(self) -> Place:
        """The place that holds the value."""
        return self.steps[-1]

    def path(self, separator: str) -> str:
        """The steps' names, joined."""
        return separator.join(step.name for step in self.steps)


def values_below(place: Place, above: tuple[Place, ...] = (), required: bool = True) -> Iterator[Leaf]:
    """Every value that stands once below a place (none inside lists, none that links)."""
    for child in place.children if len(above) < _DEEPEST else ():
        steps, needed = (*above, child), required and child.required
        if any(child.name == step.name for step in above) or child.to:
            continue
        if child.value is not None:
            yield Leaf(steps, needed)
        if not child.repeats:
            yield from values_below(child, steps, needed)


def lists_below(place: Place, above: tuple[Place, ...] = ()) -> Iterator[tuple[Place, ...]]:
    """The steps to every list of objects below a place that stands in no other list."""
    for child in place.children if len(above) < _DEEPEST else ():
        steps = (*above, child)
        if any(child.name == step.name for step in above):
            continue
        if child.repeats:
            if child.value is None or child.children:
                yield steps
        else:
            yield from lists_below(child, steps)


def groups_below(place: Place, above: tuple[Place, ...] = ()) -> Iterator[tuple[Place, ...]]:
    """The steps to every container below a place that stands in no list."""
    for child in place.children if len(above) < _DEEPEST else ():
        steps = (*above, child)
        if child.repeats or not child.children or any(child.name == step.name for step in above):
            continue
        yield steps
        yield from groups_below(child, steps)


def canonical_place(schemas: SchemaSet) -> Place:
    """A canonical message type; its children are the top properties."""
    return _canonical(schemas, "", facts_of(schemas, [schemas.root]), True)


def _canonical(schemas: SchemaSet, name: str, own: Facts, required: bool) -> Place:
    facts, repeats = own, own.is_array and own.items is not None
    if repeats and own.items is not None:
        facts = facts_of(schemas, [own.items])
    whole_date = bool(facts.properties) and set(facts.properties) <= _DATE and "date" in facts.properties
    annotations = {**facts.annotations, **own.annotations}
    return Place(
        name=f"{name}[]" if repeats else name,
        value=ValueType("date") if whole_date else facts.value,
        repeats=repeats,
        required=required,
        note=own.note or facts.note,
        niem=str(annotations.get("x-niem", "")),
        to=str(annotations.get("x-ref", "")),
        expand=tuple if whole_date else partial(_properties, schemas, facts),
    )


def _properties(schemas: SchemaSet, facts: Facts) -> tuple[Place, ...]:
    def child(name: str, places: list[Located]) -> Place:
        return _canonical(schemas, name, facts_of(schemas, places), name in facts.required)

    return tuple(child(name, places) for name, places in facts.properties.items())


def agency_place(shape: Shape, prefixes: Mapping[str, str]) -> Place:
    """An agency's document, or one element of it; ``prefixes`` are namespace: prefix."""
    return Place(
        name=_step(shape.name, prefixes),
        value=shape.value,
        repeats=shape.repeats,
        required=shape.minimum > 0,
        note=shape.note,
        expand=lambda: tuple(agency_place(child, prefixes) for child in shape.children),
    )


def namespaces_of(shape: Shape, depth: int = _DEEPEST) -> Iterator[str]:
    """The namespaces that names below a shape have."""
    for child in shape.children:
        space = child.name.lstrip("@")[1:].partition("}")[0] if "{" in child.name else ""
        if space:
            yield space
        if depth > 1:
            yield from namespaces_of(child, depth - 1)


def _step(name: str, prefixes: Mapping[str, str]) -> str:
    at, plain = ("@", name[1:]) if name.startswith("@") else ("", name)
    space, closed, local = plain.removeprefix("{").partition("}")
    if not closed:
        return name
    prefix = "xml" if space.endswith("/XML/1998/namespace") else prefixes.get(space, "")
    return f"{at}{prefix}:{local}" if prefix else f"{at}{local}"
