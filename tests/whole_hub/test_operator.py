"""An operator finds what is stuck, mends the site, and replays it: as a person does it, with the commands."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.conformance import Behaviour
from hub.cli import dispatch
from hub.store.views import DeliveryView
from tests.whole_hub.events import new_case, send_event
from tests.whole_hub.running import ROOT, Running, copy_site, until

RECEIVER, OTHER = "emirate", "public-prosecution"
CODES = "mappings/codes/emirate-stage.csv"
AGENCY = f"connectors/agencies/{RECEIVER}/agency.yaml"


@dataclass
class Desk:
    """A hub that runs on a copy of the default site, and the person at its terminal."""

    hub: Running
    site: Path
    capsys: pytest.CaptureFixture[str]

    def call(self, *words: str, status: int = 0) -> Any:
        """What a command of ``hub`` answers as JSON."""
        self.capsys.readouterr()
        assert dispatch([*words, "--data", str(self.hub.data), "--json"]) == status
        return json.loads(self.capsys.readouterr().out)

    def see(self, id: str) -> Any:
        """``hub deliveries ID``."""
        return self.call("deliveries", id)

    def swap_codes(self) -> None:
        """Two stages are written for each other: the contract allows it, and it is wrong."""
        table = (ROOT / CODES).read_text()
        one, two = (
            next(line for line in table.splitlines() if f",{name}" in line) for name in ("referred", "suspended")
        )
        turned = {one: one.replace("referred", "suspended"), two: two.replace("suspended", "referred")}
        (self.site / CODES).write_text("\n".join(turned.get(line, line) for line in table.splitlines()) + "\n")
        assert self.call("reload", "--why", "new codes")["reloaded"]

    def mend_codes(self) -> None:
        """As they were."""
        shutil.copy(ROOT / CODES, self.site / CODES)
        assert self.call("reload", "--why", "codes mended")["reloaded"]

    def wrong_word(self) -> str:
        """How the receiver says that a case is suspended."""
        lines = (ROOT / CODES).read_text().splitlines()
        return next(line.split(",")[0] for line in lines if ",suspended" in line)

    def lane_of_three(self) -> tuple[list[str], list[DeliveryView]]:
        """Three events of one case, the first of which the receiver refuses: their messages, and what it is to get."""
        case = new_case()
        first = send_event(self.hub, case)
        self.hub.settled(first.message, **{RECEIVER: "dead"})
        messages = [first.message, *(send_event(self.hub, case).message for _ in range(2))]
        return messages, [self.hub.deliveries(message)[RECEIVER] for message in messages]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    folder = tmp_path_factory.mktemp("operator")
    site = copy_site(folder / "site", {})
    with Running(site, folder / "data") as hub:
        yield hub, site


@pytest.fixture
def desk(started: tuple[Running, Path], capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    hub, site = started
    yield Desk(hub, site, capsys)
    hub.services[RECEIVER].moods.clear()
    hub.services[RECEIVER].behaviour = Behaviour.TAKE
    shutil.copy(ROOT / CODES, site / CODES)
    shutil.copy(ROOT / AGENCY, site / AGENCY)
    assert dispatch(["reload", "--why", "as before", "--data", str(hub.data)]) == 0


def test_a_lane_is_replayed_in_order_once_the_mapping_is_mended(desk: Desk) -> None:
    """Broken, found, mended, replayed: three new ids in the old places, and nobody else gets anything."""
    hub, service = desk.hub, desk.hub.services[RECEIVER]
    service.moods[desk.wrong_word()] = Behaviour.BAD_REQUEST
    desk.swap_codes()
    messages, old = desk.lane_of_three()
    head, second, _ = old
    assert desk.see(second.id)["behind"] == head.id
    assert f"hub reprocess {head.id}" in desk.see(head.id)["next"]
    desk.mend_codes()
    others = [hub.settled(message, **{OTHER.replace("-", "_"): "delivered"})[OTHER] for message in messages]

    lane = ("reprocess", "--lane", head.id)
    assert len(desk.call(*lane, "--dry-run")["done"]) == 3
    assert desk.see(head.id)["state"] == "dead"
    told = desk.call(*lane, "--reason", "codes mended", "--yes")
    assert (list(told["done"]), told["left"]) == ([each.id for each in old], {})
    new = [told["done"][each.id] for each in old]
    until(lambda: desk.see(new[-1])["state"] == "delivered")

    arrived = [
        (id, headers["Hub-Sequence"].rpartition(";")[2], orjson.loads(body)["stage"])
        for id, (headers, _, body) in zip(service.ids(), service.requests, strict=True)
        if id in new
    ]
    right = next(line.split(",")[0] for line in (ROOT / CODES).read_text().splitlines() if ",referred" in line)
    assert arrived == [(id, str(number), right) for number, id in enumerate(new, start=1)]
    assert [(desk.see(each.id)["state"], desk.see(each.id)["reason"]) for each in old] == [
        ("superseded", id) for id in new
    ]
    assert [desk.see(id)["relates_to"] for id in new] == [each.id for each in old]
    after = [
        next(each for each in hub.wait(hub.queries.message(message)).deliveries if each.agency == OTHER)  # type: ignore[union-attr]
        for message in messages
    ]
    assert after == others


def test_the_ledger_and_the_trace_tell_of_a_replay(desk: Desk) -> None:
    """Who, why, which id came in the place of which, by which site; the old bytes are still there."""
    desk.hub.services[RECEIVER].moods[desk.wrong_word()] = Behaviour.BAD_REQUEST
    desk.swap_codes()
    dead = desk.hub.settled(message := send_event(desk.hub).message, **{RECEIVER: "dead"})[RECEIVER]
    before = desk.hub.wait(desk.hub.queries.parcel(dead.id))
    desk.mend_codes()
    new = desk.call("reprocess", dead.id, "--reason", "codes mended")["done"][dead.id]
    until(lambda: desk.see(new)["state"] == "delivered")
    (traced,) = desk.call("trace", message)
    (entry,) = [each["body"] for each in traced["ledger"] if each["body"]["kind"] == "reprocess"]
    assert (entry["delivery"], entry["relatesTo"], entry["recipient"]) == (new, dead.id, RECEIVER)
    assert (entry["justification"], bool(entry["actor"]["person"]), bool(entry["site"])) == ("codes mended", True, True)
    assert [each["outcome"] for each in desk.hub.disclosures(new)] == ["started", "delivered"]
    assert desk.hub.wait(desk.hub.queries.parcel(dead.id)) == before
    assert dispatch(["ledger", "verify", "--data", str(desk.hub.data)]) == 0


def test_what_todays_site_refuses_stays_dead_with_that_reason(desk: Desk) -> None:
    """Nothing is lost and nothing is sent: the label is above the ceiling that the agency has now."""
    service = desk.hub.services[RECEIVER]
    service.behaviour = Behaviour.BAD_REQUEST
    dead = desk.hub.settled(send_event(desk.hub).message, **{RECEIVER: "dead"})[RECEIVER]
    service.behaviour = Behaviour.TAKE
    text = (desk.site / AGENCY).read_text()
    ceiling = next(line for line in text.splitlines() if line.startswith("ceiling:"))
    (desk.site / AGENCY).write_text(text.replace(ceiling, "ceiling: PUBLIC"))
    assert desk.call("reload", "--why", "lower")["reloaded"]
    came = len(service.requests)
    told = desk.call("reprocess", dead.id, "--reason", "try", status=1)
    assert (told["done"], told["left"]) == ({}, {dead.id: "above-ceiling"})
    seen = desk.see(dead.id)
    assert (seen["state"], seen["reason"], seen["acted"]["kind"]) == ("dead", "above-ceiling", "reprocess")
    assert len(service.requests) == came


def test_a_pause_holds_over_a_restart_and_ends_by_a_resume(desk: Desk) -> None:
    """What comes for the agency is accepted and waits; others get theirs; the metrics say so."""
    hub = desk.hub
    assert desk.call("pause", RECEIVER, "--reason", "they migrate", "--for", "2h")["paused"]
    sent = send_event(hub)
    hub.settled(sent.message, public_prosecution="delivered")
    waiting = hub.deliveries(sent.message)[RECEIVER]
    assert (waiting.state, waiting.waits_for, waiting.attempts) == ("pending", "pause", 0)
    hub.stop()
    hub.start()
    hub.settled(send_event(hub).message, public_prosecution="delivered")
    assert hub.deliveries(sent.message)[RECEIVER].attempts == 0
    until(lambda: f'hub_paused{{agency="{RECEIVER}"}} 1.0' in hub.metrics())
    (shown,) = desk.call("pause")
    assert (shown["agency"], shown["act"]["why"]) == (RECEIVER, "they migrate")
    assert desk.call("resume", RECEIVER, "--reason", "they are back")["resumed"]
    hub.settled(sent.message, **{RECEIVER: "delivered"})
    assert {"pause", "resume"} <= {entry["kind"] for entry in hub.ledger()}


def test_a_slip_in_a_name_pauses_nobody(desk: Desk) -> None:
    """The hub knows its agencies."""
    assert dispatch(["pause", "emirat", "--reason", "x", "--data", str(desk.hub.data)]) == 2
    assert "emirate" in desk.capsys.readouterr().err


def test_a_lane_goes_on_past_what_is_skipped_and_what_is_cancelled(desk: Desk) -> None:
    """The head is skipped, the one behind it cancelled: the third arrives, and the gap shows in its number."""
    service = desk.hub.services[RECEIVER]
    service.behaviour = Behaviour.BAD_REQUEST
    messages, (head, second, third) = desk.lane_of_three()
    service.behaviour = Behaviour.TAKE
    assert desk.call("cancel", second.id, "--reason", "sent in error")["done"] == {second.id: second.id}
    assert desk.call("skip", head.id, "--reason", "they look into it")["done"] == {head.id: head.id}
    desk.hub.settled(messages[2], **{RECEIVER: "delivered"})
    assert [id for id in service.ids() if id in (second.id, third.id)] == [third.id]
    assert desk.call("resend", head.id, "--reason", "they mended it")["done"] == {head.id: head.id}
    desk.hub.settled(messages[0], **{RECEIVER: "delivered"})
