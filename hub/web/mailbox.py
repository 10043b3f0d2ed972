"""The mailbox of an agency that fetches: ``GET /rest/{agency}/mailbox``, and the acknowledgement of what it got."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from hub.errors import HubError
from hub.message import Acknowledgement, Received, State
from hub.web.guard import Guarded, Inside
from hub.web.limits import BODY
from hub.web.read import api_key, headers_of

MOST = 100
LONGEST_WAIT_S = 60.0
_USUAL = 20
_MOST_WAITING = 32
_JSON = "application/json"
_TOKEN = re.compile(r"[ -~]{1,200}")
_CODE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_OUTCOMES = {"delivered": True, "refused": False}


def mailbox_routes(inside: Inside) -> list[Route]:
    """The routes of fetching and acknowledging."""
    surface = _MailboxSurface(inside)
    fetch = Guarded(surface.fetch, "mailbox", inside.observer)
    acknowledge = Guarded(surface.acknowledge, "mailbox", inside.observer)
    return [
        Route("/rest/{agency}/mailbox", fetch, methods=["GET"]),
        Route("/rest/{agency}/mailbox/{id}/ack", acknowledge, methods=["POST"]),
    ]


class _MailboxSurface:
    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._waiting: Counter[str] = Counter()

    async def fetch(self, request: Request) -> Response:
        """What is there, frozen and disclosed before it is answered; with ``wait`` once something is."""
        agency = self._proven(request.scope, request.path_params["agency"])
        most = int(_number(request, "most", _USUAL, 1, MOST))
        wait_s = _number(request, "wait", 0.0, 0.0, LONGEST_WAIT_S)
        if self._waiting[agency] >= _MOST_WAITING:
            wait_s = 0.0  # the store is asked once a second for each that waits
        self._waiting[agency] += 1
        try:
            messages = await self._inside.fetch(agency, most, wait_s)
        finally:
            self._waiting[agency] -= 1
        return Response(orjson.dumps({"messages": messages}), headers={"Cache-Control": "no-store"}, media_type=_JSON)

    async def acknowledge(self, request: Request) -> Response:
        """The message is delivered, or a dead letter where the agency refuses it; the same again is answered alike."""
        agency, id = self._proven(request.scope, request.path_params["agency"]), request.path_params["id"]
        taken, number, reason = _word(request.scope[BODY])
        states = await self._inside.acknowledge(Acknowledgement(agency, (id,), taken, number, reason))
        wanted = State.DELIVERED if taken else State.DEAD
        if states.get(id) is not wanted:
            said = " (it was acknowledged with the other outcome before)" if id in states else ""
            raise HubError("not-awaited", f"No acknowledgement of this message is awaited{said}")
        return Response(orjson.dumps({"id": id, "state": wanted.value}), media_type=_JSON)

    def _proven(self, scope: Scope, name: str) -> str:
        """The agency whose mailbox it is, proven by its own credential."""
        try:
            agency = self._inside.agencies().get(name)
            if agency is None or agency.way is None or agency.way.mailbox is None:
                raise HubError("unknown-agency", "No agency of this name has a mailbox")
            given = Received(name, "", "mailbox", b"", self._inside.clock(), api_key(headers_of(scope)))
            return self._inside.identify(given).agency
        except HubError as error:
            self._inside.refused(name, "", "mailbox", error)
            raise


def _number(request: Request, name: str, usual: float, least: float, most: float) -> float:
    text = request.query_params.get(name)
    if text is None:
        return usual
    if not re.fullmatch(r"[0-9]{1,4}", text) or not least <= int(text) <= most:
        raise HubError("malformed", f"{name} is a whole number from {least:g} to {most:g}")
    return float(text)


def _word(body: bytes) -> tuple[bool, str | None, str | None]:
    """``{"outcome": "delivered" | "refused", "number": ..., "reason": ...}``; no body is plain ``delivered``."""
    try:
        said: Any = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        raise HubError("malformed", "The acknowledgement is not JSON") from None
    if not isinstance(said, Mapping) or not said.keys() <= {"outcome", "number", "reason"}:
        raise HubError("malformed", "An acknowledgement has outcome, number and reason")
    taken = _OUTCOMES.get(said.get("outcome", "delivered")) if isinstance(said.get("outcome", ""), str) else None
    if taken is None:
        raise HubError("malformed", "outcome is delivered or refused")
    number = _short(said, "number", _TOKEN, "up to 200 printable characters")
    return taken, number, _short(said, "reason", _CODE, "a code, no text")


def _short(said: Mapping[str, Any], name: str, pattern: re.Pattern[str], what: str) -> str | None:
    value = said.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise HubError("malformed", f"{name} is {what}")
    return value
