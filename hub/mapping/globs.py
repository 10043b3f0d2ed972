"""Globs over paths: ``*`` is one step, ``**`` any number, and a match covers everything below."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence


def glob(text: str, separator: str) -> Callable[[str], bool]:
    """A test for paths whose steps are parted by ``separator``."""
    steps = text.split(separator)
    expression = ""
    for index, step in enumerate(steps):
        last = index == len(steps) - 1
        part = re.escape(separator)
        if step == "**":
            expression += ".*" if last else f"(?:[^{part}]+{part})*"
            continue
        expression += re.escape(step).replace(r"\*", f"[^{part}]*") + ("" if last else part)
    compiled = re.compile(f"{expression}(?:{re.escape(separator)}.*)?")
    return lambda path: compiled.fullmatch(path) is not None


def first_match(tests: Sequence[Callable[[str], bool]], path: str) -> int | None:
    """The index of the first glob that covers a path."""
    return next((index for index, test in enumerate(tests) if test(path)), None)
