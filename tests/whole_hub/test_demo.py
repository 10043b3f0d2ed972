"""The demo of the default site, whole: it ends by itself and everything happens as the site's files say."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_demo_plays_the_day_and_shows_what_came_of_it(tmp_path: Path) -> None:
    """Outage, bad input, duplicate, conflict and refused disclosure; a referral side by side; within a minute."""
    began = time.monotonic()
    words = [sys.executable, "-m", "hub.cli", "demo", "--site", str(ROOT), "--data", str(tmp_path / "demo")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began < 90, "it should end within a minute"
    for expected in (
        "hub answers schema-violation",
        "hub answers malformed",
        "hub answers unauthenticated",
        "hub answers duplicate",
        "hub answers conflict",
        "cannot be reached",
        "is back",
        "above-ceiling",
        "canonical: what the hub keeps",
        "<pp:SubmitReferral",
        "not shown by EM-3: except: charges[].description",
        "nothing is left waiting",
        "hub trace",
    ):
        assert expected in done.stdout, expected
    assert "unexpected" not in done.stdout


def test_demo_leaves_a_folder_alone_that_is_not_its_own(tmp_path: Path) -> None:
    """It clears its data folder, and must not clear a real hub's."""
    (tmp_path / "hub.db").write_text("somebody's store")
    words = [sys.executable, "-m", "hub.cli", "demo", "--site", str(ROOT), "--data", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert (tmp_path / "hub.db").read_text() == "somebody's store"
