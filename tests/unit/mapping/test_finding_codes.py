"""Every code that a finding can have is caused by some test, and every code of the table can still be caused."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

from hub.mapping.finding_codes import FINDING_CODES
from hub.schema.inclusion import Facet

ROOT = Path(__file__).parents[3]
_TELLERS = {"Finding", "finding", "wrong", "_wrong"}  # calls whose texts hold the code
_HERE = Path(__file__).name


@cache
def constants(folder: str) -> frozenset[str]:
    """Every text of the Python files below a folder (whole constants, not words in comments)."""
    return frozenset(
        node.value
        for tree in trees(folder)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def trees(folder: str) -> Iterator[ast.Module]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        if path.name not in (_HERE, "finding_codes.py"):
            yield ast.parse(path.read_bytes())


def caused() -> set[str]:
    """The codes that stand as a text in a call that makes a finding, in the hub and in its connectors."""
    found = set()
    for folder in ("hub", "connectors"):
        for tree in trees(folder):
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and _name(node.func) in _TELLERS:
                    found |= set(_codes(node))
    return found


def _codes(call: ast.Call) -> Iterator[str]:
    """The first argument, and ``code=``; a code is small words with hyphens."""
    for node in (*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "code")):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.replace("-", "").isalpha():
            yield node.value


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def test_every_finding_code_is_caused_by_a_test() -> None:
    """A code without a test may be wrong, or no longer told, and nobody would know."""
    codes = caused()
    assert {"unknown-path", "missing-operation", "duplicate-key"} <= codes  # the search finds what it is for
    assert sorted((codes | set(FINDING_CODES)) - constants("tests")) == []


def test_every_code_of_the_table_can_be_caused() -> None:
    """What nothing tells any more leaves the table. The facets' codes are put together from their names."""
    gaps = {f"{facet}-gap" for facet in get_args(Facet)}
    assert sorted(set(FINDING_CODES) - constants("hub") - gaps) == []
