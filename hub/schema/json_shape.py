"""The shape of a JSON Schema: properties with cardinality, types and codes, made as they are looked at.

``$ref`` and ``allOf`` are merged; ``oneOf`` and ``anyOf`` offer what any branch offers; ``if``, ``then`` and ``not``
only narrow and are left to the validator, but properties that they alone name make the place open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any

import jsonschema_rs

from hub.schema.json_schema import Located, SchemaSet
from hub.schema.shape import WHOLE, Base, Shape, ValueType

_FORMATS: dict[str, Base] = {"date": "date", "time": "time", "date-time": "date-time"}
# A format that is a pattern: what is to be written there can be proved.
_UUID = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
# The validator looks at these too, and only what comes from the same format is proved.
_OTHER_FORMATS = frozenset(
    (
        "duration", "email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6", "iri", "iri-reference",
        "json-pointer", "regex", "relative-json-pointer", "uri", "uri-reference", "uri-template",
    )
)  # fmt: skip
_SCALARS = ("string", "integer", "number", "boolean")
_HINTS_OF_STRING = frozenset(("minLength", "maxLength", "pattern", "format", "contentEncoding"))
_MOST_REFERENCES = 64
_CONDITIONAL = ("if", "then", "else")
_TYING = frozenset(("uniqueItems", "contains", "prefixItems", "not", "if", "unevaluatedItems"))


@dataclass(slots=True)
class Facts:
    """What one place allows, all schemas that apply to it taken together. ``annotations`` are the ``x-`` keywords.

    ``unnamed``: names come that only a pattern describes; ``sometimes``: names that only a condition lets in.
    """

    properties: dict[str, list[Located]] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    choices: dict[str, str] = field(default_factory=dict)
    one_of: dict[str, str] = field(default_factory=dict)
    closed: bool = False
    unnamed: bool = False
    by_pattern: list[tuple[str, Located]] = field(default_factory=list)
    sometimes: set[str] = field(default_factory=set)
    value: ValueType | None = None
    items: Located | None = None
    item_count: tuple[int, int | None] = (0, None)
    is_object: bool = False
    is_array: bool = False
    nillable: bool = False
    note: str = ""
    annotations: dict[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether an object may hold what ``properties`` do not name."""
        return not self.closed or self.unnamed or not self.sometimes <= self.properties.keys()


def document_shape(schemas: SchemaSet) -> Shape:
    """The shape of a document: its children are the top properties, or ``WHOLE`` where the document is a list."""
    facts = facts_of(schemas, [schemas.root])
    if _is_list(facts):
        whole = replace(
            _property(schemas, WHOLE, [schemas.root], required=True, choice=None), minimum=facts.item_count[0]
        )
        return Shape(name="", array=True, note=facts.note, expand=lambda: (whole,))
    return Shape(name="", open=facts.open, note=facts.note, expand=partial(_children, schemas, facts))


def facts_of(schemas: SchemaSet, places: list[Located], depth: int = 0) -> Facts:
    """The facts of the schemas that apply to one place."""
    merged = Facts()
    for place in places:
        _both(merged, _facts(schemas, place, depth))
    return merged


def ties_items(schemas: SchemaSet, names: tuple[str, ...]) -> bool:
    """Whether the schema of the list at a property path looks at more than each item for itself."""
    places = [schemas.root]
    for name in names if names != (WHOLE,) else ():
        places = facts_of(schemas, places).properties.get(name, [])
    pending, seen = list(places), 0
    while pending and seen < _MOST_REFERENCES:
        place, seen = pending.pop(), seen + 1
        schema = place.schema
        if not isinstance(schema, dict):
            continue
        if _TYING.intersection(schema) or schema.get("minItems", 0) > 1:
            return True
        if "$ref" in schema:
            pending.append(schemas.resolve(place))
        for keyword in ("allOf", "oneOf", "anyOf"):
            pending += [place.child(keyword, index) for index in range(len(schema.get(keyword, ())))]
    return bool(pending)


def _children(schemas: SchemaSet, facts: Facts) -> tuple[Shape, ...]:
    bare = sorted(facts.required - facts.properties.keys())
    named = []
    for name, places in facts.properties.items():
        if not any(place.schema is False for place in places):
            both = [*places, *_by_pattern(facts, name)]
            shape = _property(schemas, name, both, name in facts.required, facts.choices.get(name))
            named.append(replace(shape, one_of=facts.one_of.get(name)))
    # What is required and described nowhere may be anything, or nothing where no other property may stand.
    anything = ValueType(codes=()) if facts.closed else ValueType()
    return (*named, *(Shape(name, value=anything) for name in bare))


def _by_pattern(facts: Facts, name: str) -> Iterator[Located]:
    """What ``patternProperties`` demand of a property that has a name of its own too."""
    for pattern, place in facts.by_pattern:
        if jsonschema_rs.validator_for({"pattern": pattern}).is_valid(name):
            yield place


def _property(schemas: SchemaSet, name: str, places: list[Located], required: bool, choice: str | None) -> Shape:
    own = facts_of(schemas, places)
    facts, minimum, least = own, int(required), 1
    most: int | None = 1
    if _is_list(own):
        facts = facts_of(schemas, [own.items]) if own.items is not None else Facts(value=ValueType())
        most = own.item_count[1]
        least = max(1, own.item_count[0])
        minimum = least if required else 0
        if facts.is_array and not facts.is_object:
            facts = Facts()
    shapeless = not facts.properties and facts.value is None and not facts.closed
    return Shape(
        name=name,
        minimum=minimum,
        maximum=most,
        least=least,
        array=_is_list(own),
        value=facts.value,
        choice=choice,
        open=(facts.is_object and facts.open) or shapeless,
        nillable=own.nillable,
        note=own.note or facts.note,
        expand=partial(_children, schemas, facts),
    )


def _is_list(facts: Facts) -> bool:
    return facts.is_array and not facts.is_object and facts.value is None


def _facts(schemas: SchemaSet, place: Located, depth: int) -> Facts:
    schema = place.schema
    if not isinstance(schema, dict) or depth > _MOST_REFERENCES:
        return Facts(value=ValueType() if schema is True else None)
    facts = _own(place)
    if "$ref" in schema:
        _both(facts, _facts(schemas, schemas.resolve(place), depth + 1))
    for index in range(len(schema.get("allOf", ()))):
        _both(facts, _facts(schemas, place.child("allOf", index), depth + 1))
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            branches = [
                _facts(schemas, place.child(keyword, index), depth + 1) for index in range(len(schema[keyword]))
            ]
            _both(facts, _any(branches, f"{keyword}-{place.pointer}", exclusive=keyword == "oneOf"))
    for condition in _conditions(place):
        branch = _facts(schemas, condition, depth + 1)
        facts.sometimes |= branch.sometimes | branch.properties.keys()
        facts.unnamed = facts.unnamed or branch.unnamed
    return facts


def _conditions(place: Located) -> Iterator[Located]:
    """The schemas that apply to a place only sometimes."""
    yield from (place.child(keyword) for keyword in _CONDITIONAL if keyword in place.schema)
    yield from (place.child("dependentSchemas", name) for name in place.schema.get("dependentSchemas", ()))


def _own(place: Located) -> Facts:
    schema = place.schema
    types = schema.get("type", ())
    types = {types} if isinstance(types, str) else set(types)
    facts = Facts(
        properties={name: [place.child("properties", name)] for name in schema.get("properties", ())},
        required=set(schema.get("required", ())),
        closed=schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False,
        unnamed=bool(schema.get("patternProperties")),
        by_pattern=[(name, place.child("patternProperties", name)) for name in schema.get("patternProperties", ())],
        is_object="object" in types or "properties" in schema,
        is_array="array" in types or "items" in schema,
        nillable="null" in types,
        note=str(schema.get("description") or schema.get("title") or ""),
        annotations={key: value for key, value in schema.items() if key.startswith("x-")},
    )
    if isinstance(schema.get("items"), dict):
        facts.items = place.child("items")
    facts.item_count = (schema.get("minItems", 0), schema.get("maxItems"))
    facts.value = _value(schema, types)
    return facts


def _value(schema: dict[str, Any], types: set[str]) -> ValueType | None:
    scalars = [name for name in _SCALARS if name in types]
    codes = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if types and not scalars:
        return None
    if codes is not None:
        kept = [code for code in codes if code is not None and not isinstance(code, (dict, list))]
        if not scalars:
            scalars = sorted({_scalar_name(code) for code in kept})
        if "const" in schema:
            kept = [code for code in kept if code == schema["const"]]
        return replace(_faceted(scalars, schema), codes=tuple(_spelled(code) for code in kept))
    if not scalars and not _HINTS_OF_STRING & schema.keys():
        return None
    return _faceted(scalars, schema)


def _faceted(scalars: list[str], schema: dict[str, Any]) -> ValueType:
    return replace(
        _scalar(scalars, schema),
        demands=tuple(_demands(schema)),
        patterns=tuple(_patterns(schema)),
        min_length=schema.get("minLength", 0),
        max_length=schema.get("maxLength"),
        minimum=_bound(schema, "minimum", "exclusiveMinimum", 1),
        maximum=_bound(schema, "maximum", "exclusiveMaximum", -1),
        loose=bool({"exclusiveMinimum", "exclusiveMaximum"} & schema.keys()) and schema.get("type") != "integer",
    )


def _patterns(schema: dict[str, Any]) -> Iterator[str]:
    if "pattern" in schema:
        yield schema["pattern"]
    if schema.get("format") == "uuid":
        yield _UUID


def _demands(schema: dict[str, Any]) -> Iterator[str]:
    if schema.get("format") in _OTHER_FORMATS:
        yield f"format {schema['format']}"
    if "multipleOf" in schema:
        yield f"multipleOf {schema['multipleOf']}"


def keeps(demand: str) -> Callable[[Any], bool] | None:
    """The validator's own test of one of a ``ValueType``'s demands; None where it is not JSON Schema's."""
    keyword, _, said = demand.partition(" ")
    if keyword == "format":
        return jsonschema_rs.validator_for({"format": said}, validate_formats=True).is_valid
    return jsonschema_rs.validator_for({keyword: float(said)}).is_valid if keyword == "multipleOf" else None


def _scalar(scalars: list[str], schema: dict[str, Any] | None = None) -> ValueType:
    if scalars == ["integer"]:
        return ValueType("integer", json="integer")
    if scalars in (["number"], ["integer", "number"]):
        return ValueType("decimal", json="number")
    if scalars == ["boolean"]:
        return ValueType("boolean", json="boolean")
    if schema and schema.get("contentEncoding") in ("base64", "base16"):
        return ValueType("binary")
    return ValueType(_FORMATS.get((schema or {}).get("format", ""), "string"))


def _scalar_name(code: Any) -> str:
    return {bool: "boolean", int: "integer", float: "number"}.get(type(code), "string")


def _spelled(code: Any) -> str:
    return str(code).lower() if isinstance(code, bool) else str(code)


def _bound(schema: dict[str, Any], inclusive: str, exclusive: str, step: int) -> str | None:
    found = [schema[inclusive]] if inclusive in schema else []
    if exclusive in schema:
        found.append(schema[exclusive] + step if schema.get("type") == "integer" else schema[exclusive])
    return str(max(found) if step > 0 else min(found)) if found else None


def _both(facts: Facts, other: Facts) -> None:
    """Add what another schema says about the same place; both hold."""
    for name, places in other.properties.items():
        facts.properties.setdefault(name, []).extend(places)
    facts.required |= other.required
    facts.choices.update(other.choices)
    facts.one_of.update(other.one_of)
    facts.closed = facts.closed or other.closed
    facts.unnamed = facts.unnamed or other.unnamed
    facts.by_pattern += other.by_pattern
    facts.sometimes |= other.sometimes
    facts.is_object = facts.is_object or other.is_object
    facts.is_array = facts.is_array or other.is_array
    facts.nillable = facts.nillable or other.nillable
    facts.items = facts.items or other.items
    least, most = max(facts.item_count[0], other.item_count[0]), facts.item_count[1]
    facts.item_count = (least, other.item_count[1] if most is None else most)
    facts.note = facts.note or other.note
    facts.annotations = {**other.annotations, **facts.annotations}
    facts.value = (
        other.value
        if facts.value is None
        else facts.value
        if other.value is None
        else _narrowed(facts.value, other.value)
    )


def _narrowed(one: ValueType, other: ValueType) -> ValueType:
    codes = one.codes if other.codes is None else other.codes
    if one.codes is not None and other.codes is not None:
        codes = tuple(code for code in one.codes if code in other.codes)
    lengths = [length for length in (one.max_length, other.max_length) if length is not None]
    special = one if one.base != "string" else other
    if {one.json, other.json} == {"integer", "number"}:
        special = one if one.json == "integer" else other
    elif one.json != other.json:
        codes = ()  # no value is of both types
    return replace(
        special,
        codes=codes,
        patterns=tuple(dict.fromkeys((*one.patterns, *other.patterns))),
        min_length=max(one.min_length, other.min_length),
        max_length=min(lengths) if lengths else None,
        minimum=_tighter(max, one.minimum, other.minimum),
        maximum=_tighter(min, one.maximum, other.maximum),
        loose=one.loose or other.loose,
        demands=tuple(dict.fromkeys((*one.demands, *other.demands))),
    )


def _tighter(choose: Callable[[Decimal, Decimal], Decimal], one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one if other is None else other
    return one if choose(Decimal(one), Decimal(other)) == Decimal(one) else other


def _any(branches: list[Facts], label: str, *, exclusive: bool) -> Facts:
    """What one of several alternatives may say."""
    merged = Facts()
    for branch in branches:
        _both(merged, replace(branch, value=None, required=set(), annotations={}))
    merged.required = set.intersection(*(branch.required for branch in branches)) if branches else set()
    merged.closed = bool(branches) and all(branch.closed or not branch.is_object for branch in branches)
    own = [set(branch.required) or set(branch.properties) for branch in branches]
    if all(len(branch.required) == 1 for branch in branches):
        merged.one_of = {name: label for branch in branches for name in branch.required}
    if exclusive and all(len(names) == 1 for names in own) and len(set.union(*own)) == len(own):
        merged.choices = {name: label for names in own for name in names}
    values = [branch.value for branch in branches if branch.value is not None]
    if values:
        merged.value = values[0]
        for value in values[1:]:
            merged.value = _widened(merged.value, value)
    return merged


def _widened(one: ValueType, other: ValueType) -> ValueType:
    if one == other:
        return one
    base: Base = one.base if one.base == other.base else "string"
    json = one.json if one.json == other.json else "string"
    if one.codes is not None and other.codes is not None:
        return ValueType(base, codes=tuple(dict.fromkeys((*one.codes, *other.codes))), json=json)
    return ValueType(base, json=json, loose=True)
