"""What one record has yielded so far while it is read, and the checks that need all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.errors import Problem
from hub.mapping.convert import Unfit
from hub.mapping.paths import Kind, Place
from hub.mapping.plan import Fields, Ground
from hub.message import Json


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """One record of a document in canonical terms.

    ``partner`` are the agency's own numbers; ``problems`` say, in the sender's terms, why the record cannot be taken;
    ``dropped`` counts by path what the mapping let fall; ``source`` is the record's part of the document tree.
    ``origins`` leads from each canonical item (by ``id()``, valid while ``data`` lives) to where it was read.
    """

    data: Json
    partner: Mapping[str, str]
    record: int
    problems: tuple[Problem, ...]
    dropped: Mapping[str, int]
    source: Any
    origins: Mapping[int, tuple[Fields, tuple[int, ...]]] = field(repr=False, default_factory=dict)


@dataclass(slots=True)
class Reading:
    """The state of one record's reading. ``indices`` are those of the ground at this moment."""

    kind: Kind
    document: Any
    record: int
    indices: list[int]
    data: Json = field(default_factory=dict)
    partner: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)
    origins: dict[int, tuple[Fields, tuple[int, ...]]] = field(default_factory=dict)
    items: dict[str, dict[str, Json]] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    same: dict[Any, str] = field(default_factory=dict)
    links: list[tuple[tuple[str, ...], str, Ground, Place, tuple[int, ...], int | None]] = field(default_factory=list)
    pairs: dict[int, dict[str, list[tuple[str, int]]]] = field(default_factory=dict)

    def wrong(
        self, code: str, text: str, ground: Ground, place: Place, nth: int | None = None, rule: str | None = None
    ) -> None:
        """Note a problem at a place of the sender's document."""
        path = ground.show(self.kind, place, self.indices, nth)
        self.problems.append(Problem(text, path=path, rule=rule, code=code, record=self.record))

    def unfit(
        self, error: Unfit, ground: Ground, place: Place, nth: int | None = None, rule: str | None = None
    ) -> None:
        """Note a value that could not be read."""
        self.wrong(error.code, error.text, ground, place, nth, rule)

    def drop(self, path: str, count: int = 1) -> None:
        """Count what falls."""
        self.dropped[path] = self.dropped.get(path, 0) + count

    def register(self, key: str, id: str, item: Json, ground: Ground, place: Place | None) -> None:
        """Make an item known by its id; two of one list with the same id are refused."""
        known = self.items.get(key)
        if known is None:
            known = self.items[key] = {}
        if id in known and known[id] is not item:
            self.wrong("unreadable-value", "this id stands twice", ground, place or Place(".", (), _nowhere(ground)))
            return
        known[id] = item

    def make_id(self, key: str, prefix: str) -> str:
        """The next free id of a list whose agency has none."""
        known = self.items.get(key, {})
        number = self.made.get(key, 0) + 1
        while f"{prefix}{number}" in known:
            number += 1
        self.made[key] = number
        return f"{prefix}{number}"

    def refer(self, keys: tuple[str, ...], id: str, ground: Ground, place: Place, nth: int | None) -> None:
        """Remember a reference to one of the lists, to be checked once everything is read."""
        self.links.append((keys, id, ground, place, tuple(self.indices), nth))

    def check_links(self) -> None:
        """Every reference must point to an item that was read."""
        told = set()
        for keys, id, ground, place, indices, nth in self.links:
            if any(id in self.items.get(key, ()) for key in keys):
                continue
            self.indices = list(indices)
            where = ground.show(self.kind, place, indices, nth)
            if where not in told:
                told.add(where)
                self.wrong("dangling-reference", f"nothing of {' or '.join(keys)} has this id", ground, place, nth)


def merged(known: Json, again: Json) -> bool:
    """Add what ``again`` says to an item read before; False where they disagree."""
    return all(known.setdefault(name, value) == value for name, value in again.items())


def at(data: Any, names: Sequence[str]) -> Any:
    """A canonical value below an item, or None."""
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def put(item: Json, names: Sequence[str], value: Any) -> None:
    """Set a canonical value below an item."""
    for name in names[:-1]:
        below = item.get(name)
        if below is None:
            below = item[name] = {}
        item = below
    item[names[-1]] = value


def _nowhere(ground: Ground) -> Any:
    return ground.trail[-1].shape if ground.trail else None
