"""A site is changed while the hub runs: messages flow on, each by one version, or nothing changes and says why."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from connectors.conformance import Behaviour
from hub.commands.asking import ask_hub
from hub.site.site import pack_site
from tests.whole_hub.events import new_case, send_event
from tests.whole_hub.running import ROOT, Running, copy_site, until

RELOADS = 20
SENDERS = 2
IN, OUT = "mappings/codes/platform-stage.csv", "mappings/codes/emirate-stage.csv"
REFERRED = "محالة"
RECEIVER = "emirate"
AGENCY = f"connectors/agencies/{RECEIVER}/agency.yaml"


@dataclass
class Changing:
    """A hub that runs on a copy of the default site, and that copy's folder."""

    hub: Running
    site: Path

    def reload(self) -> Any:
        return ask_hub(self.hub.data, "/reload", {}, "a test")

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.site / name).read_text()
        assert old in text
        (self.site / name).write_text(text.replace(old, new))

    def write_version(self, number: int) -> None:
        """Odd versions read REFERRED as another stage and write that stage as odd ones read it: two wrongs that make
        a right only where one version does both. Each version has a digest and an agency definition of its own."""
        swap = number % 2 == 1
        for name in (IN, OUT):
            lines = (ROOT / name).read_text().splitlines()
            turn = {"referred": "suspended", "suspended": "referred"} if swap else {}
            cells = [line.split(",") for line in lines]
            text = "\n".join(",".join([one, turn.get(two, two), *rest]) for one, two, *rest in cells)
            (self.site / name).write_text(f"{text}{number}\n")
        text = (ROOT / AGENCY).read_text()
        (self.site / AGENCY).write_text(text.replace("timeout-s: 10", f"timeout-s: {10 + number / 10}"))

    def stages(self) -> list[str]:
        """What every request to the receiver says."""
        return [orjson.loads(body)["stage"] for body in self.hub.services[RECEIVER].bodies("/v2/events")]

    def configured(self) -> list[Any]:
        return [entry for entry in self.hub.ledger() if entry["kind"] == "configure"]


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changing]:
    folder = tmp_path_factory.mktemp("reload")
    site = copy_site(folder / "site", {})
    with Running(site, folder / "data", as_process=True) as hub:
        yield Changing(hub, site)


@pytest.fixture(autouse=True)
def _original(changing: Changing) -> Iterator[None]:
    yield
    changing.hub.services[RECEIVER].behaviour = Behaviour.TAKE
    for part in ("connectors/agencies", "schemas", "mappings"):
        shutil.rmtree(changing.site / part)
        shutil.copytree(ROOT / part, changing.site / part)
    assert changing.reload()["reloaded"]


def test_a_reload_under_load_loses_nothing_and_mixes_nothing(changing: Changing) -> None:
    """Twenty reloads, the receiver's connector exchanged by each: every message arrives once, by one version."""
    hub, ended = changing.hub, threading.Event()
    sent: list[str] = []
    failed: list[BaseException] = []

    def send() -> None:
        try:
            while not ended.is_set():
                sent.append(send_event(hub).message)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=send) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    digests = {}
    try:
        for number in range(1, RELOADS + 1):
            already = len(sent)
            changing.write_version(number)
            told = changing.reload()
            assert told["reloaded"], told
            digests[told["site"]] = number
            until(lambda already=already: len(sent) > already + 10 or failed)  # type: ignore[misc]
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert not failed
    deliveries = {message: hub.settled(message, **{RECEIVER: "delivered"})[RECEIVER].id for message in sent}
    arrived = Counter(hub.services[RECEIVER].ids())
    assert [id for id in deliveries.values() if arrived[id] != 1] == []
    seen = set()
    for message in sent:
        found, data = hub.wait(hub.queries.message(message)), hub.wait(hub.queries.canonical(message))
        assert found is not None
        assert data is not None
        version = digests.get(found.site, 0)
        assert orjson.loads(data)["stage"] == ("suspended" if version % 2 else "referred")
        seen.add(version)
    assert len(seen) >= RELOADS
    assert set(changing.stages()) == {REFERRED}
    assert hub.verify().fault is None


def test_a_broken_site_changes_nothing(changing: Changing) -> None:
    """The findings name file and line; the site before goes on, and the ledger tells of no other."""
    before = len(changing.configured())
    changing.edit(f"mappings/{RECEIVER}/case-status.yaml", "caseNumber: caseNumber", "caseNumber: caseNumbr")
    told = changing.reload()
    assert told["reloaded"] is False
    assert told["site"] == told["before"]
    assert (f"mappings/{RECEIVER}/case-status.yaml", 6) in [(each["file"], each["line"]) for each in told["findings"]]
    changing.hub.settled(send_event(changing.hub).message, emirate="delivered")
    assert len(changing.configured()) == before


@pytest.mark.parametrize("part", ["connectors", "schemas", "mappings"])
def test_a_part_that_is_gone_changes_nothing(changing: Changing, part: str) -> None:
    """However a folder is spoilt, the hub goes on."""
    (changing.site / part).rename(changing.site / "away")
    try:
        assert changing.reload()["reloaded"] is False
    finally:
        (changing.site / "away").rename(changing.site / part)
    changing.hub.settled(send_event(changing.hub).message, emirate="delivered")


def test_the_ledger_names_both_versions_and_who_asked(changing: Changing) -> None:
    """The entry is there before the new site decides anything."""
    changing.write_version(2)
    told = changing.reload()
    entry = changing.configured()[-1]
    assert (entry["site"], entry["before"]) == (told["site"], told["before"])
    assert entry["site"] != entry["before"]
    assert entry["actor"]["authenticatedBy"] == "operator-socket"
    assert entry["justification"] == "a test"


def test_a_pending_delivery_keeps_the_mapping_of_its_acceptance(changing: Changing) -> None:
    """It goes out after the reload as it would have gone before."""
    service = changing.hub.services[RECEIVER]
    service.behaviour = Behaviour.UNAVAILABLE
    sent = send_event(changing.hub)
    delivery = changing.hub.settled(sent.message, emirate="pending")[RECEIVER]
    changing.write_version(1)
    assert changing.reload()["reloaded"]
    service.behaviour = Behaviour.TAKE
    changing.hub.settled(sent.message, emirate="delivered")
    body = dict(zip(service.ids(), service.bodies(), strict=True))[delivery.id]
    assert orjson.loads(body)["stage"] == REFERRED


def test_todays_rules_hold_for_a_pending_delivery(changing: Changing) -> None:
    """What a reload no longer grants does not leave, though the message was accepted before."""
    service = changing.hub.services[RECEIVER]
    service.behaviour = Behaviour.UNAVAILABLE
    sent = send_event(changing.hub)
    changing.edit(f"connectors/agencies/{RECEIVER}/access.yaml", "[referred, returned, suspended, closed]", "[closed]")
    assert changing.reload()["reloaded"]
    delivery = until(lambda: (d := changing.hub.deliveries(sent.message)[RECEIVER]).state in ("withheld", "dead") and d)
    assert delivery.reason in ("not-granted", "rule-changed")


def test_an_agency_that_moved_gets_what_waited_at_once(changing: Changing) -> None:
    """``environment.yaml`` is read again; the breaker of the old address does not hold up the new one."""
    hub = changing.hub
    path = hub.data / "environment.yaml"
    original = path.read_text()
    changing.edit(AGENCY, "open-s: 15", "open-s: 600")
    assert changing.reload()["reloaded"]
    hub.services[RECEIVER].behaviour = Behaviour.UNAVAILABLE
    sent = [send_event(hub, case).message for case in (new_case() for _ in range(6))]
    until(lambda: "open" in hub.metrics() and hub.count(RECEIVER, "open"))
    places = yaml.safe_load(original)
    places[RECEIVER]["endpoint"] = places["citizen-portal"]["endpoint"]
    path.write_text(yaml.safe_dump(places, allow_unicode=True))
    try:
        assert changing.reload()["reloaded"]
        for message in sent:
            hub.settled(message, emirate="delivered")
        assert len(hub.services["citizen-portal"].bodies("/v2/events")) == len(sent)
    finally:
        path.write_text(original)


def test_a_changed_key_is_the_only_one_that_counts(changing: Changing) -> None:
    """Secrets are read again with the site; a leaked key is worthless from then on."""
    hub, agency = changing.hub, "police-platform"
    path = hub.data / "environment.yaml"
    original = path.read_text()
    places = yaml.safe_load(original)
    places[agency]["secrets"] = {name: {"value": "another-key"} for name in places[agency]["secrets"]}
    path.write_text(yaml.safe_dump(places, allow_unicode=True))
    event = {"eventNumber": "EV-key", "caseNumber": new_case(), "classification": "RESTRICTED", "stage": "REFERRED",
             "eventTime": "2026-06-22T13:06:00+03:00"}  # fmt: skip
    try:
        assert changing.reload()["reloaded"]
        assert hub.post(agency, "case-status", orjson.dumps(event)).status == 401
        assert hub.post(agency, "case-status", orjson.dumps(event), X_Api_Key="another-key").status == 202
    finally:
        path.write_text(original)


def test_a_folder_is_watched_from_its_reload_on(changing: Changing) -> None:
    """And another one after the next."""
    hub, agency = changing.hub, "citizen-portal"
    definition = f"connectors/agencies/{agency}/agency.yaml"
    document = (ROOT / f"mappings/{agency}/examples/report-of-a-fraud/input.json").read_text()
    for number, name in enumerate(("drop-one", "drop-two")):
        intake = f'  file: {{folder: {name}, ready: rename, types: {{"*.json": incident-report}}}}\n'
        text = (ROOT / definition).read_text()
        (changing.site / definition).write_text(text.replace("accepts:\n", "accepts:\n" + intake))
        assert changing.reload()["reloaded"]
        folder = hub.data / "files" / agency / name
        until(lambda folder=folder: (folder / "work").is_dir())  # type: ignore[misc]
        (folder / ".x.json").write_text(document.replace("1448-RP-0004521", f"1448-RP-770000{number}"))
        (folder / ".x.json").rename(folder / "x.json")
        until(lambda folder=folder: any((folder / end / "x.json").exists() for end in ("accepted", "rejected")))  # type: ignore[misc]
        assert (folder / "accepted" / "x.json").exists(), (folder / "rejected" / "x.json.rejected.json").read_text()
    with (folder.with_name("drop-one") / "work" / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody watches the first one any more


def test_an_agency_that_is_added_and_taken_away(changing: Changing) -> None:
    """A copy of the receiver under another name gets events from its reload on, and none after it went."""
    hub, new = changing.hub, "observer"
    for part in ("connectors/agencies", "schemas/agencies", "mappings"):
        shutil.copytree(changing.site / part / RECEIVER, changing.site / part / new)
    for path in (changing.site / "mappings" / new).glob("*.yaml"):
        path.write_text(path.read_text().replace(f"agency: {RECEIVER}", f"agency: {new}"))
    for name in ("agency.yaml", "access.yaml"):
        path = changing.site / "connectors/agencies" / new / name
        path.write_text(path.read_text().replace(f"agency: {RECEIVER}", f"agency: {new}").replace("EM-", "OB-"))
    told = changing.reload()
    assert told["reloaded"], told["findings"]
    sent = send_event(hub)
    assert new in hub.deliveries(sent.message)
    until(lambda: f'hub_pending{{agency="{new}"}} 1.0' in hub.metrics())
    for part in ("connectors/agencies", "schemas/agencies", "mappings"):
        shutil.rmtree(changing.site / part / new)
    assert changing.reload()["reloaded"]
    gone = until(lambda: (d := hub.deliveries(sent.message)[new]).state == "dead" and d)
    assert gone.reason == "not-deliverable"
    until(lambda: f'hub_dead{{agency="{new}"}} 1.0' in hub.metrics())  # still to be seen
    assert new not in hub.deliveries(send_event(hub).message)


def test_sighup_reloads(changing: Changing) -> None:
    """As every daemon does; the ledger says that it was a signal."""
    changing.write_version(4)
    assert changing.hub._child is not None
    os.kill(changing.hub._child.pid, signal.SIGHUP)
    entry = until(lambda: (entry := changing.configured()[-1])["actor"]["authenticatedBy"] == "SIGHUP" and entry)
    assert entry["site"] != entry["before"]


def test_what_runs_is_a_snapshot(changing: Changing) -> None:
    """An edit of the folder shows nowhere before the reload, not even in the contract that is served."""
    shown = changing.hub.request("GET", "/soap/public-prosecution?wsdl").body
    path = next((changing.site / "schemas/agencies/public-prosecution").glob("*intake*.wsdl"))
    path.write_text(path.read_text().replace("<wsdl:service", "<!-- edited --><wsdl:service"))
    assert changing.hub.request("GET", "/soap/public-prosecution?wsdl").body == shown
    assert changing.reload()["reloaded"]
    assert changing.hub.request("GET", "/soap/public-prosecution?wsdl").body != shown


def test_the_stored_site_is_the_one_that_its_digest_names(changing: Changing) -> None:
    """What pending deliveries will be compiled from is what was checked."""
    told = changing.reload()
    kept = changing.hub.data / "sites" / told["site"]
    assert pack_site(kept) == pack_site(changing.site)
