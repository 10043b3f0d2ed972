"""agency.yaml: what a correct file makes, and what each mistake is called."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub.findings import Findings
from hub.message import Classification
from hub.site.agency import Rate
from hub.site.agency_file import load_agency
from hub.site.window import Window

GOOD = """\
agency: clerk
name: {en: Clerk}
ceiling: SECRET
namespaces: {c: "urn:clerk"}
documents:
  note: {format: xml, schema: note.xsd}
accepts:
  soap:
    wsdl: in.wsdl
    user: clerk
    credential: password
    operations: {"c:Send": note}
    replies: {"c:Send": {root: "c:Sent", fields: {"c:Number": $receipt.id}}}
  file: {folder: drop, ready: rename, types: {"*.xml": note}}
delivers:
  transport: rest
  endpoint: http://127.0.0.1:1/
  retry: {first-s: 0.5}
  batch: {most: 3, wait-s: 2}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "clerk").mkdir()
    (folder / "clerk" / "agency.yaml").write_text(text)
    return folder / "clerk"


def findings(folder: Path, text: str) -> list[tuple[str, int]]:
    with pytest.raises(Findings) as caught:
        load_agency(write(folder, text), "connectors/agencies/clerk")
    return [(finding.code, finding.line) for finding in caught.value.findings]


def test_every_declared_key_reaches_the_agency(tmp_path: Path) -> None:
    """Names become Clark names, durations numbers, and what is not said takes its default."""
    agency = load_agency(write(tmp_path, GOOD), "connectors/agencies/clerk")
    assert agency.ceiling is Classification.SECRET
    assert agency.unlabelled is Classification.TOP_SECRET
    assert agency.documents["note"].batch == "each"
    assert agency.soap is not None
    assert agency.soap.operations == {"{urn:clerk}Send": "note"}
    assert agency.soap.replies["{urn:clerk}Send"] == ("{urn:clerk}Sent", (("{urn:clerk}Number", "$receipt.id"),))
    assert agency.way is not None
    assert (agency.way.retry.first_s, agency.way.retry.longest_s) == (0.5, 300.0)
    assert (agency.way.batch.most, agency.way.batch.wait_s) == (3, 2.0)
    assert (agency.way.rate, agency.way.window) == (None, None)


LIMITS = """\
  rate: {parcels: 60, per: minute}
  window: {from: "22:00", to: "06:30", days: [sunday, monday], time-zone: Europe/Berlin, holidays: [2026-09-23]}
"""


def test_rate_and_window_reach_the_agency(tmp_path: Path) -> None:
    """Times are minutes of the day, days those of Python."""
    agency = load_agency(write(tmp_path, GOOD + LIMITS), "connectors/agencies/clerk")
    assert agency.way is not None
    assert agency.way.rate == Rate(60, 60.0)
    holidays = frozenset({date(2026, 9, 23)})
    assert agency.way.window == Window(frozenset({6, 0}), 1320, 390, ZoneInfo("Europe/Berlin"), holidays)


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("from", '"22:00"', '"22"'),
        ("from", '"22:00"', '"24:00"'),
        ("to", '"06:30"', '"25:00"'),
        ("days", "monday", "mon"),
        ("days", "[sunday, monday]", "[]"),
        ("time-zone", "Europe/Berlin", "Europe/Makkah"),
        ("holidays", "2026-09-23", "2026-13-23"),
        ("per", "minute", "hour"),
    ],
)
def test_a_wrong_limit_is_named_with_its_line(tmp_path: Path, key: str, right: str, wrong: str) -> None:
    """Each is one finding, at the line where it stands."""
    line = 20 if key == "per" else 21
    assert findings(tmp_path, GOOD + LIMITS.replace(right, wrong, 1)) == [("bad-value", line)]


def test_limits_of_our_calls_are_refused_where_the_agency_calls(tmp_path: Path) -> None:
    """A mailbox has no endpoint, rate or window: a limit without effect would be trusted."""
    text = GOOD.replace("transport: rest", "transport: mailbox\n  options: {credential: key}") + LIMITS
    found = findings(tmp_path, text.replace("  batch: {most: 3, wait-s: 2}\n", ""))
    assert found == [("bad-value", line) for line in (18, 20, 21)]


@pytest.mark.parametrize(
    ("good", "bad", "code", "line"),
    [
        ("ceiling: SECRET", "ceiling: SECRETT", "bad-value", 3),
        ("ceiling: SECRET", "cieling: SECRET", "unknown-key", 3),
        ("name: {en: Clerk}", "agency: clerk", "duplicate-key", 2),
        ("transport: rest", "transport: pigeon", "bad-value", 16),
        ("first-s: 0.5", "first-s: soon", "bad-value", 18),
        ('"*.xml": note', '"*.xml": memo', "unknown-type", 14),
        ('{"c:Send": note}', '{"x:Send": note}', "unknown-prefix", 9),
        ("agency: clerk", "agency: judge", "bad-value", 1),
        ("agency: clerk", "agency: !!str clerk", "bad-yaml", 1),
        ("agency: clerk", "agency: *clerk", "bad-yaml", 1),
    ],
)
def test_each_mistake_has_its_code_and_line(tmp_path: Path, good: str, bad: str, code: str, line: int) -> None:
    """One planted mistake at a time, each found at its own line."""
    assert (code, line) in findings(tmp_path, GOOD.replace(good, bad, 1))


def test_missing_keys_are_all_told_at_once(tmp_path: Path) -> None:
    """A nearly empty file names everything that it lacks."""
    assert [code for code, _ in findings(tmp_path, "agency: clerk\n")] == ["missing-key"] * 3
