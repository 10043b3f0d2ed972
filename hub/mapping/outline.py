"""What a mapping writes as a tree of the agency's places, each with the ways in which it gets something.

The same walk as ``hub.mapping.arrange``, which makes the functions that write; here only when they write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hub.mapping.check_values import canonical_types
from hub.mapping.facts import ALWAYS
from hub.mapping.paths import Place, Step
from hub.mapping.plan import Constant, Fields, Follow, Guard, Listed, Plan, Ref, Repeat, Slotted, Spot, Value, Via
from hub.mapping.presence import TARGET, Condition, Path, Way, named
from hub.schema.shape import Shape


@dataclass(frozen=True, slots=True)
class Items:
    """A list at a place: ``way`` says when it has items at all, ``inner`` what one of them is made of."""

    way: Way
    inner: Outline


@dataclass
class Outline:
    """One place. ``ways`` fill it; ``fallbacks`` stand in and do not make a container appear.

    ``shape`` and ``text``: the canonical item that the conditions of an item's outline are about.
    """

    step: Step | None
    shape: Shape
    ways: list[Way] = field(default_factory=list)
    fallbacks: list[Way] = field(default_factory=list)
    below: dict[str, Outline] = field(default_factory=dict)
    lists: list[Items] = field(default_factory=list)
    item: Shape | None = None
    text: str = ""

    def at(self, steps: Iterable[Step]) -> Outline:
        """The place below, made where it is not there yet."""
        place = self
        for step in steps:
            place = place.below.setdefault(step.name, Outline(step, step.shape))
        return place

    def content(self) -> Iterator[Way]:
        """Every way in which this place or one below it gets content of its own."""
        yield from self.ways
        for items in self.lists:
            yield items.way
        for child in self.below.values():
            yield from child.content()

    def every_way(self) -> Iterator[Way]:
        """The same, and what stands in."""
        yield from self.content()
        yield from self.fallbacks
        if not self.below:
            return
        for child in self.below.values():
            yield from child.fallbacks if any(True for _ in self.content()) else child.every_way()

    @property
    def solid(self) -> bool:
        """Whether anything but fallbacks can come."""
        return next(self.content(), None) is not None


@dataclass(frozen=True, slots=True)
class _Here:
    """Where fields stand: the path to their item from the ground's own, and what must hold for it to be written."""

    outline: Outline
    document: Outline
    path: Path = ()
    given: tuple[Condition, ...] = ()
    certain: bool = True
    answered: bool = False


def outline(plan: Plan) -> tuple[Outline, Outline]:
    """The document's outline, and the record's (the same where the document is the record)."""
    document = Outline(None, plan.document)
    document.item = plan.canonical
    if not plan.record.marks:
        record = document.at(plan.root.steps)
    else:
        steps = plan.root.steps[: plan.root.each + 1]
        record = Outline(steps[-1], steps[-1].shape)
        document.at(steps).lists.append(Items(Way(plan.written.message.line), record))
    record.item = plan.canonical
    _fields(plan.fields, _Here(record, document))
    return document, record


def _fields(fields: Fields, here: _Here) -> None:
    for value in fields.values:
        if not value.partner:
            _value(value, here)
    for constant in fields.constants:
        _constant(constant, here)
    for repeat in fields.repeats:
        for number, branch in enumerate(repeat.branches):
            if isinstance(branch, Listed):
                _listed(repeat, branch, here)
            else:
                _slotted(repeat, branch, here, number)
    for link in fields.links:
        if not isinstance(link, Via):
            _link(link, here)


def _leaf(here: _Here, place: Place, way: Way, *, weak: bool = False) -> None:
    target = (here.document if place.absolute else here.outline).at(place.steps)
    (target.fallbacks if weak else target.ways).append(way)


def _value(value: Value, here: _Here) -> None:
    path = here.path + value.names
    guards = [guard for spot in value.spots for guard in spot.guards]
    for spot in value.spots:
        conditions = (*here.given, Condition(path), *_guards(spot.guards, here.path))
        certain = here.certain and spot.answers.unfit != "drop"
        if not spot.guards and guards:
            several = any(len(other.guards) > 1 for other in value.spots)
            certain = certain and not several
            conditions += () if several else tuple(replace(item, negated=True) for item in _guards(guards, here.path))
        if spot.unless is not None:
            conditions += (Condition(here.path + spot.unless, negated=True),)
        way = Way(value.line, conditions, certain, here.answered or spot.answers.missing)
        if value.many:
            _every(spot, way, here)
        else:
            _ports(value, spot, way, here)


def _ports(value: Value, spot: Spot, way: Way, here: _Here) -> None:
    nothing = _may_be_nothing(value, spot)
    for port, place in spot.ports:
        mine = replace(way, certain=way.certain and port not in nothing)
        if place.each >= 0:
            inner = _items(here, place, mine)
            inner.at(place.steps[place.each + 1 :]).ways.append(Way(way.line))
            for condition in spot.where:
                inner.at(condition.place.steps).fallbacks.append(Way(way.line))
            continue
        _leaf(here, place, mine)
        if spot.missing is not None or spot.nil:
            lacking = Condition(here.path + value.names, negated=True)
            _leaf(here, place, Way(way.line, (*here.given, lacking), here.certain), weak=True)
    for condition in spot.where if spot.ports[0][1].each < 0 else ():
        _leaf(here, condition.place, way, weak=True)


def _every(spot: Spot, way: Way, here: _Here) -> None:
    places = spot.slots or tuple(place for _, place in spot.ports)
    if places[0].each >= 0:
        place = places[0]
        inner = _items(here, place, way)
        inner.at(place.steps[place.each + 1 :]).ways.append(Way(way.line))
        for condition in spot.where:
            inner.at(condition.place.steps).fallbacks.append(Way(way.line))
        return
    for number, place in enumerate(places):
        _leaf(here, place, replace(way, certain=way.certain and number == 0))


def _items(here: _Here, place: Place, way: Way) -> Outline:
    """A list that is no list of canonical items: each of its elements has content."""
    step = place.steps[place.each]
    inner = Outline(step, step.shape, item=Shape("item"))
    here.outline.at(place.steps[: place.each + 1]).lists.append(Items(way, inner))
    return inner


def _may_be_nothing(value: Value, spot: Spot) -> frozenset[str]:
    if spot.by is None or spot.options is None:
        return frozenset()
    return spot.by.writes(spot.options, canonical_types(value.shape)).nothing


def _constant(constant: Constant, here: _Here) -> None:
    known = constant.origin != "message" or constant.name in ALWAYS
    certain = known and constant.answers.unfit != "drop"
    _leaf(here, constant.place, Way(constant.line, here.given, certain, constant.answers.missing), weak=True)


def _listed(repeat: Repeat, branch: Listed, here: _Here) -> None:
    conditions = (*here.given, Condition(here.path + repeat.names))
    way = Way(branch.line, conditions, here.certain and not branch.guards)
    inner = Outline(branch.place.steps[-1], branch.place.steps[-1].shape, item=repeat.shape, text=repeat.key)
    here.outline.at(branch.place.steps).lists.append(Items(way, inner))
    there = _Here(inner, here.document)
    _item(branch.fields, branch.id, [condition.place for condition in branch.where], repeat.line, there)
    for link in branch.fields.links:
        if isinstance(link, Via):
            pair = _items(here, link.place, replace(way, certain=False, line=link.line))
            pair.at(link.here.steps).ways.append(Way(link.line))
            pair.at(link.there.steps).ways.append(Way(link.line))


def _slotted(repeat: Repeat, branch: Slotted, here: _Here, number: int) -> None:
    mark = f"@{number}" if branch.guards else ""
    for slot, (fields, id_place, where) in enumerate(zip(branch.slots, branch.ids, branch.where, strict=True)):
        path = here.path + repeat.names
        given = (*here.given, Condition(path))
        there = replace(here, path=(*path, f"#{slot}{mark}"), given=given, certain=here.certain and not branch.guards)
        _item(fields, id_place, [condition.place for condition in where], repeat.line, there)


def _item(fields: Fields, id_place: Place | None, where: Iterable[Place], line: int, here: _Here) -> None:
    if id_place is not None:
        _leaf(here, id_place, Way(line, (*here.given, Condition((*here.path, "id"))), here.certain))
    for place in where:
        _leaf(here, place, Way(line, here.given), weak=True)
    _fields(fields, here)


def _link(link: Ref | Follow, here: _Here) -> None:
    path = here.path + link.names
    given = (*here.given, Condition(path))
    way = Way(link.line, given, here.certain, link.missing)
    if isinstance(link, Ref):
        if link.many and link.place.each >= 0:
            inner = _items(here, link.place, way)
            inner.at(link.place.steps[link.place.each + 1 :]).ways.append(Way(link.line))
        else:
            _leaf(here, link.place, way)
        return
    if link.listed:
        inner = Outline(link.place.steps[-1], link.place.shape, item=link.to.shape, text=link.to.key)
        here.outline.at(link.place.steps).lists.append(Items(way, inner))
        there = _Here(inner, here.document)
    else:
        there = replace(here, path=(*path, TARGET), given=given, answered=here.answered or link.missing)
    if link.id is not None:
        _leaf(there, link.id, Way(link.line, there.given, there.certain))
    _fields(link.fields, there)


def _guards(guards: Iterable[Guard], path: Path) -> tuple[Condition, ...]:
    return tuple(Condition(path + guard.names, named(guard.values)) for guard in guards)


def links_of(fields: Fields) -> Mapping[str, str]:
    """The full written path of every link to that of the list it points to."""
    found: dict[str, str] = {}
    for link in fields.links:
        found[link.key.removesuffix("[]")] = link.to.key
        if isinstance(link, Follow):
            found.update(links_of(link.fields))
    for repeat in fields.repeats:
        for branch in repeat.branches:
            for inner in (branch.fields,) if isinstance(branch, Listed) else branch.slots[:1]:
                found.update(links_of(inner))
    return found
