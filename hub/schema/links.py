"""References inside a canonical message: every ``x-ref`` link names an item that exists, and ids are unique."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hub.errors import Problem
from hub.formats.text import shown
from hub.message import Json
from hub.schema.validate import Steps, canonical_path


@dataclass(frozen=True, slots=True)
class Reference:
    """One kind of link: the steps to the property that holds ids, and the steps to the items that have them."""

    source: tuple[str, ...]
    target: tuple[str, ...]


class Links:
    """A type's references, checked on every message after its schema."""

    def __init__(self, references: Sequence[Reference], owners: Sequence[tuple[str, ...]]) -> None:
        """``owners`` are the steps to every list whose items have an ``id``."""
        self._references = tuple(references)
        self._owners = tuple(owners)

    def problems(self, data: Json) -> tuple[Problem, ...]:
        """Dangling links and repeated ids (rule ``reference``). The data must satisfy its schema."""
        known: dict[tuple[str, ...], set[str]] = {}
        sound = True
        for owner in self._owners:
            ids = [item["id"] for item in _values(data, owner) if "id" in item]
            known[owner] = unique = set(ids)
            sound = sound and len(unique) == len(ids)
        for reference in self._references:
            sound = sound and known[reference.target].issuperset(_values(data, reference.source))
        return () if sound else tuple(self._told(data, known))

    def _told(self, data: Json, known: dict[tuple[str, ...], set[str]]) -> Iterator[Problem]:
        for owner in self._owners:
            seen: set[str] = set()
            for steps, item in _places(data, owner):
                if item.get("id") in seen:
                    path = canonical_path((*steps, "id"))
                    yield Problem(f"{path}: the id {shown(item['id'])} stands here again", path=path, rule="reference")
                seen.add(item.get("id"))
        for reference in self._references:
            for steps, link in _places(data, reference.source):
                if link not in known[reference.target]:
                    path, target = canonical_path(steps), ".".join(reference.target)
                    text = f"{path}: nothing in {target} has the id {shown(link)}"
                    yield Problem(text, path=path, rule="reference")


def _values(data: Any, steps: tuple[str, ...]) -> list[Any]:
    found = [data]
    for step in steps:
        below: list[Any] = []
        for item in found:
            if (value := item.get(step)) is None:
                continue
            if type(value) is list:
                below += value
            else:
                below.append(value)
        found = below
    return found


def _places(data: Any, steps: tuple[str, ...], above: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    if not steps:
        yield above, data
        return
    value = data.get(steps[0])
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, steps[1:], (*above, steps[0], index))
    elif value is not None:
        yield from _places(value, steps[1:], (*above, steps[0]))
