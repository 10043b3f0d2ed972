"""Where two documents differ, leaf by leaf."""

from __future__ import annotations

from typing import Any

import pytest

from hub.comparing.trees import differing, readable


def told(before: Any, after: Any) -> list[tuple[str, str, str]]:
    return [(leaf.at, leaf.change, f"{leaf.before} > {leaf.after}") for leaf in differing(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", "changed", "1 > 2")]),
        ({}, {"a": {"b": "x"}}, [("a.b", "added", "None > x")]),
        ({"a": {"b": "x", "c": "y"}}, {}, [("a.b", "removed", "x > None"), ("a.c", "removed", "y > None")]),
        ({"a": True}, {"a": 1}, [("a", "changed", "True > 1")]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1.0}]}, [("a[0].b", "changed", "1 > 1.0")]),
        ({"a": ["x", "y"]}, {"a": ["y"]}, [("a[0]", "removed", "x > None")]),
        ({"a": ["y"]}, {"a": ["x", "y", "z"]}, [("a[0]", "changed", "y > x"), ("a[1]", "added", "None > y"),
                                               ("a[2]", "added", "None > z")]),
        ({"a": "x"}, {"a": {"b": "y"}}, [("a", "removed", "x > None"), ("a.b", "added", "None > y")]),
        ({"a": {"b": "y"}}, {"a": ["x"]}, [("a[0]", "added", "None > x"), ("a[0].b", "removed", "y > None")]),
    ],
)  # fmt: skip
def test_every_leaf_that_differs_is_told(before: Any, after: Any, expected: list[Any]) -> None:
    """Added, removed or changed, with its place."""
    assert told(before, after) == expected


def test_items_with_ids_are_matched_by_them() -> None:
    """A person put first does not make all others differ."""
    before = {"persons": [{"id": "p1", "sex": "f"}, {"id": "p2", "sex": "m"}]}
    after = {"persons": [{"id": "p3", "sex": "f"}, {"id": "p2", "sex": "f"}, {"id": "p1", "sex": "f"}]}
    leaves = [(leaf.path, leaf.change, leaf.after) for leaf in differing(before, after)]
    assert leaves == [
        ("persons[].sex", "changed", "f"),
        ("persons[].id", "added", "p3"),
        ("persons[].sex", "added", "f"),
    ]


def test_xml_reads_as_prefixed_names_without_needless_lists() -> None:
    """As the agency writes its paths."""
    tree = {"{urn:x}Case": [{"{urn:x}Name": [{"#": "A"}], "@id": "1", "{urn:x}Charge": [{"#": "c"}, {"#": "d"}]}]}
    assert readable(tree, {"urn:x": "p"}) == {"p:Case": {"p:Name": "A", "@id": "1", "p:Charge": ["c", "d"]}}


def test_one_element_against_several_is_a_list_on_both_sides() -> None:
    """The one that stays is no difference."""
    assert told({"c": "x"}, {"c": ["x", "y"]}) == [("c[1]", "added", "None > y")]
