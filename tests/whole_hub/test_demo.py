"""The demo of the default site, whole: it ends by itself, everything happens as the site's files say, and the README's
commands work on what it leaves."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HUB = [sys.executable, "-m", "hub.cli"]
README_COMMANDS = re.findall(r"^\.venv/bin/hub (.+?)(?: +#.*)?$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
# What needs a hub that runs, another site or a fleet is played by test_reload, test_diff and test_production.
ELSEWHERE = ("run ", "reload ", "diff ", "intake ", "deliver ")


@dataclass(frozen=True)
class Performance:
    """One demo that has ended."""

    data: Path
    status: int
    shown: str
    errors: str
    seconds: float


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    data = tmp_path_factory.mktemp("demo") / "data"
    began = time.monotonic()
    words = [*HUB, "demo", "--site", str(ROOT), "--data", str(data)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)
    return Performance(data, done.returncode, done.stdout, done.stderr, time.monotonic() - began)


def test_everything_happens_as_the_sites_files_say(performance: Performance) -> None:
    """Exit status 0, no surprise, nothing left waiting."""
    assert performance.status == 0, performance.shown + performance.errors
    assert "unexpected:" not in performance.shown
    assert "nothing is left waiting" in performance.shown


def test_it_ends_within_a_minute(performance: Performance) -> None:
    """With some allowance for a machine that does other things as well."""
    assert performance.seconds < 90


@pytest.mark.parametrize(
    "expected",
    [
        "hub answers schema-violation",
        "hub answers malformed",
        "hub answers unauthenticated",
        "hub answers duplicate",
        "hub answers conflict",
        "cannot be reached",
        "is back",
        "above-ceiling",
        "not-granted",
    ],
)
def test_the_day_holds(performance: Performance, expected: str) -> None:
    """An outage, bad input, a duplicate, a conflict, refused disclosures."""
    assert expected in performance.shown


@pytest.mark.parametrize(
    "expected",
    [
        "as police-platform sent it",
        "canonical: what the hub keeps",
        "<pp:SubmitReferral",
        "as emirate got it",
        "not shown by EM-3: except:",
    ],
)
def test_one_referral_is_shown_side_by_side(performance: Performance, expected: str) -> None:
    """In every form that it took, with what was kept back by which rule."""
    assert expected in performance.shown


@pytest.mark.parametrize(
    "command", [line for line in README_COMMANDS if not line.startswith(ELSEWHERE) and line != "ledger verify"]
)
def test_commands_of_the_readme_work(performance: Performance, command: str) -> None:
    """Each one, as it stands there, on what the demo has left."""
    words = shlex.split(command.replace("data/demo", str(performance.data)))
    done = subprocess.run([*HUB, *words], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout


def test_a_folder_that_is_not_its_own_is_left_alone(tmp_path: Path) -> None:
    """It clears its data folder, and must not clear a real hub's."""
    (tmp_path / "hub.db").write_text("somebody's store")
    words = [*HUB, "demo", "--site", str(ROOT), "--data", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert (tmp_path / "hub.db").read_text() == "somebody's store"
