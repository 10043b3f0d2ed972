"""A mapping as written, against both schemas: one plan, or findings with file, line and the nearest name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hub.findings import Findings
from hub.mapping.codes import Codes
from hub.mapping.frame import Frame, Workshop
from hub.mapping.language import GroupNode, LinkNode, MappingFile, Node, RepeatNode, RepeatSpec, ValueNode, Written
from hub.mapping.paths import AgencyPaths, BadPath, CanonicalPath, Kind, Place, Step, canonical_path
from hub.mapping.plan import Fields, Follow, Ground, Link, Listed, Plan, Ref, Repeat, Slotted, Target, Via
from hub.mapping.resolve_values import ValueResolver
from hub.schema.shape import Shape


def resolve(
    written: MappingFile, kind: Kind, namespaces: Mapping[str, str], document: Shape, canonical: Shape, codes: Codes
) -> Plan:
    """The plan of a mapping. Raises ``Findings`` with everything that is wrong."""
    shop = Workshop(written, AgencyPaths(kind, namespaces, document), canonical)
    resolver = _Resolver(shop, ValueResolver(shop, codes))
    root = resolver.root()
    if root is None:
        raise Findings(shop.findings)
    marks = tuple(index for index in root.repeats if index <= root.each)
    ground = Ground(root.steps[: root.each + 1] if root.each >= 0 else root.steps, marks)
    before = root.steps[len(ground.trail) :]
    frame = Frame(ground, root.shape, canonical, before)
    fields = resolver.fields(written.fields, frame)
    constants = [resolver.values.constant(spec, frame) for spec in written.constants]
    fields = replace(fields, constants=tuple(constant for constant in constants if constant))
    for path in written.identity:
        if not path.text.startswith("$partner."):
            shop.canonical_path(path, frame)
    if shop.findings:
        raise Findings(shop.findings)
    return Plan(written, kind, document, canonical, root, ground, fields, namespaces)


class _Resolver:
    """Walks the written nodes; wrong ones are left out and leave a finding."""

    def __init__(self, shop: Workshop, values: ValueResolver) -> None:
        self.shop = shop
        self.values = values

    def root(self) -> Place | None:
        """The record's place; its last repeating step is the record."""
        written = self.shop.written.root
        if written is None or written.text == ".":
            return Place(".", (), self.shop.paths.document)
        frame = Frame(Ground(), self.shop.paths.document, self.shop.canonical)
        place = self.shop.place(written, frame)
        if place is None:
            return None
        last = place.repeats[-1] if place.repeats else -1
        return replace(place, each=place.each if place.each >= 0 else last)

    def fields(self, nodes: tuple[Node, ...], frame: Frame) -> Fields:
        """Everything that stands in one item."""
        fields = Fields(frame.ground)
        for node in nodes:
            fields = self._add(fields, node, frame)
        return fields

    def _add(self, fields: Fields, node: Node, frame: Frame) -> Fields:
        if isinstance(node, ValueNode):
            value = self.values.value(node, frame)
            return replace(fields, values=(*fields.values, value)) if value else fields
        if isinstance(node, RepeatNode):
            repeat = self._repeat(node, frame)
            return replace(fields, repeats=(*fields.repeats, repeat)) if repeat else fields
        if isinstance(node, LinkNode):
            link = self._link(node, frame)
            return replace(fields, links=(*fields.links, link)) if link else fields
        inner = self._group(node, frame)
        if inner is None:
            return fields
        more = self.fields(node.fields, inner)
        return replace(
            fields,
            values=fields.values + more.values,
            repeats=fields.repeats + more.repeats,
            links=fields.links + more.links,
        )

    def _group(self, node: GroupNode, frame: Frame) -> Frame | None:
        path = self.shop.canonical_path(node.key, frame)
        place = self.shop.place(node.at, frame) if node.at else None
        if path is None or (node.at and place is None):
            return None
        inner = replace(frame, canonical=path.shape, names=path.names, full=f"{path.text}.")
        if place is None:
            return inner
        if self.shop.single(place, node.at.line if node.at else 0, picked=False) is None:
            return None
        return replace(inner, shape=place.shape, before=place.steps, absolute=place.absolute)

    # --- lists ---

    def _repeat(self, node: RepeatNode, frame: Frame) -> Repeat | None:
        path = self.shop.canonical_path(node.key, frame)
        if path is None:
            return None
        branches = [self._branch(spec, path, frame) for spec in node.specs]
        if None in branches:
            return None
        known = tuple(branch for branch in branches if branch)
        has_id = any(spec.id for spec in node.specs)
        made = path.names[-1][0] if "id" in path.shape.by_name and not has_id else ""
        top = "[]" not in frame.full
        return Repeat(path.text, path.names, path.shape, node.key.line, top, made, known, node.rest_dropped)

    def _branch(self, spec: RepeatSpec, path: CanonicalPath, frame: Frame) -> Listed | Slotted | None:
        if spec.at is None or "#" in spec.at.text:
            return self._slotted(spec, path, frame)
        place = self.shop.place(spec.at, frame)
        place = self.shop.every(place, spec.at.line) if place else None
        if place is None:
            return None
        if place.absolute:
            self.shop.wrong("bad-path", spec.at.line, "a list stands inside the record, not at an absolute path")
            return None
        if place.each < len(frame.before):
            return self._slotted(spec, path, frame)
        steps, rest = place.steps[: place.each + 1], place.steps[place.each + 1 :]
        inner = self._item_frame(path, replace(frame, ground=frame.ground.below(steps), parent=frame))
        inner = replace(inner, shape=place.shape, before=rest, slot=None)
        fields = self._items(spec, inner)
        listed = replace(place, steps=steps, shape=steps[-1].shape)
        where = self.values.where(spec.where, inner)
        guards = self.values.guards(spec.guards, inner)
        id_place = self._id(spec.id, inner)
        return Listed(spec.line, listed, fields, id_place, where, guards, spec.too_many, steps[-1].shape.maximum)

    def _slotted(self, spec: RepeatSpec, path: CanonicalPath, frame: Frame) -> Slotted | None:
        beside = frame.beside and frame.slot is not None  # then `#` is the number of the list around this one
        numbers: tuple[int | None, ...] = (() if beside else self._slot_numbers(spec, frame)) or (frame.slot,)
        slots, ids, where = [], [], []
        inner = self._item_frame(path, replace(frame, parent=frame))
        for number in numbers:
            at = replace(inner, slot=number, beside=spec.at is None)
            place = self.shop.place(spec.at, at) if spec.at else None
            if spec.at and place is None:
                return None
            if place is not None:
                at = replace(at, shape=place.shape, before=place.steps)
            slots.append(self._items(spec, at))
            ids.append(self._id(spec.id, at))
            where.append(self.values.where(spec.where, at))
            if any(isinstance(link, Via) for link in slots[-1].links):
                self.shop.wrong(
                    "bad-link", spec.line, "a link by association needs a list that repeats in the document"
                )
            if self.shop.findings:
                break  # the other slots would only say the same again
        guards = self.values.guards(spec.guards, inner)
        return Slotted(spec.line, tuple(slots), tuple(ids), tuple(where), guards, spec.too_many)

    def _slot_numbers(self, spec: RepeatSpec, frame: Frame) -> tuple[int, ...]:
        """The slots that exist: of ``at``, or all that any field has."""
        written = [spec.at] if spec.at else _paths_of(spec.fields)
        numbers: set[int] = set()
        for path in written:
            if "#" in path.text:
                try:
                    numbers.update(self.shop.paths.slots(path.text, frame.shape))
                except BadPath as bad:
                    self.shop.wrong(bad.code, path.line, bad.text, bad.hint)
        return tuple(sorted(numbers))

    def _items(self, spec: RepeatSpec, frame: Frame) -> Fields:
        fields = self.fields(spec.fields, frame)
        constants = [self.values.constant(constant, frame) for constant in spec.constants]
        return replace(fields, constants=tuple(constant for constant in constants if constant))

    def _item_frame(self, path: CanonicalPath, frame: Frame) -> Frame:
        return replace(frame, canonical=path.shape, names=(), full=f"{path.text}.", absolute=False)

    def _id(self, written: Written | None, frame: Frame) -> Place | None:
        if written is None:
            return None
        if "id" not in frame.canonical.by_name:
            self.shop.wrong("unknown-path", written.line, f"items of {frame.full.rstrip('.')!r} have no property 'id'")
            return None
        place = self.shop.place(written, frame)
        return self.shop.single(place, written.line, picked=False) if place else None

    # --- links ---

    def _link(self, node: LinkNode, frame: Frame) -> Link | None:
        path = self.shop.canonical_path(node.key, frame)
        target = self._target(node)
        if path is None or target is None:
            return None
        many = node.key.text.endswith("[]")
        if node.form == "ref":
            return self._ref(node, frame, path, target, many)
        if node.form == "via":
            return self._via(node, frame, path, target, many)
        return self._follow(node, frame, path, target, many)

    def _target(self, node: LinkNode) -> Target | None:
        if not node.to.text:
            return None
        try:
            path = canonical_path(node.to.text, self.shop.canonical, "")
        except BadPath as bad:
            self.shop.wrong(bad.code, node.to.line, bad.text, bad.hint)
            return None
        if not node.to.text.endswith("[]") or "id" not in path.shape.by_name:
            self.shop.wrong("bad-link", node.to.line, f"{node.to.text!r} is no list whose items have an 'id'")
            return None
        return Target(path.text, path.names, path.shape)

    def _ref(self, node: LinkNode, frame: Frame, path: CanonicalPath, to: Target, many: bool) -> Ref | None:
        place = self.shop.place(node.path, frame)
        if place is None:
            return None
        line = node.path.line
        every = self.shop.every(place, line) if many else self.shop.single(place, line, picked=bool(node.pick))
        if every is None:
            return None
        needed = all(step.shape.minimum > 0 and step.shape.choice is None for step in place.steps[len(frame.before) :])
        refuse = node.dangling == "refuse" or (needed and not node.dangling)
        return Ref(path.text, path.names, many, node.key.line, every, to, node.pick, refuse, node.missing)

    def _via(self, node: LinkNode, frame: Frame, path: CanonicalPath, to: Target, many: bool) -> Via | None:
        if frame.parent is None or node.here is None or node.there is None:
            if frame.parent is None:
                self.shop.wrong(
                    "bad-link", node.key.line, "a link by association stands inside a list whose items have an id"
                )
            return None
        place = self.shop.place(node.path, frame.parent)
        place = self.shop.every(place, node.path.line) if place else None
        if place is None:
            return None
        if place.each != len(place.steps) - 1:
            self.shop.wrong("cardinality", node.path.line, f"{node.path.text!r} must end with the step that repeats")
            return None
        inner = Frame(Ground(), place.shape, frame.canonical)
        here, there = self.shop.place(node.here, inner), self.shop.place(node.there, inner)
        if here is None or there is None:
            return None
        refuse, ground = node.dangling == "refuse", frame.parent.ground
        return Via(path.text, path.names, many, node.key.line, ground, place, here, there, to, refuse)

    def _follow(self, node: LinkNode, frame: Frame, path: CanonicalPath, to: Target, many: bool) -> Follow | None:
        place = self.shop.place(node.path, frame)
        line = node.path.line
        if place is not None:
            place = self.shop.every(place, line) if many else self.shop.single(place, line, picked=bool(node.pick))
        if place is None:
            return None
        listed = many and place.each >= len(frame.before)
        inner = replace(frame, canonical=to.shape, names=(), full=f"{to.key}.", shape=place.shape, parent=frame)
        if listed:
            steps: tuple[Step, ...] = place.steps[: place.each + 1]
            inner = replace(inner, ground=frame.ground.below(steps), before=place.steps[place.each + 1 :], slot=None)
            place = replace(place, steps=steps, shape=steps[-1].shape)
        else:
            inner = replace(inner, before=place.steps)
        fields = self.fields(node.fields, inner)
        same = tuple(found.names for written in node.same if (found := self.shop.canonical_path(written, inner)))
        id_place = self._id(node.id, inner)
        return Follow(
            path.text, path.names, many, node.key.line, place, listed, fields, to, id_place, same, node.missing
        )


def _paths_of(nodes: tuple[Node, ...]) -> list[Written]:
    """Every agency path written below, for counting slots."""
    found: list[Written] = []
    for node in nodes:
        if isinstance(node, ValueNode):
            found += [path for spec in node.specs for path in spec.ports.values()]
        elif isinstance(node, RepeatNode):
            found += [path for spec in node.specs for path in ([spec.at] if spec.at else _paths_of(spec.fields))]
        else:
            at = node.path if isinstance(node, LinkNode) else node.at
            found += [at] if at and at.text != "." else []
            found += _paths_of(node.fields) if not at or at.text == "." else []
    return found
