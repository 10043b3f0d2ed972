"""Grants that can never apply are found before they run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hub.findings import Finding, Findings
from hub.site.site import load_site

SITE = Path(__file__).parents[2] / "campaign" / "site"
FILE = "connectors/agencies/rest-desk/access.yaml"


def findings(folder: Path, old: str, new: str) -> list[Finding]:
    shutil.copytree(SITE, folder / "site")
    schema = folder / "site" / "schemas" / "canonical" / "note.v1.json"
    schema.write_text(schema.read_text(encoding="utf-8").replace('"pattern": "^[0-9]{1,9}$"', '"enum": ["1", "2"]'))
    path = folder / "site" / FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    try:
        return list(load_site(folder / "site").notes)
    except Findings as found:
        return list(found.findings)


GRANT = "  - {rule: N-1, may: receive, type: note, fields: ['*'], purpose: p, when: {WHEN}}"


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("source: [sendr]", "there is no such agency"),
        ("source: [file-desk]", "it may not send note"),
        ("data.number: ['3']", "never '3'"),
    ],
)
def test_a_condition_that_is_never_true_is_found(tmp_path: Path, when: str, says: str) -> None:
    """A sender that may not send, an agency that does not exist, a value outside the closed list."""
    found = findings(tmp_path, "grants:\n", "grants:\n" + GRANT.replace("WHEN", when) + "\n")
    assert [(each.code, each.file, each.line) for each in found if says in each.text] == [("unreachable", FILE, 3)]


def test_a_grant_behind_one_that_takes_everything_is_found(tmp_path: Path) -> None:
    """The first grant whose conditions hold applies, so nothing behind one without conditions does."""
    last = GRANT.replace("WHEN", "source: [sender]")
    path = SITE / FILE
    whole = path.read_text(encoding="utf-8").rstrip("\n")
    found = findings(tmp_path, whole, f"{whole}\n{last}")
    lines = len(whole.splitlines()) + 1
    assert [(each.code, each.line) for each in found if "never applies" in each.text] == [("unreachable", lines)]
