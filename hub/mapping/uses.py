"""Every agency place that a plan uses, with the mapping's line: what checks of the agency's side are made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.mapping.paths import Place, Step
from hub.mapping.plan import Fields, Follow, Ground, Listed, Ref, Repeat, Spot, Via


@dataclass(frozen=True, slots=True)
class Use:
    """One place, from the document. ``shared``: something else decides whether it is written (guards, ``where``, a
    number that is only read), so that another line may write it too."""

    steps: tuple[Step, ...]
    line: int
    shared: bool = False


def uses(fields: Fields, without: Sequence[Listed] = ()) -> Iterator[Use]:
    """All places of these fields and of those below them, but for those inside the items of some lists."""
    yield from uses_on_ground(fields)
    for repeat in fields.repeats:
        for branch in repeat.branches:
            if isinstance(branch, Listed):
                yield Use(branch.fields.ground.trail, repeat.line, shared=True)
                if not any(branch is other for other in without):
                    yield from uses(branch.fields, without)
            else:
                for slot in branch.slots:
                    yield from _lists_below(slot, without)
    for link in fields.links:
        if isinstance(link, Follow):
            yield from uses(link.fields, without) if link.listed else _lists_below(link.fields, without)


def _lists_below(fields: Fields, without: Sequence[Listed]) -> Iterator[Use]:
    """What stands below fields whose own places were given already."""
    own = set(uses_on_ground(fields))
    yield from (use for use in uses(fields, without) if use not in own)


def uses_on_ground(fields: Fields) -> Iterator[Use]:
    """The places of these fields that stand on their own ground, those of slots and nested targets included."""
    for value in fields.values:
        for spot in value.spots:
            yield from _spot(spot, fields.ground, value.line, read_only=bool(value.partner))
    for constant in fields.constants:
        yield _use(constant.place, fields.ground, constant.line)
    for repeat in fields.repeats:
        yield from _repeat(repeat)
    for link in fields.links:
        if isinstance(link, Ref):
            yield _use(link.place, fields.ground, link.line)
        elif isinstance(link, Via):
            for end in (link.here, link.there):
                yield Use(link.ground.trail + link.place.steps + end.steps, link.line, shared=True)
        else:
            if link.id is not None:
                yield _use(link.id, link.fields.ground, link.line)
            if not link.listed:
                yield from uses_on_ground(link.fields)


def _repeat(repeat: Repeat) -> Iterator[Use]:
    for branch in repeat.branches:
        if isinstance(branch, Listed):
            ground = branch.fields.ground
            places = [branch.id, *(condition.place for condition in branch.where)]
            yield from (_use(place, ground, repeat.line, shared=True) for place in places if place)
            continue
        for slot, id_place, where in zip(branch.slots, branch.ids, branch.where, strict=True):
            yield from uses_on_ground(slot)
            places = [id_place, *(condition.place for condition in where)]
            yield from (_use(place, slot.ground, repeat.line, shared=True) for place in places if place)


def _spot(spot: Spot, ground: Ground, line: int, *, read_only: bool) -> Iterator[Use]:
    shared = read_only or bool(spot.guards or spot.where or spot.unless)
    for place in (*(place for _, place in spot.ports), *spot.slots):
        yield _use(place, ground, line, shared=shared)
        for condition in spot.where:
            before = place.steps[: place.each + 1] if place.each >= 0 else ()
            steps = before + condition.place.steps
            yield _use(Place("", steps, condition.place.shape, place.absolute), ground, line, shared=True)


def _use(place: Place, ground: Ground, line: int, *, shared: bool = False) -> Use:
    return Use(place.steps if place.absolute else ground.trail + place.steps, line, shared)
