"""Commands that ask the running hub over its operator's socket."""

from __future__ import annotations

import getpass
import http.client
import socket
from pathlib import Path

import orjson

from hub.commands.start import Usage
from hub.message import Json
from hub.web.operator import operator_sockets, socket_path

TIMEOUT_S = 60.0


def ask_hub(data: Path, path: str, asked: Json, why: str) -> Json | None:
    """What a running hub process answered to ``asked``, with who asks and why; None where none runs on this folder.

    Raises ``Usage`` with the hub's own text where it refuses.
    """
    answers = (_ask(data, name, path, asked, why) for name in operator_sockets(data))
    return next((answer for answer in answers if answer is not None), None)


def ask_every_hub(data: Path, path: str, asked: Json, why: str) -> dict[str, Json]:
    """As ``ask_hub``, but asks every process that shares this data folder; answers by the name of its socket."""
    answers = {name: _ask(data, name, path, asked, why) for name in operator_sockets(data)}
    return {name: answer for name, answer in answers.items() if answer is not None}


def _ask(data: Path, name: str, path: str, asked: Json, why: str) -> Json | None:
    connection = http.client.HTTPConnection("localhost", timeout=TIMEOUT_S)
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    channel.settimeout(TIMEOUT_S)
    try:
        with socket_path(data, name) as place:
            channel.connect(place)
    except OSError:
        channel.close()
        return None
    connection.sock = channel
    try:
        connection.request("POST", path, orjson.dumps({**asked, "who": getpass.getuser(), "why": why}))
        answer = connection.getresponse()
        body: Json = orjson.loads(answer.read())
    finally:
        connection.close()
    if answer.status != 200:
        raise Usage(f"the hub answered {answer.status}: {body.get('detail', '')}")
    return body
