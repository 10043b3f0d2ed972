"""Documents of thousands of records, over every transport: each record is a message, and nobody else is held up."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import orjson
import pytest

from hub.cli import dispatch
from hub.formats.envelope import WSSE
from hub.repair.reread import Reader
from hub.site.site import load_site
from tests.whole_hub.large_site import DROPPER, REPORTS, SENDER, accidents, large_site, movements, reports
from tests.whole_hub.running import DEADLINE_S, ROOT, Running, until

MANY = 400
KEY = {SENDER: {"api-key": "k"}}
XML = "application/xml"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("large")
    with Running(large_site(folder / "site"), folder / "data", as_process=True, secrets=KEY) as hub:
        yield hub


def messages(hub: Running) -> list[tuple[str, int]]:
    """Subject and record of every message in the store."""
    with closing(sqlite3.connect(f"file:{hub.data / 'hub.db'}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT subject, record FROM message ORDER BY n").fetchall()


def underway(hub: Running) -> list[str]:
    folder = hub.data / "underway"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def children(pid: int) -> list[int]:
    """The processes of a process's main thread."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_each_record_over_rest(hub: Running) -> None:
    """Every good record has its receipt; the bad one is named with its place in the whole document."""
    answer = hub.post(SENDER, REPORTS, reports(MANY, wrong=[300]), Content_Type=XML)
    assert answer.status == 202
    assert [receipt["record"] for receipt in answer.json["receipts"]] == [n for n in range(MANY) if n != 300]
    (refusal,) = answer.json["refusals"]
    (problem,) = refusal["problems"]
    line = 1 + reports(MANY, wrong=[300]).split(b">morning<")[0].count(b"\n")
    assert (refusal["record"], problem["line"]) == (300, line)
    assert problem["path"] == "/ps:CaseBatch/ps:Case[301]/ps:RcvDtTm"
    assert underway(hub) == []
    kept = hub.wait(hub.queries.raw(answer.json["receipts"][5]["id"]))
    assert kept is not None
    assert kept == reports(1, first=5).replace(b"1448-RM-0000000", b"1448-RM-0000005")


def test_sent_again_it_has_the_same_receipts(hub: Running) -> None:
    """P5 for each record."""
    first = hub.post(SENDER, REPORTS, reports(MANY, first=10_000), Content_Type=XML).json
    again = hub.post(SENDER, REPORTS, reports(MANY, first=10_000), Content_Type=XML).json
    assert all(receipt["duplicate"] for receipt in again["receipts"])
    assert [receipt["id"] for receipt in again["receipts"]] == [receipt["id"] for receipt in first["receipts"]]


def test_each_row_of_a_file(hub: Running) -> None:
    """The report beside the file lists them all."""
    hub.drop(SENDER, "movements.csv", movements(1000, wrong=[999]))
    end, report = hub.report(SENDER, "movements.csv")
    assert end == "accepted"
    assert len(report["receipts"]) == 999
    (refusal,) = report["refusals"]
    assert refusal["problems"][0]["path"] == "row 1000, column رقم القضية"
    assert refusal["problems"][0]["line"] == 1001
    hub.settled(report["receipts"][-1]["id"], police_platform="delivered")


def test_each_line_of_fixed_width(hub: Running) -> None:
    """Header and trailer go with each record; what is kept of one is a file of its own, with its own count."""
    hub.drop(DROPPER, "accidents.txt", accidents(MANY, wrong=[300], first=20_000))
    end, report = hub.report(DROPPER, "accidents.txt")
    assert end == "accepted"
    assert [receipt["record"] for receipt in report["receipts"]] == [n for n in range(MANY) if n != 300]
    (refusal,) = report["refusals"]
    (problem,) = refusal["problems"]
    assert (problem["path"], problem["line"]) == ("row 301, column وصف الحادث", 302)
    kept = hub.wait(hub.queries.raw(report["receipts"][5]["id"]))
    assert kept is not None
    assert kept.decode() == accidents(1, first=20_005).decode("cp1256")
    hub.settled(report["receipts"][-1]["id"], police_platform="delivered")


def test_trailer_that_counts_wrong_refuses_a_large_file(hub: Running) -> None:
    """Nothing of it is taken: a part may be missing."""
    hub.drop(DROPPER, "short.txt", accidents(MANY, first=30_000).replace(b"T000400", b"T000401"))
    end, report = hub.report(DROPPER, "short.txt")
    assert (end, report["code"]) == ("rejected", "schema-violation")
    assert "the trailer counts '000401' records, the file has 400" in report["detail"]


def test_each_element_of_a_soap_body(hub: Running) -> None:
    """The reply is the contract's; what was refused stands in its headers, with lines of the whole envelope."""
    security = (
        f'<w:Security xmlns:w="{WSSE}"><w:UsernameToken><w:Username>ps</w:Username><w:Password>k</w:Password>'
        "</w:UsernameToken></w:Security>"
    )
    batch = reports(MANY, wrong=[350], first=20_000).split(b"?>", 1)[1].strip()
    before = (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>{security}</s:Header><s:Body>\n\n'
    )
    body = before.encode() + batch + b"</s:Body></s:Envelope>"
    answer = hub.request("POST", f"/soap/{SENDER}", body, Content_Type="text/xml; charset=utf-8")
    assert answer.status == 200
    text = answer.body.decode()
    assert text.count("<hub:Refusal ") == 1
    line = 1 + body.split(b">morning<")[0].count(b"\n")
    assert f"<err:line>{line}</err:line>" in text
    assert ">/ps:CaseBatch/ps:Case[351]/ps:RcvDtTm<" in text


def test_broken_at_its_end_nothing_of_it_is_taken(hub: Running) -> None:
    """What cannot be read whole is refused whole, with the line."""
    before = len(messages(hub))
    broken = reports(MANY, first=30_000).replace(b"</ps:CaseBatch>", b"</ps:Case>")
    answer = hub.post(SENDER, REPORTS, broken, Content_Type=XML)
    assert (answer.status, answer.json["code"]) == (400, "malformed")
    assert answer.json["problems"][0]["line"] == broken.count(b"\n")
    assert len(messages(hub)) == before


def test_small_messages_pass_a_large_one(hub: Running) -> None:
    """Somebody else's message that comes later is answered earlier."""
    done = threading.Event()

    def send() -> None:
        hub.post(SENDER, REPORTS, reports(5000, first=40_000), Content_Type=XML)
        done.set()

    thread = threading.Thread(target=send)
    thread.start()
    until(lambda: underway(hub))
    answer = hub.post(SENDER, REPORTS, reports(1, first=50_000), Content_Type=XML)
    assert answer.status == 202
    assert not done.is_set()
    thread.join(60)


def test_compared_with_another_site(hub: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``hub diff`` reads each message from its own record, and names it."""
    receipts = hub.post(SENDER, REPORTS, reports(MANY, first=60_000), Content_Type=XML).json["receipts"]
    other = large_site(tmp_path / "other")
    mapping = other / "mappings" / SENDER / f"{REPORTS}.yaml"
    text = mapping.read_text().replace("  officer.number: ps:OfrNo\n", "")
    text = text.replace("ignores:\n", "ignores:\n  ps:OfrNo: no\n").replace("drops:\n", "drops:\n  officer: no\n")
    mapping.write_text(text)
    words = ["--site", str(large_site(tmp_path / "same")), "--data", str(hub.data), "--limit", "50", "--json"]
    assert dispatch(["diff", str(other), *words]) == 1
    (group,) = orjson.loads(capsys.readouterr().out)["groups"]
    (difference,) = group["differences"]
    assert (difference["path"], difference["change"], difference["messages"]) == ("officer.number", "removed", 50)
    assert difference["examples"][0]["message"] == receipts[-50]["id"]


def test_read_again_by_todays_site(hub: Running, tmp_path: Path) -> None:
    """``hub reprocess`` finds the message in its own record, whatever its number was."""
    hub.drop(SENDER, "again.csv", movements(600, first=800_000))
    _, report = hub.report(SENDER, "again.csv")
    last = report["receipts"][-1]
    (delivery,) = hub.settled(last["id"], police_platform="delivered").values()
    originals = hub.wait(hub.queries.originals([delivery.id]))
    reader = Reader(load_site(large_site(tmp_path / "site"), prove=False), hub.queries, time.time())
    (generation,), refused = hub.wait(reader.read(originals))
    assert (last["record"], refused) == (599, [])
    assert orjson.loads(generation.canonical)["eventNumber"] == "800599"


def test_all_or_nothing(tmp_path: Path) -> None:
    """One bad record, one identity that was used before, or one twice in the document: nothing is taken."""
    with Running(large_site(tmp_path / "site", "all"), tmp_path / "data", as_process=True, secrets=KEY) as hub:
        answer = hub.post(SENDER, REPORTS, reports(MANY, wrong=[5, 350]), Content_Type=XML)
        assert (answer.status, answer.json["code"]) == (422, "schema-violation")
        assert [problem["path"] for problem in answer.json["problems"]] == [
            f"/ps:CaseBatch/ps:Case[{number}]/ps:RcvDtTm" for number in (6, 351)
        ]
        assert messages(hub) == []
        headers = {"Content_Type": XML, "Idempotency_Key": "batch-1"}
        assert len(hub.post(SENDER, REPORTS, reports(MANY), **headers).json["receipts"]) == MANY
        other = reports(MANY).replace(b"1448-RM-0000399", b"1448-RM-0009999")
        answer = hub.post(SENDER, REPORTS, other, **headers)
        assert (answer.status, answer.json["problems"][0]["record"]) == (409, 399)
        assert len(messages(hub)) == MANY
        assert underway(hub) == []


@pytest.mark.parametrize("way", ["rest", "file"])
def test_killed_half_way_it_is_finished(tmp_path: Path, way: str) -> None:
    """Some of its messages are in the store when the process is killed: the rest follows, each once, unasked."""
    many = 4000
    with Running(large_site(tmp_path / "site", "all"), tmp_path / "data", as_process=True, secrets=KEY) as hub:
        if way == "file":
            hub.drop(SENDER, "batch.xml", reports(many))
        else:
            thread = threading.Thread(target=_posted, args=(hub, many))
            thread.start()
        # All of it is translated before the first message is in the store, also on a machine with other work.
        until(lambda: len(messages(hub)) > 0 if (hub.data / "hub.db").exists() else False, 90)
        pids = children(hub.pid)
        hub.kill()
        found = len(messages(hub))
        assert 0 < found < many
        assert len(underway(hub)) == 1
        until(lambda: not any(is_alive(pid) for pid in pids))
        hub.start()
        until(lambda: len(messages(hub)) == many, 4 * DEADLINE_S)
        until(lambda: underway(hub) == [])
        assert sorted(record for _, record in messages(hub)) == list(range(many))
        if way == "file":
            end, report = hub.report(SENDER, "batch.xml")
            assert (end, len(report["receipts"]), report["refusals"]) == ("accepted", many, [])


def _posted(hub: Running, many: int) -> None:
    with suppress(OSError):
        hub.post(SENDER, REPORTS, reports(many), Content_Type=XML)


def test_ended_translation_is_tried_again_then_refused(tmp_path: Path) -> None:
    """Another process takes the document over; one that ends every process is refused with that reason."""
    with Running(large_site(tmp_path / "site"), tmp_path / "data", as_process=True, secrets=KEY) as hub:
        killed: set[int] = set()
        enough = threading.Event()

        def kill(most: int) -> None:
            while len(killed) < most and not enough.is_set():
                for pid in set(children(hub.pid)) - killed:
                    killed.add(pid)
                    os.kill(pid, signal.SIGKILL)

        for most, status in ((1, 202), (1000, 500)):
            killer = threading.Thread(target=kill, args=(most,))
            killer.start()
            answer = hub.post(SENDER, REPORTS, reports(MANY, first=most * MANY), Content_Type=XML)
            assert answer.status == status
        enough.set()
        killer.join(30)
        assert answer.json["code"] == "poison"
        assert len(messages(hub)) == MANY
        assert len(hub.post(SENDER, REPORTS, reports(MANY, first=3 * MANY), Content_Type=XML).json["receipts"]) == MANY
        pids = children(hub.pid)
        assert pids
        hub.stop()
        assert not any(is_alive(pid) for pid in pids)


def test_large_parcel_is_packed_by_the_pool(tmp_path: Path) -> None:
    """Many deliveries in one file, more than the loop may hold up others for."""
    example = ROOT / "mappings/police-platform/examples/report-at-a-station/input.json"
    document = orjson.loads(example.read_bytes())
    document.pop("caseNumber", None)
    with Running(large_site(tmp_path / "site"), tmp_path / "data", as_process=True) as hub:
        for number in range(20):
            report = {**document, "reportNumber": f"1448-RM-{number:07}", "narrative": "بلاغ " * 1000}
            assert hub.post("police-platform", REPORTS, orjson.dumps(report)).status == 202
        assert children(hub.pid) == []
        until(lambda: len(hub.outbox(SENDER)) == 1)
        assert len(children(hub.pid)) == 1
        (file,) = hub.outbox(SENDER)
        text = file.read_text()
        assert [f">1448-RM-{number:07}<" in text for number in range(20)] == [True] * 20
        assert hub.count(SENDER, "dead") == 0
