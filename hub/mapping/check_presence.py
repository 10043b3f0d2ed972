"""What is written for every message that the schema allows and a grant lets through: nothing required missing, no place
or choice written twice, guards that exclude each other and leave nothing out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from hub.findings import Finding
from hub.mapping.outline import Items, Outline, links_of, outline
from hub.mapping.paths import AgencyPaths
from hub.mapping.plan import Fields, Follow, Guard, Listed, Plan, Slotted
from hub.mapping.presence import Condition, Found, View, Way, World, named, says
from hub.schema.shape import Shape

_MOST_PAIRS = 400


def check_presence(plan: Plan, views: Sequence[View]) -> Iterator[Finding]:
    """Findings for each of the views (grants) under which messages are written; the same one is told once."""
    check = _Check(plan)
    for view in views or (View(),):
        for finding in check.findings(view):
            if (finding.code, finding.line, finding.text.partition(" (")[0]) not in check.told:
                check.told.add((finding.code, finding.line, finding.text.partition(" (")[0]))
                yield finding


class _Check:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.paths = AgencyPaths(plan.kind, plan.namespaces, plan.document)
        self.document, self.record = outline(plan)
        self.targets = links_of(plan.fields)
        self.lists = _targets(plan.fields)
        self.told: set[tuple[str, int, str]] = set()

    def findings(self, view: View) -> Iterator[Finding]:
        """Everything that a message of this view may show."""
        top = self.world(self.plan.canonical, "", view)
        yield from self._place(self.document, top, "", always=True)
        if self.plan.record.marks:
            shown = "".join(f"/{step.shown}" for step in self.plan.record.trail)
            yield from self._place(self.record, top, shown, always=True)
        yield from self._guards(self.plan.fields, top)

    def world(self, shape: Shape, text: str, view: View) -> World:
        """The knowledge of one item."""
        return World(shape, text, view, self.targets, self.lists)

    # --- places ---

    def _place(self, place: Outline, world: World, shown: str, *, always: bool) -> Iterator[Finding]:
        """One element, object or row, and everything below it on the same ground."""
        for child in place.below.values():
            yield from self._twice(child, world, f"{shown}/{child.step.shown if child.step else ''}")
        yield from self._choices(place, world, shown)
        triggers = [Way(0)] if always else list(place.content() if place.solid else place.every_way())
        yield from self._one_of(place, world, shown, triggers)
        for child in place.below.values():
            path = f"{shown}/{child.step.shown if child.step else ''}"
            required = child.shape.minimum > 0 and child.shape.choice is None
            missing = self._missing(child, world, path, triggers) if required else None
            if missing is not None:
                yield missing
            yield from self._place(child, world, path, always=always and required and missing is None)
            for items in child.lists:
                yield from self._items(items, world, path)

    def _items(self, items: Items, world: World, shown: str) -> Iterator[Finding]:
        if items.inner is self.record:
            return
        yield from self._place(items.inner, self._inner(items, world), shown, always=False)

    def _inner(self, items: Items, world: World) -> World:
        inner = items.inner
        return self.world(inner.item, inner.text, world.view) if inner.item is not None else world

    def _missing(self, child: Outline, world: World, shown: str, triggers: Iterable[Way]) -> Finding | None:
        """The finding for a required place that some message leaves empty though its container is written."""
        ways = list(self._present(child, world))
        if not ways or any(way.answered for way in ways):
            return None
        sure = [way.conditions for way in ways if way.certain]
        for trigger in triggers:
            found = world.counterexample(trigger.conditions, sure)
            if found is not None:
                return self._left_out(shown, ways, world, found, inside=bool(child.below))
        return None

    def _left_out(
        self, shown: str, ways: list[Way], world: World, found: Found, *, inside: bool = False
    ) -> Finding:  # fmt: skip
        known = {path: value for path, value in found.items() if path in {c.path for w in ways for c in w.conditions}}
        when = says(world, known)
        if not any(way.certain for way in ways):
            when = "what goes there may come out as nothing" if not known else when
        rule = f" (under the grant {world.view.rule})" if world.view.rule else ""
        text = f"{shown} is required, and stays empty where {when}{rule}"
        hint = "default: {write: ...}, or missing: refuse"
        if inside:
            hint = "missing: refuse, or map a field that is always there into it: constants and defaults alone do not"
        return Finding("missing-required", self.plan.written.file, ways[0].line, text, hint)

    def _present(self, place: Outline, world: World) -> Iterator[Way]:
        """In which ways something stands at a place."""
        yield from place.ways
        for items in place.lists:
            sure = items.inner is self.record or self._has_content(items, world)
            yield Way(items.way.line, items.way.conditions, items.way.certain and sure, items.way.answered)
        for child in place.below.values():
            yield from self._content(child, world)
        if not place.below:
            yield from place.fallbacks
        elif not place.solid:
            yield from place.every_way()

    def _content(self, place: Outline, world: World) -> Iterator[Way]:
        if place.solid:
            yield from (way for way in self._present(place, world) if way not in place.fallbacks)

    def _has_content(self, items: Items, world: World) -> bool:
        """Whether every item writes something, so that its element appears."""
        inner = self._inner(items, world)
        return any(
            way.certain and inner.counterexample((), [way.conditions]) is None
            for way in self._content(items.inner, inner)
        )

    # --- twice ---

    def _twice(self, place: Outline, world: World, shown: str) -> Iterator[Finding]:
        for one, two in combinations(place.ways, 2):
            if one.line == two.line or world.counterexample((*one.conditions, *two.conditions), ()) is None:
                continue
            line, first = max(one.line, two.line), min(one.line, two.line)
            text = f"{shown} is written on line {first} and again here"
            yield Finding("written-twice", self.plan.written.file, line, text)

    def _choices(self, place: Outline, world: World, shown: str) -> Iterator[Finding]:
        """Members of a choice of the agency's schema that one message would write both."""
        groups: dict[str, list[Outline]] = {}
        for child in place.below.values():
            if child.shape.choice is not None and not self._is_root(place):
                groups.setdefault(child.shape.choice, []).append(child)
        for members in groups.values():
            for one, two in combinations(members, 2):
                yield from self._both(one, two, world, shown)

    def _is_root(self, place: Outline) -> bool:
        """Whether what stands below are the elements that may be the document, of which the mapping has one."""
        return place.step is None and self.plan.kind == "xml"

    def _both(self, one: Outline, two: Outline, world: World, shown: str) -> Iterator[Finding]:
        pairs = [(a, b) for a in self._present(one, world) for b in self._present(two, world)][:_MOST_PAIRS]
        for first, second in pairs:
            if world.counterexample((*first.conditions, *second.conditions), ()) is None:
                continue
            names = " and ".join(place.step.shown for place in (one, two) if place.step)
            text = f"{shown or '/'} has a choice, and a message may write both {names}"
            line = max(first.line, second.line)
            yield Finding("choice-twice", self.plan.written.file, line, text, "unless: keeps one of them back")
            return

    def _one_of(self, place: Outline, world: World, shown: str, triggers: list[Way]) -> Iterator[Finding]:
        """Groups of which the agency's schema wants one: some member must be there."""
        groups: dict[str, list[str]] = {}
        for child in place.shape.children if not self._is_root(place) else ():
            if child.one_of is not None:
                groups.setdefault(child.one_of, []).append(child.name)
        for names in groups.values():
            members = [place.below[name] for name in names if name in place.below]
            ways = [way for member in members for way in self._present(member, world)]
            if not ways or any(way.answered for way in ways):
                continue
            sure = [way.conditions for way in ways if way.certain]
            for trigger in triggers:
                found = world.counterexample(trigger.conditions, sure)
                if found is not None:
                    several = " or ".join(f"{shown}/{self.paths.shown(name)}" for name in names[:4])
                    yield self._left_out(several, ways, world, found)
                    break

    # --- guards ---

    def _guards(self, fields: Fields, world: World) -> Iterator[Finding]:
        for value in fields.values:
            refused = any(spot.answers.unfit for spot in value.spots)
            closed = value.rest_dropped or refused or any(not spot.guards for spot in value.spots)
            guards = [spot.guards for spot in value.spots]
            given = () if value.partner else (Condition(value.names),)
            yield from self._branches(value.key, value.line, guards, given, world, closed=closed)
        for repeat in fields.repeats:
            inner = self.world(repeat.shape, repeat.key, world.view)
            closed = repeat.rest_dropped or any(not branch.guards for branch in repeat.branches)
            guards = [branch.guards for branch in repeat.branches]
            yield from self._branches(repeat.key, repeat.line, guards, (), inner, closed=closed)
            for branch in repeat.branches:
                below = branch.fields if isinstance(branch, Listed) else branch.slots[0]
                yield from self._guards(below, inner)
        for link in fields.links:
            if isinstance(link, Follow):
                yield from self._guards(link.fields, self.world(link.to.shape, link.to.key, world.view))

    def _branches(
        self,
        key: str,
        line: int,
        guards: list[tuple[Guard, ...]],
        given: tuple[Condition, ...],
        world: World,
        *,
        closed: bool,
    ) -> Iterator[Finding]:
        """Guards of the places of one value or list: no two hold together, and together they cover everything."""
        claims = [tuple(Condition(guard.names, named(guard.values)) for guard in each) for each in guards if each]
        file = self.plan.written.file
        for one, two in combinations(claims, 2):
            if world.counterexample((*given, *one, *two), ()) is not None:
                text = f"{key}: two places hold together, and only one can be meant"
                yield Finding("guard-overlap", file, line, text, "is: values that exclude each other")
                break
        if claims and not closed:
            found = world.counterexample(given, claims)
            if found is not None:
                rule = f" (under the grant {world.view.rule})" if world.view.rule else ""
                text = f"{key}: no place is meant where {says(world, found)}{rule}"
                yield Finding("guard-gap", file, line, text, "one place without is:, or - {drops: reason}")


def _targets(fields: Fields) -> dict[str, Shape]:
    found: dict[str, Shape] = {}
    for link in fields.links:
        found[link.to.key] = link.to.shape
        if isinstance(link, Follow):
            found.update(_targets(link.fields))
    for repeat in fields.repeats:
        for branch in repeat.branches:
            found.update(_targets(branch.slots[0] if isinstance(branch, Slotted) else branch.fields))
    return found
