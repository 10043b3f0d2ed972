"""The output of a mapping as a tree of places in the agency's order, each with the functions that fill it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from hub.mapping.paths import Step
from hub.mapping.writing import Writing
from hub.schema.shape import Shape

# (writing, item) to a raw value for the agency, or None
Produce = Callable[[Writing, Any], Any]
# (writing, item) to the item that inner fields are about, or None
Select = Callable[[Writing, Any], Any]
# (writing, item) to the items of a list
Each = Callable[[Writing, Any], Iterable[Any]]
Check = Callable[[Writing, Any], None]

NIL = object()


@dataclass(slots=True)
class Emitter:
    """A list at a place: one element for each item, laid out by ``inner``."""

    each: Each
    inner: Layout


@dataclass
class Layout:
    """One element, object, attribute or column that may be written.

    ``values`` fill it with content (the first that has something); ``fillers`` stand in where none does, and do not by
    themselves make a container appear (constants, spellings of nothing). ``checks`` run whenever its item is written.
    """

    shape: Shape
    step: Step | None = None
    values: list[Produce] = field(default_factory=list)
    fillers: list[Produce] = field(default_factory=list)
    children: dict[str, Layout] = field(default_factory=dict)
    emitters: list[Emitter] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def at(self, steps: Iterable[Step]) -> Layout:
        """The place below, made where it is not there yet."""
        place = self
        for step in steps:
            below = place.children.get(step.name)
            if below is None:
                below = place.children[step.name] = Layout(step.shape, step)
            place = below
        return place

    def in_order(self) -> list[Layout]:
        """The children as the agency's schema orders them."""
        order = {name: index for index, name in enumerate(self.shape.by_name)}
        return sorted(self.children.values(), key=lambda child: order.get(child.step.name if child.step else "", 0))

    @property
    def own(self) -> bool:
        """Whether it is written for itself, and not only as the place of a list."""
        return bool(self.values or self.fillers or self.children or self.checks)

    @property
    def solid(self) -> bool:
        """Whether anything but fillers can come: then it appears only with that."""
        return bool(self.values or self.emitters or any(child.solid for child in self.children.values()))

    def steps(self) -> Iterable[Step]:
        """Every step below, for the namespaces that the output needs."""
        for child in self.children.values():
            if child.step:
                yield child.step
            yield from child.steps()
        for emitter in self.emitters:
            yield from emitter.inner.steps()


def first_of(ways: list[Produce]) -> Produce | None:
    """The first that has something; None where there is no way at all."""
    if len(ways) < 2:
        return ways[0] if ways else None

    def first(writing: Writing, item: Any) -> Any:
        for produce in ways:
            raw = produce(writing, item)
            if raw is not None:
                return raw
        return None

    return first
