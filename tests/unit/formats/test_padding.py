"""What fills a column of fixed width: whatever it gives back is what it was given."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.formats.padding import Padding, in_words
from hub.schema.automaton import accepts, build
from hub.schema.pattern import parse_pattern

PADDINGS = [Padding(pad, right) for pad in (" ", "0", "*") for right in (False, True)]
TEXTS = st.text(st.sampled_from(" 0*1aع\n\r\t"), max_size=5)


@given(text=TEXTS, padding=st.sampled_from(PADDINGS), more=st.integers(0, 2))
def test_a_text_comes_back_or_it_is_told_why_not(text: str, padding: Padding, more: int) -> None:
    """Nothing is lost in silence."""
    column = padding.fill(text, len(text) + more)
    assert len(column) == len(text) + more
    assert padding.lost(text) is not None or padding.strip(column) == text


@given(text=TEXTS, padding=st.sampled_from(PADDINGS))
def test_the_pattern_says_the_same(text: str, padding: Padding) -> None:
    """So what `hub check` proves is what holds, for the hub's own automata as for Python's."""
    assert (re.fullmatch(padding.edge[1:-1], text) is not None) == (padding.lost(text) is None)
    assert accepts(build(parse_pattern(padding.edge, "ecma")), text) == (padding.lost(text) is None)


@pytest.mark.parametrize(
    ("padding", "text"),
    [
        (Padding(), " a  b"),
        (Padding("0", True), "0"),
        (Padding("0", True), "10 "),
        (Padding(" ", True), "a "),
        (Padding(), ""),
    ],
)
def test_what_can_be_told_from_the_filling_is_kept(padding: Padding, text: str) -> None:
    """Not more is refused than has to be."""
    assert padding.lost(text) is None
    assert padding.strip(padding.fill(text, 8)) == text


@pytest.mark.parametrize("pad", ["", "  ", "ع", "\n", "]", "^", "-", "\\"])
def test_a_filling_is_one_plain_character(pad: str) -> None:
    """Patterns have to be able to name it."""
    assert not Padding(pad).fits


@pytest.mark.parametrize("padding", PADDINGS)
def test_the_pattern_is_said_in_words(padding: Padding) -> None:
    """Whoever reads a finding knows columns, not patterns."""
    side, pad = "left" if padding.right else "right", "spaces" if padding.pad == " " else repr(padding.pad)
    assert in_words(padding.edge) == f"would not come back from its column, which is filled with {pad} at the {side}"
    assert in_words("^[^\\r\\n]*$") is None
