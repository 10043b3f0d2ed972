"""Content that the agency's schema lets in without naming it: counted, or refused, as the mapping says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.mapping.keeping import keep
from hub.mapping.paths import Place, Step
from hub.mapping.plan import Fields, Follow, Ground, Listed, Plan, Ref, Via
from hub.mapping.reading import Reading
from hub.schema.shape import Shape

_XSI = "@{http://www.w3.org/2001/XMLSchema-instance}"

Check = Callable[[Reading, Any], None]
# By the names of the steps to an element: what it may hold by the schema and must not by the mapping.
Refusals = Mapping[tuple[str, ...], frozenset[str]]


@dataclass
class _Visit:
    """One element that the mapping goes through, and those below it on the same ground."""

    shape: Shape
    step: Step | None = None
    whole: bool = False  # its own text is read
    below: dict[str, _Visit] = field(default_factory=dict)

    @property
    def known(self) -> frozenset[str] | None:
        """The names that may stand here; None where nothing else can. Text between elements (mixed content) is what
        nobody named, unless it is read."""
        shape = self.shape
        mixed = not self.whole and shape.value is not None and any(not name.startswith("@") for name in shape.by_name)
        if not shape.open and not mixed:
            return None
        return frozenset(shape.by_name if mixed else (*shape.by_name, "#"))


def compile_unseen(
    plan: Plan, ground: Ground, root: Place | None, refusals: Refusals, fields: Fields | None = None
) -> Check | None:
    """A check of every open element that the mapping visits on this ground; None where the schema is closed.

    With ``root``: the document's own ground, down to (not into) the records; else the ground of ``fields``.
    """
    start = ground.trail[-1].shape if ground.trail else plan.document
    top = _Visit(start)
    if root is not None:
        if not root.steps:
            return None  # the document is the record: its own fields look at it
        for place in _absolute_places(plan):
            _visit(top, place.steps, whole=True)
        _visit(top, root.steps[: max(root.each, len(root.steps) - 1)])
    elif fields is not None:
        for steps, whole in _steps(fields, ground):
            _visit(top, steps, whole=whole)
    return _compile(top, plan, ground, (), refusals)


def _visit(top: _Visit, steps: tuple[Step, ...], *, whole: bool = False) -> None:
    visit = top
    for step in steps:
        if step.attribute:
            return
        visit = visit.below.setdefault(step.name, _Visit(step.shape, step))
    visit.whole = visit.whole or whole


def _compile(visit: _Visit, plan: Plan, ground: Ground, steps: tuple[Step, ...], refusals: Refusals) -> Check | None:
    below = []
    for name, child in visit.below.items():
        if child.step is not None and (inner := _compile(child, plan, ground, (*steps, child.step), refusals)):
            below.append((name, child.step.listed, inner))
    known = visit.known
    refused = refusals.get(tuple(step.name for step in (*ground.trail, *steps)), frozenset())
    if known is None and not below and not refused:
        return None
    path = "/".join(step.shown for step in (*ground.trail, *steps))
    place, policy = Place(".", steps, visit.shape), plan.written.unseen

    def check(reading: Reading, element: Any) -> None:
        if known is not None and isinstance(element, dict) and not element.keys() <= known:
            for name in element:
                if name in known or name.startswith(_XSI) or (name == "#" and not element[name].strip()):
                    continue
                shown = f"{path}/{'.' if name == '#' else name}"
                if policy == "refuse":
                    reading.wrong("unseen-content", "this is not in the agreed schema", ground, place)
                elif policy == "keep":
                    keep(reading, shown, element[name])
                else:
                    reading.drop(shown)
        if refused and isinstance(element, dict) and not refused.isdisjoint(element):
            reading.wrong("unseen-content", "the mapping refuses what stands here", ground, place)
        for name, listed, check_below in below:
            found = element.get(name)
            if found:
                for child in found if listed else (found,):
                    check_below(reading, child)

    return check


def _absolute_places(plan: Plan) -> Iterator[Place]:
    for value in plan.fields.values:
        for spot in value.spots:
            yield from (place for _, place in spot.ports if place.absolute)
    yield from (constant.place for constant in plan.fields.constants if constant.place.absolute)


def _steps(fields: Fields, ground: Ground) -> Iterator[tuple[tuple[Step, ...], bool]]:
    """The ways that these fields go on one ground, each with whether they read the text at its end."""
    for value in fields.values:
        for spot in value.spots:
            places = (*(place for _, place in spot.ports), *spot.slots)
            yield from ((place.steps, True) for place in places if not place.absolute)
    for repeat in fields.repeats:
        for branch in repeat.branches:
            if isinstance(branch, Listed):
                yield branch.place.steps[:-1], False
            else:
                for slot in branch.slots:
                    yield from _steps(slot, ground)
    for link in fields.links:
        if isinstance(link, Ref):
            yield link.place.steps, True
        elif isinstance(link, Follow):
            if link.listed:
                yield link.place.steps[:-1], False
            else:
                yield link.place.steps, False
                yield from _steps(link.fields, ground)
        elif isinstance(link, Via) and link.ground is ground:
            yield link.place.steps, False
