"""Patterns that nobody should write: every decision ends, within bounds, as undecided where it has to."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Literal

import pytest

from hub.mapping.fits import fit_test
from hub.schema import automaton as automata
from hub.schema.automaton import TooLarge, accepts, build, outside
from hub.schema.inclusion import Inclusions, Values
from hub.schema.pattern import parse_pattern
from hub.schema.shape import ValueType

Dialect = Literal["xsd", "ecma"]
HOSTILE = {
    "nested counts": "([a-z]{1,200}[0-9]{1,200}){1,50}",
    "counts of nothing": "(){0,2000000000}",
    "counts of little": "(a?){0,2000000000}",
    "a great count": "a{1000000}",
    "exponential": "[ab]*a[ab]{60}",
    "exponential, twice": "([ab]*a[ab]{30}|[ac]*a[ac]{30})*",
    "many words": "(" + "|".join(f"w{number:x}[a-z]*{number:x}" for number in range(400)) + ")*",
    "overlapping repeats": "(x+x+)+y",
    "deep": "(" * 5000 + "a" + ")" * 5000,
    "deep alternatives": "(a|" * 5000 + "b" + ")" * 5000,
}


@pytest.mark.parametrize("dialect", ["xsd", "ecma"])
@pytest.mark.parametrize("name", HOSTILE)
def test_every_decision_ends(name: str, dialect: Dialect) -> None:
    """As source and as target, against a plain text and against each other; what is not decided is `unproven`."""
    pattern = HOSTILE[name] if dialect == "xsd" else f"^({HOSTILE[name]})$"
    hostile = Values(ValueType(patterns=(pattern,)), xml=dialect == "xsd")
    other = Values(ValueType(patterns=("^[a-c]{1,40}$",)))
    inclusions = Inclusions()
    pairs = [(hostile, other), (other, hostile), (hostile, replace(hostile, type=ValueType(patterns=("^(aa)*$",))))]
    told = [gap for source, target in pairs for gap in inclusions.gaps(source, target)]
    assert all(gap.facet in ("pattern", "length", "unproven") for gap in told)
    assert told


def test_a_decision_that_is_too_much_work_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many states at once are work, however few places are visited."""
    wide = build(parse_pattern("[ab]*a[ab]{40}", "xsd"))
    assert outside([build(parse_pattern("a{1,30}", "xsd"))], wide) is not None
    monkeypatch.setattr(automata, "_MOST_WORK", 10_000)
    with pytest.raises(TooLarge):
        outside([build(parse_pattern("[ab]{60,90}a[ab]{40}", "xsd"))], wide)


def test_what_is_remembered_of_texts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values come from partners: neither their many characters nor many ways through an automaton are kept."""
    monkeypatch.setattr(automata, "_MOST_REMEMBERED", 500)
    known = build(parse_pattern("[ab]*a[ab]{12}|[^ab]*", "xsd"))
    assert accepts(known, "".join(map(chr, range(0x4E00, 0x9FFF))))
    assert len(known._after) < 10
    assert len(known._like) <= 500
    for letters in itertools.product("ab", repeat=14):
        assert accepts(known, "".join(letters)) == (letters[1] == "a")
    assert len(known._after) <= 500


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("[a-z-[aeiou]]+", "xyz", True),
        ("[a-z-[aeiou]]+", "xaz", False),
        ("a.c", "a\nc", False),
        (r"\d", "٣", True),
        (r"\i\c*", "a-1", True),
        ("a^b$", "a^b$", True),
    ],
)
def test_what_xsd_means_is_kept(pattern: str, text: str, fits: bool) -> None:
    """Characters are put together in classes for speed; each keeps its own meaning."""
    assert fit_test(ValueType(patterns=(pattern,)), xml=True)(text) == fits


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [(r"\d", "٣", False), ("b", "abc", True), ("^a.c$", "a\nc", False), ("^ab*?$", "abb", True)],
)
def test_what_json_schema_means_is_kept(pattern: str, text: str, fits: bool) -> None:
    """Digits are ASCII, and a pattern is found anywhere."""
    assert fit_test(ValueType(patterns=(pattern,)), xml=False)(text) == fits
