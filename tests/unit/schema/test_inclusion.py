"""One schema's values inside another's: proved, refuted with an example, or left undecided."""

from __future__ import annotations

import pytest

from hub.schema.automaton import accepts, build, outside
from hub.schema.inclusion import Inclusions, Values
from hub.schema.pattern import Dialect, OutsideSubset, lengths, parse_pattern
from hub.schema.shape import ValueType


def text(**facets: object) -> ValueType:
    return ValueType(**facets)  # type: ignore[arg-type]


def facets(source: ValueType, target: ValueType, *, xml: bool = False) -> list[str]:
    return [gap.facet for gap in Inclusions().gaps(Values(source), Values(target, xml))]


@pytest.mark.parametrize(
    ("pattern", "dialect", "inside", "outside"),
    [
        ("^[0-9]{2,3}$", "ecma", ["12", "123"], ["1", "1234", "a12"]),
        ("[0-9]", "ecma", ["a1b", "1"], ["", "ab"]),
        ("^a|b$", "ecma", ["ax", "xb"], ["xay"]),
        (r"^\w+\.\d?$", "ecma", ["ab.1", "ab."], ["ab", "ä.1"]),
        (r"[a-z-[aeiou]]+", "xsd", ["xyz"], ["xa", ""]),
        (r"^[0-9]$", "xsd", ["^1$"], ["1"]),
        (r"\d\i\c*", "xsd", ["1ab.", "٣_"], ["1-"]),
        ("(ab|c)*d+", "xsd", ["d", "abcd", "cabdd"], ["", "abc"]),
        (r"^[^\]@]+\x41$", "ecma", ["xA"], ["]A"]),
    ],
)
def test_a_pattern_has_the_texts_that_its_dialect_gives_it(
    pattern: str, dialect: Dialect, inside: list[str], outside: list[str]
) -> None:
    """XSD anchors everything, JSON Schema only where the pattern says so."""
    automaton = build(parse_pattern(pattern, dialect))
    assert [each for each in (*inside, *outside) if accepts(automaton, each)] == inside


@pytest.mark.parametrize("pattern", [r"(?=a)b", r"\bx", r"\p{L}", r"(a)\1", "^(^a)$", "a(", "[z-a]"])
def test_what_lies_outside_the_subset_is_not_decided(pattern: str) -> None:
    """Look-around, back references and the like are said to be unknown, never guessed."""
    with pytest.raises(OutsideSubset):
        build(parse_pattern(pattern, "ecma"))


def test_an_example_shows_what_is_not_included() -> None:
    """The shortest text that breaks the claim is told."""
    source = build(parse_pattern("^[0-9A-Z-]{3,20}$", "ecma"))
    assert outside([source], build(parse_pattern(r"[0-9A-Z\-]{3,20}", "xsd"))) is None
    found = outside([source], build(parse_pattern(r"[0-9A-Z\-]{3,19}", "xsd")))
    assert found is not None
    assert len(found[0]) == 20


def test_a_length_beside_a_pattern_counts() -> None:
    """maxLength closes what the pattern leaves open."""
    source, target = build(parse_pattern("^[a-z]+$", "ecma")), build(parse_pattern("[a-z]{1,9}", "xsd"))
    assert outside([source], target, most=9) is None
    assert outside([source], target, most=10) == ("a" * 10, True)


def test_lengths_come_from_patterns() -> None:
    """The shortest and the longest text of an expression."""
    assert lengths(parse_pattern("a{2}(b|cd)?", "xsd")) == (2, 4)
    assert lengths(parse_pattern("a+", "xsd")) == (1, None)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (text(codes=("a", "b")), text(codes=("a", "b", "c")), []),
        (text(codes=("a", "d")), text(codes=("a", "b")), ["code"]),
        (text(), text(codes=("a",)), ["code"]),
        (text(max_length=60), text(max_length=60), []),
        (text(max_length=61), text(max_length=60), ["length"]),
        (text(patterns=("^[0-9]{4}$",)), text(max_length=4), []),
        (text(), text(min_length=1), ["length"]),
        (text(min_length=1), text(min_length=1, space="collapse"), ["length"]),
        (text(patterns=("^[0-9]+$",)), text(min_length=1, space="collapse"), []),
        (text(patterns=("^[A-Z]{3}$",)), text(patterns=("^[A-Z]+$",)), []),
        (text(patterns=("^[A-Za-z]{3}$",)), text(patterns=("^[A-Z]+$",)), ["pattern"]),
        (text(), text(patterns=("(?=x)",)), ["unproven"]),
        (text(base="integer", minimum="1", maximum="9", json="integer"), text(base="integer", minimum="0"), []),
        (text(base="integer", json="integer"), text(base="integer", minimum="0"), ["range"]),
        (text(base="integer", minimum="0", maximum="99999", json="integer"), text(max_length=4), ["length"]),
        (text(patterns=("^[0-9]{1,3}$",)), text(base="integer", maximum="999"), []),
        (text(patterns=("^[0-9]{1,4}$",)), text(base="integer", maximum="999"), ["range"]),
        (text(base="decimal", json="number"), text(base="decimal", fraction_digits=2), ["digits"]),
        (text(base="integer", minimum="0", maximum="999", json="integer"), text(base="decimal", total_digits=3), []),
        (text(base="integer", minimum="0", maximum="1000"), text(base="decimal", total_digits=3), ["digits"]),
        (text(patterns=("^[0-9]{4}-[0-9]{2}-[0-9]{2}$",)), text(base="date"), ["type"]),
        (text(patterns=("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",)), text(base="date"), ["type"]),
        (text(base="date"), text(base="date"), []),
        (text(loose=True), text(loose=True), ["unproven"]),
        (text(base="boolean", json="boolean"), text(codes=("true", "false")), []),
    ],
)  # fmt: skip
def test_facets_are_compared(source: ValueType, target: ValueType, expected: list[str]) -> None:
    """Each facet of the target is held against everything that the source says."""
    assert facets(source, target) == expected
