"""Whether ids of items, and the links to them, fit where the agency has them. Nothing converts them on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hub.findings import Finding
from hub.mapping.paths import Place
from hub.mapping.plan import Fields, Follow, Listed, Plan, Ref, Repeat, Target, Via, value_type
from hub.mapping.writing import NCNAME
from hub.schema.inclusion import Inclusions, Values
from hub.schema.shape import Shape, ValueType
from hub.schema.xsd_types import UNIQUE

_HINT = "a narrower id in the canonical schema, another place, or no id: here"


def check_ids(plan: Plan, fields: Fields, inclusions: Inclusions) -> Iterator[Finding]:
    """Writing: every id, reference and association of one item."""
    check = _Check(plan, inclusions)
    for repeat in fields.repeats:
        for branch in repeat.branches:
            for place in (branch.id,) if isinstance(branch, Listed) else branch.ids:
                yield from check.fits(f"{repeat.key}.id", branch.line, place, repeat.shape, own=True)
            for inner in (branch.fields,) if isinstance(branch, Listed) else branch.slots:
                yield from check.pairs(inner, repeat)
    for link in fields.links:
        if isinstance(link, Ref):
            yield from check.fits(link.key, link.line, link.place, link.to.shape)
        elif isinstance(link, Follow):
            yield from check.fits(f"{link.to.key}.id", link.line, link.id, link.to.shape, own=True)


class _Check:
    def __init__(self, plan: Plan, inclusions: Inclusions) -> None:
        self.file = plan.written.file
        self.xml = plan.kind == "xml"
        self.inclusions = inclusions

    def pairs(self, fields: Fields, owners: Repeat | Target) -> Iterator[Finding]:
        """Both ends of the associations of an item."""
        for link in fields.links:
            if isinstance(link, Via):
                yield from self.fits(link.key, link.line, link.here, owners.shape)
                yield from self.fits(link.key, link.line, link.there, link.to.shape)

    def fits(self, key: str, line: int, place: Place | None, items: Shape, *, own: bool = False) -> Iterator[Finding]:
        """One place of an id; ``own``: the item's, which stands once in the document."""
        given = items.by_name.get("id")
        if place is None or given is None:
            return
        if place.shape.value is None:
            yield Finding("type-gap", self.file, line, f"{key}: {place.text!r} holds no text", _HINT)
            return
        target = value_type(place.shape)
        if own:
            target = replace(target, demands=tuple(each for each in target.demands if each != UNIQUE))
        source = Values(self._spelt(value_type(given)))
        for gap in self.inclusions.gaps(source, Values(target, self.xml)):
            code = "unproven" if gap.facet == "unproven" else f"{gap.facet}-gap"
            yield Finding(code, self.file, line, f"{key}: {gap.text}", _HINT)

    def _spelt(self, given: ValueType) -> ValueType:
        """What is written for a canonical id: in XML a legal name, made from it where it is none."""
        name = ValueType(patterns=(f"^{NCNAME}$",), min_length=1)
        if not self.xml or not self.inclusions.gaps(Values(given), Values(name)):
            return given
        return replace(name, max_length=None if given.max_length is None else given.max_length + 1)
