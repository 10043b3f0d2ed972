"""One agency's REST intake as an OpenAPI 3.1 document that needs no other file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from hub.errors import HubError
from hub.message import Classification
from hub.site.agency import Agency, RestIntake
from hub.web.openapi_mailbox import acknowledgement, mailbox_message, mailbox_paths

_HEADERS = (
    ("Idempotency-Key", "The message's own id; the same id with the same content is answered with the same receipt"),
    ("Hub-Sequence", "Case key and number in its order: <case key>;<n>"),
    ("Hub-Classification", ", ".join(label.name for label in Classification)),
    ("Hub-Test", "true for a test message"),
    ("traceparent", "W3C trace context"),
)
_RECEIPT = ("id", "status", "type", "subject", "messageId", "digest", "acceptedAt")
_MEDIA_TYPE = {
    "json": "application/json",
    "xml": "application/xml",
    "delimited": "text/csv",
    "fixed-width": "text/plain",
}


def is_described(agency: Agency) -> bool:
    """Whether the agency calls anything that OpenAPI can describe: it posts, or has a mailbox."""
    return agency.rest is not None or (agency.way is not None and agency.way.mailbox is not None)


def describe(agency: Agency, folder: Path, server: str) -> dict[str, Any]:
    """The document; ``folder`` holds the agency's JSON Schemas, ``server`` is the hub's address for the caller."""
    schemas: dict[str, Any] = {"Problem": _problem()}
    paths: dict[str, Any] = {}
    if agency.rest is not None:
        paths |= _intake(agency, agency.rest, folder, schemas)
    if agency.way is not None and agency.way.mailbox is not None:
        schemas |= {"MailboxMessage": mailbox_message(), "Acknowledgement": acknowledgement()}
        paths |= mailbox_paths(agency, _refused())
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Hub intake of {agency.name}", "version": "1"},
        "servers": [{"url": server}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
        },
    }


def _intake(agency: Agency, intake: RestIntake, folder: Path, schemas: dict[str, Any]) -> dict[str, Any]:
    schemas["Receipt"] = _receipt()
    paths: dict[str, Any] = {}
    for type in intake.types:
        document = agency.documents[type]
        schema: dict[str, Any] = {"type": "string"}
        if document.format == "json":
            _bundle(document.schema, folder, schemas)
            schema = {"$ref": f"#/components/schemas/{_key(document.schema)}"}
        content = {_MEDIA_TYPE[document.format]: {"schema": schema}}
        paths[f"/rest/{agency.name}/{type}"] = {"post": _post(type, content)}
    paths[f"/rest/{agency.name}/messages/{{id}}"] = {"get": _status()}
    return paths


def _post(type: str, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": f"send-{type}",
        "summary": f"Send {type}",
        "parameters": [
            {"name": name, "in": "header", "required": False, "description": text, "schema": {"type": "string"}}
            for name, text in _HEADERS
        ],
        "requestBody": {"required": True, "content": content},
        "responses": {"202": _answer("Durable", "application/json", "Receipt"), "default": _refused()},
    }


def _status() -> dict[str, Any]:
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    shown = {"description": "Its state", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {
        "operationId": "show-message",
        "summary": "The state of a message that this agency sent",
        "parameters": [parameter],
        "responses": {"200": shown, "default": _refused()},
    }


def _refused() -> dict[str, Any]:
    return _answer("Refused", "application/problem+json", "Problem")


def _answer(text: str, media_type: str, schema: str) -> dict[str, Any]:
    return {"description": text, "content": {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _receipt() -> dict[str, Any]:
    properties: dict[str, Any] = {name: {"type": "string"} for name in _RECEIPT}
    properties |= {"duplicate": {"type": "boolean"}, "record": {"type": "integer"}}
    return {"type": "object", "required": list(_RECEIPT), "properties": properties}


def _problem() -> dict[str, Any]:
    texts = {name: {"type": "string"} for name in ("type", "title", "detail", "code", "fault")}
    others = {"status": {"type": "integer"}, "retry": {"type": "boolean"}, "problems": {"type": "array"}}
    return {"type": "object", "required": ["code", "status"], "properties": {**texts, **others}}


def _key(name: str) -> str:
    return name.removesuffix(".json").replace("/", ".")


def _bundle(name: str, folder: Path, schemas: dict[str, Any]) -> None:
    """Add the schema file ``name`` and everything that it refers to, each under its own key."""
    key = _key(name)
    if key in schemas:
        return
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise HubError("not-found", "A schema of this contract is missing")
    schema = orjson.loads(path.read_bytes())
    schemas[key] = schema
    wanted: set[str] = set()
    _rewrite(schema, key, wanted)
    for drop in ("$schema", "$id"):
        schema.pop(drop, None)
    for other in sorted(wanted):
        _bundle(other, folder, schemas)


def _rewrite(node: Any, key: str, wanted: set[str]) -> None:
    """Point every ``$ref`` to where its target stands in the bundle."""
    if isinstance(node, list):
        for child in node:
            _rewrite(child, key, wanted)
    if not isinstance(node, dict):
        return
    for name, child in node.items():
        if name == "$ref" and isinstance(child, str):
            file, _, fragment = child.partition("#")
            if file:
                wanted.add(file)
            node[name] = f"#/components/schemas/{_key(file) if file else key}{fragment}"
        elif name not in ("enum", "const", "examples", "default"):
            _rewrite(child, key, wanted)
