"""What was compared, counted by sender and type: memory grows with the kinds of differences, never with messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.comparing.compare import Difference, Kind
from hub.message import Json

MOST_KINDS = 1_000  # of one sender and type; paths of unforeseen content are not bounded by any schema
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Seen:
    """One message in which a difference was seen."""

    message: str
    at: str
    before: Any
    after: Any

    def as_json(self, *, values: bool) -> Json:
        """Without ``values`` only where it is, nothing that the message says."""
        shown: Json = {"message": self.message, "at": self.at}
        return {**shown, "before": _cut(self.before), "after": _cut(self.after)} if values else shown


@dataclass(slots=True)
class Counted:
    """How many messages show a difference, and the first few of them."""

    messages: int = 0
    examples: list[Seen] = field(default_factory=list)


Key = tuple[Kind, str, str, str]  # kind, recipient, path, change


@dataclass(slots=True)
class Group:
    """One sender and message type."""

    messages: int = 0
    different: int = 0
    unlisted: int = 0  # differences beyond ``MOST_KINDS``
    kinds: dict[Key, Counted] = field(default_factory=dict)


class Summary:
    """Add every record once; ``examples`` is how many messages are named for each kind of difference."""

    def __init__(self, examples: int) -> None:
        self._examples = examples
        self.groups: dict[tuple[str, str], Group] = {}

    @property
    def different(self) -> int:
        """How many messages would be treated otherwise."""
        return sum(group.different for group in self.groups.values())

    @property
    def messages(self) -> int:
        """How many were compared."""
        return sum(group.messages for group in self.groups.values())

    def add(self, sender: str, type: str, message: str, differences: Iterable[Difference]) -> None:
        """Count one record; a path that differs many times in it counts once."""
        group = self.groups.setdefault((sender, type), Group())
        group.messages += 1
        first: dict[Key, Difference] = {}
        for each in differences:
            key: Key = (each.kind, each.recipient, each.path, each.change)
            if key not in first and len(first) < MOST_KINDS:
                first[key] = each
        group.different += bool(first)
        for key, found in first.items():
            self._count(group, key, Seen(message, found.at, found.before, found.after))

    def _count(self, group: Group, key: Key, seen: Seen) -> None:
        counted = group.kinds.get(key)
        if counted is None:
            if len(group.kinds) >= MOST_KINDS:
                group.unlisted += 1
                return
            counted = group.kinds[key] = Counted()
        counted.messages += 1
        if len(counted.examples) < self._examples:
            counted.examples.append(Seen(seen.message, seen.at, _cut(seen.before), _cut(seen.after)))

    def as_json(self, *, values: bool) -> Json:
        """For ``hub diff --json``."""
        return {
            "messages": self.messages,
            "different": self.different,
            "groups": [
                {
                    "sender": sender,
                    "type": type,
                    "messages": group.messages,
                    "different": group.different,
                    "unlisted": group.unlisted,
                    "differences": _differences(group.kinds, values=values),
                }
                for (sender, type), group in sorted(self.groups.items())
            ],
        }


def _differences(kinds: Mapping[Key, Counted], *, values: bool) -> list[Json]:
    return [
        {
            "kind": kind,
            "recipient": recipient or None,
            "path": path,
            "change": change,
            "messages": counted.messages,
            "examples": [seen.as_json(values=values) for seen in counted.examples],
        }
        for (kind, recipient, path, change), counted in sorted(kinds.items())
    ]


def _cut(value: Any) -> Any:
    """A value short enough to keep and to show."""
    if isinstance(value, str) and len(value) > _LONGEST:
        return value[:_LONGEST] + "…"
    return value
