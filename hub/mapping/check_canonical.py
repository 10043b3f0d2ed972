"""The canonical side: every field written or dropped with a reason, every required field read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hub.findings import Finding
from hub.mapping.globs import first_match, glob
from hub.mapping.plan import Fields, Follow, Listed, Plan, Via
from hub.schema.shape import Shape


@dataclass
class _Use:
    """One canonical property that the mapping uses; ``whole``: with everything below."""

    whole: bool = False
    below: dict[str, _Use] = field(default_factory=dict)

    def at(self, names: tuple[str, ...]) -> _Use:
        use = self
        for name in names:
            use = use.below.setdefault(name, _Use())
        return use


def check_canonical(plan: Plan, directions: frozenset[str]) -> Iterator[Finding]:
    """Findings of both directions on the canonical schema."""
    top = _Use()
    _fields(plan.fields, top, top)
    if "write" in directions:
        drops = [glob(path.text, ".") for path, _ in plan.written.drops]
        used: set[int] = set()
        yield from _unwritten(plan, plan.canonical, top, "", drops, used)
        for index, (path, _) in enumerate(plan.written.drops):
            if index not in used:
                text = f"{path.text!r} matches nothing that is left to drop"
                yield Finding("unused-drop", plan.written.file, path.line, text, severity="note")
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
        below = use.at(repeat.names)
        below.at(("id",)).whole = True
        for branch in repeat.branches:
            for guard in branch.guards:
                below.at(guard.names).whole = True
            for inner in (branch.fields,) if isinstance(branch, Listed) else branch.slots[:1]:
                _fields(inner, below, root)
    for link in fields.links:
        use.at(link.names).whole = True
        if isinstance(link, Follow):
            target = root.at(link.to.names)
            target.at(("id",)).whole = True
            _fields(link.fields, target, root)
        elif isinstance(link, Via):
            continue


def _unwritten(plan: Plan, shape: Shape, use: _Use, path: str, drops: list, used: set[int]) -> Iterator[Finding]:  # type: ignore[type-arg]
    for child in shape.children:
        full = f"{path}.{child.name}" if path else child.name
        shown = f"{full}[]" if child.repeats else full
        found = use.below.get(child.name)
        if found is not None and found.whole:
            continue
        index = first_match(drops, full)
        index = first_match(drops, shown) if index is None else index
        if index is not None:
            used.add(index)
            if found is None:
                continue
        if found is not None and (child.value is None or found.below):
            yield from _unwritten(plan, child, found, shown, drops, used)
        elif index is None:
            text = f"{shown} is neither written nor dropped"
            yield Finding("unwritten-field", plan.written.file, 1, text, "map it, or list it in drops with a reason")


def _unread(plan: Plan, shape: Shape, use: _Use, path: str) -> Iterator[Finding]:
    """What a message must have, wherever reading makes the object that it stands in."""
    for child in shape.children:
        shown = (f"{path}.{child.name}" if path else child.name) + ("[]" if child.repeats else "")
        found = use.below.get(child.name)
        if found is None:
            if child.minimum > 0 and child.choice is None:
                text = f"{shown} is required, and nothing reads it"
                yield Finding("missing-required", plan.written.file, 1, text)
        elif not found.whole:
            yield from _unread(plan, child, found, shown)
