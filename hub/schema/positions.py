"""Where things stand in a JSON text: the line of every place, and what decoders pass over (repeated keys)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},:]|[^\s\[\]{},:"]++', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """One value: its JSON Pointer (RFC 6901), line from 1, first token as written, and how many containers hold it.

    ``again`` is true where the same key stood before in the same object.
    """

    pointer: str
    line: int
    token: str
    depth: int
    again: bool


@dataclass(slots=True)
class _Open:
    pointer: str
    is_object: bool
    index: int = 0
    key: str | None = None
    key_line: int = 1
    again: bool = False
    keys: set[str] = field(default_factory=set)


def places(text: str) -> Iterator[Place]:
    """Every value of a JSON text, containers before what they hold; a property's line is its key's.

    The text must be JSON that a decoder accepted. No recursion, so any depth may come.
    """
    line, last = 1, 0
    stack: list[_Open] = []
    for match in _TOKEN.finditer(text):
        line += text.count("\n", last, match.start())
        last, token = match.start(), match[0]
        top = stack[-1] if stack else None
        if token in "}]":
            stack.pop()
        elif token == ",":
            if top is not None:
                top.index, top.key = top.index + 1, None
        elif token == ":":
            continue
        elif top is not None and top.is_object and top.key is None:
            top.key, top.key_line = json.loads(token, strict=False), line
            top.again = top.key in top.keys
            top.keys.add(top.key)
        else:
            pointer, at, again = "", line, False
            if top is not None and top.is_object:
                pointer, at, again = f"{top.pointer}/{escape(top.key or '')}", top.key_line, top.again
            elif top is not None:
                pointer = f"{top.pointer}/{top.index}"
            yield Place(pointer, at, token, len(stack), again)
            if token in "{[":
                stack.append(_Open(pointer, token == "{"))


def line_of(text: str, pointer: str) -> int | None:
    """The line of the value at a JSON Pointer; None where nothing stands there."""
    return next((place.line for place in places(text) if place.pointer == pointer), None)


def nearest_line(text: str, pointer: str) -> int | None:
    """The line of the value at a pointer, or of the nearest container that exists."""
    lines = {place.pointer: place.line for place in places(text)}
    while pointer not in lines and pointer:
        pointer = pointer.rpartition("/")[0]
    return lines.get(pointer)


def escape(step: str) -> str:
    """One step as a JSON Pointer writes it."""
    return step.replace("~", "~0").replace("/", "~1")
