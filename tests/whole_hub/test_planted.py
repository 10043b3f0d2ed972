"""Planted mistakes: each is found in a copy of a correct site, with the right code, file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.findings import Finding, Findings
from hub.wiring.checking import load_checked_site
from tests.whole_hub.planted import PLACES, Planted
from tests.whole_hub.planted_values import VALUES
from tests.whole_hub.running import ROOT, copy_site

PLANTED = [*PLACES, *VALUES]
NIBRS = ROOT / "tests" / "sites" / "nibrs"


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A copy of each site, put right again after every mistake."""
    folder = tmp_path_factory.mktemp("sites")
    return {"default": copy_site(folder / "default", {}), "nibrs": copy_site(folder / "nibrs", {}, NIBRS)}


def findings(site: Path) -> list[Finding]:
    try:
        return list(load_checked_site(site).notes)
    except Findings as found:
        return list(found.findings)


@pytest.mark.parametrize("name", ["default", "nibrs"])
def test_the_correct_site_has_no_errors(sites: dict[str, Path], name: str) -> None:
    """Nothing is told where nothing is wrong."""
    assert [str(found) for found in findings(sites[name]) if found.severity == "error"] == []


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_mistake_is_found(sites: dict[str, Path], planted: Planted) -> None:
    """The code, at the line of the mistake (or of what it breaks), with what was meant where a name is near."""
    site = sites[planted.site]
    path = site / planted.file
    text = path.read_text(encoding="utf-8")
    assert planted.old in text
    path.write_text(text.replace(planted.old, planted.new, 1), encoding="utf-8")
    try:
        found = [one for one in findings(site) if one.severity == "error"]
        where = planted.found_in or planted.file
        lines = (site / where).read_text(encoding="utf-8").splitlines()
    finally:
        path.write_text(text, encoding="utf-8")
    wanted = planted.at or planted.new.splitlines()[0]
    told = [
        one for one in found if (one.code, one.file) == (planted.code, where) and planted.says in one.text + one.hint
    ]
    assert [one for one in told if wanted in lines[one.line - 1]], "\n".join(map(str, found)) or "nothing was found"


def test_the_table_in_the_documentation_is_this_one() -> None:
    """What MISTAKES.md promises is what is tested."""
    assert table() == (ROOT / "mappings" / "MISTAKES.md").read_text(encoding="utf-8")


def test_every_mistake_is_another() -> None:
    """Fifty and more, each with a name of its own."""
    assert len({planted.name for planted in PLANTED}) == len(PLANTED) > 50


def table() -> str:
    """``mappings/MISTAKES.md``."""
    rows = [
        f"| {one.name} | {_shown(one.old)} | {_shown(one.new)} | `{one.code}` | {one.found_in or one.file} |"
        for one in PLANTED
    ]
    return "\n".join(
        [
            "# Mistakes that `hub check` finds",
            "",
            "Each is planted into a copy of the default site (or of `tests/sites/nibrs`) by",
            "`tests/whole_hub/test_planted.py`, which makes this table and holds code, file and line; on the correct",
            "sites nothing is reported.",
            "",
            "| mistake | what stood there | what is planted | finding | in |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _shown(text: str) -> str:
    line = " / ".join(part.strip() for part in text.strip().splitlines()).replace("|", "\\|")
    short = line if len(line) <= 60 else f"{line[:57]}..."
    return f"`{short}`" if short else "(nothing)"
