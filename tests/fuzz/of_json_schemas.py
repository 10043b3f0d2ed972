"""Mutations of JSON Schemas, an agency's or the canonical ones: of what the check proves, or tells as ``unproven``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.fuzz.chance import Chance, Mutate

_PATTERNS = (
    "^[0-9]+$", "^.{0,5}$", "[A-Z]", "^(a|b)?$", "^\\S+$", "^[A-Z]{2}-[0-9]{3}$", "^N-[0-9]{3,4}$", "^[^,;]*$",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "^\\d+$", "\\w", "^[\\u0600-\\u06FF ]+$",
)  # fmt: skip
_TYPES = (
    "string",
    "integer",
    "number",
    "boolean",
    "array",
    "object",
    "null",
    ["string", "null"],
    ["integer", "string"],
)
_FORMATS = ("date", "date-time", "time", "email", "uuid", "uri", "ipv4")
Node = dict[str, Any]


def text_of(schema: Any) -> str:
    """The spelling that mutants are compared in."""
    return json.dumps(schema, ensure_ascii=False, indent=1)


def _nodes(node: Any) -> Iterator[Node]:
    """Every schema below, ``node`` too."""
    if not isinstance(node, dict):
        return
    yield node
    for key in ("properties", "$defs", "patternProperties"):
        for below in node.get(key, {}).values():
            yield from _nodes(below)
    for key in ("items", "then", "else", "additionalProperties"):
        yield from _nodes(node.get(key))
    for key in ("anyOf", "oneOf", "allOf"):
        for below in node.get(key, ()):
            yield from _nodes(below)


def _mutation(name: str, fits: Callable[[Node], bool], change: Callable[[Node, Chance], object]) -> Mutate:
    def mutate(text: str, chance: Chance) -> str | None:
        schema = json.loads(text)
        found = [node for node in _nodes(schema) if fits(node)]
        if not found:
            return None
        change(chance.one(found), chance)
        return text_of(schema)

    mutate.__name__ = name
    return mutate


def _is_text(node: Node) -> bool:
    return node.get("type") == "string"


def _is_value(node: Node) -> bool:
    return node.get("type") in ("string", "integer", "number", "boolean") or "enum" in node


def _is_object(node: Node) -> bool:
    return bool(node.get("properties"))


def _is_list(node: Node) -> bool:
    return node.get("type") == "array"


def _length(node: Node, chance: Chance) -> None:
    key = chance.one(("minLength", "maxLength"))
    value = chance.one((None, 0, 1, 2, 5, 10, 59, 61, 200))
    node.pop(key, None) if value is None else node.update({key: value})


def _pattern(node: Node, chance: Chance) -> None:
    pattern = chance.one((None, *_PATTERNS))
    node.pop("pattern", None) if pattern is None else node.update(pattern=pattern)


def _codes(node: Node, chance: Chance) -> None:
    codes = list(node.get("enum", ()))
    if codes and chance.random.random() < 0.5:
        codes.remove(chance.one(codes))
    else:
        codes.append(chance.word())
    node["enum"] = codes


def _no_codes(node: Node, chance: Chance) -> None:
    del node["enum"]
    node.setdefault("type", "string")


def _needed(node: Node, chance: Chance) -> None:
    name, required = chance.one(list(node["properties"])), list(node.get("required", ()))
    node["required"] = [each for each in required if each != name] if name in required else [*required, name]


def _closed(node: Node, chance: Chance) -> None:
    node["additionalProperties"] = chance.one((True, False, {"type": "string"}))


def _open(node: Node, chance: Chance) -> None:
    node["patternProperties"] = {chance.one(("^x-", "^a", ".")): {"type": "string"}}


def _either(node: Node, chance: Chance) -> None:
    """One of two properties, or a condition on one."""
    two = chance.two(list(node["properties"]))
    if two is None:
        return
    one, other = two
    options: tuple[tuple[str, Any], ...] = (
        ("oneOf", [{"required": [one]}, {"required": [other]}]),
        ("anyOf", [{"required": [one]}, {"required": [other]}]),
    )
    key, value = chance.one(options)
    node[key] = value


def _type(node: Node, chance: Chance) -> None:
    node["type"] = chance.one(_TYPES)


def _format(node: Node, chance: Chance) -> None:
    node["format"] = chance.one(_FORMATS)


def _range(node: Node, chance: Chance) -> None:
    key = chance.one(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"))
    node[key] = (
        chance.one((1, 2, 3, 8, 9, 10, 100)) if key == "multipleOf" else chance.one((-1, 0, 1, 2, 8, 9, 10, 100))
    )


def _items(node: Node, chance: Chance) -> None:
    key, value = chance.one(("minItems", "maxItems")), chance.one((None, 0, 1, 2, 3))
    node.pop(key, None) if value is None else node.update({key: value})


def _no_property(node: Node, chance: Chance) -> None:
    del node["properties"][chance.one(list(node["properties"]))]


def _new_property(node: Node, chance: Chance) -> None:
    node["properties"]["added"] = {"type": "string", "minLength": 1}
    if chance.random.random() < 0.5:
        node["required"] = [*node.get("required", ()), "added"]


def _swap_properties(node: Node, chance: Chance) -> None:
    two = chance.two(list(node["properties"]))
    if two:
        below = node["properties"]
        below[two[0]], below[two[1]] = below[two[1]], below[two[0]]


def _nothing_too(node: Node, chance: Chance) -> None:
    """``null`` beside what stood there."""
    if isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]


def _const(node: Node, chance: Chance) -> None:
    codes = node.get("enum")
    node["const"] = chance.one(codes) if codes else chance.word()


def _list_asked(node: Node, chance: Chance) -> None:
    """More of a list than its items and their number."""
    node.update(
        chance.one([{"uniqueItems": True}, {"contains": {"required": ["added"]}}, {"minItems": 2, "maxItems": 3}])
    )


def _object_asked(node: Node, chance: Chance) -> None:
    """More of an object than its properties."""
    names = list(node["properties"])
    one, other = chance.two(names) or (names[0], names[0])
    node.update(
        chance.one(
            [
                {"minProperties": 2},
                {"maxProperties": 2},
                {"not": {"required": [one]}},
                {"dependentRequired": {one: [other]}},
                {"if": {"required": [one]}, "then": {"required": [other]}},
                {"propertyNames": {"maxLength": 6}},
                {"patternProperties": {f"^{one[:1]}": {"maxLength": 3}}},
                {"anyOf": [{"required": [one]}, {"required": [other, names[0]]}]},
            ]
        )
    )


def _value_asked(node: Node, chance: Chance) -> None:
    """More of a value than its type and its limits."""
    more: list[Node] = [
        {"not": {"const": chance.word()}},
        {"multipleOf": 3},
        {"if": {"maxLength": 3}, "then": {"pattern": "^x"}},
    ]
    more += [
        {"allOf": [{"minimum": 3, "maxLength": 9}, {"minimum": 5}]},
        {"anyOf": [{"maxLength": 4}, {"minLength": 8}]},
    ]
    node.update(chance.one(more))


JSON_SCHEMAS: tuple[Mutate, ...] = (
    _mutation("json_length", _is_text, _length),
    _mutation("json_pattern", _is_text, _pattern),
    _mutation("json_codes", _is_value, _codes),
    _mutation("json_no_codes", lambda node: "enum" in node, _no_codes),
    _mutation("json_required", _is_object, _needed),
    _mutation("json_additional", _is_object, _closed),
    _mutation("json_object", _is_object, _open),
    _mutation("json_either", _is_object, _either),
    _mutation("json_type", _is_value, _type),
    _mutation("json_format", _is_text, _format),
    _mutation("json_range", lambda node: node.get("type") in ("integer", "number"), _range),
    _mutation("json_items", _is_list, _items),
    _mutation("json_no_property", _is_object, _no_property),
    _mutation("json_new_property", _is_object, _new_property),
    _mutation("json_swap_properties", _is_object, _swap_properties),
    _mutation("json_null", _is_value, _nothing_too),
    _mutation("json_const", _is_value, _const),
    _mutation("json_list_asked", _is_list, _list_asked),
    _mutation("json_object_asked", lambda node: bool(node.get("properties")), _object_asked),
    _mutation("json_value_asked", _is_value, _value_asked),
)
