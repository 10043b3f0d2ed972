"""The benchmark, short: it measures a real hub, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.whole_hub.production import services

KEYS = (
    "accepted_per_s", "delivered_per_s", "hub_cpu_us_per_message", "accept_p50_ms", "accept_p99_ms",
    "accept_to_sink_p50_ms", "accept_to_sink_p99_ms", "rss_mb", "ready_s", "sent", "distinct_at_sink", "lost",
)  # fmt: skip


def test_bench_reports_every_figure_and_loses_nothing(tmp_path: Path) -> None:
    """The keys are a fixed interface; what was accepted has arrived."""
    words = [sys.executable, "-m", "hub.cli", "bench", "--json", "--seconds", "2", "--connections", "8"]
    done = subprocess.run(
        [*words, "--data-dir", str(tmp_path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [key for key in KEYS if not isinstance(found[key], (int, float))] == []
    assert found["lost"] == 0
    assert found["sent"] == found["distinct_at_sink"] > 50
    assert found["context"]["stages"]["send"]["count"] == found["sent"]
    assert list(tmp_path.iterdir()) == []


def test_production_mode_is_measured_beside_the_embedded_one(tmp_path: Path) -> None:
    """On services of the test's own; CPU of hub, database and broker apart, and nothing lost on either side."""
    with services() as found:
        words = [sys.executable, "-m", "hub.cli", "bench", "--production", "--json", "--seconds", "2"]
        environment = {**os.environ, "HUB_STORE": found.store, "HUB_QUEUE": found.queue}
        done = subprocess.run(
            [*words, "--data-dir", str(tmp_path)],
            capture_output=True, text=True, timeout=200, check=False, env=environment,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    production = told["production"]
    assert production["lost"] == told["embedded"]["lost"] == 0
    assert production["sent"] > 50
    for each in ("intake_cpu_us", "deliver_cpu_us", "database_cpu_us", "broker_cpu_us", "log_bytes_per_message"):
        assert production[each] > 0
    assert told["accepted_to_embedded"] > 0
    assert list(tmp_path.iterdir()) == []
