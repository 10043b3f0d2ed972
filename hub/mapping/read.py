"""Reading documents: a plan compiled once to closures that walk the agency's tree and build canonical records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hub.mapping.find import find_list, find_value
from hub.mapping.keeping import keep
from hub.mapping.paths import Place
from hub.mapping.plan import Fields, Ground, Guard, Listed, Plan, Repeat, Slotted, Via, Where
from hub.mapping.read_links import (
    Association,
    association,
    compile_follow,
    compile_ref,
    compile_via,
    find_orphans,
    group_pairs,
)
from hub.mapping.read_values import ReadNode, compile_value, matcher
from hub.mapping.reading import Reading, ReadRecord, at, put
from hub.mapping.refusing import refused_places
from hub.mapping.scalars import text_of
from hub.mapping.unseen import compile_unseen
from hub.message import Json

ReadDocument = Callable[[Any], list[ReadRecord]]


def compile_reader(plan: Plan) -> ReadDocument:
    """The whole mapping as one function from document tree to records; it never raises for what a sender wrote."""
    compiler = _Compiler(plan)
    fill, extra = compiler.fields(plan.fields, own=True), compile_unseen(plan, Ground(), plan.root, compiler.refusals)
    elements = _records(plan.root)

    def read(document: Any) -> list[ReadRecord]:
        records = []
        for number, (indices, element) in enumerate(elements(document)):
            reading = Reading(plan.kind, document, number, indices)
            reading.origins[id(reading.data)] = (plan.fields, tuple(indices))
            try:
                fill(reading, element, reading.data)
                if extra is not None:
                    extra(reading, document)
            except (AttributeError, TypeError, KeyError):
                # A JSON record that breaks its schema (an array where an object stands) is read too where each record
                # of a document is taken for itself; an XML tree always has this shape.
                if plan.kind == "xml":
                    raise
                reading.wrong("schema-violation", "this has not the shape of the agreed schema", plan.record, plan.here)
            reading.check_links()
            record = ReadRecord(
                data=reading.data,
                partner=reading.partner,
                record=number,
                problems=tuple(reading.problems),
                dropped=reading.dropped,
                source=element,
                origins=reading.origins,
            )
            records.append(record)
        return records

    return read


def _records(root: Place) -> Callable[[Any], Iterator[tuple[list[int], Any]]]:
    """Every record's element with its indices, in document order."""
    steps = root.steps[: root.each + 1] if root.each >= 0 else root.steps

    def walk(element: Any, depth: int, indices: list[int]) -> Iterator[tuple[list[int], Any]]:
        if depth == len(steps):
            yield list(indices), element
            return
        step = steps[depth]
        below = element.get(step.name)
        for index, child in enumerate((below or ()) if step.listed else ([] if below is None else [below])):
            counted = [*indices, index] if step.shape.repeats else indices
            yield from walk(child, depth + 1, counted)

    return lambda document: walk(document, 0, [])


class _Compiler:
    """Compiles fields, one level of lists at a time."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.kind = plan.kind
        self.file = plan.written.file
        self.unseen = plan.written.unseen
        self.owners = _owners(plan.fields)
        self.refusals = refused_places(plan)

    def fields(self, fields: Fields, own: bool = False) -> ReadNode:
        """Everything of one item; ``own``: it is the only one on its ground. ``always`` is set last, and only where
        there is something."""
        nodes = [node for node in self._nodes(fields) if node is not None]
        check = compile_unseen(self.plan, fields.ground, None, self.refusals, fields) if own else None
        if check is not None:
            unseen = check
            nodes.append(lambda reading, element, item: unseen(reading, element))
        always = [(value.names, value.always) for value in fields.values if value.always is not None]
        top = fields is self.plan.fields

        def fill(reading: Reading, element: Any, item: Json) -> None:
            for node in nodes:
                node(reading, element, item)
            if always and (item or top):
                for names, value in always:
                    put(item, names, value)

        return fill

    def _nodes(self, fields: Fields) -> Iterator[ReadNode | None]:
        for value in fields.values:
            yield compile_value(value, fields.ground, self.kind, self.file)
        followed = {link.to.key for link in fields.links if not isinstance(link, Via)}
        for repeat in sorted(fields.repeats, key=lambda repeat: repeat.key not in followed):
            for branch in repeat.branches:
                compiled = self._listed if isinstance(branch, Listed) else self._slotted
                yield compiled(repeat, branch, fields.ground)  # type: ignore[arg-type]
        for link in fields.links:
            if isinstance(link, Via):
                yield compile_via(link)
            else:
                compile_link = compile_follow if hasattr(link, "fields") else compile_ref
                yield compile_link(link, fields.ground, self.kind, self.fields)  # type: ignore[arg-type]
        yield from self._leftovers(fields)

    def _listed(self, repeat: Repeat, branch: Listed, ground: Ground) -> ReadNode:
        elements, fill = find_list(branch.place.steps), self.fields(branch.fields, own=True)
        matches = matcher(branch.where, self.kind) if branch.where else None
        finish = self._finish(repeat, branch.fields, branch.id, branch.guards)
        vias = [link for link in branch.fields.links if isinstance(link, Via)]
        pairs = [group_pairs(link, self.kind) for link in vias]
        orphans = [find_orphans(link, self.owners[association(link)]) for link in vias]
        names, fields = repeat.names, branch.fields

        def read(reading: Reading, element: Any, item: Json) -> None:
            found: list[Json] = []
            for pair in pairs:
                pair(reading, element)
            indices = reading.indices
            indices.append(0)
            for nth, child in enumerate(elements(element)):
                if matches is not None and not matches(child):
                    continue
                indices[-1] = nth
                new: Json = {}
                reading.origins[id(new)] = (fields, tuple(indices))
                finish(reading, child, new, fill)
                if new:
                    found.append(new)
            indices.pop()
            for orphan in orphans:
                orphan(reading)
            _append(item, names, found)

        return read

    def _slotted(self, repeat: Repeat, branch: Slotted, ground: Ground) -> ReadNode:
        slots = []
        for fields, id_place, where in zip(branch.slots, branch.ids, branch.where, strict=True):
            matches = matcher(where, self.kind) if where else None
            finish = self._finish(repeat, fields, id_place, branch.guards)
            slots.append((fields, self.fields(fields), finish, matches))

        def read(reading: Reading, element: Any, item: Json) -> None:
            found: list[Json] = []
            for fields, fill, finish, matches in slots:
                if matches is not None and not matches(element):
                    continue
                new: Json = {}
                reading.origins[id(new)] = (fields, tuple(reading.indices))
                finish(reading, element, new, fill)
                if new:
                    found.append(new)
            _append(item, repeat.names, found)

        return read

    def _finish(
        self, repeat: Repeat, fields: Fields, id_place: Place | None, guards: tuple[Guard, ...]
    ) -> Callable[[Reading, Any, Json, ReadNode], None]:
        """Fill one item; give it its id and what the branch says of all its items, if it has any content."""
        key, ground = repeat.key, fields.ground
        prefix = repeat.made_ids or (repeat.names[-1][0] if _needs_id(repeat) else "")
        find_id = find_value(self.kind, id_place.steps) if id_place else None
        sets = [guard for guard in guards if guard.sets is not None]

        def finish(reading: Reading, element: Any, new: Json, fill: ReadNode) -> None:
            raw = find_id(element) if find_id else None
            if raw is not None and raw != "":
                new["id"] = text_of(raw)
                reading.register(key, new["id"], new, ground, id_place)
            fill(reading, element, new)
            if not new:
                return
            if prefix and "id" not in new:
                new["id"] = reading.make_id(key, prefix)
                reading.register(key, new["id"], new, ground, None)
            for guard in sets:
                known = at(new, guard.names)
                if known is not None and known != guard.sets:
                    text = f"this contradicts {guard.text}"
                    reading.wrong("unreadable-value", text, ground, Place(".", (), ground.trail[-1].shape))
                put(new, guard.names, guard.sets)

        return finish

    def _leftovers(self, fields: Fields) -> Iterator[ReadNode]:
        """Lists that are read only under conditions: what meets none of them is not passed over in silence."""
        groups: dict[tuple[str, ...], list[tuple[Place, tuple[Where, ...]]]] = {}
        for place, where in _listed_places(fields):
            groups.setdefault(tuple(step.name for step in place.steps), []).append((place, where))
        for users in groups.values():
            if all(where for _, where in users):
                yield self._leftover(users, fields.ground)

    def _leftover(self, users: list[tuple[Place, tuple[Where, ...]]], ground: Ground) -> ReadNode:
        place = users[0][0]
        elements, matches = find_list(place.steps), [matcher(where, self.kind) for _, where in users]
        path = "/".join(step.shown for step in (*ground.trail, *place.steps))
        policy = self.unseen

        def read(reading: Reading, element: Any, item: Json) -> None:
            for nth, child in enumerate(elements(element)):
                if any(match(child) for match in matches):
                    continue
                if policy == "refuse":
                    reading.wrong("unseen-content", "no list of the mapping takes this", ground, place, nth)
                elif policy == "keep":
                    keep(reading, path, child)
                else:
                    reading.drop(path)

        return read


def _listed_places(fields: Fields) -> Iterator[tuple[Place, tuple[Where, ...]]]:
    for repeat in fields.repeats:
        for branch in repeat.branches:
            if isinstance(branch, Listed):
                yield branch.place, branch.where
    for value in fields.values:
        for spot in value.spots:
            for _, place in spot.ports:
                if place.each >= 0 and not place.absolute and place.each < len(place.steps):
                    steps = place.steps[: place.each + 1]
                    yield Place(place.text, steps, steps[-1].shape, False, place.each), spot.where


def _owners(fields: Fields) -> dict[Association, tuple[str, ...]]:
    """By association: the lists whose items it may belong to."""
    owners: dict[Association, tuple[str, ...]] = {}
    for repeat in fields.repeats:
        for branch in repeat.branches:
            for inner in (branch.fields,) if isinstance(branch, Listed) else branch.slots:
                for link in inner.links:
                    if isinstance(link, Via):
                        owners[association(link)] = (*owners.get(association(link), ()), repeat.key)
                for name, keys in _owners(inner).items():
                    owners[name] = (*owners.get(name, ()), *keys)
    return owners


def _needs_id(repeat: Repeat) -> bool:
    shape = repeat.shape.by_name.get("id")
    return shape is not None and shape.minimum > 0


def _append(item: Json, names: tuple[str, ...], found: list[Json]) -> None:
    if not found:
        return
    known = at(item, names)
    if known is None:
        put(item, names, found)
    else:
        known.extend(found)
