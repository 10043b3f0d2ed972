"""The mailbox in an agency's OpenAPI document."""

from __future__ import annotations

from typing import Any

from hub.site.agency import Agency

_TEXTS = {
    "id": "the message's id: the same whenever it comes again, and what is acknowledged",
    "type": "message type",
    "sequence": "<case key>;<n>: its place in its case",
    "classification": "its label",
    "digest": "SHA-256 of the content, in hexadecimal",
    "mediaType": "media type of the content",
    "contentBase64": "the document, in the agency's own format",
}


def mailbox_paths(agency: Agency, refused: dict[str, Any]) -> dict[str, Any]:
    """Fetching and acknowledging; ``refused`` describes every other answer."""
    messages = {"type": "array", "items": {"$ref": "#/components/schemas/MailboxMessage"}}
    found = _json({"type": "object", "required": ["messages"], "properties": {"messages": messages}})
    state = _json({"type": "object", "properties": {"id": {"type": "string"}, "state": {"type": "string"}}})
    again = f"{agency.way.mailbox.again_after_s:g} s" if agency.way is not None and agency.way.mailbox else ""
    return {
        f"/rest/{agency.name}/mailbox": {
            "get": {
                "operationId": "fetch-messages",
                "summary": f"Fetch what is there; what is not acknowledged comes again after {again}",
                "parameters": [
                    _query("most", "How many at most", 1, 100, 20),
                    _query("wait", "Seconds to wait for the first one", 0, 60, 0),
                ],
                "responses": {"200": {"description": "The messages, oldest first", **found}, "default": refused},
            }
        },
        f"/rest/{agency.name}/mailbox/{{id}}/ack": {
            "post": {
                "operationId": "acknowledge-message",
                "summary": "Say that a message was taken, or that it is refused; may be said again",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "requestBody": {"required": False, **_json({"$ref": "#/components/schemas/Acknowledgement"})},
                "responses": {"200": {"description": "Its state", **state}, "default": refused},
            }
        },
    }


def mailbox_message() -> dict[str, Any]:
    """One message as it is handed out."""
    properties: dict[str, Any] = {name: {"type": "string", "description": text} for name, text in _TEXTS.items()}
    properties |= {"trace": {"type": ["string", "null"]}, "test": {"type": "boolean"}, "attempt": {"type": "integer"}}
    properties |= {"messages": {"type": "array", "items": {"type": "string"}}}
    return {"type": "object", "required": list(_TEXTS), "properties": properties}


def acknowledgement() -> dict[str, Any]:
    """The agency's word on one message."""
    properties = {
        "outcome": {"enum": ["delivered", "refused"], "default": "delivered"},
        "number": {"type": "string", "maxLength": 200, "description": "the agency's own number for it"},
        "reason": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,64}$", "description": "a code, no text"},
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _query(name: str, text: str, least: int, most: int, usual: int) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": least, "maximum": most, "default": usual}
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}
