"""A JSON Schema inferred from a sample document: what is there is allowed, and what is always there is required."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson

from hub.errors import HubError
from hub.formats.json_door import decode_json
from hub.onboarding.contract import ContractDraft, Offer, Unusable
from hub.schema.json_schema import DIALECT

_FORMATS = {
    "date-time": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})"),
    "date": re.compile(r"(1[7-9]|20)[0-9]{2}-[0-9]{2}-[0-9]{2}"),
}
_SCALARS = {str: "string", bool: "boolean", int: "integer", float: "number"}


def read_json_sample(stem: str, body: bytes) -> ContractDraft:
    """One JSON document. Raises ``Unusable``."""
    try:
        document = decode_json(body)
    except HubError as error:
        raise Unusable(f"{stem}: {error.text}") from None
    if not isinstance(document, (dict, list)) or not document:
        raise Unusable(f"{stem}: a JSON document is an object or a list, with something in it")
    schema = {"$schema": DIALECT, "description": "Inferred from one sample", **_schema([document])}
    name = f"{stem}.json"
    files = {name: orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)}
    said = (
        "The JSON Schema was inferred from one sample: what may be missing, code lists and lengths are not in it.",
        "How it is reached: a sample does not say. The draft assumes REST.",
    )
    return ContractDraft(files, (Offer(stem, "json", name),), "rest", decisions=said)


def _schema(values: Sequence[Any]) -> dict[str, Any]:
    """The schema of all values seen at one place."""
    kinds = {type(value) for value in values if value is not None}
    null = ["null"] if None in values else []
    if kinds == {dict}:
        return _object([value for value in values if value is not None])
    if kinds == {list}:
        items = [item for value in values if value for item in value]
        return {"type": "array", "items": _schema(items) if items else {"type": "string"}}
    if kinds == {int, float}:
        kinds = {float}
    names = sorted(_SCALARS[kind] for kind in kinds if kind in _SCALARS) or ["string"]
    schema: dict[str, Any] = {"type": [*names, *null] if null or len(names) > 1 else names[0]}
    texts = [value for value in values if isinstance(value, str)]
    if names == ["string"] and texts:
        schema |= next(({"format": name} for name, form in _FORMATS.items() if all(map(form.fullmatch, texts))), {})
    return schema


def _object(values: Sequence[dict[str, Any]]) -> dict[str, Any]:
    names = list(dict.fromkeys(name for value in values for name in value))
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in names if all(name in value for value in values)],
        "properties": {name: _schema([value[name] for value in values if name in value]) for name in names},
    }
