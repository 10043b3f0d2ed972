"""The sites of this repository stand generated cases: every mapping, in every direction that a grant uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.proving.prove import prove, targets
from hub.site.site import load_site

ROOT = Path(__file__).parents[2]
SITES = {"default": (ROOT, 20), "nibrs": (ROOT / "tests" / "sites" / "nibrs", 15)}


@pytest.mark.parametrize("name", SITES)
def test_generated_cases_find_no_error(name: str) -> None:
    """What is written is valid and reads back; what agencies may send is read, or refused with a place."""
    folder, cases = SITES[name]
    site = load_site(folder)
    parts = [prove(site, dialect, direction, cases, 1, lambda: None) for dialect, direction in targets(site)]
    assert [str(finding) for part in parts for finding in part.findings if finding.severity == "error"] == []
    assert sum(part.outcomes["equal"] for part in parts) > cases
