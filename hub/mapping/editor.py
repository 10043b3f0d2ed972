"""The mapping language as JSON Schema, for editors: made from the key tables by which mapping files are parsed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hub.mapping import keys
from hub.mapping.convert import Option
from hub.mapping.converters import CONVERTERS
from hub.mapping.installed import PREFIX
from hub.mapping.keys import Key

Schema = dict[str, Any]

_TEXT: Schema = {"type": ["string", "number", "boolean"]}
_TEXTS: Schema = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_TABLE: Schema = {"type": "object", "additionalProperties": _TEXT}
_TYPE_OF: Mapping[str, Schema] = {
    "text": _TEXT,
    "texts": _TEXTS,
    "reasons": _TABLE,
    "place": {"anyOf": [_TEXT, _TABLE]},
    "guards": {"type": "object", "additionalProperties": _TEXTS},
    "fields": {"$ref": "#/$defs/fields"},
    "constants": {"$ref": "#/$defs/constants"},
    "absent": {"$ref": "#/$defs/absent"},
    "both-ways": {"$ref": "#/$defs/both-ways"},
    "embedded": {"type": "object", "additionalProperties": {"$ref": "#/$defs/embedded"}},
    "xslt": {"$ref": "#/$defs/xslt"},
    "unlinked": {
        "type": "object",
        "additionalProperties": {"anyOf": [{"const": keys.UNLINKED}, {"$ref": "#/$defs/rest"}]},
    },
    "converter": {"anyOf": [{"enum": sorted(CONVERTERS)}, {"type": "string", "pattern": f"^{PREFIX}[^/]+$"}]},
}


def mapping_schema() -> Schema:
    """The JSON Schema (2020-12) of ``mappings/<agency>/<type>.yaml``."""
    return {
        "title": "How one message type of one agency becomes canonical, and back",
        **_record(keys.FILE, keys.REQUIRED),
        "$defs": {
            "fields": {
                "type": "object",
                "patternProperties": {r"\[\]$": {"$ref": "#/$defs/list"}, r"(^|[^\]])$": {"$ref": "#/$defs/field"}},
            },
            "field": _node({"$ref": "#/$defs/group"}),
            "list": _node({"$ref": "#/$defs/repeat"}),
            "value": _converted(keys.VALUE, needed_any=("at", "always")),
            "repeat": _record(keys.REPEAT, ("fields",)),
            "group": _record(keys.GROUP, ("fields",)),
            "rest": _record(keys.REST, ("drops",)),
            "constants": {
                "type": "object",
                "additionalProperties": {"if": {"type": "object"}, "then": _converted(keys.CONSTANT), "else": _TEXT},
            },
            "absent": _record(keys.ABSENT),
            "both-ways": _record(keys.BOTH_WAYS),
            "xslt": _record(keys.XSLT),
            "embedded": _record(keys.EMBEDDED, keys.EMBEDDED),
            **{f"link-{form}": _link(table) for form, table in keys.LINKS.items()},
        },
    }


def _node(with_fields: Schema) -> Schema:
    """What stands at a canonical path: a text, a table told apart by its keys, or a list of places."""
    place = _by_key([("drops", "rest"), ("fields", "repeat")], {"$ref": "#/$defs/value"})
    table = _by_key(
        [(form, f"link-{form}") for form in keys.LINKS],
        {"if": {"required": ["fields"]}, "then": with_fields, "else": {"$ref": "#/$defs/value"}},
    )
    listed = {"type": "array", "minItems": 1, "items": {"type": "object", **place}}
    return {
        "if": {"type": "object"},
        "then": table,
        "else": {"if": {"type": "array"}, "then": listed, "else": _TEXT},
    }


def _by_key(choices: Iterable[tuple[str, str]], otherwise: Schema) -> Schema:
    """The definition named by the first of these keys that is there."""
    for key, name in reversed(list(choices)):
        otherwise = {"if": {"required": [key]}, "then": {"$ref": f"#/$defs/{name}"}, "else": otherwise}
    return otherwise


def _link(table: Mapping[str, Key]) -> Schema:
    return _record(table, [name for name in keys.NEEDED_BY_LINKS if name in table])


def _record(table: Mapping[str, Key], required: Iterable[str] = ()) -> Schema:
    return {
        "type": "object",
        "properties": {name: _key(key) for name, key in table.items()},
        "required": list(required),
        "additionalProperties": False,
    }


def _key(key: Key) -> Schema:
    return {"description": key.note, **({"enum": list(key.words)} if key.words else _TYPE_OF[key.holds])}


def _converted(table: Mapping[str, Key], needed_any: Iterable[str] = ("from",)) -> Schema:
    """A record that may have a converter: with it stand that converter's options, and no others."""
    schema = _record(table)
    own = list(schema["properties"])
    every = {name: option for converter in CONVERTERS.values() for name, option in converter.options.items()}
    schema["properties"].update({name: _TEXTS for name in sorted(every) if name not in own})
    schema["anyOf"] = [{"required": [name]} for name in needed_any]
    schema["allOf"] = [
        {
            "if": {"properties": {"as": {"const": name}}, "required": ["as"]},
            "then": {
                "propertyNames": {"enum": [*own, *sorted(converter.options)]},
                "properties": {key: _option(option) for key, option in converter.options.items()},
            },
        }
        for name, converter in CONVERTERS.items()
    ]
    ours = {"properties": {"as": {"enum": sorted(CONVERTERS)}}, "required": ["as"]}
    schema["allOf"].append({"if": {"not": ours}, "then": {"propertyNames": {"enum": own}}})
    schema["not"] = {"required": ["as", "codes"]}
    return schema


def _option(option: Option) -> Schema:
    """One option of a converter: what it means and takes."""
    schema: Schema = {"description": option.note}
    if option.default:
        schema["description"] += f" (default: {option.default})"
    return {**schema, **({"enum": list(option.words)} if option.words else _TEXTS if option.many else _TEXT)}
