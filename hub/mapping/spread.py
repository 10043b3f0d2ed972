"""Where the fields of one item go in the output, and which item they are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hub.mapping.layout import Check, Each, Emitter, Layout, Produce, Select
from hub.mapping.paths import Place
from hub.mapping.produce import about
from hub.mapping.writing import Writing


@dataclass(frozen=True, slots=True)
class Spread:
    """Where fields go: their ground's layout, and the item they are about (None: the ground's own)."""

    layout: Layout
    document: Layout
    select: Select | None = None
    batch: bool = False

    def leaf(self, place: Place, produce: Produce, *, weak: bool = False) -> None:
        """Put one way to fill a place."""
        if place.absolute and self.batch:
            target, produce = self.document.at(place.steps), _agreed(produce)
        else:
            target = (self.document if place.absolute else self.layout).at(place.steps)
            produce = about(self.select, produce)
        (target.fillers if weak else target.values).append(produce)

    def check(self, check: Check) -> None:
        """Run a check whenever the ground's item is written."""
        select = self.select
        if select is None:
            self.layout.checks.append(check)
            return

        def selected(writing: Writing, item: Any) -> None:
            chosen = select(writing, item)
            if chosen is not None:
                check(writing, chosen)

        self.layout.checks.append(selected)

    def each(self, place: Place, each: Each) -> Layout:
        """A list at a place (its steps end with the one that repeats); the layout of one item."""
        select = self.select

        def selected(writing: Writing, item: Any) -> Iterable[Any]:
            chosen = select(writing, item) if select else item
            return () if chosen is None else each(writing, chosen)

        listed = self.layout.at(place.steps)
        inner = Layout(listed.shape, listed.step)
        listed.emitters.append(Emitter(each if select is None else selected, inner))
        return inner


def _agreed(produce: Produce) -> Produce:
    """A value that stands once for all records of a document: they must agree."""

    def agreed(writing: Writing, item: Any) -> Any:
        found = [produce(writing, writing.begin(number)) for number in range(len(writing.records))]
        if any(other != found[0] for other in found[1:]):
            writing.wrong("the messages of this parcel differ where the document has one place", "", 0)
        return found[0] if found else None

    return agreed
