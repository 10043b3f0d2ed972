"""A short fuzz of ``hub check``: it holds, and the fuzz notices where it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.schema.inclusion import Gap, Inclusions, Values
from tests.fuzz.__main__ import open_fuzz
from tests.fuzz.fuzz import Outcome

SITES, SEED = 60, 11


def fuzzed(folder: Path) -> list[Outcome]:
    fuzz = open_fuzz("small", folder, SEED, cases=15)
    return [fuzz.run(number) for number in range(SITES)]


def test_what_the_check_lets_pass_is_sound(tmp_path: Path) -> None:
    """Of sixty changed sites some are refused and some accepted, and of these none does anything wrong."""
    outcomes = fuzzed(tmp_path)
    ends = Counter(outcome.end for outcome in outcomes)
    assert [outcome.diff + outcome.told for outcome in outcomes if outcome.end in ("hole", "crash")] == []
    assert ends["refused"] > SITES // 4
    assert ends["accepted"] > SITES // 20


def test_a_check_that_is_taken_away_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the proof of lengths, patterns and ranges the same changes are accepted, and messages show it."""

    def blind(self: Inclusions, source: Values, target: Values) -> Iterator[Gap]:
        return iter(())

    monkeypatch.setattr(Inclusions, "_gaps", blind)
    holes = [outcome for outcome in fuzzed(tmp_path) if outcome.end == "hole"]
    assert holes
    assert any("output-invalid" in outcome.told for outcome in holes)


def test_a_changed_site_is_the_same_again(tmp_path: Path) -> None:
    """The number and the seed fix the changes, and every change is taken back."""
    one, other = open_fuzz("small", tmp_path / "a", 5, 1), open_fuzz("small", tmp_path / "b", 5, 1)
    other.run(3)
    assert one.run(7).diff == other.run(7).diff != ""
