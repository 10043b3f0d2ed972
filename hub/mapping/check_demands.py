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

Names = tuple[str, ...]


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
    grounds = [(document, ""), *([(record, _shown(plan.record.trail))] if plan.record.marks else [])]
    for place, shown in grounds:
        for found in _asked(place, shown, kept):
            if not answers.covers(found.shown or "/"):
                text = f"{found.shown or '/'}: whether {found.demand} holds cannot be decided"
                yield Finding("unproven", plan.written.file, found.line, text, _hint(found.shown or "/"))
    for use in _ids(plan):
        if not answers.covers(use.shown):
            yield from _spelling(plan, inclusions, use)


def _hint(shown: str) -> str:
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
    """Demands that hold because the message keeps them: items with ids differ, lists have as many items as theirs."""
    for fields in every_fields(plan.fields):
        for repeat in fields.repeats:
            (branch, *others) = repeat.branches
            if not isinstance(branch, Listed):
                continue
            shown = _shown(branch.fields.ground.trail)
            if branch.id is not None and not others:
                yield shown, "uniqueItems"
            if not others and not branch.guards and not branch.where:
                yield from ((shown, demand) for demand in _as_many(branch.place.shape, repeat.shape))
        for value in fields.values:
            if value.many and value.shape is not None:
                yield from _kept_texts(value, fields.ground, codes)


def _kept_texts(value: Value, ground: Ground, codes: Codes) -> Iterator[tuple[str, str]]:
    (spot, *others) = value.spots or (None,)
    if spot is None or others or not spot.ports or value.shape is None or spot.where or spot.guards:
        return
    place = spot.ports[0][1]
    shown = _shown((*ground.trail, *place.steps))
    exact = spot.by is None and spot.cut is None and spot.otherwise_write is None and not spot.answers.unfit
    table = codes.get(spot.codes) if spot.codes else None
    if table is not None:
        exact = exact and len(set(table.writing.values())) == len(table.writing)
    if exact and "uniqueItems" in value.shape.demands:
        yield shown, "uniqueItems"
    if exact:
        yield from ((shown, demand) for demand in _as_many(place.shape, value.shape))


def _as_many(agency: Shape, canonical: Shape) -> Iterator[str]:
    """The agency's demands for so many items that every message's list meets."""
    ours = max((_least(demand) for demand in canonical.demands), default=0)
    yield from (demand for demand in agency.demands if 0 < _least(demand) <= max(ours, canonical.minimum))


def _least(demand: str) -> int:
    word, _, number = demand.partition(": ")
    return int(number) if word in ("minItems", "minOccurs") else 0


# --- ids ---


@dataclass(frozen=True, slots=True)
class _Id:
    """A place where the id of an item of one of the lists is written."""

    shown: str
    shape: Shape
    line: int
    item: Shape


def _ids(plan: Plan) -> Iterator[_Id]:
    for fields in every_fields(plan.fields):
        for repeat in fields.repeats:
            for branch in repeat.branches:
                places = [branch.id] if isinstance(branch, Listed) else [*branch.ids]
                inner = branch.fields if isinstance(branch, Listed) else branch.slots[0]
                yield from (_id(place, inner, repeat.line, repeat.shape) for place in places if place is not None)
        for link in fields.links:
            yield from _link_ids(link, fields)


def _link_ids(link: Ref | Via | Follow, fields: Fields) -> Iterator[_Id]:
    if isinstance(link, Ref):
        yield _id(link.place, fields, link.line, link.to.shape)
    elif isinstance(link, Via):
        steps = (*link.ground.trail, *link.place.steps)
        yield _Id(_shown((*steps, *link.there.steps)), link.there.shape, link.line, link.to.shape)
    elif link.id is not None:
        yield _id(link.id, link.fields, link.line, link.to.shape)


def _id(place: Place, fields: Fields, line: int, item: Shape) -> _Id:
    steps = place.steps if place.absolute else (*fields.ground.trail, *place.steps)
    return _Id(_shown(steps), place.shape, line, item)


def _spelling(plan: Plan, inclusions: Inclusions, use: _Id) -> Iterator[Finding]:
    """Ids are written as they are; in XML as a name that is used once in the document (``Writing.name``)."""
    xml, own = plan.kind == "xml", use.item.by_name.get("id")
    given = ValueType(patterns=(f"^{NCNAME}$",), min_length=1) if xml else value_type(own) if own else ValueType()
    for gap in inclusions.gaps(Values(given), Values(replace(value_type(use.shape), names=False), xml)):
        code = "unproven" if gap.facet == "unproven" else f"{gap.facet}-gap"
        yield Finding(code, plan.written.file, use.line, f"{use.shown} (an id): {gap.text}", _hint(use.shown))


def _shown(steps: tuple[Step, ...]) -> str:
    return "".join(f"/{step.shown}" for step in steps)
