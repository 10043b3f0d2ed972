"""Whether lists have room, and whether conditions can be true at all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from hub.findings import Finding, nearest
from hub.mapping.check_demands import Unproven, hint_of, shown_steps
from hub.mapping.paths import Place
from hub.mapping.plan import Fields, Follow, Listed, Plan, Ref, Repeat, Slotted, Where, value_type
from hub.mapping.scalars import text_of

_ROOM = "too-many: refuse or drop"


def check_limits(plan: Plan, fields: Fields, directions: frozenset[str]) -> Iterator[Finding]:
    """The lists and conditions of one item."""
    limits = _Limits(plan)
    if "write" in directions:
        yield from limits.room(fields)
        yield from limits.fewest(fields)
        yield from limits.blocked(fields)
    yield from limits.conditions(fields)
    if "read" in directions:
        yield from limits.read_twice(fields)


class _Limits:
    def __init__(self, plan: Plan) -> None:
        self.file = plan.written.file
        self.canonical = plan.canonical
        self.answers = Unproven(plan)

    # --- room ---

    def room(self, fields: Fields) -> Iterator[Finding]:
        """Writing: lists that may be longer than what the agency has room for."""
        for repeat in fields.repeats:
            for branch in repeat.branches:
                most = branch.most if isinstance(branch, Listed) else len(branch.slots)
                if not branch.too_many:
                    yield from self._too_many(repeat.key, branch.line, repeat.shape.maximum, most)
        for value in fields.values:
            for spot in value.spots:
                if value.many and value.shape is not None and not spot.answers.too_many:
                    most = len(spot.slots) if spot.slots else _most(spot.ports[0][1])
                    yield from self._too_many(value.key, value.line, value.shape.maximum, most)
        for link in fields.links:
            if link.many and isinstance(link, Ref | Follow):
                most = _most(link.place) if isinstance(link, Ref) or link.listed else 1
                yield from self._too_many(link.key, link.line, None, most, "a key without [], or another place")

    def fewest(self, fields: Fields) -> Iterator[Finding]:
        """Writing: places that have to stand more than once, where no canonical list promises as many."""
        for repeat in fields.repeats:
            for branch in repeat.branches:
                if isinstance(branch, Listed):
                    comes = 1 if branch.guards else repeat.shape.least
                    yield from self._too_few(repeat.key, branch.line, fields, branch.place, comes)
        for value in fields.values:
            sure = [spot for spot in value.spots if spot.answers.unfit != "drop"]
            for spot in value.spots if not value.partner else ():
                comes = value.shape.least if value.many and value.shape is not None and spot in sure else 1
                for place in (*dict(spot.ports).values(), *spot.slots):
                    yield from self._too_few(value.key, spot.line, fields, place, comes)
        for link in fields.links:
            if isinstance(link, Ref | Follow):
                yield from self._too_few(link.key, link.line, fields, link.place, 1)
        for constant in fields.constants:
            yield from self._too_few(constant.place.text, constant.line, fields, constant.place, 1)

    def _too_few(self, key: str, line: int, fields: Fields, place: Place, comes: int) -> Iterator[Finding]:
        above = () if place.absolute else fields.ground.trail
        for number, step in enumerate(place.steps):
            shown = shown_steps((*above, *place.steps[: number + 1]))
            if self.answers.covers(shown):
                continue
            each = place.each if place.each >= 0 else len(place.steps) - 1
            most = comes if number == each else 1
            if step.shape.least > most:
                text = f"{key}: {most} may come, and the agency's {step.shown} has to stand {step.shape.least} times"
                hint = f"minItems in the canonical schema, or {hint_of(shown)}"
                yield Finding("missing-required", self.file, line, text, hint)

    def _too_many(self, key: str, line: int, most: int | None, fit: int | None, hint: str = _ROOM) -> Iterator[Finding]:
        if fit is not None and (most is None or most > fit):
            comes = "any number" if most is None else str(most)
            text = f"{key}: {comes} of them may come, and the agency's format has room for {fit}"
            yield Finding("too-many", self.file, line, text, hint)

    # --- conditions ---

    def conditions(self, fields: Fields) -> Iterator[Finding]:
        """Agency values that ``where`` waits for and the agency's schema does not have."""
        for repeat in fields.repeats:
            for where in _wheres(repeat):
                yield from self._possible(where)
        for value in fields.values:
            for spot in value.spots:
                yield from self._possible(spot.where)

    def _possible(self, where: tuple[Where, ...]) -> Iterator[Finding]:
        for condition in where:
            codes = value_type(condition.place.shape).codes
            text = text_of(condition.text)
            if codes is not None and text not in codes:
                shown = f"{condition.place.text} is never {text!r} by the agency's schema"
                hint = nearest(text, codes) or f"known: {', '.join(codes[:8])}"
                yield Finding("unreachable", self.file, condition.line, shown, hint)

    def blocked(self, fields: Fields) -> Iterator[Finding]:
        """Writing: places that wait for the absence of what every message has."""
        required = {child.name for child in self.canonical.children if child.minimum > 0 and child.choice is None}
        for value in fields.values:
            for spot in value.spots:
                if spot.unless is not None and len(spot.unless) == 1 and spot.unless[0] in required:
                    text = f"{value.key} is never written: every message has {spot.unless[0]}"
                    yield Finding("unreachable", self.file, value.line, text, "unless: names what may be absent")

    # --- reading ---

    def read_twice(self, fields: Fields) -> Iterator[Finding]:
        """Items of the agency's that two lists would both read, though each has its ``where``."""
        readers: dict[tuple[str, ...], list[tuple[int, str, tuple[Where, ...]]]] = {}
        for repeat in fields.repeats:
            for branch in repeat.branches:
                if isinstance(branch, Listed) and branch.where:
                    name = tuple(step.name for step in branch.place.steps)
                    readers.setdefault(name, []).append((branch.line, branch.place.text, branch.where))
        for group in readers.values():
            for (first, _, one), (line, text, two) in combinations(group, 2):
                if not _apart(one, two):
                    said = f"{text!r} is read on line {first} and again here: their where may both hold"
                    yield Finding("read-twice", self.file, line, said, "where: values that exclude each other")


def _wheres(repeat: Repeat) -> Iterator[tuple[Where, ...]]:
    for branch in repeat.branches:
        yield from branch.where if isinstance(branch, Slotted) else (branch.where,)


def _apart(one: tuple[Where, ...], two: tuple[Where, ...]) -> bool:
    """Whether two sets of conditions want different texts of one place."""
    known = {tuple(step.name for step in condition.place.steps): condition.text for condition in one}
    return any(
        known.get(tuple(step.name for step in condition.place.steps), condition.text) != condition.text
        for condition in two
    )


def _most(place: Place) -> int | None:
    return place.steps[place.each].shape.maximum if place.each >= 0 else 1
