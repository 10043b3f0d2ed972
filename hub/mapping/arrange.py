"""A plan to its output layout: every value, list, link and constant at its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hub.mapping.arrange_links import arrange_link, arrange_pairs, id_leaf
from hub.mapping.layout import Check, Each, Emitter, Layout, Produce, Select
from hub.mapping.paths import Place
from hub.mapping.plan import Constant, Fields, Listed, Plan, Repeat, Slotted, Spot, Value, Via, Where
from hub.mapping.produce import (
    about,
    converted,
    filler,
    fitting,
    getter,
    guard_test,
    produce_constant,
    produce_spot,
    spot_tests,
    then,
    value_checks,
)
from hub.mapping.spread import Spread
from hub.mapping.writing import Writing


def arrange(plan: Plan) -> Layout:
    """The document's layout. A batch's records are a list at the root's repeating step."""
    document = Layout(plan.document)
    if not plan.record.marks:
        spread = Spread(document.at(plan.root.steps), document)
        arrange_fields(plan.fields, spread)
        return document
    steps = plan.root.steps[: plan.root.each + 1]
    listed = document.at(steps)
    inner = Layout(listed.shape, listed.step)

    def records(writing: Writing, item: Any) -> Iterable[Any]:
        return (writing.begin(number) for number in range(len(writing.records)))

    arrange_fields(plan.fields, Spread(inner, document, batch=True))
    listed.emitters.append(Emitter(records, inner))
    return document


def arrange_fields(fields: Fields, spread: Spread) -> None:
    """Everything of one item."""
    for value in fields.values:
        if not value.partner:
            _value(value, spread)
    for constant in fields.constants:
        _constant(constant, spread)
    for repeat in fields.repeats:
        for branch in repeat.branches:
            if isinstance(branch, Listed):
                _listed(repeat, branch, spread)
            else:
                _slotted(repeat, branch, spread)
        _no_branch(repeat, spread)
    for link in fields.links:
        if not isinstance(link, Via):
            arrange_link(link, spread, arrange_fields)


def _value(value: Value, spread: Spread) -> None:
    for check in value_checks(value):
        spread.check(check)
    for spot, test in zip(value.spots, spot_tests(value), strict=True):
        if value.many:
            _every(value, spot, spread)
            continue
        for port, place in spot.ports:
            produce = produce_spot(value, spot, spot.writes[port], test, port)
            if place.each >= 0:
                _among(value, spot, place, produce, spread)
                continue
            spread.leaf(place, produce)
            if fill := filler(value, spot):
                spread.leaf(place, fill, weak=True)
        first = produce_spot(value, spot, None, test)
        for condition in spot.where if spot.ports[0][1].each < 0 else ():
            spread.leaf(condition.place, _beside(first, condition), weak=True)


def _beside(produce: Produce, condition: Where) -> Produce:
    return lambda writing, item: None if produce(writing, item) is None else condition.text


def _among(value: Value, spot: Spot, place: Place, produce: Produce, spread: Spread) -> None:
    """One item of a list of the agency's, marked by ``where``."""
    get = getter(value.names)
    steps, rest = place.steps[: place.each + 1], place.steps[place.each + 1 :]

    def each(writing: Writing, item: Any) -> Iterable[Any]:
        return () if get(item) is None else (item,)

    inner = spread.each(Place(place.text, steps, steps[-1].shape), each)
    inner.at(rest).values.append(produce)
    for condition in spot.where:
        inner.at(condition.place.steps).fillers.append(_text(condition.text))


def _text(text: Any) -> Produce:
    return lambda writing, item: text


def _every(value: Value, spot: Spot, spread: Spread) -> None:
    """A list of scalars: repeated, in slots, or with room for one."""
    get, write = getter(value.names), spot.writes[""]
    scalar = converted(lambda item: item, value, spot, write)
    if fits := spot.fits.get(""):
        scalar = fitting(scalar, fits, spot.otherwise_write, value.key)
    places = spot.slots or tuple(place for _, place in spot.ports)
    most = places[0].steps[places[0].each].shape.maximum if places[0].each >= 0 else len(places)
    if most is not None:
        spread.check(_fits_all(value, get, most, drop=spot.answers.too_many == "drop"))
    if places[0].each < 0:
        for number, place in enumerate(places):
            spread.leaf(place, about(_nth(get, number), scalar))
        return
    place = places[0]
    steps, rest = place.steps[: place.each + 1], place.steps[place.each + 1 :]
    each: Each = lambda writing, item: get(item) or ()  # noqa: E731
    if most is not None:
        each = lambda writing, item: (get(item) or ())[:most]  # noqa: E731
    inner = spread.each(Place(place.text, steps, steps[-1].shape), each)
    inner.at(rest).values.append(scalar)
    for condition in spot.where:
        inner.at(condition.place.steps).fillers.append(_text(condition.text))


def _fits_all(value: Value, get: Any, most: int, *, drop: bool) -> Check:
    def check(writing: Writing, item: Any) -> None:
        _too_many(len(get(item) or ()) - most, most, value, writing, drop=drop)

    return check


def _too_many(more: int, most: int, what: Value | Repeat, writing: Writing, *, drop: bool) -> None:
    if more > 0 and drop:
        writing.drop(what.key, more)
    elif more > 0:
        writing.wrong(f"the agency's format has room for {most}", what.key, what.line)


def _nth(get: Any, number: int) -> Select:
    def nth(writing: Writing, item: Any) -> Any:
        items = get(item)
        return items[number] if items and len(items) > number else None

    return nth


def _constant(constant: Constant, spread: Spread) -> None:
    produce = produce_constant(constant)
    if constant.place.absolute:
        spread.document.at(constant.place.steps).fillers.append(produce)
    else:
        spread.leaf(constant.place, produce, weak=True)


def _items(repeat: Repeat, branch: Listed | Slotted) -> Any:
    """From an item to those of its list that this branch takes."""
    get, test = getter(repeat.names), guard_test(branch.guards)
    if test is None:
        return lambda item: get(item) or ()
    return lambda item: [child for child in get(item) or () if test(child)]


def _no_branch(repeat: Repeat, spread: Spread) -> None:
    """Where every branch has a guard, an item that none takes is a problem, unless the mapping drops it."""
    tests = [guard_test(branch.guards) for branch in repeat.branches]
    if not all(tests):
        return
    get = getter(repeat.names)

    def check(writing: Writing, item: Any) -> None:
        for child in get(item) or ():
            if any(test(child) for test in tests if test):
                continue
            if repeat.rest_dropped:
                writing.drop(repeat.key)
            else:
                writing.wrong("no list of the agency's format takes this item", repeat.key, repeat.line)

    spread.check(check)


def _listed(repeat: Repeat, branch: Listed, spread: Spread) -> None:
    items, most = _items(repeat, branch), branch.most
    check = _room(repeat, branch, items, most)

    def each(writing: Writing, item: Any) -> Iterable[Any]:
        found: Iterable[Any] = items(item)[:most] if most is not None else items(item)
        return found

    inner = spread.each(branch.place, each)
    if check is not None:
        spread.check(check)
    below = Spread(inner, spread.document)
    _item(repeat, branch.fields, branch.id, branch.where, below)
    for link in branch.fields.links:
        if isinstance(link, Via):
            arrange_pairs(link, repeat, items, spread)


def _slotted(repeat: Repeat, branch: Slotted, spread: Spread) -> None:
    items = _items(repeat, branch)
    for number, (fields, id_place, where) in enumerate(zip(branch.slots, branch.ids, branch.where, strict=True)):
        select = then(spread.select, _nth(items, number))
        _item(repeat, fields, id_place, where, Spread(spread.layout, spread.document, select))
    check = _room(repeat, branch, items, len(branch.slots))
    if check is not None:
        spread.check(check)


def _item(repeat: Repeat, fields: Fields, id_place: Place | None, where: tuple[Where, ...], spread: Spread) -> None:
    if id_place is not None:
        spread.leaf(id_place, id_leaf(repeat.key, top=repeat.top))
    for condition in where:
        spread.leaf(condition.place, _text(condition.text), weak=True)
    arrange_fields(fields, spread)


def _room(repeat: Repeat, branch: Listed | Slotted, items: Any, most: int | None) -> Check | None:
    if most is None:
        return None
    drop = branch.too_many == "drop"

    def check(writing: Writing, item: Any) -> None:
        _too_many(len(items(item)) - most, most, repeat, writing, drop=drop)

    return check
