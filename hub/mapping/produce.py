"""Canonical values to raw agency values: the functions that fill one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hub.mapping.convert import Unfit
from hub.mapping.fits import Fits
from hub.mapping.layout import NIL, Check, Produce, Select
from hub.mapping.plan import Change, Constant, Guard, Spot, Value
from hub.mapping.reading import at
from hub.mapping.writing import Writing

Get = Callable[[Any], Any]
Test = Callable[[Any], bool]


def getter(names: Sequence[str]) -> Get:
    """From an item to what stands below it, or None."""
    if len(names) == 1:
        name = names[0]
        return lambda item: item.get(name)
    if len(names) == 2:
        first, second = names

        def get_two(item: Any) -> Any:
            below = item.get(first)
            return None if below is None else below.get(second)

        return get_two
    return lambda item: at(item, names)


def produce_spot(value: Value, spot: Spot, change: Change, test: Test | None, port: str = "") -> Produce:
    """One place of a value. Nothing where the message has nothing, the guards say no, or the value does not fit
    (then a problem is noted)."""
    produce = converted(getter(value.names), value, spot, change)
    if change is None and spot.cut is None:
        produce = _plain(value.names)
    if fits := spot.fits.get(port):
        produce = fitting(produce, fits, spot.otherwise_write, value.key)
    if test is None:
        return produce
    return lambda writing, item: produce(writing, item) if test(item) else None


def fitting(produce: Produce, fits: Fits, instead: Any, key: str) -> Produce:
    """What the agency's place does not take is replaced (``else``), or left out (``unfit: drop``)."""

    def fitting(writing: Writing, item: Any) -> Any:
        raw = produce(writing, item)
        if raw is None or fits(raw):
            return raw
        if raw != instead:
            writing.drop_value(key, item)
        return instead

    return fitting


def _plain(names: Sequence[str]) -> Produce:
    """A value as it stands; written out for speed, as most values are."""
    if len(names) == 1:
        name = names[0]
        return lambda writing, item: item.get(name)
    get = getter(names)
    return lambda writing, item: get(item)


def converted(get: Get, value: Value, spot: Spot, change: Change) -> Produce:
    """The value that ``get`` finds, converted, cut where that is declared."""
    if change is None and spot.cut is None:
        return lambda writing, item: get(item)
    cut = spot.cut
    if change is not None and cut is None:
        return _changed(get, value, spot, change)

    def produce(writing: Writing, item: Any) -> Any:
        found = get(item)
        if found is None:
            return None
        try:
            raw = change(found) if change else found
        except Unfit as error:
            return _instead(error, value, spot, writing, item)
        if cut is None or not isinstance(raw, str) or len(raw) <= cut:
            return raw
        writing.drop_value(value.key, item)
        return raw[:cut]

    return produce


def _changed(get: Get, value: Value, spot: Spot, change: Callable[[Any], Any]) -> Produce:
    def produce(writing: Writing, item: Any) -> Any:
        found = get(item)
        if found is None:
            return None
        try:
            return change(found)
        except Unfit as error:
            return _instead(error, value, spot, writing, item)

    return produce


def _instead(error: Unfit, value: Value, spot: Spot, writing: Writing, item: Any) -> Any:
    """What stands for a value that does not fit."""
    if spot.otherwise_write is None and spot.answers.unfit != "drop":
        writing.unfit(error, value.key, value.line)
    else:
        writing.drop_value(value.key, item)
    return spot.otherwise_write


def filler(value: Value, spot: Spot) -> Produce | None:
    """What stands there when the message has nothing."""
    if spot.missing is None and not spot.nil:
        return None
    get, missing = getter(value.names), NIL if spot.nil and spot.missing is None else spot.missing
    return lambda writing, item: missing if get(item) is None else None


def guard_test(guards: tuple[Guard, ...]) -> Test | None:
    """Whether an item has the values of ``is``."""
    if not guards:
        return None
    checks = [(getter(guard.names), guard.values) for guard in guards]
    if len(checks) == 1:
        get, values = checks[0]
        return lambda item: get(item) in values
    return lambda item: all(get(item) in values for get, values in checks)


def spot_tests(value: Value) -> list[Test | None]:
    """For each spot, when it is the one to write. One without guard is the rest; ``unless`` only takes away."""
    tests: list[Test | None] = [guard_test(spot.guards) for spot in value.spots]
    guarded = [test for test in tests if test is not None]
    rest_taken = False
    chosen: list[Test | None] = []
    for spot, test in zip(value.spots, tests, strict=True):
        if test is None and rest_taken:
            chosen.append(lambda item: False)
            continue
        if test is None:
            rest_taken = True
            test = _none_of(guarded) if guarded else None
        chosen.append(_unless(test, spot.unless))
    return chosen


def _none_of(tests: list[Test]) -> Test:
    return lambda item: not any(test(item) for test in tests)


def _unless(test: Test | None, names: tuple[str, ...] | None) -> Test | None:
    if names is None:
        return test
    get = getter(names)
    if test is None:
        return lambda item: get(item) is None
    return lambda item: get(item) is None and test(item)


def value_checks(value: Value) -> list[Check]:
    """What must hold of a value beyond its places: ``always``, and a place for every guarded value."""
    get = getter(value.names)
    checks: list[Check] = []
    if value.always is not None and not value.spots:

        def is_always(writing: Writing, item: Any) -> None:
            found = get(item)
            if found is not None and found != value.always:
                writing.wrong("the agency's format can only mean another value here", value.key, value.line)

        checks.append(is_always)
    tests = [guard_test(spot.guards) for spot in value.spots]
    if value.spots and all(tests):

        def has_place(writing: Writing, item: Any) -> None:
            if get(item) is None or any(test(item) for test in tests if test):
                return
            if value.rest_dropped:
                writing.drop_value(value.key, item)
            else:
                writing.wrong("no place of the agency's format takes this value", value.key, value.line)

        checks.append(has_place)
    return checks


def produce_constant(constant: Constant) -> Produce:
    """A text, or a fact of the message or parcel (nothing where that has none)."""
    if not constant.origin:
        text = constant.text
        return lambda writing, item: text
    name, change, of_parcel, fits = constant.name, constant.write, constant.origin == "parcel", constant.fits

    def produce(writing: Writing, item: Any) -> Any:
        found = (writing.parcel if of_parcel else writing.message).get(name)
        if found is None:
            return None
        try:
            raw = change(found) if change else found
        except Unfit as error:
            if constant.answers.unfit == "drop":
                writing.drop_value(f"${constant.origin}.{name}", item)
                return None
            writing.unfit(error, f"${constant.origin}.{name}", constant.line)
            return None
        if fits is None or fits(raw):
            return raw
        writing.drop_value(f"${constant.origin}.{name}", item)
        return None

    return produce


def about(select: Select | None, produce: Produce) -> Produce:
    """The same for another item (a nested target, a slot)."""
    if select is None:
        return produce

    def selected(writing: Writing, item: Any) -> Any:
        chosen = select(writing, item)
        return None if chosen is None else produce(writing, chosen)

    return selected


def then(first: Select | None, second: Select) -> Select:
    """One choice after another."""
    if first is None:
        return second

    def both(writing: Writing, item: Any) -> Any:
        chosen = first(writing, item)
        return None if chosen is None else second(writing, chosen)

    return both
