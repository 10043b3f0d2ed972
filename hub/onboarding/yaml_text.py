"""Drafts as YAML text: scalars quoted where they must be, short tables in braces."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[\w$./][\w$./:# @-]*")


def quoted(text: str) -> str:
    """One scalar: plain where YAML reads it back as it is."""
    safe = _PLAIN.fullmatch(text) and ": " not in text and " #" not in text and not text.endswith((":", " "))
    return text if safe else json.dumps(text, ensure_ascii=False)


def block_key(text: str) -> str:
    """A key on a line of its own; ``persons[]`` needs no quotes there."""
    return text if _PLAIN.fullmatch(text.removesuffix("[]")) and ":" not in text[-1:] else quoted(text)


def flow(items: Iterable[tuple[str, object]]) -> str:
    """``{key: value, ...}``; a value is a text, a list of texts, or such pairs again."""
    return "{" + ", ".join(f"{quoted(key)}: {_value(value)}" for key, value in items) + "}"


def _value(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return "[" + ", ".join(map(quoted, value)) + "]"
    assert isinstance(value, (list, tuple))
    return flow(value)
