"""The agency's side: every field read or ignored, every required field written, no place written twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hub.findings import Finding
from hub.mapping.globs import first_match, glob
from hub.mapping.paths import AgencyPaths, Place, Step
from hub.mapping.plan import Constant, Fields, Follow, Guard, Listed, Plan, Ref, Value, Via
from hub.schema.shape import Shape


@dataclass
class _Use:
    """One place of the agency's schema that the mapping uses: the lines that write it, and what stands below."""

    shape: Shape
    step: Step | None = None
    writers: list[tuple[int, tuple[Guard, ...] | None]] = field(default_factory=list)
    whole: bool = False
    below: dict[str, _Use] = field(default_factory=dict)

    def at(self, steps: tuple[Step, ...]) -> _Use:
        use = self
        for step in steps:
            use = use.below.setdefault(step.name, _Use(step.shape, step))
        return use


def check_agency(plan: Plan, directions: frozenset[str]) -> Iterator[Finding]:
    """Findings of both directions on the agency's schema."""
    top = _Use(plan.document)
    _fields(plan.fields, top, plan)
    top.at(plan.root.steps)
    if "read" in directions:
        yield from _Coverage(plan).findings(top)
    if "write" in directions:
        yield from _required(plan, top, "", record=plan.root.steps)
        yield from _twice(plan, top, "")


def _fields(fields: Fields, top: _Use, plan: Plan) -> None:
    def use(place: Place, line: int, guards: tuple[Guard, ...] | None = ()) -> None:
        steps = place.steps if place.absolute else fields.ground.trail + place.steps
        found = top.at(steps)
        found.writers.append((line, guards))
        found.whole = True

    for value in fields.values:
        _value(value, use)
    for constant in fields.constants:
        _constant(constant, use)
    for repeat in fields.repeats:
        for branch in repeat.branches:
            inner = (branch.fields,) if isinstance(branch, Listed) else branch.slots
            for slot in inner:
                _fields(slot, top, plan)
            places = [branch.id] if isinstance(branch, Listed) else list(branch.ids)
            where = branch.where if isinstance(branch, Listed) else tuple(c for slot in branch.where for c in slot)
            for place, slot in zip(places, inner, strict=True):
                if place is not None:
                    top.at(slot.ground.trail + place.steps).whole = True
                for condition in where:
                    top.at(slot.ground.trail + condition.place.steps).whole = True
            if isinstance(branch, Listed):
                top.at(branch.fields.ground.trail)
    for link in fields.links:
        if isinstance(link, Ref):
            use(link.place, link.line)
        elif isinstance(link, Via):
            for end in (link.here, link.there):
                top.at(link.ground.trail + link.place.steps + end.steps).whole = True
        elif isinstance(link, Follow):
            _fields(link.fields, top, plan)
            if link.id is not None:
                top.at(link.fields.ground.trail + link.id.steps).whole = True


def _value(value: Value, use: object) -> None:
    for spot in value.spots:
        for place in (*(place for _, place in spot.ports), *spot.slots):
            guards = None if value.partner or spot.where or spot.unless else spot.guards
            use(place, value.line, guards)  # type: ignore[operator]
            for condition in spot.where:
                steps = condition.place.steps
                if place.each >= 0:
                    steps = place.steps[: place.each + 1] + steps
                use(Place("", steps, condition.place.shape, place.absolute), value.line, None)  # type: ignore[operator]


def _constant(constant: Constant, use: object) -> None:
    use(constant.place, constant.line)  # type: ignore[operator]


class _Coverage:
    """Reading: what the schema has and the mapping neither reads nor ignores. The highest such place is told once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.record = "/" + "/".join(step.shown for step in plan.root.steps)
        self.paths = AgencyPaths(plan.kind, plan.namespaces, plan.document)
        self.globs = [glob(path.text, "/") for path, _ in plan.written.ignores]
        self.used: set[int] = set()

    def findings(self, top: _Use) -> Iterator[Finding]:
        """Unread fields, and ignores that ignore nothing."""
        yield from self._below(top, "")
        for index, (path, _) in enumerate(self.plan.written.ignores):
            if index not in self.used and not self._exists(index, top, ""):
                text = f"{path.text!r} matches nothing that is left to ignore"
                yield Finding("unused-ignore", self.plan.written.file, path.line, text, severity="note")

    def _below(self, use: _Use, path: str) -> Iterator[Finding]:
        if not path and self.plan.kind == "xml":
            children = [found.shape for found in use.below.values()]  # other roots are other documents
        else:
            children = list(use.shape.children)
        for child in children:
            shown = f"{path}/{self.paths.shown(child.name)}"
            found = use.below.get(child.name)
            if found is not None and found.below:
                if child.value is not None and not found.whole and self._matters(found) and not self._ignored(shown):
                    yield self._unread(shown)
                yield from self._below(found, shown)
            elif found is not None and found.whole:
                yield from self._beside_value(child, shown)
            elif found is None and not self._ignored(shown):
                yield self._unread(shown)

    def _beside_value(self, shape: Shape, path: str) -> Iterator[Finding]:
        for child in shape.children:
            shown = f"{path}/{self.paths.shown(child.name)}"
            if not self._ignored(shown):
                yield self._unread(shown)

    def _matters(self, use: _Use) -> bool:
        return not any(below.step and not below.step.attribute for below in use.below.values())

    def _unread(self, shown: str) -> Finding:
        line = self.plan.written.root.line if self.plan.written.root else 1
        text = f"the agency's {shown} is neither mapped nor ignored"
        return Finding(
            "unread-field", self.plan.written.file, line, text, "map it, or list it in ignores with a reason"
        )

    def _ignored(self, shown: str) -> bool:
        inside = (
            shown.removeprefix(self.record).lstrip("/")
            if self.record == "/" or shown.startswith(self.record + "/")
            else None
        )
        for path in (shown, inside):
            index = first_match(self.globs, path) if path is not None else None
            if index is not None:
                self.used.add(index)
                return True
        return False

    def _exists(self, index: int, use: _Use, path: str) -> bool:
        return False


def _required(plan: Plan, use: _Use, path: str, record: tuple[Step, ...]) -> Iterator[Finding]:
    """Writing: wherever an element is written, what the schema requires in it must be written too."""
    paths = AgencyPaths(plan.kind, plan.namespaces, plan.document)
    if not path and plan.kind == "xml":
        children: list[Shape] = [below.shape for below in use.below.values()]
    else:
        children = list(use.shape.children)
    chosen = {child.choice for child in children if child.choice is not None and child.name in use.below}
    missing_choices: dict[str, list[str]] = {}
    for child in children:
        shown = f"{path}/{paths.shown(child.name)}"
        found = use.below.get(child.name)
        if found is not None:
            yield from _required(plan, found, shown, record)
        elif child.minimum > 0 and child.choice is None:
            yield _missing(plan, f"{shown} is required, and nothing writes it")
        elif child.minimum > 0 and child.choice is not None and child.choice not in chosen:
            missing_choices.setdefault(child.choice, []).append(shown)
    for options in missing_choices.values():
        yield _missing(plan, f"one of {', '.join(options)} is required, and nothing writes any")


def _missing(plan: Plan, text: str) -> Finding:
    line = plan.written.root.line if plan.written.root else 1
    return Finding("missing-required", plan.written.file, line, text)


def _twice(plan: Plan, use: _Use, path: str) -> Iterator[Finding]:
    """Writing: two lines that write one place, unless their guards keep them apart."""
    shown = f"{path}/{use.step.shown}" if use.step else ""
    writers = [(line, guards) for line, guards in use.writers if guards is not None]
    lines = {line for line, guards in writers if not guards}
    if len(lines) > 1 and (use.step is None or not use.step.listed or plan.kind == "xml"):
        first, *others = sorted(lines)
        text = f"{shown} is written on line {first} and again here"
        yield Finding("written-twice", plan.written.file, others[0], text, severity="note")
    for below in use.below.values():
        yield from _twice(plan, below, shown)
