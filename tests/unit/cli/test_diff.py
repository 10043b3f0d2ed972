"""``hub diff`` on a store with accepted messages, and on files."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from hub.cli import dispatch
from hub.message import Credential, Received
from tests.unit.pipeline.stage import BENCH, KEY, RECEIVER, SENDER, TYPE, edit, staged

ROOT = Path(__file__).parents[3]
MESSAGES = 3
STATE = "mappings/codes/source-stage.csv"
ACCESS = f"connectors/agencies/{RECEIVER}/access.yaml"
AGENCY = f"connectors/agencies/{RECEIVER}/agency.yaml"
NAME = "النقيب سلطان بن فهد الحربي"

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """``site``, its copy ``other``, and ``data`` with a few accepted messages; the last one labelled by a header."""

    async def fill() -> None:
        async with staged(tmp_path) as stage:
            for number in range(MESSAGES - 1):
                await stage.accept(number)
            text = (BENCH / "bench" / "case.json").read_text().replace("@NUMBER@", "00000099")
            credential = Credential("api-key", secret=KEY)
            await stage.accepting.accept(
                Received(SENDER, TYPE, "rest", text.encode(), 1_790_000_000.0, credential, classification="SECRET")
            )

    asyncio.run(fill())
    shutil.copytree(BENCH, tmp_path / "other")
    return tmp_path


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def diff(*words: str) -> tuple[int, Any]:
        status = dispatch(
            ["diff", str(folder / "other"), "--site", str(folder / "site"), "--data", str(folder / "data"), "--json",
             *words]
        )  # fmt: skip
        return status, json.loads(capsys.readouterr().out or "null")

    return diff


def kinds(found: Any) -> set[tuple[str, str | None, str, str, int]]:
    (group,) = found["groups"]
    names = ("kind", "recipient", "path", "change", "messages")
    return {tuple(each[name] for name in names) for each in group["differences"]}


def test_the_same_site_does_the_same(run: Run) -> None:
    """Exit status 0, and every stored message was looked at."""
    status, found = run()
    assert status == 0
    assert (found["messages"], found["different"]) == (MESSAGES, 0)


def test_a_field_read_otherwise_is_followed_to_the_documents(run: Run, folder: Path) -> None:
    """In canonical terms, and at its place in what the receiver would get."""
    edit(STATE, "REF,referred", "REF,closed")(folder / "other")
    edit(STATE, "CLS,closed", "CLS,referred")(folder / "other")
    status, found = run()
    assert status == 1
    assert kinds(found) == {
        ("field", None, "stage", "changed", MESSAGES),
        ("document", RECEIVER, "ca:RegisterCase/ca:CaseFile/ca:CaseStage", "changed", MESSAGES),
    }


def test_values_are_shown_only_when_asked(run: Run, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also in the text for people."""
    edit(f"mappings/{SENDER}/{TYPE}.yaml", "station.name: case/station/name", "station.name: case/officer/name")(
        folder / "other"
    )
    edit(f"mappings/{SENDER}/{TYPE}.yaml", "officer.name: case/officer/name", "officer.name: case/station/name")(
        folder / "other"
    )
    words = ["diff", str(folder / "other"), "--site", str(folder / "site"), "--data", str(folder / "data")]
    for form in ([], ["--json"]):
        assert dispatch([*words, *form]) == 1
        assert NAME not in capsys.readouterr().out
        assert dispatch([*words, *form, "--values"]) == 1
        assert NAME in capsys.readouterr().out


def test_a_message_that_would_be_refused_says_why_and_where(run: Run, folder: Path) -> None:
    """The code, the sender's own path, and nothing about fields or receivers."""
    edit(f"schemas/agencies/{SENDER}/case-record.json", '"REF"', '"XEF"')(folder / "other")
    edit(STATE, "REF,referred", "XEF,referred")(folder / "other")
    status, found = run()
    assert status == 1
    ((kind, _, path, change, messages),) = kinds(found)
    assert (kind, change, messages) == ("outcome", "accepted -> refused: schema-violation", MESSAGES)
    assert path.startswith("/case/state")


def test_a_narrower_grant_names_the_field_and_the_rule(run: Run, folder: Path) -> None:
    """And where the value stood in the receiver's document."""
    edit(ACCESS, '"officer.badge"]', '"officer.badge", "officer.name"]')(folder / "other")
    status, found = run()
    assert status == 1
    assert kinds(found) == {
        ("disclosure", RECEIVER, "officer.name", "shown -> withheld by CA-1: except", MESSAGES),
        ("document", RECEIVER, "ca:RegisterCase/ca:CaseFile/ca:OfficerName", "removed", MESSAGES),
    }


def test_a_lower_ceiling_withholds_what_the_transport_labelled(run: Run, folder: Path) -> None:
    """The label of a header is not in the stored bytes, and counts all the same."""
    edit(AGENCY, "ceiling: SECRET", "ceiling: RESTRICTED")(folder / "other")
    status, found = run()
    assert status == 1
    assert kinds(found) == {("recipient", RECEIVER, "", "delivered -> withheld: above-ceiling", 1)}


def test_a_grant_that_goes_leaves_nothing_to_deliver(run: Run, folder: Path) -> None:
    """The message itself is still accepted."""
    edit(ACCESS, "{at-most: SECRET}", "[PUBLIC]")(folder / "other")
    assert kinds(run()[1]) == {("recipient", RECEIVER, "", "delivered -> nothing", MESSAGES)}


def test_another_way_in_is_a_difference(run: Run, folder: Path) -> None:
    """The sender's transport is part of what a site allows."""
    edit(f"connectors/agencies/{SENDER}/agency.yaml", "rest: {credential: api-key, types: [case-record]}",
         "file: {folder: drop, ready: rename, types: {\"*\": case-record}}")(folder / "other")  # fmt: skip
    assert kinds(run()[1]) == {("outcome", None, "", "accepted -> refused: unknown-type", MESSAGES)}


def test_nothing_is_written_or_sent(run: Run, folder: Path) -> None:
    """The store's files stay as they are."""
    before = {path.name: path.read_bytes() for path in (folder / "data").iterdir() if path.is_file()}
    edit(ACCESS, '"officer.badge"]', '"officer.badge", "officer.name"]')(folder / "other")
    run()
    after = {path.name: path.read_bytes() for path in (folder / "data").iterdir() if path.is_file()}
    assert {name: content for name, content in after.items() if not name.endswith(("-shm", "-wal"))} == {
        name: content for name, content in before.items() if not name.endswith(("-shm", "-wal"))
    }


def test_limit_takes_the_latest(run: Run, folder: Path) -> None:
    """Here the one labelled by its header."""
    edit(AGENCY, "ceiling: SECRET", "ceiling: RESTRICTED")(folder / "other")
    _, found = run("--limit", "1")
    assert (found["messages"], found["different"]) == (1, 1)


def test_examples_are_bounded(run: Run, folder: Path) -> None:
    """Each kind names so many messages and counts the rest."""
    edit(ACCESS, "{at-most: SECRET}", "[PUBLIC]")(folder / "other")
    ((group,),) = [run("--examples", "2")[1]["groups"]]
    (found,) = group["differences"]
    assert (found["messages"], len(found["examples"])) == (MESSAGES, 2)


def test_another_sender_has_nothing_to_compare(run: Run) -> None:
    """No messages, no differences."""
    assert run("--agency", RECEIVER) == (0, {**run("--agency", RECEIVER)[1], "messages": 0, "groups": []})


def test_a_site_with_findings_is_no_comparison(folder: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, told apart from differences, with file and line."""
    edit(f"mappings/{RECEIVER}/{TYPE}.yaml", "ca:CaseStage", "ca:CaseStag")(folder / "other")
    words = ["diff", str(folder / "other"), "--site", str(folder / "site"), "--data", str(folder / "data")]
    assert dispatch(words) == 2
    assert f"mappings/{RECEIVER}/{TYPE}.yaml:6" in capsys.readouterr().err


def test_files_are_compared_as_the_options_say(run: Run, folder: Path, tmp_path: Path) -> None:
    """No store is needed; the message is named by its file."""
    file = tmp_path / "case.json"
    file.write_bytes(
        orjson.dumps(orjson.loads((BENCH / "bench" / "case.json").read_text().replace("@NUMBER@", "00000001")))
    )
    edit(ACCESS, "{at-most: SECRET}", "[PUBLIC]")(folder / "other")
    status, found = run("--files", str(file), "--from", SENDER, "--as", TYPE, "--data", str(tmp_path / "none"))
    assert status == 1
    assert found["groups"][0]["differences"][0]["examples"][0]["message"] == str(file)


@pytest.mark.parametrize(
    "words",
    [
        ("--files", "/none/*.json"),
        ("--files", __file__),
        ("--from", SENDER),
        ("--files", "x", "--limit", "3"),
        ("x.json",),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(run: Run, words: tuple[str, ...]) -> None:
    """Files that are not there or belong to nobody; options of the other kind."""
    assert run(*words)[0] == 2


def test_examples_of_a_site_know_their_agency_and_type(capsys: pytest.CaptureFixture[str]) -> None:
    """Every input of the default site, both records of the table among them, is the same under the same site."""
    pattern = str(ROOT / "mappings/*/examples/**")
    assert dispatch(["diff", str(ROOT), "--site", str(ROOT), "--files", pattern, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    inputs = len(list(ROOT.glob("mappings/*/examples/*/input.*")))
    assert inputs > 5
    assert found["messages"] >= inputs + 1
    assert found["different"] == 0


def test_a_file_is_read_in_the_encoding_that_its_agency_declares(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it would be from the agency's folder: both records of the table are seen."""
    example = next(path.parent for path in ROOT.glob("mappings/*/examples/*/input.csv"))
    file = tmp_path / "table.csv"
    shutil.copyfile(example / "input.csv", file)
    words = ["--files", str(file), "--from", example.parts[-3], "--as", "case-status", "--json"]
    assert dispatch(["diff", str(ROOT), "--site", str(ROOT), *words]) == 0
    assert json.loads(capsys.readouterr().out)["messages"] == 2
