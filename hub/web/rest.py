"""REST intake: ``POST /rest/{agency}/{type}`` in the agency's own format, and what its sender may ask afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from hub.errors import HubError
from hub.identifiers import lane_sequence, trace_parent
from hub.message import Answer, Received
from hub.site.agency import Agency, DocumentDefinition, RestIntake
from hub.web.guard import Guarded, Handler, Inside
from hub.web.limits import BODY
from hub.web.openapi import describe, is_described
from hub.web.problem import PROBLEM_TYPE
from hub.web.read import api_key, check_uncoded, headers_of, is_test, media_type

_JSON = "application/json"
_LONGEST_NOTED = 200
_MANY = 100
_MEDIA_TYPES: Mapping[str, frozenset[str]] = {
    "json": frozenset({_JSON}),
    "xml": frozenset({"application/xml", "text/xml"}),
    "delimited": frozenset({"text/csv", "text/plain"}),
    "fixed-width": frozenset({"text/plain"}),
}


def rest_routes(inside: Inside) -> list[Route]:
    """The routes below ``/rest``, the busiest first."""
    surface = _Rest(inside)

    def guarded(handler: Handler) -> Guarded:
        return Guarded(handler, "rest", inside.observer)

    return [
        Route("/rest/{agency}/{type}", guarded(surface.submit), methods=["POST"]),
        Route("/rest/{agency}/messages/{id}", guarded(surface.show), methods=["GET"]),
        Route("/rest/{agency}/openapi.json", guarded(surface.contract), methods=["GET"]),
    ]


class _Rest:
    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    async def submit(self, request: Request) -> Response:
        """202 with the receipt (one message) or receipts and refusals (a document of many), once they are durable."""
        names = request.path_params
        try:
            agency, intake = self._agency(names["agency"])
        except HubError as error:
            self._inside.refused(names["agency"], names["type"], "rest", error)
            raise
        try:
            received = self._received(request.scope, agency, intake)
        except HubError as error:
            caller = rest_caller(request.scope, agency.name, names["type"], self._inside.clock())
            raise await self._inside.refuse(caller, error) from None
        answer = await self._inside.accept(received)
        if len(answer.receipts) + len(answer.refusals) > _MANY:  # others go on while thousands are written out
            return await asyncio.to_thread(_answered, answer, received.agency)
        return _answered(answer, received.agency)

    def _received(self, scope: Scope, agency: Agency, intake: RestIntake) -> Received:
        type = scope["path_params"]["type"]
        if type not in intake.types:
            raise HubError("unknown-type")
        headers = headers_of(scope)
        media, charset = media_type(headers.get(b"content-type"))
        check_uncoded(headers)
        _check_media(agency.documents[type], media)
        body: bytes = scope[BODY]
        if not body:
            raise HubError("malformed", "The body is empty")
        return Received(
            agency=agency.name,
            type=type,
            transport="rest",
            body=body,
            received_at=self._inside.clock(),
            credential=api_key(headers),
            media_type=media,
            charset=charset,
            message_id=headers.get(b"idempotency-key"),
            case_sequence=lane_sequence(headers.get(b"hub-sequence")),
            classification=headers.get(b"hub-classification"),
            trace=trace_parent(headers.get(b"traceparent")),
            test=is_test(headers.get(b"hub-test")),
        )

    async def show(self, request: Request) -> Response:
        """The state of one message, for the agency that sent it."""
        agency, _ = self._agency(request.path_params["agency"])
        credential = api_key(headers_of(request.scope))
        asked = Received(agency.name, "", "rest", b"", self._inside.clock(), credential)
        try:
            self._inside.identify(asked)
        except HubError as error:
            self._inside.refused(agency.name, "", "rest", error)
            raise
        found = await self._inside.status(agency.name, request.path_params["id"])
        if found is None:
            raise HubError("not-found")
        return Response(orjson.dumps(found), media_type=_JSON)

    async def contract(self, request: Request) -> Response:
        """OpenAPI 3.1 of everything that this agency may post and fetch."""
        agency = self._inside.agencies().get(request.path_params["agency"])
        if agency is None or not is_described(agency):
            raise HubError("unknown-agency")
        folder: Path = self._inside.contracts(agency.name)
        document = describe(agency, folder, str(request.base_url).rstrip("/"))
        return Response(orjson.dumps(document), media_type=_JSON)

    def _agency(self, name: str) -> tuple[Agency, RestIntake]:
        agency = self._inside.agencies().get(name)
        if agency is None or agency.rest is None:
            raise HubError("unknown-agency")
        return agency, agency.rest


def rest_caller(scope: Scope, agency: str, type: str, now: float) -> Received:
    """Who says that it sends, and nothing of what it sends: for a refusal before the body was looked at."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"] if value}
    message_id = headers.get(b"idempotency-key", "")[:_LONGEST_NOTED] or None
    return Received(agency, type[:_LONGEST_NOTED], "rest", b"", now, credential=api_key(headers), message_id=message_id)


def _check_media(document: DocumentDefinition, media: str) -> None:
    if media and media not in _MEDIA_TYPES[document.format] and not media.endswith("+" + document.format):
        expected = " or ".join(sorted(_MEDIA_TYPES[document.format]))
        raise HubError("unsupported-media", f"This message type comes as {expected}")


def _answered(answer: Answer, agency: str) -> Response:
    receipts, refusals = answer.receipts, answer.refusals
    if len(receipts) == 1 and not refusals:
        headers = {"Location": f"/rest/{agency}/messages/{receipts[0].id}"}
        return Response(orjson.dumps(receipts[0].as_json()), 202, headers, media_type=_JSON)
    body: dict[str, Any] = {
        "receipts": [orjson.Fragment(orjson.dumps(receipt.as_json())) for receipt in receipts],
        "refusals": [orjson.Fragment(orjson.dumps(refusal.as_json())) for refusal in refusals],
    }
    if receipts:
        return Response(orjson.dumps(body), 202, media_type=_JSON)
    error = refusals[0].error
    return Response(orjson.dumps({**error.as_json(), **body}), error.code.status, media_type=PROBLEM_TYPE)
