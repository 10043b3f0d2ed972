"""``hub intake`` and ``hub deliver``: what they refuse, and how several processes on one data folder are asked."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from hub.cli import dispatch
from hub.message import Json
from hub.web.operator import bind_operator, operator_app, operator_sockets, process_socket
from hub.web.server import WebServer

HOST = socket.gethostname()


@pytest.mark.parametrize("command", ["intake", "deliver"])
def test_sqlite_is_refused(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One process writes to SQLite; the text says what to do instead, and nothing is made in the data folder."""
    assert dispatch([command, "--data", str(tmp_path / "data"), "--queue", "amqp://127.0.0.1/"]) == 2
    assert "only one process can write to SQLite: give --store postgresql://" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command", ["intake", "deliver"])
def test_a_queue_inside_the_process_is_refused(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its rings would reach nobody."""
    assert dispatch([command, "--store", "postgresql://127.0.0.1/hub", "--queue", "memory://"]) == 2
    assert "memory:// rings inside one process only: give --queue amqp://" in capsys.readouterr().err


def test_a_socket_of_an_ended_process_is_taken_away_and_others_stay(tmp_path: Path) -> None:
    """A killed process leaves its socket; the next one on this machine tidies, but not for other machines."""
    ended = asyncio.run(_ended_process())
    for name in (process_socket(HOST, ended), process_socket(HOST, os.getppid()), process_socket("elsewhere", ended)):
        (tmp_path / name).touch()
    bind_operator(tmp_path, process_socket(HOST, os.getpid())).close()
    left = [process_socket(HOST, os.getppid()), process_socket("elsewhere", ended), process_socket(HOST, os.getpid())]
    assert operator_sockets(tmp_path) == sorted(left)


async def _ended_process() -> int:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await process.wait()
    return process.pid


def reload_with_processes(data: Path, *answers: Json) -> tuple[int, str]:
    """``hub reload --json`` while one process for each of ``answers``, and one that was killed, share the folder."""

    async def run() -> tuple[int, str]:
        serving = []
        bind_operator(data, process_socket("elsewhere", 1)).close()
        for number, answer in enumerate(answers):

            async def reload(asked: Json, who: str, why: str, answer: Json = answer) -> Json:
                return answer

            bound = bind_operator(data, process_socket(f"here-{number}", 1))
            server = WebServer(operator_app({"/reload": reload}), "", 0, 1, bound)
            serving.append((server, asyncio.create_task(server.run())))
            await server.started()
        command = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub.cli", "reload", "--data", str(data), "--json", stdout=asyncio.subprocess.PIPE
        )
        out, _ = await command.communicate()
        for server, task in serving:
            server.stop()
            await task
        return command.returncode or 0, out.decode()

    return asyncio.run(run())


DONE: Json = {"reloaded": True, "site": "b" * 64, "before": "a" * 64, "findings": []}
REFUSED: Json = {"reloaded": False, "site": "a" * 64, "before": "a" * 64, "findings": []}


def test_reload_asks_every_process(tmp_path: Path) -> None:
    """All have to take the new site; a dead process's socket is passed over."""
    status, out = reload_with_processes(tmp_path, DONE, DONE)
    assert status == 0
    assert json.loads(out)["processes"] == {process_socket(f"here-{n}", 1): DONE for n in range(2)}


def test_reload_tells_of_a_process_that_refused(tmp_path: Path) -> None:
    """One that keeps the old site is a negative result for all."""
    status, out = reload_with_processes(tmp_path, DONE, REFUSED)
    assert status == 1
    assert json.loads(out)["reloaded"] is False
