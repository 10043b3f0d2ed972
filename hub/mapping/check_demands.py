"""What the agency's schema asks of a place and nobody proves: the mapping says that what breaks it is a dead letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hub.findings import Finding
from hub.mapping.codes import Codes
from hub.mapping.globs import glob
from hub.mapping.outline import Outline, outline
from hub.mapping.paths import Place, Step
from hub.mapping.plan import Fields, Follow, Ground, Listed, Plan, Ref, Value, Via, every_fields, value_type
from hub.mapping.refusing import covers
from hub.mapping.writing import NCNAME
from hub.schema.inclusion import Inclusions, Values
from hub.schema.shape import Shape, ValueType
from hub.schema.xsd_types import REFERENCE, UNIQUE


class Unproven:
    """The places that the file's ``unproven`` names, as paths of the agency's document without indices."""

    def __init__(self, plan: Plan) -> None:
        self._globs = [glob(path.text, "/") for path, _ in plan.written.unproven]
        self._record = "/" + "/".join(step.shown for step in plan.root.steps)

    def covers(self, shown: str) -> bool:
        """Whether the file answers for this place."""
        return covers(self._globs, self._record, shown) is not None


def check_demands(plan: Plan, codes: Codes, inclusions: Inclusions) -> Iterator[Finding]:
    """Writing: places of which more is asked than the proofs know, and ids whose spelling may not fit."""
    answers, kept = Unproven(plan), frozenset(_kept(plan, codes))
    document, record = outline(plan)
    grounds = [(document, ""), *([(record, shown_steps(plan.record.trail))] if plan.record.marks else [])]
    for place, shown in grounds:
        for found in _asked(place, shown, kept):
            if not answers.covers(found.shown or "/"):
                text = f"{found.shown or '/'}: whether {found.demand} holds cannot be decided"
                yield Finding("unproven", plan.written.file, found.line, text, hint_of(found.shown or "/"))
    uses = list(_ids(plan))
    several = bool(plan.record.marks) or len({use.item.name for use in uses}) > 1
    for use in uses:
        if not answers.covers(use.shown):
            yield from _spelling(plan, inclusions, use, several=several)


def hint_of(shown: str) -> str:
    """How the file answers for a place."""
    return f'unproven: {{"{shown}": why it holds}} makes what breaks it a dead letter'


# --- what is asked of elements, objects and lists ---


@dataclass(frozen=True, slots=True)
class _Asked:
    shown: str
    demand: str
    line: int


def _asked(place: Outline, shown: str, kept: frozenset[tuple[str, str]]) -> Iterator[_Asked]:
    """Every demand on a place that is written, and on those below it."""
    line = next((way.line for way in place.every_way()), 1)
    yield from (_Asked(shown, demand, line) for demand in place.shape.demands if (shown, demand) not in kept)
    for child in place.below.values():
        yield from _asked(child, f"{shown}/{child.step.shown if child.step else ''}", kept)
    for items in place.lists:
        for child in items.inner.below.values():
            yield from _asked(child, f"{shown}/{child.step.shown if child.step else ''}", kept)


def _kept(plan: Plan, codes: Codes) -> Iterator[tuple[str, str]]:
    """Demands that hold because the message keeps them: items with ids differ, texts that differ stay different."""
    for fields in every_fields(plan.fields):
        for repeat in fields.repeats:
            for branch in repeat.branches if len(repeat.branches) == 1 else ():
                if isinstance(branch, Listed) and branch.id is not None:
                    yield shown_steps(branch.fields.ground.trail), "uniqueItems"
        for value in fields.values:
            if value.many and value.shape is not None:
                yield from _kept_texts(value, fields.ground, codes)


def _kept_texts(value: Value, ground: Ground, codes: Codes) -> Iterator[tuple[str, str]]:
    (spot, *others) = value.spots or (None,)
    if spot is None or others or not spot.ports or value.shape is None or spot.where or spot.guards:
        return
    place = spot.ports[0][1]
    shown = shown_steps((*ground.trail, *place.steps))
    exact = spot.by is None and spot.cut is None and spot.otherwise_write is None and not spot.answers.unfit
    table = codes.get(spot.codes) if spot.codes else None
    if table is not None:
        exact = exact and len(set(table.writing.values())) == len(table.writing)
    if exact and "uniqueItems" in value.shape.demands:
        yield shown, "uniqueItems"


# --- ids ---


@dataclass(frozen=True, slots=True)
class _Id:
    """A place where the id of an item of a list is written; ``own``: the item's, which stands once in the document."""

    shown: str
    shape: Shape
    line: int
    item: Shape
    own: bool = False


def _ids(plan: Plan) -> Iterator[_Id]:
    for fields in every_fields(plan.fields):
        for repeat in fields.repeats:
            for branch in repeat.branches:
                inner = branch.fields if isinstance(branch, Listed) else branch.slots[0]
                for place in (branch.id,) if isinstance(branch, Listed) else branch.ids:
                    if place is not None:
                        yield _id(place, inner, branch.line, repeat.shape, own=True)
                for link in inner.links:
                    if isinstance(link, Via):
                        yield _end(link, link.here, repeat.shape)
                        yield _end(link, link.there, link.to.shape)
        for link in fields.links:
            if isinstance(link, Ref):
                yield _id(link.place, fields, link.line, link.to.shape)
            elif isinstance(link, Follow) and link.id is not None:
                yield _id(link.id, link.fields, link.line, link.to.shape, own=True)


def _id(place: Place, fields: Fields, line: int, item: Shape, *, own: bool = False) -> _Id:
    steps = place.steps if place.absolute else (*fields.ground.trail, *place.steps)
    return _Id(shown_steps(steps), place.shape, line, item, own)


def _end(link: Via, end: Place, item: Shape) -> _Id:
    """One end of an association."""
    return _Id(shown_steps((*link.ground.trail, *link.place.steps, *end.steps)), end.shape, link.line, item)


def _spelling(plan: Plan, inclusions: Inclusions, use: _Id, *, several: bool) -> Iterator[Finding]:
    """Ids are written as they are; in XML as a name that is used once in the document (``Writing.name``). ``several``:
    ids of more than one list or message may stand there."""
    file, own = plan.written.file, use.item.by_name.get("id")
    if use.shape.value is None or own is None:
        yield Finding(
            "type-gap", file, use.line, f"{use.shown} holds no text, and an id goes there", hint_of(use.shown)
        )
        return
    target = use.shape.value
    kept = UNIQUE if use.own else REFERENCE
    target = replace(target, demands=tuple(demand for demand in target.demands if demand != kept))
    source = Values(_spelt(value_type(own), inclusions, several=several) if plan.kind == "xml" else value_type(own))
    for gap in inclusions.gaps(source, Values(target, plan.kind == "xml")):
        code = "unproven" if gap.facet == "unproven" else f"{gap.facet}-gap"
        yield Finding(code, file, use.line, f"{use.shown} (an id): {gap.text}", hint_of(use.shown))


def _spelt(given: ValueType, inclusions: Inclusions, *, several: bool) -> ValueType:
    """What is written for a canonical id in XML: the id, where it is a legal name and no other list or message can have
    taken it; else a name made from it, of any length."""
    name = ValueType(patterns=(f"^{NCNAME}$",), min_length=1)
    return given if not several and not inclusions.gaps(Values(given), Values(name)) else name


def shown_steps(steps: tuple[Step, ...]) -> str:
    """A place of the agency's document without indices."""
    return "".join(f"/{step.shown}" for step in steps)
