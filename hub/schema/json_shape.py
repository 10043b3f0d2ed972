"""The shape of a JSON Schema: properties with cardinality, types and codes, made as they are looked at.

``$ref`` and ``allOf`` are merged; ``oneOf`` and ``anyOf`` offer what any branch offers; ``if``, ``then`` and ``not``
only narrow, but properties that they alone name make the place open. What a place demands beyond its shape is in
``demands`` (of a scalar: ``loose``, or demands of its own), so that nothing counts as proved there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import jsonschema_rs

from hub.schema.json_schema import Located, SchemaSet
from hub.schema.json_values import narrowed, value_of, widened
from hub.schema.shape import WHOLE, Shape, ValueType

_UNSAID_OF_LISTS = ("contains", "prefixItems", "unevaluatedItems", "not", "if")
_UNSAID_OF_OBJECTS = (
    "minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "propertyNames", "not", "if",
)  # fmt: skip
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
    demands: set[str] = field(default_factory=set)
    note: str = ""
    annotations: dict[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether an object may hold what ``properties`` do not name."""
        return not self.closed or self.unnamed or not self.sometimes <= self.properties.keys()

    @property
    def unsaid(self) -> tuple[str, ...]:
        """``demands``, in an order of their own."""
        return tuple(sorted(self.demands))


def document_shape(schemas: SchemaSet) -> Shape:
    """The shape of a document: its children are the top properties, or ``WHOLE`` where the document is a list."""
    facts = facts_of(schemas, [schemas.root])
    if _is_list(facts):
        whole = _property(schemas, WHOLE, [schemas.root], required=True, choice=None)
        whole = replace(whole, minimum=facts.item_count[0])
        return Shape(name="", array=True, note=facts.note, expand=lambda: (whole,))
    return Shape(
        name="", open=facts.open, demands=facts.unsaid, note=facts.note, expand=partial(_children, schemas, facts)
    )


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
    demands = own.unsaid
    if _is_list(own):
        facts = facts_of(schemas, [own.items]) if own.items is not None else Facts(value=ValueType())
        demands = (*own.unsaid, *facts.unsaid)
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
        demands=demands,
        note=own.note or facts.note,
        expand=partial(_children, schemas, facts),
    )


def _is_list(facts: Facts) -> bool:
    return facts.is_array and not facts.is_object and facts.value is None


def _facts(schemas: SchemaSet, place: Located, depth: int, known: frozenset[str] = frozenset()) -> Facts:
    """``known``: the types that a schema around this one gives to the same place."""
    schema = place.schema
    if not isinstance(schema, dict) or depth > _MOST_REFERENCES:
        return Facts(value=ValueType() if schema is True else None)
    types = _types(schemas, place, depth) or known
    facts = _own(place, types)
    if "$ref" in schema:
        _both(facts, _facts(schemas, schemas.resolve(place), depth + 1, types))
    for index in range(len(schema.get("allOf", ()))):
        _both(facts, _facts(schemas, place.child("allOf", index), depth + 1, types))
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            branches = [
                _facts(schemas, place.child(keyword, index), depth + 1, types) for index in range(len(schema[keyword]))
            ]
            _both(facts, _any(branches, keyword, place.pointer))
    for condition in _conditions(place):
        branch = _facts(schemas, condition, depth + 1)
        facts.sometimes |= branch.sometimes | branch.properties.keys()
        facts.unnamed = facts.unnamed or branch.unnamed
    return facts


def _conditions(place: Located) -> Iterator[Located]:
    """The schemas that apply to a place only sometimes."""
    yield from (place.child(keyword) for keyword in _CONDITIONAL if keyword in place.schema)
    yield from (place.child("dependentSchemas", name) for name in place.schema.get("dependentSchemas", ()))


def _types(schemas: SchemaSet, place: Located, depth: int) -> frozenset[str]:
    """The types of a place: its own, or those that a reference or a part gives it."""
    schema = place.schema
    if not isinstance(schema, dict) or depth > _MOST_REFERENCES:
        return frozenset()
    if "type" in schema:
        types = schema["type"]
        return frozenset((types,) if isinstance(types, str) else types)
    parts = [schemas.resolve(place)] if "$ref" in schema else []
    parts += [place.child("allOf", index) for index in range(len(schema.get("allOf", ())))]
    return next((types for part in parts if (types := _types(schemas, part, depth + 1))), frozenset())


def _own(place: Located, types: frozenset[str]) -> Facts:
    schema = place.schema
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
    facts.demands = set(_demands(schema, facts))
    facts.value = value_of(schema, types)
    return facts


def _demands(schema: dict[str, Any], facts: Facts) -> Iterator[str]:
    """What a list or object has to be beyond its items and properties."""
    if facts.is_array:
        yield from (word for word in _UNSAID_OF_LISTS if word in schema)
        if schema.get("uniqueItems"):
            yield "uniqueItems"
    if facts.is_object:
        yield from (word for word in _UNSAID_OF_OBJECTS if word in schema)


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
    facts.demands |= other.demands
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
        else narrowed(facts.value, other.value)
    )


def _any(branches: list[Facts], keyword: str, pointer: str) -> Facts:
    """What one of several alternatives may say."""
    merged, label, exclusive = Facts(), f"{keyword}-{pointer}", keyword == "oneOf"
    for branch in branches:
        _both(merged, replace(branch, value=None, required=set(), annotations={}))
    merged.required = set.intersection(*(branch.required for branch in branches)) if branches else set()
    merged.closed = bool(branches) and all(branch.closed or not branch.is_object for branch in branches)
    own = [set(branch.required) or set(branch.properties) for branch in branches]
    if all(len(branch.required) == 1 for branch in branches):
        merged.one_of = {name: label for branch in branches for name in branch.required}
    if exclusive and all(len(names) == 1 for names in own) and len(set.union(*own)) == len(own):
        merged.choices = {name: label for names in own for name in names}
    if not _said_by_groups(branches, merged):
        merged.demands.add(keyword)
    values = [branch.value for branch in branches if branch.value is not None]
    if values:
        merged.value = values[0]
        for value in values[1:]:
            merged.value = widened(merged.value, value)
    return merged


def _said_by_groups(branches: list[Facts], merged: Facts) -> bool:
    """Whether the groups of properties say all that the alternatives of an object ask for."""
    objects = [branch for branch in branches if branch.is_object or branch.required]
    if not objects or len(branches) == 1 or all(branch == objects[0] for branch in branches):
        return True
    bare = all(not branch.properties and not branch.closed for branch in objects)
    return bool(merged.choices) or (bool(merged.one_of) and bare)
