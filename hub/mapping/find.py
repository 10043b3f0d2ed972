"""Ways down a document tree, compiled: from an element to a value, an element or a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.mapping.paths import XSI_NIL, Kind, Pick, Place, Step

Find = Callable[[Any], Any]
_TRUE = ("true", "1")


def find_value(kind: Kind, steps: tuple[Step, ...]) -> Find:
    """From an element to the raw value at the end of the steps: text, a JSON scalar, or None (absent or nil)."""
    if not steps:
        return _text_of_element(nillable=True) if kind == "xml" else _itself
    last = steps[-1]
    if kind != "xml" or last.attribute:
        return find_element(steps)
    if len(steps) == 1 and not last.shape.nillable:
        return _only_text(last.name)
    element, text = find_element(steps), _text_of_element(nillable=last.shape.nillable)

    def find(start: Any) -> Any:
        found = element(start)
        return None if found is None else text(found)

    return find


def find_picked(kind: Kind, steps: tuple[Step, ...], pick: Pick) -> Find:
    """``find_value``; with a pick over every item of every list on the way: the first or last value that there is."""
    for index, step in enumerate(steps if pick else ()):
        if step.listed and step.shape.repeats:
            items, below = find_list(steps[: index + 1]), find_picked(kind, steps[index + 1 :], pick)
            order: Callable[[Any], Any] = reversed if pick == "last" else iter

            def find(start: Any, items: Find = items, below: Find = below, order: Find = order) -> Any:
                return next((found for item in order(items(start)) if (found := below(item)) is not None), None)

            return find
    return find_value(kind, steps)


def find_element(steps: tuple[Step, ...]) -> Find:
    """From an element down the steps, taking the first where the tree holds a list; None where it ends early."""
    if not steps:
        return _itself
    if len(steps) == 1:
        return _first(steps[0].name) if steps[0].listed else _member(steps[0].name)
    ways = tuple((step.name, step.listed) for step in steps)

    def find(start: Any) -> Any:
        for name, listed in ways:
            start = start.get(name)
            if not start and (start is None or listed):
                return None
            if listed:
                start = start[0]
        return start

    return find


def find_list(steps: tuple[Step, ...]) -> Find:
    """From an element to the list at the end of the steps (empty where there is none)."""
    name = steps[-1].name
    if len(steps) == 1:
        return lambda start: start.get(name) or ()
    parent = find_element(steps[:-1])

    def find(start: Any) -> Any:
        found = parent(start)
        return () if found is None else found.get(name) or ()

    return find


def count_all(place: Place) -> Find:
    """How many there are at a place, over all its repeating steps."""
    ways = tuple((step.name, step.listed) for step in place.steps)

    def count(start: Any) -> int:
        level = [start]
        for name, listed in ways:
            found = [below for element in level if (below := element.get(name)) is not None]
            level = [item for items in found for item in items] if listed else found
        return len(level)

    return count


def _itself(start: Any) -> Any:
    return start


def _member(name: str) -> Find:
    return lambda start: start.get(name)


def _first(name: str) -> Find:
    def find(start: Any) -> Any:
        found = start.get(name)
        return found[0] if found else None

    return find


def _only_text(name: str) -> Find:
    def find(start: Any) -> Any:
        found = start.get(name)
        return found[0].get("#", "") if found else None

    return find


def _text_of_element(*, nillable: bool) -> Find:
    if not nillable:
        return lambda element: element.get("#", "")

    def find(element: Any) -> Any:
        return None if element.get(XSI_NIL) in _TRUE else element.get("#", "")

    return find
