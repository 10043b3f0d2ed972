"""The agency's side: every field read or ignored, every required field written, no place written twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hub.findings import Finding
from hub.mapping.globs import glob
from hub.mapping.paths import AgencyPaths, Step
from hub.mapping.plan import Fields, Follow, Listed, Plan
from hub.mapping.refusing import covers
from hub.mapping.uses import Use, uses, uses_on_ground
from hub.schema.shape import Shape

_HINT = "map it, or list it in ignores (or refuses) with a reason"
_MANY = 3  # more unread fields of one name than this are told together


@dataclass
class _Use:
    """One place of the agency's schema that the mapping uses; ``line``: the first line that goes through it."""

    shape: Shape
    step: Step | None = None
    line: int = 0
    whole: bool = False
    below: dict[str, _Use] = field(default_factory=dict)

    def at(self, steps: tuple[Step, ...], line: int = 0) -> _Use:
        use = self
        for step in steps:
            use = use.below.setdefault(step.name, _Use(step.shape, step, line))
            use.line = use.line or line
        return use


def check_agency(plan: Plan, directions: frozenset[str]) -> Iterator[Finding]:
    """Findings of both directions on the agency's schema."""
    top = _used(plan, ())
    if "read" in directions:
        coverage = _Coverage(plan)
        for branch, others in _shared_lists(plan):
            coverage.apart(branch, _used(plan, others))
        yield from coverage.findings(top)
        yield from _read_twice(plan)
    if "write" in directions:
        yield from _required(plan, top, "")
        yield from _written_twice(plan)


def _used(plan: Plan, without: Sequence[Listed]) -> _Use:
    """Every place that the mapping uses, as a tree, but for those inside the items of some lists."""
    top = _Use(plan.document, line=plan.written.message.line)
    top.at(plan.root.steps, plan.written.root.line if plan.written.root else 1)
    for use in uses(plan.fields, without):
        place = top.at(use.steps, use.line)
        place.whole = place.whole or place.shape.value is not None
    return top


def _shared_lists(plan: Plan) -> Iterator[tuple[Listed, list[Listed]]]:
    """Where several canonical lists tell the items of one list of the agency's apart by ``where``: each, with the
    others. An item is read by one of them alone."""
    groups: dict[tuple[str, ...], list[Listed]] = {}
    for fields in _grounds(plan.fields):
        for repeat in fields.repeats:
            for branch in repeat.branches:
                if isinstance(branch, Listed):
                    steps = tuple(step.name for step in branch.fields.ground.trail)
                    groups.setdefault(steps, []).append(branch)
    for branches in groups.values():
        for branch in branches if len(branches) > 1 else ():
            yield branch, [other for other in branches if other is not branch]


class _Coverage:
    """Reading: what the schema has and the mapping neither reads nor ignores. The highest such place is told once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.record = "/" + "/".join(step.shown for step in plan.root.steps)
        self.paths = AgencyPaths(plan.kind, plan.namespaces, plan.document)
        self.answers = [path for path, _ in (*plan.written.ignores, *plan.written.refuses)]
        self.globs = [glob(path.text, "/") for path in self.answers]
        self.used: set[int] = set()
        self.unread: dict[str, list[tuple[str, int]]] = {}
        self.partly: list[Finding] = []

    def apart(self, branch: Listed, top: _Use) -> None:
        """One of several canonical lists that read the same list: ``top`` is what is used when it alone is meant."""
        self._below(top, "")
        item = "/" + "/".join(step.shown for step in branch.fields.ground.trail)
        for places in self.unread.values():
            for path, _ in places:
                if path.startswith(f"{item}/"):
                    text = (
                        f"the agency's {path} is neither mapped nor ignored by this list, and others read other items"
                    )
                    self.partly.append(Finding("unread-field", self.plan.written.file, branch.line, text, _HINT))
        self.unread = {}

    def findings(self, top: _Use) -> Iterator[Finding]:
        """Unread fields (those of one name together where they are many), and ignores that ignore nothing."""
        self._below(top, "")
        file, hint = self.plan.written.file, _HINT
        whole = {path for places in self.unread.values() for path, _ in places}
        yield from (found for found in self.partly if not any(f" {path} " in found.text for path in whole))
        for name, places in self.unread.items():
            if len(places) <= _MANY:
                for path, line in places:
                    yield Finding(
                        "unread-field", file, line, f"the agency's {path} is neither mapped nor ignored", hint
                    )
                continue
            path, line = places[0]
            text = f"the agency's {path} and {len(places) - 1} other {name!r} are neither mapped nor ignored"
            yield Finding("unread-field", file, line, text, f'{hint} ("**/{name}" covers them all)')
        for index, written in enumerate(self.answers):
            if index not in self.used:
                text = f"{written.text!r} matches nothing that is left to ignore or refuse"
                yield Finding("unused-ignore", file, written.line, text, severity="note")

    def _below(self, use: _Use, path: str) -> None:
        missing = []
        for child in _children(self.plan, use, path):
            shown = f"{path}/{self.paths.shown(child.name)}"
            found = use.below.get(child.name)
            if found is None:
                missing.append(shown)
                continue
            if child.value is not None and not found.whole and all(name.startswith("@") for name in found.below):
                self._tell(shown, found.line)
            self._below(found, shown)
        self._tell_all(missing, use, path)

    def _tell_all(self, missing: list[str], use: _Use, path: str) -> None:
        """Elements in an element that is only pointed from (``RoleOfPerson/@s:ref``) are told as one."""
        only_points = bool(use.below) and all(name.startswith("@") for name in use.below)
        inside = [shown for shown in missing if only_points and not shown.rpartition("/")[2].startswith("@")]
        unread = [shown for shown in inside if not self._ignored(shown)]
        if len(unread) > 1:
            self.unread.setdefault(f"{path.rpartition('/')[2]}/*", []).append((f"{path}/*", use.line))
        else:
            inside = []
        for shown in missing:
            if shown not in inside:
                self._tell(shown, use.line)

    def _tell(self, shown: str, line: int) -> None:
        if not self._ignored(shown):
            self.unread.setdefault(shown.rpartition("/")[2], []).append((shown, line))

    def _ignored(self, shown: str) -> bool:
        index = covers(self.globs, self.record, shown)
        if index is not None:
            self.used.add(index)
        return index is not None


def _children(plan: Plan, use: _Use, path: str) -> list[Shape]:
    """What the schema has here. Other root elements are other documents."""
    if not path and plan.kind == "xml":
        return [below.shape for below in use.below.values()]
    return list(use.shape.children)


def _required(plan: Plan, use: _Use, path: str) -> Iterator[Finding]:
    """Writing: wherever an element is written, what the schema requires in it must be written too."""
    paths = AgencyPaths(plan.kind, plan.namespaces, plan.document)
    children = _children(plan, use, path)
    chosen = {child.one_of for child in children if child.one_of is not None and child.name in use.below}
    options: dict[str, list[str]] = {}
    for child in children:
        shown = f"{path}/{paths.shown(child.name)}"
        found = use.below.get(child.name)
        if found is not None:
            yield from _required(plan, found, shown)
        elif child.minimum > 0 and child.choice is None:
            text = f"{shown} is required, and nothing writes it"
            yield Finding("missing-required", plan.written.file, use.line, text)
        elif child.one_of is not None and child.one_of not in chosen:
            options.setdefault(child.one_of, []).append(shown)
    if use.shape.unnamed:
        text = f"{path} has to hold something that the schema does not name (xs:any), and nothing writes it"
        yield Finding("missing-required", plan.written.file, use.line, text)
    for names in options.values():
        text = f"one of {', '.join(names)} is required, and nothing writes any"
        yield Finding("missing-required", plan.written.file, use.line, text)


def _grounds(fields: Fields) -> Iterator[Fields]:
    """These fields and every list's below: each the whole of its ground."""
    yield fields
    yield from _lists(fields)


def _lists(fields: Fields) -> Iterator[Fields]:
    for repeat in fields.repeats:
        for branch in repeat.branches:
            if isinstance(branch, Listed):
                yield from _grounds(branch.fields)
            else:
                for slot in branch.slots:
                    yield from _lists(slot)
    for link in fields.links:
        if isinstance(link, Follow):
            yield from _grounds(link.fields) if link.listed else _lists(link.fields)


def _written_twice(plan: Plan) -> Iterator[Finding]:
    """Two lines that write one place, where nothing keeps them apart."""
    for fields in _grounds(plan.fields):
        writers: dict[tuple[str, ...], Use] = {}
        for use in uses_on_ground(fields):
            first = writers.setdefault(tuple(step.name for step in use.steps), use)
            if first is not use and not (first.shared or use.shared) and not _same_slot(first, use):
                shown = "/" + "/".join(step.shown for step in use.steps)
                text = f"{shown} is written on line {first.line} and again here"
                yield Finding("written-twice", plan.written.file, use.line, text)


def _same_slot(first: Use, second: Use) -> bool:
    return first.line == second.line and first.steps == second.steps


def _read_twice(plan: Plan) -> Iterator[Finding]:
    """Two canonical lists that read the same items of the agency's."""
    for fields in (plan.fields, *_lists(plan.fields)):
        readers: dict[tuple[str, ...], tuple[int, bool]] = {}
        for repeat in fields.repeats:
            for branch in repeat.branches:
                if not isinstance(branch, Listed):
                    continue
                name = tuple(step.name for step in branch.place.steps)
                line, apart = readers.setdefault(name, (branch.line, bool(branch.where)))
                if line != branch.line and not (apart and branch.where):
                    text = f"{branch.place.text!r} is read on line {line} and again here"
                    yield Finding("read-twice", plan.written.file, branch.line, text, "tell them apart with where")
