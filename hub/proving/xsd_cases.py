"""Random XML documents that satisfy an XSD, made from its own content models: choices, substitutes, ids that exist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st
from lxml import etree

from hub.proving.values import Values, anchored
from hub.schema.shape import ValueType
from hub.schema.xsd_index import XS, XsdIndex
from hub.schema.xsd_types import of_simple_type, value_type

Draw = Callable[[st.SearchStrategy[Any]], Any]

_FULLNESS = (2, 5, 8)
_DEEPEST = 12
_SKIPPED = (XS + "annotation", XS + "any", XS + "anyAttribute")


class XsdCases:
    """Documents of one XSD. ``root``: the Clark name of the root element that is wanted."""

    def __init__(self, files: Sequence[tuple[Any, str | None]], root: str) -> None:
        self.index = XsdIndex(files)
        self.values = Values(as_text=True)
        self._root = root

    def document(self, draw: Draw) -> bytes:
        """One document; nearly always valid (keys and what assertions want is for the validator to find)."""
        node = self.index.named("element", self._root)
        making = _Making(self, draw, draw(st.sampled_from(_FULLNESS)))
        root = etree.Element(self._root)
        making.element(root, node, 0)
        making.tie()
        return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


class _Making:
    """One document in the making; ``ids`` so far, and the references still to be tied."""

    def __init__(self, cases: XsdCases, draw: Draw, fullness: int) -> None:
        self.index = cases.index
        self.values = cases.values
        self.draw = draw
        self.fullness = fullness
        self.ids: list[str] = []
        self.loose: list[tuple[Any, str | None]] = []

    def tie(self) -> None:
        """Let every IDREF name an ID that is there (one that is not may stay: libxml2 takes it)."""
        for element, attribute in self.loose:
            id = self.draw(st.sampled_from(self.ids)) if self.ids else "nothing"
            if attribute is None:
                element.text = id
            else:
                element.set(attribute, id)

    def element(self, element: Any, node: Any, depth: int) -> None:
        """Content and attributes of an element that ``node`` declares."""
        if (fixed := node.get("fixed")) is not None:
            element.text = fixed
            return
        inner = next((child for child in node if child.tag in (XS + "complexType", XS + "simpleType")), None)
        if node.get("type"):
            self.named(element, self.index.resolve(node, node.get("type")), depth)
        elif inner is not None:
            self.typed(element, inner, depth)
        elif node.get("substitutionGroup"):
            head = self.index.named("element", self.index.resolve(node, node.get("substitutionGroup").split()[0]))
            if head is not None:
                self.element(element, head, depth)

    def named(self, element: Any, clark: str, depth: int) -> None:
        """Content of a named type."""
        node = None if clark.startswith(XS) else self.index.named("type", clark)
        if node is not None:
            self.typed(element, node, depth)
        elif clark != XS + "anyType":
            self.text(element, None, value_type(self.index, clark), clark)

    def typed(self, element: Any, node: Any, depth: int) -> None:
        """Content of a type definition."""
        if node.tag == XS + "simpleType":
            self.text(element, None, of_simple_type(self.index, node), self.primitive(node))
            return
        for child in node:
            if child.tag in (XS + "simpleContent", XS + "complexContent"):
                derived = next(part for part in child if part.tag != XS + "annotation")
                self.derived(element, derived, depth, simple=child.tag == XS + "simpleContent")
                return
        self.attributes(element, node)
        self.groups(element, node, depth)

    def derived(self, element: Any, node: Any, depth: int, *, simple: bool) -> None:
        """An extension (base first) or a restriction (its own content; attributes of both)."""
        base = self.index.resolve(node, node.get("base"))
        inner = node.find(XS + "simpleType")
        if node.tag == XS + "extension" or simple:
            self.named(element, base, depth)
        else:
            self.inherited(element, base)
        if inner is not None:
            self.text(element, None, of_simple_type(self.index, inner), self.primitive(inner))
        self.attributes(element, node)
        self.groups(element, node, depth)

    def inherited(self, element: Any, clark: str) -> None:
        """The attributes of a restriction's base."""
        node = self.index.named("type", clark)
        for part in node.iter(XS + "extension", XS + "restriction") if node is not None else ():
            if part.get("base"):
                self.inherited(element, self.index.resolve(part, part.get("base")))
        if node is not None and node.tag == XS + "complexType":
            self.attributes(element, node)

    def groups(self, element: Any, node: Any, depth: int) -> None:
        for child in node:
            if child.tag in (XS + "sequence", XS + "choice", XS + "all", XS + "group"):
                self.particle(element, child, depth)

    def particle(self, element: Any, node: Any, depth: int) -> None:
        """One particle as often as it wants to stand there."""
        if node.tag in _SKIPPED:
            return
        for _ in range(self.times(node, depth)):
            if node.tag == XS + "element":
                self.child(element, node, depth + 1)
            elif node.tag == XS + "choice":
                members = [child for child in node if child.tag not in _SKIPPED]
                if members:
                    self.particle(element, self.draw(st.sampled_from(members)), depth)
            elif node.tag == XS + "group":
                group = self.index.referenced("group", node, "ref")
                for child in group if group is not None else ():
                    self.particle(element, child, depth)
            else:
                for child in node:
                    self.particle(element, child, depth)

    def times(self, node: Any, depth: int) -> int:
        least, most = int(node.get("minOccurs", "1")), node.get("maxOccurs", "1")
        if depth >= _DEEPEST or most == "0":
            return least if most != "0" else 0
        if least == 0 and self.draw(st.integers(0, 9)) < 10 - self.fullness:
            return 0
        low = max(least, 1)
        high = low + 2 if most == "unbounded" else min(int(most), low + 2)
        return int(self.draw(st.integers(low, high))) if high > low else low

    def child(self, element: Any, node: Any, depth: int) -> None:
        if node.get("ref") is None:
            below = etree.SubElement(element, self.index.local_name(node, "element"))
            self.element(below, node, depth)
            return
        members = self.index.substitutes(self.index.resolve(node, node.get("ref")))
        if members:
            name, member = self.draw(st.sampled_from(members)) if len(members) > 1 else members[0]
            self.element(etree.SubElement(element, name), member, depth)

    def attributes(self, element: Any, node: Any) -> None:
        for child in node:
            if child.tag == XS + "attributeGroup":
                group = self.index.referenced("attributeGroup", child, "ref")
                if group is not None:
                    self.attributes(element, group)
            elif child.tag == XS + "attribute":
                self.attribute(element, child)

    def attribute(self, element: Any, use: Any) -> None:
        node = self.index.referenced("attribute", use, "ref") if use.get("ref") else use
        name = self.index.resolve(use, use.get("ref")) if use.get("ref") else self.index.local_name(use, "attribute")
        if use.get("use") == "prohibited":
            element.attrib.pop(name, None)
            return
        optional = use.get("use") != "required"
        if node is None or name in element.attrib or (optional and self.draw(st.integers(0, 9)) < 10 - self.fullness):
            return
        if (fixed := use.get("fixed") or node.get("fixed")) is not None:
            element.set(name, fixed)
            return
        inner = node.find(XS + "simpleType")
        if node.get("type"):
            clark = self.index.resolve(node, node.get("type"))
            self.text(element, name, value_type(self.index, clark), self.primitive_of(clark))
        elif inner is not None:
            self.text(element, name, of_simple_type(self.index, inner), self.primitive(inner))
        else:
            self.text(element, name, ValueType(), "")

    def text(self, element: Any, attribute: str | None, value: ValueType, clark: str) -> None:
        """A value of a simple type: as text of the element, or as attribute."""
        local = clark.removeprefix(XS)
        if local in ("IDREF", "IDREFS"):
            self.loose.append((element, attribute))
            return
        if local == "ID":
            text = f"{self.draw(st.sampled_from(('p', 'x.', '_')))}{len(self.ids) + 1}"
            self.ids.append(text)
        elif local in ("NCName", "Name", "NMTOKEN", "QName", "language", "anyURI"):
            text = self.draw(st.sampled_from(("ar", "x", "en")))
        else:
            text = self.draw(self.values.of(anchored(value)))
        if attribute is None:
            element.text = text
        else:
            element.set(attribute, text)

    def primitive(self, node: Any) -> str:
        """The built-in type behind a simple type definition."""
        restriction = node.find(XS + "restriction")
        if restriction is None or not restriction.get("base"):
            return ""
        return self.primitive_of(self.index.resolve(restriction, restriction.get("base")))

    def primitive_of(self, clark: str) -> str:
        """The same by name."""
        if clark.startswith(XS):
            return clark
        node = self.index.named("type", clark)
        return self.primitive(node) if node is not None and node.tag == XS + "simpleType" else ""
