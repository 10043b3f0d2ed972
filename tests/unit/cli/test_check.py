"""``hub check``: findings for people, programs and code hosts; examples, updates, proofs; its exit status."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from hub.cli import dispatch
from tests.unit.proving.small import IN, OUT, WRITES, add, change, small_site, with_examples


@pytest.fixture
def site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The small site with examples that hold."""
    folder = with_examples(small_site(tmp_path))
    assert dispatch(["check", "--site", str(folder), "--update"]) == 1  # the other example has no canonical.json yet
    shutil.copy(folder / IN / "canonical.json", folder / OUT / "canonical.json")
    assert dispatch(["check", "--site", str(folder), "--update"]) == 0
    capsys.readouterr()
    return folder


def checked(capsys: pytest.CaptureFixture[str], site: Path, *words: str, status: int = 0) -> dict[str, Any]:
    assert dispatch(["check", "--site", str(site), "--json", *words]) == status
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def errors(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["code"], item["file"]) for item in found["findings"] if item["severity"] == "error"]


def test_a_sound_site_is_summed_up(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was checked, in one line."""
    assert dispatch(["check", "--site", str(site)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("ok: 2 agencies, 1 message types, 2 mappings, 3 grants, 2 examples, ")


def test_an_example_that_differs_fails_the_check(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unless examples are left out."""
    change(site, f"{IN}/canonical.json", "a note", "another note")
    assert errors(checked(capsys, site, status=1)) == [("example-differs", f"{IN}/canonical.json")]
    assert errors(checked(capsys, site, "--no-examples")) == []


def test_an_update_rewrites_what_differs_and_nothing_else(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says which file it wrote."""
    change(site, f"{IN}/canonical.json", "a note", "another note")
    before = (site / OUT / "output.xml").stat().st_mtime_ns
    assert dispatch(["check", "--site", str(site), "--update"]) == 0
    assert f"updated {IN}/canonical.json" in capsys.readouterr().err
    assert (site / OUT / "output.xml").stat().st_mtime_ns == before


def test_findings_go_to_code_hosts_as_sarif(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rule, level, message, file and line of each."""
    change(site, WRITES, "text: a:Text", "text: a:Txt")
    (site / ".git").mkdir()
    report = tmp_path / "report.sarif"
    checked(capsys, site, "--sarif", str(report), status=1)
    log = json.loads(report.read_bytes())
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    result = next(item for item in run["results"] if item["ruleId"] == "unknown-path")
    place = result["locations"][0]["physicalLocation"]
    line = (site / WRITES).read_text(encoding="utf-8").splitlines().index("  text: a:Txt") + 1
    assert result["level"] == "error"
    assert place == {"artifactLocation": {"uri": WRITES}, "region": {"startLine": line}}
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "unknown-path"


def test_sarif_keeps_the_rules_of_its_standard(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """SARIF 2.1.0, sections 3.13 to 3.30: a code host refuses a report that breaks them."""
    change(site, WRITES, "text: a:Text", "text: a:Txt")
    add(site, "schemas/agencies/archive/an old one.json", '{"type": "objekt"}')  # a space is no part of a URI
    report = tmp_path / "report.sarif"
    told = checked(capsys, site, "--sarif", str(report), status=1)["findings"]
    log = json.loads(report.read_bytes())
    assert (log["version"], log["$schema"].rpartition("/")[2]) == ("2.1.0", "sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    rules = [rule["id"] for rule in driver["rules"]]
    assert driver["name"] == "hub check"
    assert sorted(set(rules)) == rules == sorted({finding["code"] for finding in told})
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] for rule in driver["rules"])
    assert len(run["results"]) == len(told) > 1
    assert any("an old one.json" in finding["file"] for finding in told)
    for result, finding in zip(run["results"], told, strict=True):
        (location,) = result["locations"]
        place = location["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        assert rules[result["ruleIndex"]] == result["ruleId"] == finding["code"]
        assert result["level"] == finding["severity"]
        assert result["level"] in ("error", "note")
        assert result["message"]["text"].startswith(finding["text"])
        assert re.fullmatch(r"[A-Za-z0-9._~%-]+(/[A-Za-z0-9._~%-]+)*", uri)
        assert unquote(uri).endswith(finding["file"])
        assert place.get("region", {"startLine": 1})["startLine"] >= 1


def test_findings_as_data_have_every_part(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Code, file, line, text, hint and severity of each."""
    change(site, WRITES, "text: a:Text", "text: a:Txt")
    found = next(item for item in checked(capsys, site, status=1)["findings"] if item["code"] == "unknown-path")
    line = (site / WRITES).read_text(encoding="utf-8").splitlines().index("  text: a:Txt") + 1
    assert set(found) == {"code", "file", "line", "text", "hint", "severity"}
    assert (found["file"], found["line"], found["severity"]) == (WRITES, line, "error")
    assert "a:Text" in found["hint"]


def test_sarif_paths_start_at_the_repository(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A code host knows files by their paths in the repository."""
    (site.parent / ".git").mkdir()
    change(site, WRITES, "text: a:Text", "text: a:Txt")
    report = tmp_path / "report.sarif"
    checked(capsys, site, "--sarif", str(report), status=1)
    results = json.loads(report.read_bytes())["runs"][0]["results"]
    assert all(
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("site/") for result in results
    )


def test_a_proof_tells_its_seed_and_what_came_of_the_cases(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By mapping and direction."""
    proof = checked(capsys, site, "--prove", "20", "--seed", "5")["proof"]
    assert proof["seed"] == 5
    assert proof["cases"] == 60
    assert {(row["mapping"], row["direction"]) for row in proof["mappings"]} == {
        ("archive/note", "write"),
        ("office/note", "write"),
        ("office/note", "read"),
    }


def test_proving_shows_its_progress_on_a_terminal(site: Path) -> None:
    """Which mapping is at it, and how many cases are done; elsewhere nothing but the outcome."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "hub.cli", "check", "--site", str(site), "--prove", "30", "--seed", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "COLUMNS": "120"}
    ) as run:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # how Linux says that the other end has closed
            while part := os.read(ours, 4096):
                shown += part
    os.close(ours)
    assert run.returncode == 0
    assert re.search(rb"office/note (read|write) .*[0-9]+/90", shown)
    quiet = subprocess.run(command, capture_output=True, check=True).stderr
    assert quiet.splitlines()[0] == b"seed 1"


def test_one_mapping_can_be_proven_alone(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is none is a usage error with the nearest right one."""
    proof = checked(capsys, site, "--prove", "5", "--mapping", "archive/note")["proof"]
    assert [row["mapping"] for row in proof["mappings"]] == ["archive/note"]
    assert dispatch(["check", "--site", str(site), "--prove", "5", "--mapping", "archive/nota"]) == 2
    assert "archive/note" in capsys.readouterr().err


def test_the_jsonschema_library_has_its_say(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A schema file that no mapping uses is checked too, by that library."""
    add(site, "schemas/agencies/archive/other.json", '{\n "type": "objekt"\n}')
    found = checked(capsys, site, status=1)
    assert ("bad-schema", "schemas/agencies/archive/other.json") in errors(found)
