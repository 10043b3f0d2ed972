"""Defaults of the agency's schema: where nothing stands, the agency means something, and the mapping should know."""

from __future__ import annotations

from collections.abc import Iterator

from hub.findings import Finding
from hub.mapping.plan import Fields, Plan, Spot, Value
from hub.schema.shape import Shape


def check_defaults(plan: Plan, fields: Fields, directions: frozenset[str]) -> Iterator[Finding]:
    """A note for each place with a default that the mapping leaves to the schema, in a direction that a grant uses."""
    for value in fields.values:
        for spot in value.spots:
            for _, place in spot.ports:
                yield from _told(plan, value, spot, place.shape, directions)


def _told(plan: Plan, value: Value, spot: Spot, shape: Shape, directions: frozenset[str]) -> Iterator[Finding]:
    if shape.default is None:
        return
    ways = {"read": spot.default is None, "write": spot.missing is None and not value.partner}
    left = [way for way in ("read", "write") if way in directions and ways[way]]
    if left:
        said = " and ".join(
            {"read": "reading takes it for nothing", "write": "writing leaves it out"}[way] for way in left
        )
        text = f"by the agency's schema {shape.default!r} is meant where nothing stands here, and {said}"
        yield Finding("schema-default", plan.written.file, spot.line, text, severity="note")
