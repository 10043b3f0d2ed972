"""``hub resend``, with a hub that runs and without one."""

from __future__ import annotations

import asyncio
import json
import stat
import sys
from pathlib import Path

import pytest

from hub.cli import dispatch
from hub.errors import HubError
from hub.message import Json
from hub.store.open import open_store
from hub.web.operator import NAME, Handler, bind_operator, operator_app
from hub.web.server import WebServer
from tests.unit.cli.stocked import Stocked, stock


def test_without_a_hub_the_store_is_changed(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """The dead letter is pending again, and the ledger says who and why."""
    assert dispatch(["resend", stocked.dead, "--why", "repaired", "--data", str(stocked.data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"done": {stocked.dead: stocked.dead}, "left": {}}
    dispatch(["trace", stocked.message, "--data", str(stocked.data), "--json"])
    (traced,) = json.loads(capsys.readouterr().out)
    states = {each["id"]: each["state"] for each in traced["deliveries"]}
    assert states[stocked.dead] == "pending"
    (entry,) = [each["body"] for each in traced["ledger"] if each["body"]["kind"] == "resend"]
    assert entry["justification"] == "repaired"
    assert entry["actor"]["person"]


def test_all_takes_every_dead_letter_of_the_agency(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """No ids to copy."""
    assert dispatch(["resend", "--agency", "court", "--yes", "--why", "w", "--data", str(stocked.data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["done"] == {stocked.dead: stocked.dead}


def test_a_delivery_that_is_not_dead_is_a_negative_result(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing that was delivered goes out twice by a slip."""
    assert dispatch(["resend", stocked.delivered, "--why", "w", "--data", str(stocked.data), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"done": {}, "left": {stocked.delivered: "delivered"}}


def test_ids_and_all_together_are_a_usage_error(stocked: Stocked) -> None:
    """As is neither of them."""
    assert dispatch(["resend", stocked.dead, "--all", "--data", str(stocked.data)]) == 2
    assert dispatch(["resend", "--data", str(stocked.data)]) == 2


def test_a_store_in_use_by_something_without_a_socket_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lock of a data folder protects the one writer of SQLite."""
    stocked = asyncio.run(stock(tmp_path))

    async def run() -> int:
        store = open_store("sqlite", stocked.data)
        try:
            return await asyncio.to_thread(
                dispatch, ["resend", stocked.dead, "--why", "w", "--data", str(stocked.data)]
            )
        finally:
            await store.close()

    assert asyncio.run(run()) == 1
    assert "another hub process uses this data folder" in capsys.readouterr().err


def ask_a_running_hub(data: Path, resend: Handler, *words: str) -> tuple[int, str, str]:
    """The command as a process of its own, against an operator API on this loop."""

    async def run() -> tuple[int, str, str]:
        server = WebServer(operator_app({"/resend": resend}), "", 0, 1, bind_operator(data))
        serving = asyncio.create_task(server.run())
        await server.started()
        command = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub.cli", "resend", *words, "--data", str(data), "--json",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, errors = await command.communicate()
        server.stop()
        await serving
        return command.returncode or 0, out.decode(), errors.decode()

    return asyncio.run(run())


def test_a_running_hub_is_asked_over_its_socket(tmp_path: Path) -> None:
    """It gets the ids, who asks and why; only its own account may open the socket."""
    heard: list[tuple[list[str], str, str]] = []

    async def resend(asked: Json, who: str, why: str) -> Json:
        heard.append((asked["ids"], who, why))
        mode = (tmp_path / NAME).stat().st_mode
        assert stat.S_IMODE(mode) == 0o600
        return {"done": {id: id for id in asked["ids"]}, "left": {}}

    status, out, _ = ask_a_running_hub(tmp_path, resend, "d1", "d2", "--why", "repaired")
    assert status == 0
    assert json.loads(out)["done"] == {"d1": "d1", "d2": "d2"}
    ((ids, who, why),) = heard
    assert (ids, why) == (["d1", "d2"], "repaired")
    assert who


def test_a_refusal_of_the_running_hub_is_told(tmp_path: Path) -> None:
    """The command does not fall back to the store behind the hub's back."""

    async def resend(asked: Json, who: str, why: str) -> Json:
        raise HubError("busy")

    status, _, errors = ask_a_running_hub(tmp_path, resend, "d1", "--reason", "r")
    assert status == 2
    assert "503" in errors


def test_a_deep_data_folder_still_has_a_socket(tmp_path: Path) -> None:
    """Socket paths end at 108 bytes; folders do not."""
    deep = tmp_path.joinpath(*(["a-rather-long-folder-name"] * 5))
    deep.mkdir(parents=True)

    async def resend(asked: Json, who: str, why: str) -> Json:
        return {"done": {id: id for id in asked["ids"]}, "left": {}}

    assert ask_a_running_hub(deep, resend, "d1", "--reason", "r")[0] == 0
