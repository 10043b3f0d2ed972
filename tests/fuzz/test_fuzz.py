"""The fuzz finds nothing in a few fixed mutants, and notices when a check is taken away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hub.mapping import check, check_demands, check_values
from hub.schema.inclusion import Inclusions
from tests.fuzz.__main__ import main
from tests.fuzz.bench import Bench, mutations_of
from tests.fuzz.chance import Chance
from tests.fuzz.judge import judged
from tests.fuzz.mutant import mutant, tried
from tests.unit.proving.small import READS

OFFICE = "schemas/agencies/office/note.json"
KEY = '"maxLength": 64\n     },\n     "name"'
NEEDED = '"state"\n ],\n "properties"'
CASES = 25


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The small site."""
    return Bench("small", tmp_path_factory.mktemp("fuzz"))


def outcome(bench: Bench, file: str, old: str, new: str) -> str:
    """What becomes of one edit."""
    text = bench.files[file]
    assert text.count(old) == 1
    texts = {file: text.replace(old, new)}
    with bench.changed(texts) as site:
        return judged(site, texts, CASES, 1).outcome


def test_fixed_mutants_refute_nothing(bench: Bench) -> None:
    """Each is refused with a place, or stands its cases."""
    outcomes = []
    for number in range(30):
        made, chance = mutant(bench, 1, number)
        verdict = tried(made, bench, chance, 12)
        assert verdict.outcome not in ("hole", "slow"), f"{made.command}\n{verdict.text}"
        outcomes.append(verdict.outcome)
    assert {"refused", "accepted"} <= set(outcomes)


def test_a_mutant_is_the_same_for_the_same_seed(bench: Bench) -> None:
    """A hole can be looked at again."""
    one, again, other = (mutant(bench, seed, 5)[0] for seed in (1, 1, 2))
    assert (one.kinds, one.texts) == (again.kinds, again.texts)
    assert one.texts != other.texts


def test_the_check_of_lengths_taken_away_is_noticed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of sixty characters into a place of five: refused, and without that check a hole."""
    edit = (OFFICE, '"maxLength": 60\n  }\n }', '"maxLength": 5\n  }\n }')
    assert outcome(bench, *edit) == "refused"

    def nothing(*_: Any) -> Iterator[Any]:
        return iter(())

    monkeypatch.setattr(Inclusions, "_length", nothing)
    assert outcome(bench, *edit) == "hole"


@pytest.mark.parametrize(
    ("module", "name", "edit"),
    [
        (check_demands, "_ids", (OFFICE, KEY, KEY.replace("64", "5"))),
        (check, "check_presence", (OFFICE, NEEDED, NEEDED.replace('"state"', '"state", "text"'))),
        (check_values.ValueCheck, "_answers", (READS, "  text: text", "  text: {at: text, absent: {write: empty}}")),
    ],
    ids=["ids", "presence", "answers"],
)
def test_another_check_taken_away_is_noticed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, edit: tuple[str, str, str]
) -> None:
    """The same for three others."""
    assert outcome(bench, *edit) == "refused"
    monkeypatch.setattr(module, name, lambda *_, **__: iter(()))
    assert outcome(bench, *edit) == "hole"


def test_every_mutation_changes_something(tmp_path: Path) -> None:
    """On some file of the default site: none is there for nothing."""
    bench = Bench("default", tmp_path)
    chance = Chance(Random(1), bench.words, bench.tables, bench.paths)
    idle = {mutate.__name__ for file in bench.files for mutate in mutations_of(file)}
    for file, text in bench.files.items():
        for mutate in mutations_of(file):
            if mutate.__name__ in idle and _changes(mutate, text, chance):
                idle.discard(mutate.__name__)
    assert idle == set()


def _changes(mutate: Any, text: str, chance: Chance) -> bool:
    for _ in range(8):
        try:
            if mutate(text, chance) not in (None, text):
                return True
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            continue
    return False


def test_the_command_says_what_became_of_one_mutant(capsys: pytest.CaptureFixture[str]) -> None:
    """``--only``: its diff and its verdict."""
    assert main(["--site", "small", "--seed", "1", "--only", "1", "--cases", "5"]) == 0
    said = capsys.readouterr().out
    assert "+++" in said
    assert "mutants" in said
