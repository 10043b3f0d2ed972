"""Acknowledgement files: how they are declared, what they say, and what becomes of each of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.acknowledgement import Word, words
from connectors.acknowledgement_folder import AcknowledgementListener
from connectors.file import FileConnector, acknowledgement_of, check_options
from connectors.registry import CONNECTORS
from hub.errors import HubError
from hub.message import Acknowledgement, Result, State
from tests.unit.connectors.agencies import REFERRAL, agency, partner
from tests.unit.connectors.partners import Ears

ID = REFERRAL.id
OTHER = "0190b6a0-0000-7000-8000-000000000002"
MARKERS = '{name: "{id}.xml", acknowledgement: {folder: acks, within-s: "60", taken: .ack, refused: .nak}}'
CSV = (
    '{name: "{id}.xml", acknowledgement: {folder: acks, within-s: "60", list: {files: "*.csv", format: csv,'
    ' separator: ";", charset: windows-1256, id: Message, status: Status, is: [OK, تم], number: Ref}}}'
)
XML = (
    '{name: "{id}.xml", acknowledgement: {folder: acks, within-s: "60", list: {files: "*.xml", format: xml,'
    ' record: "ex:Item", id: "@file", status: "ex:State", is: [TAKEN], number: "ex:No"}}}'
)


def said(options: str, name: str, body: bytes = b"") -> list[Word]:
    declared = acknowledgement_of(agency("file", "out", options))
    assert declared is not None
    return words(name, body, declared)


def test_a_file_named_after_ours_speaks_by_its_ending() -> None:
    """Our file's name holds the id; what stands in the file does not matter."""
    assert said(MARKERS, f"case-referral-3-{ID}.xml.ack") == [Word(ID, True, None, 1)]
    assert said(MARKERS, f"{ID}.xml.nak", b"no such case") == [Word(ID, False, None, 1)]
    assert said(MARKERS, "something.ack") == [Word(None, True, None, 1)]


def test_a_table_speaks_row_by_row() -> None:
    """The id, or our file's name; an undeclared word refuses; the partner's number is kept where it is plain."""
    body = f"Message;Status;Ref\r\n{ID};تم;N-1\r\ncase-{OTHER}.xml;ERR;\r\nnothing;OK;نص\r\n".encode("windows-1256")
    assert said(CSV, "day.csv", body) == [
        Word(ID, True, "N-1", 2),
        Word(OTHER, False, None, 3),
        Word(None, True, None, 4),
    ]


def test_xml_speaks_element_by_element() -> None:
    """Names are those of the agency's namespaces, whatever prefix the document uses."""
    body = (
        f'<a xmlns="urn:example:exchange:1">\n<Item file="{ID}.xml"><State>TAKEN</State><No>7</No></Item>\n'
        f'<Item file="{OTHER}.xml"><State>LOST</State></Item></a>'
    )
    assert said(XML, "day.xml", body.encode()) == [Word(ID, True, "7", 2), Word(OTHER, False, None, 3)]


@pytest.mark.parametrize(
    ("options", "name", "body", "code"),
    [
        (MARKERS, "report.pdf", b"", "unknown-type"),
        (CSV, "day.txt", b"", "unknown-type"),
        (CSV, "day.csv", b"", "malformed"),
        (CSV, "day.csv", b"Message;Status\r\n", "malformed"),
        (CSV, "day.csv", b"Id;Status\r\nx;OK\r\n", "malformed"),
        (CSV, "day.csv", b'Message;Status\r\n"x;OK\r\n', "malformed"),
        (XML, "day.xml", b"<a>", "malformed"),
        (XML, "day.xml", b"<a/>", "malformed"),
        (XML, "day.xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a/>", "doctype-refused"),
        (XML, "day.xml", b"<a>\xff</a>", "wrong-encoding"),
    ],
)
def test_what_cannot_be_read_is_refused(options: str, name: str, body: bytes, code: str) -> None:
    """As any document of the agency would be."""
    with pytest.raises(HubError) as raised:
        said(options, name, body)
    assert raised.value.code.name == code


@pytest.mark.parametrize(
    ("acknowledgement", "text"),
    [
        ('{folder: acks, within-s: "60"}', "'taken'"),
        ("{folder: acks, taken: .ack}", "within-s"),
        ('{folder: acks, within-s: "60", taken: ack}', "begin with a dot"),
        ('{folder: acks, within-s: "60", taken: .ack, refused: .ack}', "differ"),
        ('{folder: a, within-s: "1", list: {files: "*", format: xml, id: x, status: y, is: [z]}}', "'record'"),
        (
            '{folder: a, within-s: "1", list: {files: "*", format: xml, record: "no:I", id: x, status: y, is: [z]}}',
            "prefix 'no'",
        ),
    ],
)
def test_mistakes_in_the_declaration_are_told(acknowledgement: str, text: str) -> None:
    """Before anything is sent."""
    partner_agency = agency("file", "out", f'{{name: "{{id}}.xml", acknowledgement: {acknowledgement}}}')
    assert partner_agency.way is not None
    findings = check_options(partner_agency, partner_agency.way, Path())
    assert any(text in finding.text for finding in findings), findings


def test_a_file_in_place_is_only_sent_until_it_is_acknowledged(tmp_path: Path) -> None:
    """Sent with the time that the partner has; over time it is no more written but needs a person."""

    async def play() -> list[tuple[Result, str, float]]:
        connector = FileConnector(partner("file", str(tmp_path / "out"), MARKERS))
        await connector.open()
        found = []
        for parcel in (REFERRAL, REFERRAL, replace(REFERRAL, overdue=True)):
            outcome = await connector.send(parcel, 5)
            found.append((outcome.result, outcome.code, outcome.acknowledge_within_s))
        await connector.close()
        return found

    assert asyncio.run(play()) == [
        (Result.SENT, "", 60.0),
        (Result.SENT, "", 60.0),
        (Result.UNKNOWN, "not-acknowledged", 0.0),
    ]


def listen(folder: Path, files: Mapping[str, bytes], states: Mapping[str, State]) -> tuple[list[Acknowledgement], Ears]:
    """Let a listener take these files; ``states`` is what the hub knows."""
    heard: list[Acknowledgement] = []
    ears = Ears()
    options = acknowledgement_of(agency("file", "out", MARKERS))
    assert options is not None

    async def acknowledge(word: Acknowledgement) -> Mapping[str, State]:
        heard.append(word)
        return {id: states[id] for id in word.ids if id in states}

    folder.mkdir(parents=True, exist_ok=True)
    for name, body in files.items():
        (folder / name).write_bytes(body)

    def reports() -> int:
        return len([*folder.glob("accepted/*.json"), *folder.glob("rejected/*.json")])

    async def play() -> None:
        listener = AcknowledgementListener("north", options, folder, acknowledge, ears, poll_s=0.01)
        running = asyncio.create_task(listener.run())
        async with asyncio.timeout(5):
            while reports() < len(files):  # noqa: ASYNC110 (a folder has no event)
                await asyncio.sleep(0.01)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(play())
    return heard, ears


def test_every_acknowledgement_ends_with_a_report(tmp_path: Path) -> None:
    """Matched: accepted, with the state that followed; naming nothing of ours: rejected, and counted."""
    files = {f"{ID}.xml.ack": b"", "stray.ack": b"", "note.txt": b"hello"}
    heard, ears = listen(tmp_path, files, {ID: State.DELIVERED})
    assert heard == [Acknowledgement("north", (ID,), True)]
    report = json.loads((tmp_path / "accepted" / f"{ID}.xml.ack.receipt.json").read_bytes())
    assert report["records"] == [{"line": 1, "id": ID, "state": "delivered"}]
    stray = json.loads((tmp_path / "rejected" / "stray.ack.rejected.json").read_bytes())
    other = json.loads((tmp_path / "rejected" / "note.txt.rejected.json").read_bytes())
    assert (stray["code"], other["code"]) == ("not-awaited", "unknown-type")
    assert sorted(refusal[3] for refusal in ears.refusals) == ["not-awaited", "unknown-type"]


def test_a_word_that_contradicts_an_earlier_one_is_rejected(tmp_path: Path) -> None:
    """What was taken stays taken."""
    heard, _ = listen(tmp_path, {f"{ID}.xml.nak": b""}, {ID: State.DELIVERED})
    assert [word.taken for word in heard] == [False]
    assert (tmp_path / "rejected" / f"{ID}.xml.nak").exists()


def test_the_options_are_declared_for_editors() -> None:
    """The keys that are read are the keys that are offered."""
    assert "acknowledgement" in CONNECTORS["file"].keys.keys
