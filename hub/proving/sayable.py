"""Bends a message to what a mapping's agency could have said, so that its law is tried and not only refused.

A canonical type is wider than most agencies: one of them reports through one channel only, names one complainant, knows
a dozen of thirty offences. Messages as the type allows them would hardly ever be sayable.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from hub.mapping.convert import Unfit
from hub.mapping.plan import Constant, Fields, Follow, Link, Listed, Plan, Repeat, Spot, Value, nested_lists
from hub.mapping.produce import guard_test, spot_tests
from hub.mapping.reading import at, put
from hub.mapping.scalars import text_of
from hub.message import Json
from hub.proving.values import Values, anchored, fits, plausible
from hub.schema.shape import ValueType

_TRIES = 4

Draw = Callable[[st.SearchStrategy[Any]], Any]


def with_own_numbers(plan: Plan) -> Plan:
    """The same plan, but writing gives the agency numbers of its own (``$partner.x``), which only reading takes."""
    numbers = []
    for value in plan.fields.values:
        for _, place in value.spots[0].ports if value.partner and value.spots else ():
            type = place.shape.value
            text = plausible(anchored(type) if plan.kind != "json" else type) if type is not None else None
            if text is not None:
                numbers.append(Constant(value.line, place, "", "", text, None))
    return replace(plan, fields=replace(plan.fields, constants=(*plan.fields.constants, *numbers)))


class Sayable:
    """One mapping's side of it, made once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._nested = nested_lists(plan)
        self._xml_like = plan.kind != "json"
        self._values = Values(as_text=self._xml_like)

    def has_place_for(self, data: Json) -> bool:
        """Whether every item that the mapping nests under links (``follow``) has a link that leads to it."""
        for key, link in self._nested.items():
            found = _links(self._plan.fields, data, key)
            reached = {id for other, holder in found if isinstance(other, Follow) for id in _ids(holder, other)}
            if any(item.get("id") not in reached for item in at(data, link.to.names) or ()):
                return False
        return True

    def bent(self, data: Json, draw: Draw) -> Json:
        """A message like ``data`` that the mapping could more likely write: what it fixes is set, what it has no place
        for goes, lists have no more items than there is room for, and values are such as the agency's type has."""
        message: Json = json.loads(json.dumps(data))
        self._fields(self._plan.fields, message, message, draw)
        kept: Json = {}
        nested = {key: _keep_nested(self._plan, message, link) for key, link in self._nested.items()}
        _keep_used(self._plan.fields, message, kept)
        for key, link in self._nested.items():
            found = [_kept_item(item, nested[key].get(item.get("id"), ())) for item in at(message, link.to.names) or ()]
            if found := [item for item in found if item]:
                put(kept, link.to.names, found)
        return kept

    def _fields(self, fields: Fields, item: Json, message: Json, draw: Draw) -> None:
        for value in fields.values:
            found = None if value.partner else at(item, value.names)
            if found is not None:
                self._value(value, item, found, draw)
            elif not value.partner and _is_required(value):
                spot, place = value.spots[0], value.spots[0].ports[0][1]
                if place.shape.value and (meant := self._drawn(spot, place.shape.value, draw)) is not None:
                    put(item, value.names, meant)
        for repeat in fields.repeats:
            self._repeat(repeat, item, message, draw)
        for link in fields.links:
            if isinstance(link, Follow):
                wanted = _ids(item, link)
                for target in at(message, link.to.names) or ():
                    if target.get("id") in wanted:
                        self._fields(link.fields, target, message, draw)

    def _value(self, value: Value, item: Json, found: Any, draw: Draw) -> None:
        if value.always is not None and not value.spots:
            put(item, value.names, value.always)
            return
        if value.many:
            spot = value.spots[0]
            places = spot.slots or tuple(place for _, place in spot.ports)
            room = len(places) if places[0].each < 0 else places[0].steps[places[0].each].shape.maximum
            kept = [self._fitting(spot, places[0].shape.value, one, draw) for one in found[:room]]
            put(item, value.names, list(dict.fromkeys(one for one in kept if one is not None)))
            return
        spots = (spot for spot, test in zip(value.spots, spot_tests(value), strict=True) if not test or test(item))
        chosen = next(spots, None)
        if chosen is not None and len(chosen.ports) == 1:
            put(item, value.names, self._fitting(chosen, chosen.ports[0][1].shape.value, found, draw))

    def _fitting(self, spot: Spot, type: ValueType | None, found: Any, draw: Draw) -> Any:
        """The value itself where the agency's type has it, or what one of the type's values means."""
        if type is None or self._fits(spot, type, found):
            return found
        meant = self._drawn(spot, type, draw)
        return found if meant is None else meant

    def _drawn(self, spot: Spot, type: ValueType, draw: Draw) -> Any:
        """What some value of the agency's type means; None where a few of them mean nothing."""
        for _ in range(_TRIES):
            raw = draw(self._values.of(type))
            try:
                meant = spot.read(raw) if spot.read is not None else raw
            except Unfit:
                continue
            if meant is not None and self._fits(spot, type, meant):
                return meant
        return None

    def _fits(self, spot: Spot, type: ValueType, value: Any) -> bool:
        try:
            raws = [write(value) if write is not None else value for write in spot.writes.values()]
        except Unfit:
            return False
        wanted = anchored(type) if self._xml_like else type
        return all(raw is not None and fits(wanted, text_of(raw)) for raw in raws)

    def _repeat(self, repeat: Repeat, item: Json, message: Json, draw: Draw) -> None:
        children = at(item, repeat.names)
        if not children:
            return
        kept: list[Json] = []
        for branch in repeat.branches:
            test = guard_test(branch.guards)
            room = branch.most if isinstance(branch, Listed) else len(branch.slots)
            chosen = [child for child in children if test is None or test(child)][:room]
            for number, child in enumerate(chosen):
                inner = branch.fields if isinstance(branch, Listed) else branch.slots[number]
                self._fields(inner, child, message, draw)
            kept += [child for child in chosen if not any(child is other for other in kept)]
        put(item, repeat.names, kept)


def _is_required(value: Value) -> bool:
    """Whether the agency's schema wants it in every record, at one place."""
    if value.many or len(value.spots) != 1 or len(value.spots[0].ports) != 1 or value.spots[0].default is not None:
        return False
    place = value.spots[0].ports[0][1]
    return not place.absolute and all(step.shape.minimum > 0 for step in place.steps)


def _keep_nested(plan: Plan, message: Json, link: Follow) -> dict[Any, tuple[Fields, ...]]:
    """Of a list that is written only under links, what some such link leads to; gives by id the fields of these links.

    Each place makes an item of its own, unless ``same`` says how it is known again, and other links lead only to what
    has an id at the agency.
    """
    items = {item.get("id"): item for item in at(message, link.to.names) or ()}
    kept: dict[Any, tuple[Fields, ...]] = {}
    made: list[Json] = []
    with_id: set[Any] = set()
    for other, holder in list(_links(plan.fields, message, link.to.key)):
        if not isinstance(other, Follow):
            continue
        ids: list[Any] = []
        for id in _ids(holder, other):
            own = id if id not in kept or other.same or other.id else f"{id}-{len(made)}"
            if own not in kept and id in items:
                made.append({**json.loads(json.dumps(items[id])), "id": own})
            if id in items:
                kept[own] = (*kept.get(own, ()), other.fields)
                ids.append(own)
                with_id |= {own} if other.id is not None else set()
        put(holder, other.names, ids if other.many else next(iter(ids), None))
    for other, holder in list(_links(plan.fields, message, link.to.key)):
        if not isinstance(other, Follow):
            ids = [id for id in _ids(holder, other) if id in with_id]
            put(holder, other.names, ids if other.many else next(iter(ids), None))
    put(message, link.to.names, made)
    return kept


def _links(fields: Fields, item: Json, key: str) -> Iterator[tuple[Link, Json]]:
    """Every link to a list, with the object that holds it."""
    yield from ((link, item) for link in fields.links if link.to.key == key and at(item, link.names) is not None)
    for repeat in fields.repeats:
        for branch in repeat.branches:
            inner = branch.fields if isinstance(branch, Listed) else branch.slots[0]
            for child in at(item, repeat.names) or ():
                yield from _links(inner, child, key)


def _ids(holder: Json, link: Link) -> list[Any]:
    found = at(holder, link.names)
    return found if isinstance(found, list) else [found]


def _keep_used(fields: Fields, item: Json, kept: Json) -> None:
    """Add to ``kept`` what of an item some place of the mapping is for, without what is empty."""
    names = [value.names for value in fields.values if not value.partner]
    names += [guard.names for value in fields.values for spot in value.spots for guard in spot.guards]
    names += [guard.names for repeat in fields.repeats for branch in repeat.branches for guard in branch.guards]
    for name in [*names, *(link.names for link in fields.links)]:
        if (found := at(item, name)) not in (None, [], {}):
            put(kept, name, found)
    for repeat in fields.repeats:
        inner = [branch.fields if isinstance(branch, Listed) else branch.slots[0] for branch in repeat.branches]
        found = [made for child in at(item, repeat.names) or () if (made := _kept_item(child, inner))]
        if found:
            put(kept, repeat.names, found)


def _kept_item(item: Json, fields: Sequence[Fields]) -> Json:
    made: Json = {"id": item["id"]} if "id" in item else {}
    for each in fields:
        _keep_used(each, item, made)
    return made
