"""What a scalar of a JSON Schema may be: types, closed lists and limits, of one schema or of several together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import jsonschema_rs

from hub.schema.shape import Base, ValueType

_FORMATS: dict[str, Base] = {"date": "date", "time": "time", "date-time": "date-time"}
# A format that is a pattern: what is to be written there can be proved.
_UUID = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
_SCALARS = ("string", "integer", "number", "boolean")
_HINTS_OF_STRING = frozenset(("minLength", "maxLength", "pattern", "format", "contentEncoding"))
# Formats that the validator knows and that are no pattern here.
_UNPROVED_FORMATS = frozenset(
    ("duration", "email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6", "iri", "iri-reference",
     "json-pointer", "regex", "relative-json-pointer", "uri", "uri-reference", "uri-template")
)  # fmt: skip
_UNSAID_OF_SCALARS = ("not", "if")


def value_of(schema: dict[str, Any], types: frozenset[str]) -> ValueType | None:
    """What one schema says of a scalar of these ``types``; None where it says nothing of scalars."""
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
        return replace(_limited(schema, scalars), codes=tuple(_spelled(code) for code in kept))
    if not scalars and not _HINTS_OF_STRING & schema.keys():
        return None
    return _limited(schema, scalars)


def _limited(schema: dict[str, Any], scalars: list[str]) -> ValueType:
    """A scalar with its limits: JSON Schema looks at those of its own kind alone."""
    value = _scalar(scalars, schema)
    value = replace(value, loose=any(word in schema for word in _UNSAID_OF_SCALARS))
    if not scalars or "string" in scalars:
        value = replace(
            value,
            patterns=tuple(_patterns(schema)),
            min_length=schema.get("minLength", 0),
            max_length=schema.get("maxLength"),
            demands=(f"format {schema['format']}",) if schema.get("format") in _UNPROVED_FORMATS else (),
        )
    if "integer" in scalars or "number" in scalars:
        exclusive = bool({"exclusiveMinimum", "exclusiveMaximum"} & schema.keys())
        value = replace(
            value,
            minimum=_bound(schema, "minimum", "exclusiveMinimum", 1),
            maximum=_bound(schema, "maximum", "exclusiveMaximum", -1),
            demands=(f"multipleOf {schema['multipleOf']}",) if "multipleOf" in schema else (),
            loose=value.loose or (exclusive and scalars != ["integer"]),
        )
    return value


def narrowed(one: ValueType, other: ValueType) -> ValueType:
    """Both hold."""
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
        minimum=_tightest(max, one.minimum, other.minimum),
        maximum=_tightest(min, one.maximum, other.maximum),
        loose=one.loose or other.loose,
        demands=tuple(dict.fromkeys((*one.demands, *other.demands))),
    )


def widened(one: ValueType, other: ValueType) -> ValueType:
    """One of the two holds."""
    if one == other:
        return one
    base: Base = one.base if one.base == other.base else "string"
    json = one.json if one.json == other.json else "string"
    if one.codes is not None and other.codes is not None:
        return ValueType(base, codes=tuple(dict.fromkeys((*one.codes, *other.codes))), json=json)
    return ValueType(base, json=json, loose=True)


def keeps(demand: str) -> Callable[[Any], bool] | None:
    """The validator's own test of one of a ``ValueType``'s demands; None where it is not JSON Schema's."""
    keyword, _, said = demand.partition(" ")
    if keyword == "format":
        return jsonschema_rs.validator_for({"format": said}, validate_formats=True).is_valid
    return jsonschema_rs.validator_for({keyword: float(said)}).is_valid if keyword == "multipleOf" else None


def _patterns(schema: dict[str, Any]) -> Iterator[str]:
    if "pattern" in schema:
        yield schema["pattern"]
    if schema.get("format") == "uuid":
        yield _UUID


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


def _tightest(choose: Callable[..., str], *bounds: str | None) -> str | None:
    found = [bound for bound in bounds if bound is not None]
    return choose(found, key=Decimal) if found else None
