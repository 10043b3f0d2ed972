"""From a canonical place back to the agency's own: the way of error texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hub.mapping.paths import Place, Step
from hub.mapping.plan import Fields, Ground, Listed, Plan, Ref, Via
from hub.mapping.reading import ReadRecord
from hub.schema.shape import WHOLE

_PART = re.compile(r"([^.\[\]]+)(?:\[([0-9]+)\])?")


def origin(plan: Plan, path: str, record: ReadRecord | int) -> str | None:
    """The agency's path for ``persons[1].sex``; None where nothing of the agency's leads there.

    With the ``ReadRecord`` the place is exact; with its number alone, lists are taken to stand in the same order.
    """
    number = record if isinstance(record, int) else record.record
    indices = (*(0 for _ in plan.record.marks[:-1]), number) if plan.record.marks else ()
    fields, item = plan.fields, None if isinstance(record, int) else record.data
    if isinstance(record, ReadRecord):
        fields, indices = record.origins.get(id(record.data), (fields, indices))
    names: list[str] = []
    for name, index in _PART.findall(path):
        names.append(name)
        if not index:
            continue
        below = _step_into(fields, names, int(index), indices, item)
        if below is None:
            nth = int(index)
            return _show(plan, fields, tuple(names), indices, nth)
        fields, indices, item = below
        if isinstance(record, ReadRecord) and item is not None:
            fields, indices = record.origins.get(id(item), (fields, indices))
        names = []
    return _show(plan, fields, tuple(names), indices, None)


def _step_into(
    fields: Fields, names: list[str], index: int, indices: tuple[int, ...], item: Any
) -> tuple[Fields, tuple[int, ...], Any] | None:
    """Into an item of a list of objects; None where the list is of scalars or not mapped."""
    child = item
    for name in names:
        child = child.get(name) if isinstance(child, dict) else None
    child = child[index] if isinstance(child, list) and index < len(child) else None
    for repeat in fields.repeats:
        if repeat.names == tuple(names):
            branch = repeat.branches[0]
            if isinstance(branch, Listed):
                return branch.fields, (*indices, index), child
            return branch.slots[min(index, len(branch.slots) - 1)], indices, child
    followed = [link for link in _links(fields) if hasattr(link, "fields") and link.to.names == tuple(names)]
    if followed and isinstance(child, dict):
        return followed[0].fields, indices, child  # exact only with the record's origins
    return None


def _links(fields: Fields) -> Iterator[Any]:
    yield from fields.links
    for repeat in fields.repeats:
        for branch in repeat.branches:
            for inner in (branch.fields,) if isinstance(branch, Listed) else branch.slots:
                yield from _links(inner)
    for link in fields.links:
        if hasattr(link, "fields"):
            yield from _links(link.fields)


def _show(plan: Plan, fields: Fields, names: tuple[str, ...], indices: tuple[int, ...], nth: int | None) -> str | None:
    """The place of these properties: their own, else what all places below have in common."""
    exact = [place for found, place in _places(fields) if found == names[: len(found)] and len(found) <= len(names)]
    if names and exact:
        return fields.ground.show(plan.kind, exact[0], indices, nth)
    inside = [place for found, place in _places(fields) if found[: len(names)] == names and not place.absolute]
    if not inside:
        return None
    steps = _common([place.steps for place in inside])
    shape = steps[-1].shape if steps else inside[0].shape
    return fields.ground.show(plan.kind, Place(".", steps, shape), indices) or None


def _places(fields: Fields) -> Iterator[tuple[tuple[str, ...], Place]]:
    """What is mapped here: canonical names from the item, and the agency's place."""
    for value in fields.values:
        for spot in value.spots:
            yield value.names, (spot.ports[0][1] if spot.ports else spot.slots[0])
            for guard in spot.guards:
                yield guard.names, (spot.ports[0][1] if spot.ports else spot.slots[0])
    for link in fields.links:
        if isinstance(link, Ref) or not isinstance(link, Via):
            yield link.names, link.place
    for repeat in fields.repeats:
        for branch in repeat.branches:
            if isinstance(branch, Listed):
                yield repeat.names, branch.place
            else:
                for _, place in _places(branch.slots[0]):
                    yield repeat.names, place


def _common(ways: list[tuple[Step, ...]]) -> tuple[Step, ...]:
    shortest = min(ways, key=len)
    for index, step in enumerate(shortest):
        if any(way[index].name != step.name for way in ways):
            return shortest[:index]
    return shortest


def record_of(plan: Plan, path: str | None) -> int | None:
    """Which record (from 0) a place of the agency's document belongs to; None where it stands outside all records."""
    if path is None:
        return None
    if not plan.record.marks:
        start = Ground().show(plan.kind, Place(".", plan.root.steps, plan.document), ())
        inside = path == start or path.startswith((start + "/", start + "[")) or not plan.root.steps
        return 0 if inside else None
    if plan.kind == "table":
        match = re.match(r"row ([0-9]+)", path)
        return int(match[1]) - 1 if match else None
    before = "".join(_pattern(plan.kind == "xml", step) for step in plan.record.trail)
    match = re.match(before + r"(?:/|$)", path)
    if match is None or len(plan.record.marks) > 1:
        return None
    return int(match[1]) - (1 if plan.kind == "xml" else 0)


def _pattern(xml: bool, step: Step) -> str:
    name = "" if step.name == WHOLE else "/" + re.escape(step.shown)
    if not step.shape.repeats:
        return name
    return name + (r"\[([0-9]+)\]" if xml else "/([0-9]+)")
