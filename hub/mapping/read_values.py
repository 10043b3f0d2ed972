"""Reading values: each value of the plan compiled to one function over the agency's tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.mapping.convert import Unfit
from hub.mapping.find import count_all, find_list, find_picked, find_value
from hub.mapping.paths import Kind, Place
from hub.mapping.plan import Ground, Spot, Value, Where
from hub.mapping.reading import Reading, at, put
from hub.mapping.scalars import text_of
from hub.message import Json

# (reading, element of the ground, canonical item)
ReadNode = Callable[[Reading, Any, Json], None]
# (reading, element of the ground) to a canonical value or None
ReadSpot = Callable[[Reading, Any], Any]


def compile_value(value: Value, ground: Ground, kind: Kind, file: str) -> ReadNode | None:
    """One value; None where reading has nothing to do (only ``always``)."""
    if not value.spots:
        return None
    spots = [compile_spot(spot, value, ground, kind, file) for spot in value.spots]
    guarded = len(spots) > 1 or value.spots[0].guards
    if guarded:
        return _several(value, spots, ground)
    spot, default = spots[0], value.spots[0].default
    if value.many and default is not None:
        default = [default]
    if value.partner:
        name = value.partner

        def read_partner(reading: Reading, element: Any, item: Json) -> None:
            found = spot(reading, element)
            if found is not None:
                reading.partner[name] = found

        return read_partner
    return _setter(value.names, spot, default)


def _setter(names: tuple[str, ...], spot: ReadSpot, default: Any) -> ReadNode:
    if len(names) == 1:
        name = names[0]

        def read(reading: Reading, element: Any, item: Json) -> None:
            found = spot(reading, element)
            if found is None:
                if default is None:
                    return
                found = default
            item[name] = found

        return read

    if len(names) == 2:
        outer, inner = names

        def read_two(reading: Reading, element: Any, item: Json) -> None:
            found = spot(reading, element)
            if found is None:
                found = default
            if found is not None:
                below = item.get(outer)
                if below is None:
                    item[outer] = {inner: found}
                else:
                    below[inner] = found

        return read_two

    def read_deep(reading: Reading, element: Any, item: Json) -> None:
        found = spot(reading, element)
        if found is None:
            found = default
        if found is not None:
            put(item, names, found)

    return read_deep


def _several(value: Value, spots: list[ReadSpot], ground: Ground) -> ReadNode:
    """Several places: the first that holds something counts, and its guards say what else is known."""

    def read(reading: Reading, element: Any, item: Json) -> None:
        chosen: Any = None
        for spot, plan in zip(spots, value.spots, strict=True):
            found = spot(reading, element)
            if found is None:
                continue
            if chosen is not None and found != chosen:
                text = "two places hold a value where the message has room for one"
                reading.wrong("unreadable-value", text, ground, _place(plan))
                continue
            chosen = found
            put(item, value.names, found)
            for guard in plan.guards:
                if guard.sets is None:
                    continue
                known = at(item, guard.names)
                if known is not None and known != guard.sets:
                    reading.wrong("unreadable-value", f"this contradicts {guard.text}", ground, _place(plan))
                put(item, guard.names, guard.sets)
        if chosen is None and value.spots[-1].default is not None:
            put(item, value.names, value.spots[-1].default)

    return read


def compile_spot(spot: Spot, value: Value, ground: Ground, kind: Kind, file: str) -> ReadSpot:
    """One place (or ports, or slots) to a canonical value."""
    rule = f"{file}:{spot.line}"
    if value.many:
        return _every(spot, ground, kind, rule)
    place = _place(spot)
    if place.each >= 0:
        inner = _among(spot, place, ground, kind, rule)
    elif len(spot.ports) > 1:
        inner = _ports(spot, ground, kind, rule)
    else:
        inner = _one(spot, place, ground, kind, rule)
    if spot.where and place.each < 0:
        inner = _only_where(inner, spot.where, kind)
    if spot.pick:
        inner = _counting(inner, place, ground)
    if place.absolute:
        found = inner
        return lambda reading, element: found(reading, reading.document)
    return inner


def _place(spot: Spot) -> Place:
    return spot.ports[0][1] if spot.ports else spot.slots[0]


def _one(spot: Spot, place: Place, ground: Ground, kind: Kind, rule: str) -> ReadSpot:
    find = find_picked(kind, place.steps, spot.pick)
    absent, change = spot.absent, spot.read
    if change is None:

        def read_plain(reading: Reading, element: Any) -> Any:
            raw = find(element)
            return None if raw in absent else raw

        return read_plain

    def read(reading: Reading, element: Any) -> Any:
        raw = find(element)
        if raw is None or raw in absent:
            return None
        try:
            return change(raw)
        except Unfit as error:
            if spot.otherwise_read is None:
                reading.unfit(error, ground, place, None, rule)
            return spot.otherwise_read

    return read


def _ports(spot: Spot, ground: Ground, kind: Kind, rule: str) -> ReadSpot:
    finds = [(port, find_value(kind, place.steps)) for port, place in spot.ports]
    places, absent = dict(spot.ports), spot.absent

    def read(reading: Reading, element: Any) -> Any:
        raw = {}
        for port, find in finds:
            found = find(element)
            if found is not None and found not in absent:
                raw[port] = found
        if not raw:
            return None
        try:
            return spot.read(raw) if spot.read else raw
        except Unfit as error:
            if spot.otherwise_read is None:
                reading.unfit(error, ground, places[next(iter(raw))], None, rule)
            return spot.otherwise_read

    return read


def matcher(where: tuple[Where, ...], kind: Kind) -> Callable[[Any], bool]:
    """Whether an element has the agency values that ``where`` wants."""
    checks = [(find_value(kind, condition.place.steps), condition.text) for condition in where]

    def matches(element: Any) -> bool:
        return all(_equal(find(element), text) for find, text in checks)

    return matches


def _equal(raw: Any, wanted: Any) -> bool:
    return bool(raw == wanted or (raw is not None and text_of(raw) == text_of(wanted)))


def _only_where(inner: ReadSpot, where: tuple[Where, ...], kind: Kind) -> ReadSpot:
    matches = matcher(where, kind)
    return lambda reading, element: inner(reading, element) if matches(element) else None


def _among(spot: Spot, place: Place, ground: Ground, kind: Kind, rule: str) -> ReadSpot:
    """One of the listed items: the first that ``where`` wants."""
    items = find_list(place.steps[: place.each + 1])
    find, absent, change = find_value(kind, place.steps[place.each + 1 :]), spot.absent, spot.read
    matches = matcher(spot.where, kind)

    def read(reading: Reading, element: Any) -> Any:
        chosen: Any = None
        for nth, item in enumerate(items(element)):
            raw = find(item) if matches(item) else None
            if raw is None or raw in absent:
                continue
            if chosen is not None:
                reading.wrong("unreadable-value", "more than one value where one is wanted", ground, place, nth, rule)
                return chosen
            try:
                chosen = change(raw) if change else raw
            except Unfit as error:
                if spot.otherwise_read is None:
                    reading.unfit(error, ground, place, nth, rule)
                chosen = spot.otherwise_read
        return chosen

    return read


def _every(spot: Spot, ground: Ground, kind: Kind, rule: str) -> ReadSpot:
    """A list of scalars: every listed item, every slot, or the only one."""
    absent, change = spot.absent, spot.read
    raws = every_raw(spot, kind)

    def read(reading: Reading, element: Any) -> Any:
        found = []
        for raw, place, nth in raws(element):
            if raw is None or raw in absent:
                continue
            try:
                found.append(change(raw) if change else raw)
            except Unfit as error:
                if spot.otherwise_read is None:
                    reading.unfit(error, ground, place, nth, rule)
                else:
                    found.append(spot.otherwise_read)
        return found or None

    return read


def every_raw(spot: Spot, kind: Kind) -> Callable[[Any], list[tuple[Any, Place, int | None]]]:
    """From an element to every raw value of a list of scalars, with its place and its index there."""
    if spot.slots:
        finds = [(find_value(kind, place.steps), place) for place in spot.slots]
        return lambda element: [(find(element), place, None) for find, place in finds]
    place = _place(spot)
    if place.each < 0:
        find = find_value(kind, place.steps)
        return lambda element: [(find(element), place, None)]
    items = find_list(place.steps[: place.each + 1])
    find = find_value(kind, place.steps[place.each + 1 :])
    matches = matcher(spot.where, kind) if spot.where else None
    return lambda element: [
        (find(item), place, nth) for nth, item in enumerate(items(element)) if matches is None or matches(item)
    ]


def _counting(inner: ReadSpot, place: Place, ground: Ground) -> ReadSpot:
    drop_others = counting_others(place, ground)

    def read(reading: Reading, element: Any) -> Any:
        drop_others(reading, element)
        return inner(reading, element)

    return read


def counting_others(place: Place, ground: Ground) -> Callable[[Reading, Any], None]:
    """Count what ``pick`` passes over at a place."""
    count = count_all(place)
    path = "/".join(step.shown for step in (*(() if place.absolute else ground.trail), *place.steps))

    def drop(reading: Reading, element: Any) -> None:
        if (more := count(element) - 1) > 0:
            reading.drop(path, more)

    return drop
