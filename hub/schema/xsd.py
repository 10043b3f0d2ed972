"""The shape of an XSD: elements and attributes with order, cardinality and types, made as they are looked at.

Our own reader, because importing and starting the xmlschema library takes 0.7 s of the 2 s in which a hub must be
ready; ``tests/unit/schema/test_xsd_differential.py`` holds it against that library. It expects schemas that a validator
has compiled, and reads XSD 1.0 without redefine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

from hub.schema.shape import Shape, ValueType
from hub.schema.xsd_index import XS, XsdIndex
from hub.schema.xsd_types import of_simple_type, restricted, value_type

_TRUE = ("true", "1")


def document_shape(files: Sequence[tuple[Any, str | None]]) -> Shape:
    """The shape of a document: its children are the elements that may be the root (choice ``root``).

    ``files`` are (``xs:schema`` element, target namespace), the main file first.
    """
    reader = _Reader(XsdIndex(files))
    return Shape(name="", expand=reader.roots)


@dataclass(frozen=True)
class _Content:
    """What a type allows inside an element that has it."""

    value: ValueType | None = None
    attributes: tuple[Shape, ...] = ()
    particles: tuple[Any, ...] = ()
    open: bool = False
    unnamed: bool = False


@dataclass(frozen=True)
class _Place:
    """Where a particle stands: how often, and in which choice."""

    minimum: int = 1
    maximum: int | None = 1
    choice: str | None = None

    def times(self, node: Any) -> _Place:
        """The place of a particle inside one that may itself be absent or repeat."""
        least, most = _occurs(node)
        maximum = None if self.maximum is None or most is None else self.maximum * most
        return _Place(self.minimum * least, 0 if 0 in (self.maximum, most) else maximum, self.choice)


class _Reader:
    """Makes shapes from definitions; content is remembered per type definition."""

    def __init__(self, index: XsdIndex) -> None:
        self._index = index
        self._contents: dict[Any, _Content] = {}

    def roots(self) -> tuple[Shape, ...]:
        place = _Place(0, 1, "root")
        return tuple(self._element(name, node, node, place) for name, node in self._index.roots())

    def _element(self, name: str, node: Any, use: Any, place: _Place) -> Shape:
        """``node`` declares the element, ``use`` is where it is referred to (for the note)."""
        content = self._content_of_element(node)
        value = content.value
        if (fixed := use.get("fixed") or node.get("fixed")) is not None:
            value = replace(value or ValueType(), codes=(fixed,))
        return Shape(
            name=name,
            minimum=place.minimum,
            maximum=place.maximum,
            least=max(1, _occurs(use)[0]),
            value=value,
            choice=place.choice,
            open=content.open or self._may_be_extended(node),
            unnamed=content.unnamed,
            nillable=node.get("nillable") in _TRUE,
            default=node.get("default"),
            demands=tuple(_demands(node)),
            note=_note(use) or _note(node),
            expand=partial(self._children, content),
        )

    def _may_be_extended(self, node: Any) -> bool:
        """Whether ``xsi:type`` may put something into an element of which its declaration says nothing."""
        if node.get("block", "") == "#all" or "extension" in node.get("block", "").split():
            return False
        if node.get("type"):
            return self._index.extended(self._index.resolve(node, node.get("type")))
        head = self._index.head(node)
        return head is not None and self._may_be_extended(head)

    def _children(self, content: _Content) -> tuple[Shape, ...]:
        found: dict[str, Shape] = {}
        for number, particle in enumerate(content.particles):
            self._particle(particle, _Place(), str(number), found)
        return (*content.attributes, *found.values())

    def _particle(self, node: Any, place: _Place, key: str, found: dict[str, Shape]) -> None:
        place = place.times(node)
        if place.maximum == 0:
            return
        if node.tag == XS + "element":
            self._element_particle(node, place, key, found)
        elif node.tag == XS + "group":
            group = self._index.referenced("group", node, "ref")
            for number, child in enumerate(group if group is not None else ()):
                self._particle(child, place, f"{key}.{number}", found)
        elif node.tag in (XS + "sequence", XS + "all"):
            # Two elements of one branch of a choice do not exclude each other.
            members = [child for child in node if child.tag not in (XS + "annotation", XS + "any")]
            inner = place if len(members) == 1 else replace(place, choice=None)
            for number, child in enumerate(node):
                self._particle(child, inner, f"{key}.{number}", found)
        elif node.tag == XS + "choice":
            self._choice(node, place, key, found)

    def _choice(self, node: Any, place: _Place, key: str, found: dict[str, Shape]) -> None:
        branches: list[dict[str, Shape]] = []
        members = [child for child in node if child.tag != XS + "annotation"]
        alone = place.maximum == 1 and len(members) > 1
        label = (place.choice or f"choice-{key}") if alone else (place.choice if len(members) == 1 else None)
        for number, child in enumerate(members):
            branch: dict[str, Shape] = {}
            least = place.minimum if len(members) == 1 else 0
            self._particle(child, _Place(least, place.maximum, label), f"{key}.{number}", branch)
            branches.append(branch)
        merged: dict[str, Shape] = {}
        for branch in branches:
            for name, shape in branch.items():
                other = merged.get(name)
                merged[name] = shape if other is None else replace(shape, maximum=_larger(shape, other), choice=None)
        one_of = f"one-{key}" if place.minimum > 0 and len(members) > 1 and all(map(_must_stand, members)) else None
        for shape in merged.values():
            _add(found, replace(shape, one_of=one_of) if one_of else shape)

    def _element_particle(self, node: Any, place: _Place, key: str, found: dict[str, Shape]) -> None:
        if node.get("ref") is None:
            _add(found, self._element(self._index.local_name(node, "element"), node, node, place))
            return
        members = self._index.substitutes(self._index.resolve(node, node.get("ref")))
        if len(members) > 1:
            label = place.choice or (f"choice-{key}" if place.maximum == 1 else None)
            one_of = f"one-{key}" if place.minimum > 0 else None
            place = _Place(0, place.maximum, label)
        else:
            one_of = None
        for name, member in members:
            _add(found, replace(self._element(name, member, node, place), one_of=one_of))

    def _content_of_element(self, node: Any) -> _Content:
        if node.get("type"):
            return self._content_of_name(self._index.resolve(node, node.get("type")))
        for child in node:
            if child.tag in (XS + "complexType", XS + "simpleType"):
                return self._content(child)
        if node.get("substitutionGroup"):
            head = self._index.head(node)
            return self._content_of_element(head) if head is not None else _Content()
        return _Content(ValueType(), open=True)

    def _content_of_name(self, clark: str) -> _Content:
        if clark == XS + "anyType":
            return _Content(ValueType(), open=True)
        node = None if clark.startswith(XS) else self._index.named("type", clark)
        return _Content(value_type(self._index, clark)) if node is None else self._content(node)

    def _content(self, node: Any) -> _Content:
        if node not in self._contents:
            simple = node.tag == XS + "simpleType"
            self._contents[node] = _Content(of_simple_type(self._index, node)) if simple else self._complex(node)
        return self._contents[node]

    def _complex(self, node: Any) -> _Content:
        mixed = ValueType() if node.get("mixed") in _TRUE else None
        for child in node:
            if child.tag == XS + "simpleContent":
                return self._derived(next(part for part in child if part.tag != XS + "annotation"), None)
            if child.tag == XS + "complexContent":
                inner = ValueType() if child.get("mixed") in _TRUE else mixed
                return self._derived(next(part for part in child if part.tag != XS + "annotation"), inner)
        return self._own(node, mixed)

    def _derived(self, node: Any, mixed: ValueType | None) -> _Content:
        """An extension or restriction of another type."""
        base = self._content_of_name(self._index.resolve(node, node.get("base")))
        own = self._own(node, mixed)
        value = base.value if base.particles == () or own.value is None else own.value
        if node.tag == XS + "extension":
            attributes = _override(base.attributes, own.attributes)
            unnamed = base.unnamed or own.unnamed
            return _Content(value, attributes, (*base.particles, *own.particles), base.open or own.open, unnamed)
        gone = {
            self._attribute_name(child)
            for child in node
            if child.tag == XS + "attribute" and child.get("use") == "prohibited"
        }
        attributes = _override(tuple(shape for shape in base.attributes if shape.name not in gone), own.attributes)
        inner = node.find(XS + "simpleType")
        if inner is not None:
            value = of_simple_type(self._index, inner)
        if value is not None:
            value = restricted(node, value)
        return _Content(value, attributes, own.particles, own.open, own.unnamed)

    def _own(self, node: Any, mixed: ValueType | None) -> _Content:
        """What stands directly in a type (or derivation): its model group and attributes."""
        groups = tuple(
            child for child in node if child.tag in (XS + "sequence", XS + "choice", XS + "all", XS + "group")
        )
        is_open = any(map(self._has_wildcard, groups)) or self._has_any_attribute(node)
        return _Content(mixed, self._attributes(node), groups, is_open, any(map(self._wants_wildcard, groups)))

    def _attributes(self, node: Any) -> tuple[Shape, ...]:
        found: dict[str, Shape] = {}
        for child in node:
            if child.tag == XS + "attribute" and child.get("use") != "prohibited":
                name = self._attribute_name(child)
                found[name] = self._attribute(name, child)
            elif child.tag == XS + "attributeGroup":
                group = self._index.referenced("attributeGroup", child, "ref")
                found.update((shape.name, shape) for shape in (self._attributes(group) if group is not None else ()))
        return tuple(found.values())

    def _attribute_name(self, node: Any) -> str:
        if node.get("ref"):
            return "@" + self._index.resolve(node, node.get("ref"))
        return "@" + self._index.local_name(node, "attribute")

    def _attribute(self, name: str, use: Any) -> Shape:
        node = self._index.referenced("attribute", use, "ref") if use.get("ref") else use
        node = use if node is None else node
        inner = node.find(XS + "simpleType")
        if node.get("type"):
            value = value_type(self._index, self._index.resolve(node, node.get("type")))
        else:
            value = of_simple_type(self._index, inner) if inner is not None else ValueType()
        if (fixed := use.get("fixed") or node.get("fixed")) is not None:
            value = replace(value, codes=(fixed,))
        note = _note(use) or _note(node)
        default = use.get("default", node.get("default"))
        least = 1 if use.get("use") == "required" else 0
        return Shape(name=name, minimum=least, value=value, default=default, note=note)

    def _has_any_attribute(self, node: Any) -> bool:
        if node.find(XS + "anyAttribute") is not None:
            return True
        groups = (
            self._index.referenced("attributeGroup", each, "ref") for each in node.iterfind(XS + "attributeGroup")
        )
        return any(group is not None and self._has_any_attribute(group) for group in groups)

    def _has_wildcard(self, node: Any) -> bool:
        if node.tag == XS + "any":
            return _occurs(node)[1] != 0
        if node.tag == XS + "group" and node.get("ref"):
            group = self._index.referenced("group", node, "ref")
            return group is not None and any(map(self._has_wildcard, group))
        return node.tag != XS + "element" and any(map(self._has_wildcard, node))

    def _wants_wildcard(self, node: Any) -> bool:
        """Whether something that no name stands for cannot be left out."""
        if _occurs(node)[0] == 0 or node.tag in (XS + "element", XS + "annotation"):
            return False
        if node.tag == XS + "any":
            return True
        inner = self._index.referenced("group", node, "ref") if node.tag == XS + "group" and node.get("ref") else node
        members = [child for child in inner if child.tag != XS + "annotation"] if inner is not None else []
        wants = all if node.tag == XS + "choice" else any
        return bool(members) and wants(map(self._wants_wildcard, members))


def _add(found: dict[str, Shape], shape: Shape) -> None:
    """The same name in two places of a sequence is one step that may stand as often as both together."""
    other = found.get(shape.name)
    if other is not None:
        both = None if other.maximum is None or shape.maximum is None else other.maximum + shape.maximum
        shape = replace(shape, minimum=other.minimum + shape.minimum, maximum=both, choice=None, one_of=None)
    found[shape.name] = shape


def _must_stand(member: Any) -> bool:
    """Whether a branch of a choice is one element that cannot be left out."""
    return bool(member.tag == XS + "element") and _occurs(member)[0] > 0


def _larger(one: Shape, other: Shape) -> int | None:
    return None if one.maximum is None or other.maximum is None else max(one.maximum, other.maximum)


def _override(base: tuple[Shape, ...], own: tuple[Shape, ...]) -> tuple[Shape, ...]:
    return tuple({shape.name: shape for shape in (*base, *own)}.values())


def _occurs(node: Any) -> tuple[int, int | None]:
    most = node.get("maxOccurs", "1")
    return int(node.get("minOccurs", "1")), None if most == "unbounded" else int(most)


def _demands(node: Any) -> Iterator[str]:
    """What an element has to be beyond its content: its identity constraints."""
    for word in ("unique", "key", "keyref"):
        yield from (f"xs:{word} {each.get('name')}" for each in node.iterfind(XS + word))


def _note(node: Any) -> str:
    found = cast(Any, node).find(f"{XS}annotation/{XS}documentation")
    return " ".join("".join(found.itertext()).split())[:200] if found is not None else ""
