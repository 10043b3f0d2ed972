"""A large document taken in parts gives what it gives as a whole: the same messages, the same refusals at the same
places."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hub.access.identify import Nonces, identify
from hub.message import Credential, Received, Sender
from hub.pipeline.journal import Part, read_part
from hub.pipeline.take import Take, take
from hub.pipeline.translate import translate_in
from hub.site.site import Site, load_site
from hub.subjects import SubjectDigests
from tests.whole_hub.large_site import MOVEMENTS, REPORTS, SENDER, large_site, movements, reports

PLATFORM = "police-platform"
EVENT = {"eventNumber": "1", "caseNumber": "1448-MK-0001234", "stage": "REFERRED", "eventTime": "2026-06-22T10:06:00Z"}
WRONG = (0, 3, 70, 149)
MANY = 150


def events(count: int, wrong: tuple[int, ...]) -> bytes:
    listed = [{**EVENT, "eventNumber": str(n), **({"stage": "GONE"} if n in wrong else {})} for n in range(count)]
    return json.dumps({"sent": "today", "events": listed}, indent=1).encode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """With lists of events in one document."""
    folder = large_site(tmp_path_factory.mktemp("take") / "site")
    schema = folder / "schemas/agencies" / PLATFORM / "case-status.json"
    event = json.loads(schema.read_text())
    outer = {"$schema": event.pop("$schema"), "type": "object", "additionalProperties": False}
    del event["$id"]
    properties = {"sent": {"type": "string"}, "events": {"type": "array", "items": event}}
    schema.write_text(json.dumps({**outer, "properties": properties}))
    mapping = folder / "mappings" / PLATFORM / "case-status.yaml"
    text = mapping.read_text().replace("fields:\n", "root: events[]\nfields:\n", 1)
    mapping.write_text(text + "ignores:\n  /sent: of the list\n")
    agency = folder / "connectors/agencies" / PLATFORM / "agency.yaml"
    old = "case-status: {format: json, schema: case-status.json}"
    assert old in agency.read_text()
    agency.write_text(agency.read_text().replace(old, old.replace("}", ", batch: each}")))
    return load_site(folder, prove=False)


DOCUMENTS: dict[str, tuple[str, str, Callable[[int, tuple[int, ...]], bytes], str | None]] = {
    "xml": (SENDER, REPORTS, reports, None),
    "csv": (SENDER, MOVEMENTS, movements, "windows-1256"),
    "json": (PLATFORM, "case-status", events, None),
}


def taken(site: Site, received: Received, path: Path) -> list[Part]:
    take(site, Take(site.digest, sender(site), received, SubjectDigests(b"k"), path))
    return [read_part(line) for line in path.read_bytes().splitlines()[1:]]


def sender(site: Site) -> Sender:
    proof = Received(PLATFORM, "", "rest", b"", 0.0, Credential("api-key", secret="k"))
    return identify(site.agencies[PLATFORM], proof, {"api-key": "k"}, Nonces())


@pytest.mark.parametrize("message_id", [None, "batch-1"])
@pytest.mark.parametrize("format", DOCUMENTS)
def test_parts_say_what_the_whole_says(site: Site, tmp_path: Path, format: str, message_id: str | None) -> None:
    """Identity, digest, data, number, and every problem's path, line, rule and text."""
    agency, type, make, charset = DOCUMENTS[format]
    received = Received(agency, type, "rest", make(MANY, WRONG), 1.0e9, charset=charset, message_id=message_id)
    whole = translate_in(site.dialects[agency, type], received, lambda: "id")
    parts = taken(site, received, tmp_path / "journal")
    assert len(parts) > 2
    assert len(whole.refusals) == len(WRONG)
    found = [item.acceptance for part in parts for item in part.items]
    assert [(each.record, each.identity, each.digest, each.subject, each.numbers) for each in found] == [
        (each.record, each.identity, each.digest, each.subject, each.numbers) for each in whole.messages
    ]
    assert [json.loads(each.canonical) for each in found] == [each.data for each in whole.messages]
    refusals = [refusal for part in parts for refusal in part.refusals]
    assert [refusal.as_json() for refusal in refusals] == [refusal.as_json() for refusal in whole.refusals]
    assert [entry["record"] for part in parts for entry in part.entries] == list(WRONG)


@pytest.mark.parametrize("format", DOCUMENTS)
def test_each_message_keeps_a_document_of_its_own(site: Site, tmp_path: Path, format: str) -> None:
    """Read again by itself it says the same."""
    agency, type, make, charset = DOCUMENTS[format]
    received = Received(agency, type, "rest", make(MANY, WRONG), 1.0e9, charset=charset)
    for part in taken(site, received, tmp_path / "journal"):
        for item in part.items:
            alone = replace(received, body=item.raw)
            (message,) = translate_in(site.dialects[agency, type], alone, lambda: "id").messages
            assert message.data == json.loads(item.acceptance.canonical)
