"""Why each value of a canonical message stands there: the agency's place, mapping line, converter, code row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.mapping.explain import Explained
from hub.mapping.find import find_list, find_picked, find_value
from hub.mapping.paths import Place
from hub.mapping.plan import Fields, Follow, Ground, Link, Listed, Plan, Spot, Value, Via
from hub.mapping.read_values import compile_spot, every_raw, matcher
from hub.mapping.reading import Reading, ReadRecord, at


def explain_read(plan: Plan, document: Any, record: ReadRecord) -> list[Explained]:
    """Every value of one record that was read from ``document``, in the message's order."""
    explainer = _Explainer(plan, document, record)
    found = list(explainer.object(record.data, ""))
    fields, indices = record.origins[id(record.data)]
    element = _element(document, fields.ground, indices)
    numbers = [value for value in fields.values if value.partner and value.partner in record.partner]
    for value in numbers:
        found += explainer.value(value, fields.ground, indices, element, f"$partner.{value.partner}", None)
    return found


class _Explainer:
    def __init__(self, plan: Plan, document: Any, record: ReadRecord) -> None:
        self.plan = plan
        self.document = document
        self.record = record
        self.ids = {id(fields): (place, line) for fields, place, line in _with_id(plan.fields)}

    def object(self, item: Any, path: str) -> Iterator[Explained]:
        """One object of the message that was read on a ground of its own, and those below it."""
        fields, indices = self.record.origins[id(item)]
        element = _element(self.document, fields.ground, indices)
        place, line = self.ids.get(id(fields), (None, 0))
        if line and "id" in item:
            raw = find_value(self.plan.kind, place.steps)(element) if place is not None else None
            shown = fields.ground.show(self.plan.kind, place, indices) if place is not None and raw is not None else ""
            yield Explained(shown, raw, line, _join(path, ("id",)), "" if shown else "made", given=item["id"])
        for value in fields.values:
            if not value.partner and (found := at(item, value.names)) is not None:
                yield from self.value(value, fields.ground, indices, element, _join(path, value.names), found)
        for link in fields.links:
            yield from self.link(link, fields.ground, indices, _join(path, link.names), item)
        yield from self.below(item, path)

    def below(self, item: Any, path: str) -> Iterator[Explained]:
        """What stands in an object, whether or not it has a ground of its own."""
        for name, value in item.items():
            where = _join(path, (name,))
            if isinstance(value, dict):
                yield from self.below(value, where)
            elif isinstance(value, list):
                for number, child in enumerate(value):
                    if id(child) in self.record.origins:
                        yield from self.object(child, f"{where}[{number}]")

    def value(
        self, value: Value, ground: Ground, indices: tuple[int, ...], element: Any, path: str, given: Any
    ) -> Iterator[Explained]:
        """The place that gave a value; where none did, what the mapping says instead."""
        reading = Reading(self.plan.kind, self.document, self.record.record, list(indices))
        for spot in value.spots:
            if compile_spot(spot, value, ground, self.plan.kind, "")(reading, element) is None:
                continue
            for raw, place, nth, number in self.raws(spot, value, element):
                shown = ground.show(self.plan.kind, place, indices, nth)
                where = path if number is None else f"{path}[{number}]"
                ours = given if number is None or not isinstance(given, list) else given[number]
                yield Explained(
                    shown, raw, value.line, where, spot.converter, spot.codes, raw if ours is None else ours
                )
            for guard in spot.guards:
                if guard.sets is not None:
                    shown = ground.show(self.plan.kind, _place(spot), indices)
                    yield Explained(shown, None, value.line, f"{path} is {guard.text}", "is", given=guard.sets)
            return
        if given is not None:
            word = "always" if value.always is not None else "default"
            yield Explained("", None, value.line, path, word, given=given)

    def raws(self, spot: Spot, value: Value, element: Any) -> Iterator[tuple[Any, Place, int | None, int | None]]:
        """Raw value, place, index in the agency's list, index in ours."""
        kind = self.plan.kind
        if value.many:
            filled = [one for one in every_raw(spot, kind)(element) if one[0] is not None and one[0] not in spot.absent]
            yield from ((raw, place, nth, number) for number, (raw, place, nth) in enumerate(filled))
            return
        for place in [place for _, place in spot.ports] or [_place(spot)]:
            start = self.document if place.absolute else element
            if place.each >= 0:
                matches, find = matcher(spot.where, kind), find_value(kind, place.steps[place.each + 1 :])
                for nth, item in enumerate(find_list(place.steps[: place.each + 1])(start)):
                    if matches(item) and (raw := find(item)) is not None and raw not in spot.absent:
                        yield raw, place, nth, None
                        return
                continue
            raw = find_picked(kind, place.steps, spot.pick)(start)
            if raw is not None and raw not in spot.absent:
                yield raw, place, None, None

    def link(self, link: Link, ground: Ground, indices: tuple[int, ...], path: str, item: Any) -> Iterator[Explained]:
        """Where each reference of an item stands; what is nested has no reference of its own, only its place."""
        found, kind = at(item, link.names), self.plan.kind
        for number, target in enumerate(found if isinstance(found, list) else [] if found is None else [found]):
            where = f"{path}[{number}]" if link.many else path
            nth = number if link.many else None
            if isinstance(link, Via):
                shown = self.association(link, indices, item.get("id"), target)
            else:
                shown = ground.show(kind, link.place, indices, nth)
            raw, word = (None, "follow") if isinstance(link, Follow) else (target, "")
            yield Explained(shown, raw, link.line, where, word, given=target)

    def association(self, link: Via, indices: tuple[int, ...], here: Any, there: Any) -> str:
        """The end of the association element that carries this pair."""
        kind, ground = self.plan.kind, link.ground
        above = indices[: len(ground.marks)]
        ends = [find_value(kind, end.steps) for end in (link.here, link.there)]
        elements = find_list(link.place.steps)(_element(self.document, ground, above))
        pairs = [tuple(end(element) for end in ends) for element in elements]
        nth = pairs.index((here, there)) if (here, there) in pairs else 0
        steps = link.place.steps + link.there.steps
        place = Place(link.there.text, steps, link.there.shape, False, len(link.place.steps) - 1)
        return ground.show(kind, place, above, nth)


def _with_id(fields: Fields) -> Iterator[tuple[Fields, Place | None, int]]:
    """Every set of fields of an item, with the place of the item's id."""
    for repeat in fields.repeats:
        for branch in repeat.branches:
            inners = (branch.fields,) if isinstance(branch, Listed) else branch.slots
            for inner, place in zip(inners, (branch.id,) if isinstance(branch, Listed) else branch.ids, strict=True):
                yield inner, place, repeat.line
                yield from _with_id(inner)
    for link in fields.links:
        if isinstance(link, Follow):
            yield link.fields, link.id, link.line
            yield from _with_id(link.fields)


def _element(document: Any, ground: Ground, indices: tuple[int, ...]) -> Any:
    """The element that places on this ground are relative to."""
    counted = dict(zip(ground.marks, indices, strict=False))
    element = document
    for index, step in enumerate(ground.trail):
        element = element.get(step.name)
        if step.listed and isinstance(element, list):
            element = element[counted.get(index, 0)]
    return element


def _place(spot: Spot) -> Place:
    return spot.ports[0][1] if spot.ports else spot.slots[0]


def _join(path: str, names: tuple[str, ...]) -> str:
    return ".".join([*([path] if path else []), *names])
