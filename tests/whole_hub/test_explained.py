"""Explanations leave nothing out: every value that an example's input becomes has its place, and the place exists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.mapping.explain_read import explain_read
from hub.proving.examples import load_examples
from hub.site.site import load_site

ROOT = Path(__file__).parents[2]


def leaves(node: Any, path: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(node, list):
        for number, item in enumerate(node):
            yield from leaves(item, f"{path}[{number}]")
    else:
        yield path


@pytest.mark.parametrize("folder", [ROOT, ROOT / "tests" / "sites" / "nibrs"], ids=["default", "nibrs"])
def test_every_value_read_from_an_example_is_explained(folder: Path) -> None:
    """By itself, or with the object that one converter made."""
    site = load_site(folder)
    missing = []
    for example in load_examples(site)[0]:
        if example.direction == "in" and not example.refused:
            dialect, path = site.dialects[example.key], example.file("input")
            assert path
            parsed = dialect.contract.parse(path.read_bytes(), example.charset)
            for record in dialect.mapping.read(parsed.tree):
                found = explain_read(dialect.mapping.plan, parsed.tree, record)
                known = {item.source for item in found} | {item.source.partition(" is ")[0] for item in found}
                missing += [leaf for leaf in leaves(record.data) if not _covered(leaf, known)]
                gone = [
                    item.path for item in found if item.path and dialect.contract.line_of(parsed, item.path) is None
                ]
                assert gone == []
    assert missing == []


def _covered(leaf: str, known: set[str]) -> bool:
    return any(leaf == place or leaf.startswith((f"{place}.", f"{place}[")) for place in known)
