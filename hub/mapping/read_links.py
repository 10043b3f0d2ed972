"""Reading links: references, association elements, and targets that the agency nests inside the role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.mapping.find import find_list, find_picked, find_value
from hub.mapping.paths import Kind, Place
from hub.mapping.plan import Fields, Follow, Ground, Ref, Via
from hub.mapping.read_values import ReadNode, counting_others
from hub.mapping.reading import Reading, at, merged, put
from hub.mapping.scalars import text_of
from hub.message import Json

CompileFields = Callable[[Fields, bool], ReadNode]
# What makes two links use the same association elements: the steps to it and to the owner's reference in it.
Association = tuple[str, ...]


def compile_ref(link: Ref, ground: Ground, kind: Kind, _: CompileFields) -> ReadNode:
    """A reference by id: what it says is the link; whether it points to something is checked at the end."""
    place, keys, names = link.place, (link.to.key,), link.names
    if not link.many:
        find = find_picked(kind, place.steps, link.pick)
        drop_others = counting_others(place, ground) if link.pick else None

        def read(reading: Reading, element: Any, item: Json) -> None:
            start = reading.document if place.absolute else element
            raw = find(start)
            if raw is None or raw == "":
                return
            if drop_others:
                drop_others(reading, start)
            id = text_of(raw)
            reading.refer(keys, id, ground, place, None)
            put(item, names, id)

        return read
    whole = find_list(place.steps[: place.each + 1]) if place.each >= 0 else None
    one = find_value(kind, place.steps[place.each + 1 :] if place.each >= 0 else place.steps)

    def read_many(reading: Reading, element: Any, item: Json) -> None:
        ids = []
        for nth, child in enumerate(whole(element) if whole else (element,)):
            raw = one(child)
            if raw is not None and raw != "":
                ids.append(text_of(raw))
                reading.refer(keys, ids[-1], ground, place, nth)
        if ids:
            put(item, names, ids)

    return read_many


def group_pairs(link: Via, kind: Kind) -> Callable[[Reading, Any], None]:
    """Before a list is read: its association elements, grouped by the item that they belong to."""
    elements = find_list(link.place.steps)
    here, there = find_value(kind, link.here.steps), find_value(kind, link.there.steps)
    path = "/".join(step.shown for step in (*link.ground.trail, *link.place.steps))

    def group(reading: Reading, element: Any) -> None:
        groups: dict[str, list[tuple[str, int]]] = {}
        for nth, pair in enumerate(elements(element)):
            mine, other = here(pair), there(pair)
            if mine and other:
                groups.setdefault(text_of(mine), []).append((text_of(other), nth))
            else:
                reading.drop(path)  # an association without one of its ends ties nothing
        reading.pairs[id(link)] = groups

    return group


def association(link: Via) -> Association:
    """The name of a link's association elements."""
    return tuple(step.name for step in (*link.ground.trail, *link.place.steps, *link.here.steps))


def find_orphans(link: Via, owners: tuple[str, ...]) -> Callable[[Reading], None]:
    """After a list is read: pairs that none of its items took must belong to another list that shares them."""
    here = Place(link.here.text, link.place.steps + link.here.steps, link.here.shape, False, len(link.place.steps) - 1)

    def check(reading: Reading) -> None:
        for id_, pairs in reading.pairs.get(id(link), {}).items():
            reading.refer(owners, id_, link.ground, here, pairs[0][1])

    return check


def compile_via(link: Via) -> ReadNode:
    """The pairs of one item. What no item takes is left for ``find_orphans``."""
    end = Place(
        link.there.text, link.place.steps + link.there.steps, link.there.shape, False, len(link.place.steps) - 1
    )
    keys, names, many, ground = (link.to.key,), link.names, link.many, link.ground

    def read(reading: Reading, element: Any, item: Json) -> None:
        pairs = reading.pairs.get(id(link), {}).pop(item.get("id", ""), ())
        if not pairs:
            return
        for other, nth in pairs:
            reading.refer(keys, other, ground, end, nth)
        if not many and len(pairs) > 1:
            reading.wrong("unreadable-value", "more than one pair where one is wanted", ground, end, pairs[1][1])
        put(item, names, [other for other, _ in pairs] if many else pairs[0][0])

    return read


def compile_follow(link: Follow, ground: Ground, kind: Kind, compile_fields: CompileFields) -> ReadNode:
    """What is nested becomes an item of its own list, once, and the link its id."""
    nest = _Nest(link, kind, compile_fields(link.fields, link.listed))
    names, many = link.names, link.many
    elements = find_list(link.place.steps) if link.listed else None

    def read(reading: Reading, element: Any, item: Json) -> None:
        if elements is None:
            id = nest.item(reading, element)
            if id is not None:
                put(item, names, [id] if many else id)
            return
        ids = []
        reading.indices.append(0)
        for nth, child in enumerate(elements(element)):
            reading.indices[-1] = nth
            id = nest.item(reading, child)
            if id is not None:
                ids.append(id)
        reading.indices.pop()
        if ids:
            put(item, names, ids)

    return read


class _Nest:
    """One nested place: reads what stands there and gives the id under which the message knows it."""

    def __init__(self, link: Follow, kind: Kind, fill: ReadNode) -> None:
        self._link = link
        self._fill = fill
        self._find_id = find_value(kind, link.id.steps) if link.id else None
        self._prefix = link.to.names[-1][0]
        # Behind a repeating step the ground is the nested item itself.
        self._place = Place(".", (), link.place.shape) if link.listed else link.place

    def item(self, reading: Reading, element: Any) -> str | None:
        """The id, or None where nothing is nested."""
        link, key, ground = self._link, self._link.to.key, self._link.fields.ground
        new: Json = {}
        reading.origins[id(new)] = (link.fields, tuple(reading.indices))
        raw = self._find_id(element) if self._find_id else None
        self._fill(reading, element, new)
        known_id = text_of(raw) if raw is not None and raw != "" else None
        if known_id is None and not new:
            return None
        same = self._same(new)
        if known_id is None and same is not None:
            known_id = reading.same.get(same)
        known = reading.items.get(key, {}).get(known_id) if known_id else None
        if known_id and known is not None:
            if not merged(known, new):
                reading.wrong("unreadable-value", "this was described differently before", ground, self._place)
            return known_id
        new_id = known_id or reading.make_id(key, self._prefix)
        new["id"] = new_id
        reading.register(key, new_id, new, ground, link.id)
        if same is not None:
            reading.same[same] = new_id
        listed = at(reading.data, link.to.names)
        if listed is None:
            put(reading.data, link.to.names, [new])
        else:
            listed.append(new)
        return new_id

    def _same(self, item: Json) -> tuple[str, ...] | None:
        """What makes it the same item again, if all of it is there."""
        if not self._link.same:
            return None
        values = [at(item, names) for names in self._link.same]
        return (self._link.to.key, *map(repr, values)) if all(value is not None for value in values) else None
