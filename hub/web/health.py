"""What monitoring asks: alive, ready, figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Ready = Callable[[], Mapping[str, Any]]
Figures = Callable[[], tuple[bytes, str]]


def health_routes(is_ready: Ready, figures: Figures) -> list[Route]:
    """``/health/live`` answers while the loop runs; ``/health/ready`` is 503 before the hub works, while it ends
    and while its store has not answered for some seconds (``missing``).

    ``is_ready`` and ``figures`` are those of ``hub.web.guard.Inside``.
    """

    async def live(request: Request) -> Response:
        return _json({"alive": True}, 200)

    async def ready(request: Request) -> Response:
        state = dict(is_ready())
        return _json(state, 200 if state.get("ready") else 503)

    async def metrics(request: Request) -> Response:
        body, media_type = figures()
        return Response(body, headers={"Content-Type": media_type})

    return [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)]


def _json(body: dict[str, object], status: int) -> Response:
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store"}, media_type="application/json")
