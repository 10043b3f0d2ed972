"""What means nothing: defaults of the agency's schema that the mapping should know, and texts written for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from hub.findings import Finding
from hub.mapping.convert import Unfit
from hub.mapping.plan import Fields, Plan, Spot, Value
from hub.mapping.scalars import text_of
from hub.schema.shape import Shape


def check_defaults(plan: Plan, fields: Fields, directions: frozenset[str]) -> Iterator[Finding]:
    """A note for each place with a default that the mapping leaves to the schema, in a direction that a grant uses."""
    for value in fields.values:
        for spot in value.spots:
            if {"read", "write"} <= directions and not value.partner:
                yield from _read_back(plan, value, spot)
                yield from _else_unread(plan, value, spot)
            for _, place in spot.ports:
                yield from _told(plan, value, spot, place.shape, directions)


def _read_back(plan: Plan, value: Value, spot: Spot) -> Iterator[Finding]:
    """What is written where there is nothing, and would be read as something (else than the default of reading)."""
    if spot.missing is None:
        return
    text = text_of(spot.missing)
    if text not in spot.absent and (spot.default is None or _reads(spot, spot.missing) != spot.default):
        said = f"{value.key}: {text!r} is written where there is nothing, and is read as a value"
        hint = f"absent: {{read: ['', {text!r}]}}, or default: {{read: ...}} too"
        yield Finding("bad-value", plan.written.file, spot.line, said, hint)


def _reads(spot: Spot, raw: object) -> object:
    """What one raw value is read as (at every port, where there are several); None where it cannot be."""
    if len(spot.ports) > 1:
        raw = dict.fromkeys((port for port, _ in spot.ports), raw)
    try:
        return spot.read(raw) if spot.read else raw
    except Unfit:
        return None


def _else_unread(plan: Plan, value: Value, spot: Spot) -> Iterator[Finding]:
    """What is written instead of a value that does not fit, and no reading takes."""
    instead = spot.otherwise_write
    if instead is None or spot.otherwise_read is not None or spot.read is None or len(spot.ports) > 1:
        return
    if text_of(instead) in spot.absent:
        return
    try:
        spot.read(instead)
    except Unfit as error:
        said = f"{value.key}: else writes {text_of(instead)!r}, and that cannot be read: {error.text}"
        yield Finding("bad-value", plan.written.file, spot.line, said, "else: {read: ...} too, or another text")


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
