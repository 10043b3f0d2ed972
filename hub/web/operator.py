"""The operator's local API: HTTP on a unix socket in the data folder, for commands that repair while a hub runs.

With SQLite one process writes; ``hub resend`` and the like therefore ask the running hub. Whoever may open the socket
(mode 0600: the account that runs the hub) is an operator. Several processes on one data folder have a socket each.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.errors import HubError
from hub.message import Json
from hub.web.problem import problem_response

NAME = "hub.sock"
_MOST_PATH_BYTES = 100

# What is asked, who asks, why: the answer.
Handler = Callable[[Json, str, str], Awaitable[Json]]


def operator_app(handlers: Mapping[str, Handler]) -> Starlette:
    """``POST`` to each path of ``handlers`` with a JSON object that holds ``who`` and ``why``, and what is asked."""
    return Starlette(routes=[Route(path, _route(each), methods=["POST"]) for path, each in handlers.items()])


def texts_of(asked: Json, name: str) -> list[str]:
    """A list of texts in what is asked; raises ``HubError`` malformed."""
    found = asked.get(name)
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise HubError("malformed", f"{name} is a list of texts")
    return found


def text_of(asked: Json, name: str) -> str:
    """A text in what is asked; raises ``HubError`` malformed."""
    found = asked.get(name)
    if not isinstance(found, str):
        raise HubError("malformed", f"{name} is a text")
    return found


def _route(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            asked = _object(await request.body())
            told = await handler(asked, text_of(asked, "who"), text_of(asked, "why"))
            return Response(orjson.dumps(told), media_type="application/json")
        except HubError as error:
            return problem_response(error)

    return answer


def _object(body: bytes) -> Json:
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError:
        asked = None
    if not isinstance(asked, dict):
        raise HubError("malformed", "the body is a JSON object")
    return asked


def process_socket(host: str, process: int) -> str:
    """The name of one process's socket where several share a data folder."""
    return f"hub.{host}.{process}.sock"


def operator_sockets(data: Path) -> list[str]:
    """The names of all sockets in the data folder, also of those that killed processes left behind."""
    return sorted(path.name for path in data.glob("hub*.sock"))


def bind_operator(data: Path, name: str = NAME) -> socket.socket:
    """A listening socket in the data folder; those that ended processes of this machine left behind are taken away."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    _sweep(data, name)
    with socket_path(data, name) as path:
        Path(path).unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            listening.bind(path)
        finally:
            os.umask(before)
    listening.setblocking(False)
    return listening


def unbind_operator(data: Path, name: str) -> None:
    """Take a socket away whose process has ended, or is about to."""
    (data / name).unlink(missing_ok=True)


@contextmanager
def socket_path(data: Path, name: str = NAME) -> Iterator[str]:
    """The socket's path, short enough for the kernel (108 bytes) however deep the data folder lies."""
    path = str(data.absolute() / name)
    if len(os.fsencode(path)) <= _MOST_PATH_BYTES:
        yield path
        return
    folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{name}"
    finally:
        os.close(folder)


def _sweep(data: Path, name: str) -> None:
    """Take away what ended processes of the machine that ``name`` (see ``process_socket``) names left behind."""
    machine, _, _ = name.removesuffix(".sock").rpartition(".")
    for path in data.glob(f"{machine}.*.sock") if machine else ():
        process = path.name.removesuffix(".sock").rpartition(".")[2]
        if process.isdecimal() and not Path("/proc", process).exists():
            unbind_operator(data, path.name)
