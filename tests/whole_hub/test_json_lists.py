"""A partner that posts lists: each item is a message of its own, the bad ones are named, and it gets lists, too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.whole_hub.running import ROOT, Running, copy_site

AGENCY, TYPE = "police-platform", "case-status"
LISTS = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "array", "items": {"$ref": f"{TYPE}.json"}}
EVENT = orjson.loads((ROOT / "mappings" / AGENCY / "examples" / "event-referred" / "input.json").read_bytes())
MOVEMENTS = ROOT / "mappings/public-security/examples/daily-movements/input.csv"
PATH = "/api/v1/events"
MANY = 400


def site(folder: Path, batch: str) -> Path:
    document = {"schema": "case-statuses.json", "batch": batch}
    parcels = {"batch": {"most": "2", "wait-s": "0.5"}} if batch == "each" else {}
    copy_site(folder, {AGENCY: {"documents": {TYPE: document}, "delivers": parcels}})
    (folder / "schemas" / "agencies" / AGENCY / "case-statuses.json").write_text(json.dumps(LISTS))
    mapping = folder / "mappings" / AGENCY / f"{TYPE}.yaml"
    mapping.write_text(mapping.read_text().replace("\nfields:\n", '\nroot: "[]"\nfields:\n', 1))
    return folder


@pytest.fixture(scope="module", params=["each", "all"])
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    folder = tmp_path_factory.mktemp(f"lists-{request.param}")
    with Running(site(folder / "site", request.param), folder / "data") as running:
        yield running, request.param


def moved(running: Running, name: str, *numbers: str) -> None:
    """A file of Public Security with movements under these numbers, each of a case of its own, arrives."""
    head = MOVEMENTS.read_text(encoding="windows-1256").splitlines()[0]
    rows = [f"{number};1448-MK-{number:0>7};;20;;2026/06/21 20:10;;;;-" for number in numbers]
    running.drop("public-security", name, "\r\n".join([head, *rows, ""]).encode("windows-1256"))
    _, report = running.report("public-security", name)
    for receipt in report["receipts"]:
        running.settled(receipt["id"], police_platform="delivered")


def events(first: int, count: int = 3, wrong: int | None = None) -> bytes:
    """Events with numbers of their own; one of them in a stage that nobody knows."""
    found: list[dict[str, Any]] = [{**EVENT, "eventNumber": f"EV-1448-{first + n:05}"} for n in range(count)]
    if wrong is not None:
        found[wrong]["stage"] = "dreaming"
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def test_each_item_is_a_message(hub: tuple[Running, str]) -> None:
    """Three receipts in the order of the items; the same list again has the same ones."""
    running, _ = hub
    first, again = (running.post(AGENCY, TYPE, events(100)) for _ in range(2))
    assert (first.status, [each["record"] for each in first.json["receipts"]]) == (202, [0, 1, 2])
    ids = [[each["id"] for each in answer.json["receipts"]] for answer in (first, again)]
    assert ids[0] == ids[1]
    for id in ids[0]:
        running.settled(id, public_prosecution="delivered", emirate="delivered")


def test_a_bad_item_is_named_in_the_senders_terms(hub: tuple[Running, str]) -> None:
    """Alone where each counts for itself; where the list is taken all or nothing, nothing of it was accepted."""
    running, batch = hub
    body = events(200, wrong=1)
    answer = running.post(AGENCY, TYPE, body)
    line = body.split(b"dreaming")[0].count(b"\n") + 1
    problems = answer.json["refusals"][0]["problems"] if batch == "each" else answer.json["problems"]
    assert (problems[0]["path"], problems[0]["line"]) == ("/1/stage", line)
    if batch == "each":
        assert (answer.status, len(answer.json["receipts"])) == (202, 2)
    else:
        assert answer.status == 422
    mended = running.post(AGENCY, TYPE, events(200)).json["receipts"]
    assert [each["duplicate"] for each in mended] == ([True, False, True] if batch == "each" else [False] * 3)


def test_a_large_list_is_taken_in_parts(hub: tuple[Running, str]) -> None:
    """Over 64 KB, with the places of the whole list."""
    running, batch = hub
    body = events(1000, MANY, wrong=333 if batch == "each" else None)
    assert len(body) > 64 * 1024
    answer = running.post(AGENCY, TYPE, body).json
    assert len(answer["receipts"]) == (MANY - 1 if batch == "each" else MANY)
    if batch == "each":
        (refusal,) = answer["refusals"]
        line = body.split(b"dreaming")[0].count(b"\n") + 1
        assert [(each["path"], each["line"]) for each in refusal["problems"]] == [("/333/stage", line)]


def test_it_gets_lists(hub: tuple[Running, str]) -> None:
    """Movements of two cases in one parcel are one list; what goes alone is a list of one."""
    running, batch = hub
    moved(running, "two.csv", "7101", "7102")
    moved(running, "one.csv", "7103")
    lists = [orjson.loads(body) for body in running.services[AGENCY].bodies(PATH)]
    numbers = [sorted(event["eventNumber"] for event in each) for each in lists]
    assert sorted(numbers) == ([["7101", "7102"], ["7103"]] if batch == "each" else [["7101"], ["7102"], ["7103"]])


def test_its_contract_says_that_it_is_a_list(hub: tuple[Running, str]) -> None:
    """GET openapi.json."""
    running, _ = hub
    contract = running.request("GET", f"/rest/{AGENCY}/openapi.json").json
    schema = contract["paths"][f"/rest/{AGENCY}/{TYPE}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["type"] == "array"
