"""What an agency could have told: generated messages are bent to it, so that reading is proved and not only refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.proving.prove import Proved, failures, prove, targets
from hub.proving.reading import Reading
from hub.site.site import Site, load_site

ROOT = Path(__file__).parents[3]
CASES = 60


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(ROOT)


@pytest.mark.parametrize(
    "key",
    [
        ("citizen-portal", "incident-report"),
        ("public-prosecution", "prosecution-decision"),
        ("police-platform", "statement"),
        ("public-security", "case-status"),
    ],
    ids="/".join,
)
def test_the_law_is_tried_and_not_only_refused(site: Site, key: tuple[str, str]) -> None:
    """One applicant, one category, persons inside their roles, numbers of the agency's own: messages are made so."""
    attempt = Reading(site, site.dialects[key])
    failures(attempt, CASES, 5, lambda: None, Proved(*key, "read"))
    assert attempt.outcomes["equal"] >= 3


def test_a_proof_that_tells_hardly_anything_is_noted(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases that are all refused prove nothing."""
    (target,) = targets(site, ("citizen-portal", "incident-report"))
    monkeypatch.setattr(Reading, "said", lambda self, data: self.outcomes.update(["not sayable by the agency"]))
    monkeypatch.setattr(Reading, "random", lambda self, body: self.outcomes.update(["refused: unreadable-value"]))
    proved = prove(site, *target, 20, 5, lambda: None)
    assert [(found.code, found.severity) for found in proved.findings] == [("barely-proved", "note")]


def test_a_proof_that_tells_something_is_not(site: Site) -> None:
    """The default site's mappings are proved."""
    (target,) = targets(site, ("police-platform", "case-status"))[:1]
    assert prove(site, *target, 20, 5, lambda: None).findings == []
