"""What the HTTP surface is given of the hub, and the edge at which every failure becomes an answer."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.errors import HubError
from hub.message import Acknowledgement, Answer, Json, Received, Sender, State
from hub.observe import Observer
from hub.site.agency import Agency
from hub.web.problem import problem_response

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Inside:
    """The hub behind the surface. ``accept`` returns after the commit; ``accept`` and ``identify`` raise ``HubError``.

    ``status`` shows a message to its sender (None: it sent no such message). ``ready`` has a member ``ready`` (bool)
    beside what an operator wants to see; ``metrics`` gives a body and its media type. ``fetch`` hands out up to so many
    messages of an agency's mailbox, waiting up to so many seconds; ``acknowledge`` gives the states that it led to.
    """

    accept: Callable[[Received], Awaitable[Answer]]
    identify: Callable[[Received], Sender]
    agencies: Callable[[], Mapping[str, Agency]]
    site_root: Callable[[], Path]
    status: Callable[[str, str], Awaitable[Json | None]]
    metrics: Callable[[], tuple[bytes, str]]
    ready: Callable[[], Mapping[str, Any]]
    fetch: Callable[[str, int, float], Awaitable[list[Json]]]
    acknowledge: Callable[[Acknowledgement], Awaitable[Mapping[str, State]]]
    observer: Observer
    clock: Callable[[], float] = time.time

    def contracts(self, agency: str) -> Path:
        """The folder with the contracts that one agency publishes."""
        return self.site_root() / "schemas" / "agencies" / agency

    async def refuse(self, caller: Received, error: HubError) -> HubError:
        """Refuse before anything of the content was looked at; gives what to answer.

        The refusal of a sender that proves itself stands in the ledger before it is answered (the pipeline sees to
        that). One that does not is told only that, and counted: nobody without a credential can fill the ledger.
        """
        try:
            await self.accept(replace(caller, problem=error))
        except HubError as told:
            return told
        return error

    def refused(self, agency: str, type: str, transport: str, error: HubError) -> None:
        """Tell the observer of a refusal that the pipeline did not see; unknown names count as ``unknown``."""
        known = self.agencies().get(agency)
        type_label = type if known is not None and type in known.documents else "unknown"
        self.observer.refused(agency if known is not None else "unknown", type_label, transport, error.code.name)


class Guarded:
    """One handler as an ASGI app (Starlette's own wrapping of functions costs more than the handler).

    What it raises becomes ``application/problem+json``; the caller never sees a stack.
    """

    def __init__(self, handler: Handler, transport: str, observer: Observer) -> None:
        self._handler = handler
        self._transport = transport
        self._observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._handler(Request(scope, receive))
        except HubError as error:
            response = problem_response(error)
        except Exception as error:
            self._observer.faulted(f"web.{self._transport}", error)
            response = problem_response(HubError("internal"))
        await response(scope, receive, send)
