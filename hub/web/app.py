"""The hub's HTTP surface as one ASGI app: limits outermost, then intake, contracts, health and metrics."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.errors import HubError
from hub.web.guard import Inside
from hub.web.health import Figures, Ready, health_routes
from hub.web.limits import LimitedApp, Limits
from hub.web.mailbox import mailbox_routes
from hub.web.problem import problem_response
from hub.web.rest import rest_caller, rest_routes
from hub.web.soap import soap_routes


def create_app(inside: Inside, limits: Limits) -> LimitedApp:
    """An app that holds no state of its own beside the count of requests in flight."""
    app = _Surface(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.router.routes.extend([*rest_routes(inside), *soap_routes(inside), *mailbox_routes(inside)])
    app.router.routes.extend(health_routes(inside.ready, inside.metrics))

    def most_bytes(path: str) -> int:
        steps = path.split("/", 3)
        agency = inside.agencies().get(steps[2]) if len(steps) > 2 else None
        return limits.max_body_bytes if agency is None or agency.max_bytes is None else agency.max_bytes

    async def refused(scope: Scope, error: HubError) -> HubError:
        """Who sends by REST proves itself in a header, so that its refusal can be recorded without its body."""
        transport, agency, type = (*scope["path"].split("/", 4)[1:4], "", "", "")[:3]
        known = inside.agencies().get(agency)
        if transport == "rest" and known is not None and known.rest is not None and error.code.status < 500:
            return await inside.refuse(rest_caller(scope, agency, type, inside.clock()), error)
        inside.refused(agency, type, transport if transport in ("rest", "soap") else "http", error)
        return error

    return LimitedApp(app, limits, most_bytes, refused)


def create_health_app(is_ready: Ready, figures: Figures, limits: Limits) -> LimitedApp:
    """The surface of a process that takes no messages: health and metrics."""
    app = _Surface(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.router.routes.extend(health_routes(is_ready, figures))

    async def refused(scope: Scope, error: HubError) -> HubError:
        return error

    return LimitedApp(app, limits, lambda _: limits.max_body_bytes, refused)


class _Surface(FastAPI):
    """FastAPI's routing without its middleware and telemetry: every handler answers its own failures
    (``hub.web.guard``) and the hub observes itself; together they cost a tenth of a request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self  # with it, a route answers a wrong method by raising
        try:
            await self.router(scope, receive, send)
        except HTTPException as error:
            await _no_route(error)(scope, receive, send)


def _no_route(error: HTTPException) -> Response:
    """Paths and methods that no route has, in the same form as every other error."""
    wrong_method = error.status_code == 405
    response = problem_response(HubError("wrong-method") if wrong_method else HubError("not-found", "No such path"))
    response.headers.update(error.headers or {})
    return response
