"""XSD simple types as ``ValueType``: built-in types, restrictions with their facets, lists and unions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from hub.schema.shape import Base, ValueType
from hub.schema.xsd_index import XS, XsdIndex

_INTEGERS: dict[str, tuple[str | None, str | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": ("0", None),
    "positiveInteger": ("1", None),
    "nonPositiveInteger": (None, "0"),
    "negativeInteger": (None, "-1"),
    "long": (str(-(2**63)), str(2**63 - 1)),
    "int": (str(-(2**31)), str(2**31 - 1)),
    "short": (str(-(2**15)), str(2**15 - 1)),
    "byte": ("-128", "127"),
    "unsignedLong": ("0", str(2**64 - 1)),
    "unsignedInt": ("0", str(2**32 - 1)),
    "unsignedShort": ("0", str(2**16 - 1)),
    "unsignedByte": ("0", "255"),
}
_BASES: dict[str, Base] = {
    "decimal": "decimal",
    "float": "decimal",
    "double": "decimal",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "dateTime": "date-time",
    "dateTimeStamp": "date-time",
    "gYearMonth": "year-month",
    "gYear": "year",
}
_NCNAME = "[\\i-[:]][\\c-[:]]*"
# Names as XSD writes them; an ID stands once in a document, whatever its value is made from.
_NAMES = {
    "ID": _NCNAME,
    "IDREF": _NCNAME,
    "NCName": _NCNAME,
    "ENTITY": _NCNAME,
    "Name": "\\i\\c*",
    "NMTOKEN": "\\c+",
    "QName": f"({_NCNAME}:)?{_NCNAME}",
    "language": "[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
}
UNIQUE, REFERENCE = "xs:ID", "xs:IDREF"
_DEMANDS = {
    "ID": (UNIQUE,),
    "IDREF": (REFERENCE,),
    **{name: (f"xs:{name}",) for name in ("ENTITY", "QName", "anyURI", "IDREFS", "NMTOKENS", "ENTITIES", "NOTATION")},
    **{
        name: (f"xs:{name}",)
        for name in ("duration", "gMonthDay", "gDay", "gMonth", "dayTimeDuration", "yearMonthDuration")
    },
}
# What tells the two apart; lengths of both count bytes, not characters.
_BINARIES = {"hexBinary": "([0-9a-fA-F]{2})*", "base64Binary": "[A-Za-z0-9+/= ]*"}


def built_in(local: str) -> ValueType:
    """The value type of an XSD built-in (the local part of its name)."""
    if local in _INTEGERS:
        minimum, maximum = _INTEGERS[local]
        return ValueType("integer", minimum=minimum, maximum=maximum, fraction_digits=0, space="collapse")
    if local in ("string", "anySimpleType", "anyAtomicType", "anyType"):
        return ValueType()
    if local == "normalizedString":
        return ValueType(space="replace")
    if local in _BINARIES:
        return ValueType("binary", patterns=(_BINARIES[local],), space="collapse")
    if local in _BASES:
        return ValueType(_BASES[local], space="collapse")
    if local in _NAMES:
        return ValueType(min_length=1, space="collapse", patterns=(_NAMES[local],), demands=_DEMANDS.get(local, ()))
    return ValueType(space="collapse", demands=_DEMANDS.get(local, ()))


def value_type(index: XsdIndex, clark: str) -> ValueType:
    """The value type of a simple type (or a complex one with simple content) by name."""
    if clark.startswith(XS):
        return built_in(clark[len(XS) :])
    node = index.named("type", clark)
    return of_simple_type(index, node) if node is not None and node.tag == XS + "simpleType" else ValueType()


def of_simple_type(index: XsdIndex, node: Any) -> ValueType:
    """The value type of an ``xs:simpleType`` element."""
    for child in node:
        if child.tag == XS + "restriction":
            return restricted(child, _base_of(index, child))
        if child.tag == XS + "list":
            return ValueType(space="collapse", loose=True)
        if child.tag == XS + "union":
            return _union(index, child)
    return ValueType()


def restricted(node: Any, base: ValueType) -> ValueType:
    """``base`` narrowed by the facets that stand below an ``xs:restriction``."""
    facets: dict[str, list[str]] = {}
    for child in node:
        if "value" in child.attrib:
            facets.setdefault(child.tag[len(XS) :], []).append(child.get("value"))
    value = base
    for name, values in facets.items():
        value = _narrow(value, name, values)
    return value


def _narrow(value: ValueType, name: str, values: list[str]) -> ValueType:
    last = values[-1]
    if value.base == "binary" and name in ("length", "minLength", "maxLength"):
        return replace(value, loose=True)
    match name:
        case "enumeration":
            known = set(value.codes or values)
            return replace(value, codes=tuple(code for code in dict.fromkeys(values) if code in known))
        case "pattern":
            # Patterns of one step are alternatives (XSD 1.0, 4.3.4), those of derived types all hold.
            joined = last if len(values) == 1 else "|".join(f"(?:{pattern})" for pattern in values)
            return replace(value, patterns=(*value.patterns, joined))
        case "length":
            return replace(value, min_length=int(last), max_length=int(last))
        case "minLength":
            return replace(value, min_length=int(last))
        case "maxLength":
            return replace(value, max_length=int(last))
        case "minInclusive":
            return replace(value, minimum=last)
        case "maxInclusive":
            return replace(value, maximum=last)
        case "minExclusive":
            return replace(value, minimum=_beside(value, last, 1), loose=value.loose or value.base != "integer")
        case "maxExclusive":
            return replace(value, maximum=_beside(value, last, -1), loose=value.loose or value.base != "integer")
        case "totalDigits":
            return replace(value, total_digits=int(last))
        case "fractionDigits":
            return replace(value, fraction_digits=int(last))
        case "whiteSpace":
            return replace(value, space=cast(Any, last))
        case _:
            return value


def _beside(value: ValueType, bound: str, step: int) -> str:
    """An exclusive bound as an inclusive one: exact for integers, the bound itself otherwise."""
    return str(int(bound) + step) if value.base == "integer" else bound


def _base_of(index: XsdIndex, restriction: Any) -> ValueType:
    if restriction.get("base"):
        return value_type(index, index.resolve(restriction, restriction.get("base")))
    inner = restriction.find(XS + "simpleType")
    return of_simple_type(index, inner) if inner is not None else ValueType()


def _union(index: XsdIndex, node: Any) -> ValueType:
    members = [value_type(index, index.resolve(node, name)) for name in node.get("memberTypes", "").split()]
    members += [of_simple_type(index, child) for child in node if child.tag == XS + "simpleType"]
    if not members:
        return ValueType()
    if len(members) == 1:
        return members[0]
    bases = {member.base for member in members}
    base: Base = bases.pop() if len(bases) == 1 else "string"
    spaces = {member.space for member in members}
    space = spaces.pop() if len(spaces) == 1 else "collapse"
    if all(member.codes is not None for member in members):
        codes = tuple(dict.fromkeys(code for member in members for code in member.codes or ()))
        return ValueType(base, codes=codes, space=space)
    return ValueType(base, space=space, loose=True)
