"""The benchmark, short: it measures a real hub, and nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

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
