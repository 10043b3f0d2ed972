"""A copy of the default site, and contracts that are not in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.cli import dispatch

ROOT = Path(__file__).parents[3]
CONTRACTS = Path(__file__).parent / "contracts"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The default site without its examples."""
    folder = tmp_path / "site"
    for part in ("connectors/agencies", "schemas", "mappings"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("examples", "README.md"))
    return folder


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    """Contracts to change at will."""
    return shutil.copytree(CONTRACTS, tmp_path / "contracts")


Hub = Callable[..., Any]


@pytest.fixture
def hub(site: Path, capsys: pytest.CaptureFixture[str]) -> Hub:
    """Run one command on the site; its JSON, or its error text where another status than 0 is expected."""

    def run(*words: str, status: int | None = 0) -> Any:
        assert dispatch([*words, "--site", str(site), "--json"]) in ((0, 1, 2) if status is None else (status,))
        captured = capsys.readouterr()
        return json.loads(captured.out) if captured.out else captured.err

    return run


def errors(hub: Hub) -> list[str]:
    """Code and text of what ``hub check`` finds wrong with the newcomer."""
    findings = hub("check", status=None)["findings"]
    return [
        f"{finding['code']}: {finding['text']}"
        for finding in findings
        if finding["severity"] == "error" and "newcomer" in finding["file"]
    ]
