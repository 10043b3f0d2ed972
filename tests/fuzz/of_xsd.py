"""Mutations of XSDs: occurrence, facets, types, content models, attributes.

Keys, uniqueness and assertions are not tried: the check claims nothing of them (``mappings/README.md``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from tests.fuzz.chance import Chance, Mutate

XS = "{http://www.w3.org/2001/XMLSchema}"
_FACETS = ("minLength", "maxLength", "length", "pattern", "minInclusive", "maxInclusive", "minExclusive",
           "maxExclusive", "totalDigits", "fractionDigits", "enumeration", "whiteSpace")  # fmt: skip
_PATTERNS = (
    "[0-9]+",
    ".{0,5}",
    "[A-Z]+",
    "(a|b)?",
    "\\S+",
    "N-[0-9]{3,4}",
    "[^,;]*",
    "\\d{4}-\\d{2}-\\d{2}",
    "\\i\\c*",
)
_BUILT_IN = (
    "string", "token", "normalizedString", "NCName", "ID", "IDREF", "int", "integer", "decimal", "boolean", "date",
    "dateTime", "time", "gYear", "positiveInteger", "double", "anyURI", "language", "NMTOKEN",
)  # fmt: skip


def text_of(schema: Any) -> str:
    """The spelling that mutants are compared in."""
    return str(etree.tostring(schema, encoding="unicode"))


def _mutation(name: str, wanted: str, change: Callable[[Any, Chance], object]) -> Mutate:
    tags = [XS + tag for tag in wanted.split()]

    def mutate(text: str, chance: Chance) -> str | None:
        schema = etree.fromstring(text.encode())
        found = list(schema.iter(*tags))
        if not found:
            return None
        change(chance.one(found), chance)
        return text_of(schema)

    mutate.__name__ = name
    return mutate


def _least(node: Any, chance: Chance) -> None:
    if node.getparent().tag != XS + "schema":
        node.set("minOccurs", chance.one("0112"))


def _most(node: Any, chance: Chance) -> None:
    if node.getparent().tag != XS + "schema":
        node.set("maxOccurs", chance.one(("0", "1", "2", "3", "unbounded", "unbounded")))


def _value(kind: str, old: str, chance: Chance) -> str:
    if kind == "pattern":
        return chance.one(_PATTERNS)
    if kind == "enumeration":
        return chance.word()
    if kind == "whiteSpace":
        return chance.one(("preserve", "replace", "collapse"))
    near = [str(int(old) + step) for step in (-1, 1)] if old.isdecimal() and old != "0" else ["1"]
    return chance.one((*near, "0", "1", "2", "5", "10", "100"))


def _facet(node: Any, chance: Chance) -> None:
    found = [child for child in node if child.tag in [XS + facet for facet in _FACETS]]
    if not found:
        return _new_facet(node, chance)
    facet = chance.one(found)
    if chance.random.random() < 0.3:
        node.remove(facet)
    else:
        facet.set("value", _value(etree.QName(facet).localname, facet.get("value"), chance))
    return None


def _new_facet(node: Any, chance: Chance) -> None:
    kind = chance.one(_FACETS)
    etree.SubElement(node, XS + kind).set("value", _value(kind, "", chance))


def _type(node: Any, chance: Chance) -> None:
    if node.get("type") is None:
        return
    prefix = next((name for name, uri in node.nsmap.items() if uri == XS[1:-1]), None)
    others = [other.get("type") for other in node.getroottree().iter(node.tag) if other.get("type")]
    built_in = [f"{prefix}:{name}" if prefix else name for name in _BUILT_IN]
    node.set("type", chance.one(others) if chance.random.random() < 0.5 else chance.one(built_in))


def _base(node: Any, chance: Chance) -> None:
    base = node.get("base") or ""
    if ":" in base:
        node.set("base", f"{base.partition(':')[0]}:{chance.one(_BUILT_IN)}")


def _group(node: Any, chance: Chance) -> None:
    node.tag = XS + chance.one(("sequence", "choice", "all"))


def _order(node: Any, chance: Chance) -> None:
    two = chance.two([child for child in node if isinstance(child.tag, str) and child.tag != XS + "annotation"])
    if two:
        first, second = node.index(two[0]), node.index(two[1])
        node[first], node[second] = etree.Element("x"), etree.Element("x")
        node[first], node[second] = two[1], two[0]


def _without(node: Any, chance: Chance) -> None:
    if len(node.getparent()) > 1:
        node.getparent().remove(node)


def _wrap(node: Any, chance: Chance) -> None:
    """An element, and often the next one, in a group of their own."""
    parent = node.getparent()
    if parent.tag not in (XS + "sequence", XS + "choice"):
        return
    group = etree.Element(XS + chance.one(("sequence", "choice")))
    if chance.random.random() < 0.6:
        group.set("minOccurs", "0")
    if chance.random.random() < 0.2:
        group.set("maxOccurs", chance.one(("2", "unbounded")))
    after = node.getnext()
    parent.replace(node, group)
    group.append(node)
    if after is not None and chance.random.random() < 0.8:
        group.append(after)


def _use(node: Any, chance: Chance) -> None:
    node.set("use", chance.one(("required", "optional", "prohibited")))


def _new_attribute(node: Any, chance: Chance) -> None:
    attribute = etree.SubElement(node, XS + "attribute", name="added", use=chance.one(("required", "optional")))
    prefix = next((name for name, uri in node.nsmap.items() if uri == XS[1:-1]), None)
    attribute.set("type", f"{prefix}:string" if prefix else "string")


def _new_element(node: Any, chance: Chance) -> None:
    prefix = next((name for name, uri in node.nsmap.items() if uri == XS[1:-1]), None)
    added = etree.Element(XS + "element", name="Added", minOccurs=chance.one("01"))
    added.set("type", f"{prefix}:string" if prefix else "string")
    node.insert(chance.random.randint(0, len(node)), added)


def _any(node: Any, chance: Chance) -> None:
    if node.tag == XS + "sequence":
        etree.SubElement(node, XS + "any", namespace="##other", minOccurs=chance.one("01"), processContents="lax")


def _given(node: Any, chance: Chance) -> None:
    """``default`` or ``fixed``."""
    node.attrib.pop("default", None)
    node.attrib.pop("fixed", None)
    node.set(chance.one(("default", "fixed")), chance.word())


def _nil(node: Any, chance: Chance) -> None:
    node.set("nillable", "true")


def _mixed(node: Any, chance: Chance) -> None:
    node.set("mixed", "true")


def _unique(node: Any, chance: Chance) -> None:
    """An identity constraint; they stand after an element's type."""
    name = chance.word()
    namespace = node.tag.partition("}")[0] + "}"
    constraint = node.makeelement(f"{namespace}unique", {"name": f"u{len(name)}"})
    constraint.append(node.makeelement(f"{namespace}selector", {"xpath": "*"}))
    constraint.append(node.makeelement(f"{namespace}field", {"xpath": "@*"}))
    node.append(constraint)


XSDS: tuple[Mutate, ...] = (
    _mutation("xsd_least", "element sequence choice", _least),
    _mutation("xsd_most", "element sequence choice", _most),
    _mutation("xsd_facet", "restriction", _facet),
    _mutation("xsd_new_facet", "restriction", _new_facet),
    _mutation("xsd_type", "element", _type),
    _mutation("xsd_attribute_type", "attribute", _type),
    _mutation("xsd_base", "restriction", _base),
    _mutation("xsd_group", "sequence choice all", _group),
    _mutation("xsd_order", "sequence choice", _order),
    _mutation("xsd_without", "element attribute enumeration", _without),
    _mutation("xsd_wrap", "element", _wrap),
    _mutation("xsd_use", "attribute", _use),
    _mutation("xsd_new_attribute", "complexType", _new_attribute),
    _mutation("xsd_new_element", "sequence choice", _new_element),
    _mutation("xsd_any", "sequence", _any),
    _mutation("xsd_given", "element attribute", _given),
    _mutation("xsd_nil", "element", _nil),
    _mutation("xsd_mixed", "complexType", _mixed),
    _mutation("xsd_unique", "element", _unique),
)
