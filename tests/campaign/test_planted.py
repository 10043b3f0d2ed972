"""The planted bugs still fit the code, and the campaign turns red for two of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaign.planted import Bug, bugs, found, plant

FAST = ("disclose-after-send", "receipt-invented-anew")


@pytest.mark.parametrize("bug", bugs(), ids=lambda bug: bug.name)
def test_a_planted_bug_still_applies_and_compiles(bug: Bug, tmp_path: Path) -> None:
    """The code moves; a patch that does not follow would plant nothing."""
    assert plant(bug, tmp_path).is_dir()


@pytest.mark.parametrize("name", FAST)
def test_the_campaign_turns_red(name: str) -> None:
    """All of them: ``make planted``."""
    (bug,) = [each for each in bugs() if each.name == name]
    was_found, said = found(bug)
    assert was_found, said
