"""Documents as people read them."""

from __future__ import annotations

import json

import pytest

from hub.demo.documents import readable


def test_what_fits_stays_on_one_line() -> None:
    """A small object is not taken apart."""
    assert readable(b'{"a":[1,2],"b":{"c":"d"}}', 80) == '{"a": [1, 2], "b": {"c": "d"}}'


@pytest.mark.parametrize("width", [10, 20, 40])
def test_json_means_the_same_at_any_width(width: int) -> None:
    """Only white space differs."""
    document = {"a": [{"name": "سالم", "n": [1, 2, 3]}, {}], "b": {"c": "d" * 30, "e": []}, "f": None}
    text = readable(json.dumps(document).encode(), width)
    assert json.loads(text) == document


def test_no_line_is_longer_than_it_must_be() -> None:
    """A parent's name does not count against its children's lines."""
    text = readable(b'{"a-long-name-of-a-list": [{"type": "x", "number": "1234567"}, {"type": "y"}]}', 44)
    assert '  {"type": "x", "number": "1234567"},' in text


def test_xml_is_laid_out_with_attributes_and_text() -> None:
    """Small elements stay on one line."""
    text = readable(b'<a xmlns="urn:x"><b id="1">one &amp; two</b><c><d>three</d><d>four</d></c></a>', 40)
    assert '  <b id="1">one &amp; two</b>' in text.splitlines()
    assert text.splitlines()[-1] == "</a>"


def test_anything_else_is_shown_as_it_is() -> None:
    """A table, or a broken document."""
    assert readable(b"a;b\r\n1;2\r\n", 40) == "a;b\r\n1;2\r\n"
    assert readable(b"<broken", 40) == "<broken"
