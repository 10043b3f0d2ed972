"""Why each value of an output stands there: mapping line, canonical source, converter, code row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.mapping.codes import Codes
from hub.mapping.convert import Unfit
from hub.mapping.paths import Place
from hub.mapping.plan import (
    Constant,
    Fields,
    Follow,
    Ground,
    Listed,
    Plan,
    Ref,
    Slotted,
    Spot,
    Value,
    Via,
    nested_lists,
)
from hub.mapping.produce import getter, guard_test, spot_tests
from hub.mapping.reading import at
from hub.mapping.scalars import text_of
from hub.mapping.writing import WriteRecord


@dataclass(frozen=True, slots=True)
class Explained:
    """One value in both its places: the agency's (``path``, ``value``) and ours (``source``: a canonical path,
    ``$message.x``, ``$partner.x`` or ``constant``; ``given`` its value there), and the mapping's line between them.

    ``dropped``: why an item that nothing links to has no place there (``unlinked``); then ``path`` is empty."""

    path: str
    value: Any
    line: int
    source: str
    converter: str = ""
    codes: str = ""
    given: Any = None
    dropped: str = ""


def code_row(codes: Codes, explained: Explained) -> str | None:
    """The row of the code table that was used, as FILE:LINE; None where no row was."""
    table = codes.get(explained.codes) if explained.codes else None
    if table is None:
        return None
    line = table.lines.get((text_of(explained.value), text_of(explained.given)))
    return f"{table.file}:{line}" if line else None


def explain_write(plan: Plan, record: WriteRecord, parcel: Mapping[str, str], number: int = 0) -> list[Explained]:
    """Every value that one record puts out, in the mapping's order; values that do not fit are left out. Then the items
    that ``unlinked`` drops. ``number``: which of its document's records it is."""
    explainer = _Explainer(plan, record, parcel)
    return [*explainer.fields(plan.fields, record.data, (number,) * len(plan.record.marks), ""), *explainer.unlinked()]


class _Explainer:
    def __init__(self, plan: Plan, record: WriteRecord, parcel: Mapping[str, str]) -> None:
        self.plan = plan
        self.record = record
        self.parcel = parcel
        self.reached: set[tuple[str, str]] = set()

    def unlinked(self) -> Iterator[Explained]:
        """The items that no link has reached, once all fields have been gone through."""
        nested = nested_lists(self.plan)
        for spec in self.plan.written.unlinked:
            if spec.refuse or spec.path.text not in nested:
                continue
            target = nested[spec.path.text].to
            for number, item in enumerate(at(self.record.data, target.names) or ()):
                if (target.key, item.get("id")) not in self.reached:
                    source = f"{_join('', target.names)}[{number}]"
                    yield Explained("", None, spec.path.line, source, given=item, dropped=spec.reason)

    def fields(self, fields: Fields, item: Any, indices: tuple[int, ...], at_: str) -> Iterator[Explained]:
        for value in fields.values:
            for spot, test in zip(value.spots, spot_tests(value), strict=True):
                if not value.partner and (test is None or test(item)):
                    yield from self.spot(value, spot, fields.ground, item, indices, at_)
        for constant in fields.constants:
            yield from self.constant(constant, fields.ground, indices)
        for link in fields.links:
            found = at(item, link.names)
            ids = found if isinstance(found, list) else [] if found is None else [found]
            for number, id in enumerate(ids):
                source = _join(at_, link.names) + (f"[{number}]" if link.many else "")
                yield from self.link(link, id, number, fields.ground, indices, source)
        for repeat in fields.repeats:
            for branch in repeat.branches:
                test = guard_test(branch.guards)
                children = [
                    (number, child)
                    for number, child in enumerate(at(item, repeat.names) or ())
                    if test is None or test(child)
                ]
                yield from self.items(branch, children, indices, _join(at_, repeat.names))

    def items(
        self, branch: Listed | Slotted, children: list[tuple[int, Any]], indices: tuple[int, ...], at_: str
    ) -> Iterator[Explained]:
        for nth, (number, child) in enumerate(children):
            source = f"{at_}[{number}]"
            if isinstance(branch, Listed):
                if branch.most is None or nth < branch.most:
                    yield from self.fields(branch.fields, child, (*indices, nth), source)
            elif nth < len(branch.slots):
                yield from self.fields(branch.slots[nth], child, indices, source)

    def spot(
        self, value: Value, spot: Spot, ground: Ground, item: Any, indices: tuple[int, ...], at_: str
    ) -> Iterator[Explained]:
        found = getter(value.names)(item)
        if found is None:
            return
        source = _join(at_, value.names)
        scalars = list(enumerate(found)) if value.many else [(None, found)]
        for number, scalar in scalars:
            places = spot.ports or [("", spot.slots[number or 0])] if value.many else spot.ports
            for port, place in places:
                change = spot.writes[port]
                try:
                    raw = change(scalar) if change else scalar
                except Unfit:
                    raw = spot.otherwise_write
                if raw is not None:
                    path = ground.show(self.plan.kind, place, indices, number)
                    full = source if number is None else f"{source}[{number}]"
                    yield Explained(path, raw, value.line, full, spot.converter, spot.codes, scalar)

    def constant(self, constant: Constant, ground: Ground, indices: tuple[int, ...]) -> Iterator[Explained]:
        facts = self.parcel if constant.origin == "parcel" else self.record.message
        raw = facts.get(constant.name) if constant.origin else constant.text
        source = f"${constant.origin}.{constant.name}" if constant.origin else "constant"
        if raw is not None:
            written = constant.write(raw) if constant.write else raw
            path = ground.show(self.plan.kind, constant.place, indices)
            yield Explained(path, written, constant.line, source, given=raw)

    def link(
        self, link: Ref | Via | Follow, id: str, number: int, ground: Ground, indices: tuple[int, ...], source: str
    ) -> Iterator[Explained]:
        if isinstance(link, Follow):
            target = next((item for item in at(self.record.data, link.to.names) or () if item.get("id") == id), None)
            if target is not None:
                self.reached.add((link.to.key, id))
                inner = (*indices, number) if link.listed else indices
                yield from self.fields(link.fields, target, inner, link.to.key.replace("[]", f"[{id}]"))
            return
        place = link.place
        if isinstance(link, Via):
            ground, steps = link.ground, link.place.steps + link.there.steps
            place = Place(link.there.text, steps, link.there.shape)
            indices = indices[: len(ground.marks)]
        yield Explained(ground.show(self.plan.kind, place, indices, number), id, link.line, source, given=id)


def _join(at_: str, names: tuple[str, ...]) -> str:
    return ".".join([*([at_] if at_ else []), *names])
