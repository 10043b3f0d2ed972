"""The Prometheus files are right by promtool's word, and every alert has a runbook."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from monitoring.metrics import Backlog, Metrics

FOLDER = Path(__file__).parents[3] / "monitoring" / "prometheus"
README = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")


@needs_promtool
@pytest.mark.parametrize(
    "words",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "config", "production.yml"),
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts_test.yml"),
    ],
)
def test_promtool_accepts(words: tuple[str, ...]) -> None:
    """Configuration and rules parse, and the rules fire when they should."""
    assert PROMTOOL is not None
    done = subprocess.run([PROMTOOL, *words], cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def alerts() -> list[dict[str, str]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_every_alert_has_a_runbook() -> None:
    """The operator who is woken finds a section with the alert's name."""
    missing = [rule["alert"] for rule in alerts() if f"### {rule['alert']}\n" not in README]
    assert missing == []


def test_every_alert_is_tested() -> None:
    """No alert is there that nobody saw fire."""
    tested = (FOLDER / "alerts_test.yml").read_text(encoding="utf-8")
    assert [rule["alert"] for rule in alerts() if f"alertname: {rule['alert']}\n" not in tested] == []


def known() -> set[str]:
    """Every series that the hub can show, and its labels' names as ``name{label}``."""
    metrics = Metrics([("court", "decision")])
    metrics.count_commits(lambda: 0)
    metrics.received("court", "decision", "rest", "m1", True)
    metrics.faulted("web", ValueError())
    metrics.breaker("court", "open")
    metrics.stage("send", 0.1)
    metrics.delivered_after("court", "decision", 0.1)
    metrics.refresh({"court": Backlog()})
    found = {"up", "up{job}", "up{instance}"}
    for family in text_string_to_metric_families(metrics.render().decode()):
        for sample in family.samples:
            found |= {sample.name, *(f"{sample.name}{{{label}}}" for label in sample.labels)}
    return found


def used(text: str) -> set[str]:
    """The series and labels that an expression or an input series names."""
    found: set[str] = set()
    for name, labels in re.findall(r"\b(up|hub_[a-z_]+)\b(?:\{([^}]*)\})?", text):
        found |= {name, *(f"{name}{{{label}}}" for label in re.findall(r"([a-z_]+)\s*[=!]", labels))}
    return found


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_asks_only_for_what_the_hub_shows(rule: dict[str, str]) -> None:
    """A metric that was renamed would silence its alert for good."""
    assert used(rule["expr"])
    assert used(rule["expr"]) - known() == set()


def test_the_alerts_are_tested_with_what_the_hub_shows() -> None:
    """An input series that cannot exist would prove nothing."""
    tests = yaml.safe_load((FOLDER / "alerts_test.yml").read_text(encoding="utf-8"))["tests"]
    series = {each["series"] for test in tests for each in test["input_series"]}
    assert {name for each in series for name in used(each)} - known() == set()


def test_every_metric_is_explained_and_no_other() -> None:
    """The README's table and the registry name the same series with the same labels."""
    table = re.findall(r"^\| `(hub_[a-z_]+)(?:\{([a-z_,]+)\})?` \|", README, re.MULTILINE)
    told = {name for name, _ in table} | {
        f"{name}{{{label}}}" for name, labels in table for label in labels.split(",") if label
    }
    shown = {re.sub(r"_(bucket|count|sum)\b", "", name) for name in known() if not name.startswith("up")}
    assert told == {name for name in shown if "{le}" not in name}
