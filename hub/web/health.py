"""What monitoring asks: alive, ready, figures."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.web.guard import Inside


def health_routes(inside: Inside) -> list[Route]:
    """``/health/live`` answers while the loop runs; ``/health/ready`` is 503 while the hub takes no messages."""

    async def live(request: Request) -> Response:
        return _json({"alive": True}, 200)

    async def ready(request: Request) -> Response:
        state = dict(inside.ready())
        return _json(state, 200 if state.get("ready") else 503)

    async def metrics(request: Request) -> Response:
        body, media_type = inside.metrics()
        return Response(body, headers={"Content-Type": media_type})

    return [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)]


def _json(body: dict[str, object], status: int) -> Response:
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store"}, media_type="application/json")
