"""Commands that ask the running hub over its operator's socket."""

from __future__ import annotations

import getpass
import http.client
import socket
from pathlib import Path

import orjson

from hub.commands.start import Usage
from hub.message import Json
from hub.web.operator import socket_path

TIMEOUT_S = 60.0


def ask_hub(data: Path, path: str, asked: Json, why: str) -> Json | None:
    """What the running hub answered to ``asked``, with who asks and why; None where no hub runs on this data folder.

    Raises ``Usage`` with the hub's own text where it refuses.
    """
    connection = http.client.HTTPConnection("localhost", timeout=TIMEOUT_S)
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    channel.settimeout(TIMEOUT_S)
    try:
        with socket_path(data) as place:
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
