"""The files around the code say the same as the code: lock, Makefile, image, compose file."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import yaml

from hub.cli import COMMANDS
from hub.commands.process import require_shared
from hub.settings import Settings

ROOT = Path(__file__).parents[3]


def lock() -> str:
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_every_dependency_is_locked_with_hashes() -> None:
    """What pyproject.toml asks for stands in the lock, pinned, and everything there has a hash."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\[<>=;! ]", text)[0].lower().replace("_", "-") for text in wanted}
    pinned = re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==", lock(), re.MULTILINE)
    assert names <= set(pinned)
    assert lock().count("--hash=sha256:") >= len(pinned)


def test_lock_names_no_registry() -> None:
    """Where packages come from is the machine's business."""
    assert "://" not in lock()
    assert "index-url" not in lock()


def test_make_help_names_the_fixed_targets() -> None:
    """Other people's scripts rely on these."""
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("demo", "test", "bench", "check", "lint", "campaign"):
        assert f"make {target}" in shown


def test_image_copies_only_what_exists() -> None:
    """Every source of a COPY from the build context is in the repository."""
    text = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    copies = [line.split()[1:] for line in text.splitlines() if line.startswith("COPY") and "--from" not in line]
    assert copies
    assert [source for *sources, _ in copies for source in sources if not (ROOT / source).exists()] == []


def test_image_does_not_run_as_root_and_has_a_health_check() -> None:
    """A hole in the hub is not a hole in the host."""
    text = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER hub$", text, re.MULTILINE)
    assert "HEALTHCHECK" in text


def test_compose_mounts_exist_and_ports_agree() -> None:
    """The hub's port is the same in settings, image, compose file and Prometheus' configuration."""
    folder = ROOT / "docker"
    compose = yaml.safe_load((folder / "compose.yaml").read_text(encoding="utf-8"))
    mounted = [volume for service in compose["services"].values() for volume in service.get("volumes", ())]
    mounts = [volume.split(":")[0] for volume in mounted]
    assert [mount for mount in mounts if mount.startswith(".") and not (folder / mount).exists()] == []
    assert {mount for mount in mounts if not mount.startswith(".")} == set(compose["volumes"])
    port = Settings().port
    assert compose["services"]["hub"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    prometheus = (ROOT / "monitoring" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    assert f"hub:{port}" in prometheus
    assert f"EXPOSE {port}" in (folder / "Dockerfile").read_text(encoding="utf-8")


def test_compose_production_processes_can_run_and_are_scraped() -> None:
    """Each runs a command that exists, with settings that it takes, on one data volume, and Prometheus knows it."""
    services = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))["services"]
    processes = {name: each for name, each in services.items() if each.get("image") == "interagency-hub"}
    production = {name: each for name, each in processes.items() if each["profiles"] == ["production"]}
    assert sorted(each["command"] for each in production.values()) == [["hub", "deliver"]] * 2 + [["hub", "intake"]] * 2
    assert {each["command"][1] for each in production.values()} <= set(COMMANDS)
    assert {volume for each in processes.values() for volume in each["volumes"]} == {"hub-data:/var/lib/hub"}
    for each in production.values():
        given = {name.removeprefix("HUB_").lower(): value for name, value in each["environment"].items()}
        require_shared(Settings(**given))
        assert set(given) <= set(Settings.model_fields)
        assert set(each["depends_on"]) <= set(services)
    scraping = yaml.safe_load((ROOT / "monitoring" / "prometheus" / "production.yml").read_text(encoding="utf-8"))
    groups = scraping["scrape_configs"][0]["static_configs"]
    assert {target for group in groups for target in group["targets"]} == {f"{name}:8080" for name in production}


def test_readme_shows_the_two_commands_and_names_only_files_that_exist() -> None:
    """What a newcomer is pointed to is there."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text
    named = re.findall(r"`((?:tests|hub|connectors|monitoring|mappings|schemas|docker)/[\w./-]*)`", text)
    linked = re.findall(r"\]\(([\w./-]+)\)", text)
    assert len(named) > 15
    assert [path for path in (*named, *linked) if not (ROOT / path).exists()] == []


def test_readme_lists_every_setting_with_its_default() -> None:
    """A row of the settings table names variables and, in the same order, their defaults."""
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Settings\n")[2].partition("\n## ")[0]
    told: dict[str, str] = {}
    for row in re.findall(r"^\| (`HUB_.*?) \| (.*?) \|", table, re.MULTILINE):
        names, defaults = (re.findall(r"`([^`]+)`", cell) for cell in row)
        told |= dict(zip(names, [*defaults, *[""] * len(names)], strict=False))
    real = {f"HUB_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    shown = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in real.items()}
    assert told == {**shown, "HUB_CONVERTERS": ""}
