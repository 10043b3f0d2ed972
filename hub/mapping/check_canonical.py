"""The canonical side: every field written, withheld or dropped with a reason, every required field read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from hub.findings import Finding
from hub.mapping.globs import first_match, glob
from hub.mapping.plan import Fields, Follow, Listed, Plan
from hub.schema.shape import Shape


@dataclass
class _Use:
    """One canonical property that the mapping uses; ``whole``: with everything below. ``line``: where a list stands.

    The items of a list are made in ``listed`` ways (its places) or, where it has none, in ``followed`` ones (the links
    that nest them). An item goes one of these ways, so each of them has to have every field for itself. ``link`` is
    the link's own path.
    """

    whole: bool = False
    line: int = 0
    link: str = ""
    below: dict[str, _Use] = field(default_factory=dict)
    listed: list[_Use] = field(default_factory=list)
    followed: list[_Use] = field(default_factory=list)

    def at(self, names: tuple[str, ...]) -> _Use:
        use = self
        for name in names:
            use = use.below.setdefault(name, _Use(line=use.line))
        return use

    @property
    def ways(self) -> list[_Use]:
        """How an item comes about; of a property that is no list, itself."""
        return self.listed or self.followed or [self]


def check_canonical(plan: Plan, directions: frozenset[str], granted: Collection[str] | None) -> Iterator[Finding]:
    """Findings of both directions on the canonical schema; ``granted``: the scalar paths that may be written."""
    top = _Use(line=plan.written.message.line)
    _fields(plan.fields, top, top)
    if "write" in directions:
        yield from _Unwritten(plan, granted).findings(top)
    if "read" in directions:
        yield from _unread(plan, plan.canonical, top, "")


def _fields(fields: Fields, use: _Use, root: _Use) -> None:
    for value in fields.values:
        if value.partner:
            continue
        use.at(value.names).whole = True
        for spot in value.spots:
            for guard in spot.guards:
                use.at(guard.names).whole = True
    for repeat in fields.repeats:
        for branch in repeat.branches:
            item = _Use(line=branch.line)
            item.at(("id",)).whole = True
            for guard in branch.guards:
                item.at(guard.names).whole = True
            for inner in (branch.fields,) if isinstance(branch, Listed) else branch.slots[:1]:
                _fields(inner, item, root)
            use.at(repeat.names).listed.append(item)
    for link in fields.links:
        use.at(link.names).whole = True
        if isinstance(link, Follow):
            item = _Use(line=link.line, link=link.key)
            item.at(("id",)).whole = True
            _fields(link.fields, item, root)
            root.at(link.to.names).followed.append(item)


class _Unwritten:
    """Writing: what the schema has and the mapping neither writes nor drops. The highest such place is told once."""

    def __init__(self, plan: Plan, granted: Collection[str] | None) -> None:
        self.plan = plan
        self.granted = granted
        self.drops: list[Callable[[str], bool]] = [glob(path.text, ".") for path, _ in plan.written.drops]
        self.used: set[int] = set()

    def findings(self, top: _Use) -> Iterator[Finding]:
        yield from self._below(self.plan.canonical, top, "")
        for index, (path, _) in enumerate(self.plan.written.drops):
            if index not in self.used:
                text = f"{path.text!r} matches nothing of the canonical schema that this mapping could write"
                yield Finding("unused-drop", self.plan.written.file, path.line, text, severity="note")

    def _below(self, shape: Shape, use: _Use, path: str, link: str = "", where: str = "") -> Iterator[Finding]:
        """``link``: the same path by the link that nests the item; ``where`` tells one way of several in words."""
        for child in shape.children:
            full = f"{path}.{child.name}" if path else child.name
            linked = f"{link}.{child.name}" if link else ""
            list_mark = "[]" if child.repeats else ""
            shown = full + list_mark
            found = use.below.get(child.name)
            dropped = [self._dropped(name) for name in (full, shown, linked, linked and linked + list_mark) if name]
            if found is not None and found.whole:
                continue
            if found is not None and child.children:
                for way in found.ways:
                    below = _Use(below={**found.below, **way.below}, line=way.line)
                    told = f" where {way.link} nests it" if way.link else f" by the place on line {way.line}"
                    inner = way.link or (linked and linked + list_mark)
                    yield from self._below(child, below, shown, inner, told if len(found.ways) > 1 else where)
            elif not any(dropped) and self._granted(shown):
                text = f"{shown} is neither written nor dropped{where}"
                hint = "map it, or list it in drops with a reason"
                yield Finding("unwritten-field", self.plan.written.file, use.line, text, hint)

    def _dropped(self, path: str) -> bool:
        index = first_match(self.drops, path)
        if index is not None:
            self.used.add(index)
        return index is not None

    def _granted(self, shown: str) -> bool:
        if self.granted is None:
            return True
        return any(path == shown or path.startswith((f"{shown}.", f"{shown}[")) for path in self.granted)


def _unread(plan: Plan, shape: Shape, use: _Use, path: str, where: str = "") -> Iterator[Finding]:
    """What a message must have, wherever reading makes the object that it stands in."""
    for child in shape.children:
        shown = (f"{path}.{child.name}" if path else child.name) + ("[]" if child.repeats else "")
        found = use.below.get(child.name)
        if found is None:
            if child.minimum > 0 and child.choice is None:
                text = f"{shown} is required, and nothing reads it{where}"
                hint = "map it, give default: {read: ...}, or {always: ...} where it is the same in every message"
                yield Finding("missing-required", plan.written.file, use.line, text, hint)
        elif not found.whole:
            for way in found.ways:
                below = _Use(below={**found.below, **way.below}, line=way.line)
                told = f" where {way.link} nests it" if way.link else f" by the place on line {way.line}"
                yield from _unread(plan, child, below, shown, told if len(found.ways) > 1 else where)
