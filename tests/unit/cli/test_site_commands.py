"""``hub check``, ``hub map`` and ``hub explain`` on the benchmark's small site."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hub.cli import dispatch

SITE = Path(__file__).parents[2] / "bench" / "site"
SENDER, RECEIVER, TYPE = "case-source", "case-archive", "case-record"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "case.json"
    text = (SITE / "bench" / "case.json").read_text(encoding="utf-8")
    path.write_text(text.replace("@NUMBER@", "00000007"), encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert dispatch([*words, "--site", str(SITE)]) == status
    return capsys.readouterr().out


def canonical(capsys: pytest.CaptureFixture[str], document: Path, tmp_path: Path) -> Path:
    path = tmp_path / "canonical.json"
    path.write_text(run(capsys, "map", SENDER, TYPE, "--in", str(document)), encoding="utf-8")
    return path


def test_check_of_a_sound_site_says_what_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 0."""
    assert "ok: 2 agencies, 1 message types" in run(capsys, "check")


def test_check_names_file_and_line_of_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 1, and the nearest right name."""
    site = tmp_path / "site"
    shutil.copytree(SITE, site)
    path = site / "mappings" / RECEIVER / f"{TYPE}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("ca:CaseStage", "ca:CaseStag"), encoding="utf-8")
    assert dispatch(["check", "--site", str(site), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    (error,) = [finding for finding in found["findings"] if finding["line"] == 6]
    assert error["file"] == f"mappings/{RECEIVER}/{TYPE}.yaml"
    assert "CaseStage" in error["hint"]


def test_map_in_gives_the_canonical_message(document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Codes and dates are translated."""
    message = json.loads(canonical(capsys, document, tmp_path).read_text(encoding="utf-8"))
    assert message["caseNumber"] == "1448-BN-00000007"
    assert message["stage"] == "referred"
    assert message["recordedAt"] == "2026-06-14T06:41:07Z"
    assert message["persons"][0]["birth"]["calendar"] == "hijri"


def test_map_out_gives_what_the_agency_would_get(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cut down by its grant, in its own format, with what was kept back."""
    path = canonical(capsys, document, tmp_path)
    found = json.loads(run(capsys, "map", RECEIVER, TYPE, "--out", str(path), "--json"))
    assert "<ca:CaseNumber>1448-BN-00000007</ca:CaseNumber>" in found["document"]
    assert "+966500000101" not in found["document"]
    assert found["rules"] == ["CA-1"]
    assert "persons[].phone" in found["withheld"][0]


def test_map_of_a_bad_document_is_a_negative_result(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 1, with the place in the sender's own document."""
    document.write_text(document.read_text(encoding="utf-8").replace('"REF"', '"XXX"'), encoding="utf-8")
    error = json.loads(run(capsys, "map", SENDER, TYPE, "--in", str(document), "--json", status=1))
    assert error["code"] == "schema-violation"
    assert error["problems"][0]["path"] == "/case/state"


def test_map_of_an_unknown_agency_is_a_usage_error(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, and the nearest right name."""
    assert dispatch(["map", "case-sorce", TYPE, "--in", str(document), "--site", str(SITE)]) == 2
    assert SENDER in capsys.readouterr().err


def test_explain_shows_every_field_and_its_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """Granted, taken away again."""
    text = run(capsys, "explain", RECEIVER, TYPE)
    assert "CA-1 (connectors/agencies/case-archive/access.yaml:3)" in text
    lines = {line.split()[1]: line.split()[0] for line in text.splitlines() if line.startswith(("yes ", "no "))}
    assert lines["caseNumber"] == "yes"
    assert lines["persons[].phone"] == "no"


def test_explain_of_a_message_above_the_ceiling_is_a_negative_result(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 1, and why."""
    path = canonical(capsys, document, tmp_path)
    words = ("explain", RECEIVER, TYPE, str(path), "--label", "TOP_SECRET", "--json")
    found = json.loads(run(capsys, *words, status=1))
    assert found["granted"] is False


def test_explain_of_a_type_without_grant_is_a_negative_result(capsys: pytest.CaptureFixture[str]) -> None:
    """The sender may not receive."""
    found = json.loads(run(capsys, "explain", SENDER, TYPE, "--json"))
    assert [grant["may"] for grant in found] == ["send"]
