"""What is known while records are written: ids and their spelling, link targets, and what went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.errors import Problem
from hub.mapping.convert import Unfit
from hub.mapping.plan import Target
from hub.mapping.reading import at
from hub.message import Json

# XML 1.0 Name without the colon (Namespaces in XML, NCName).
_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
NCNAME = f"[{_START}][{_START}0-9.\u00b7\u0300-\u036f\u203f-\u2040-]*"
_NCNAME = re.compile(NCNAME)
_NOT_NAME = re.compile(f"[^{_START}0-9.\u00b7\u0300-\u036f\u203f-\u2040-]")


@dataclass(frozen=True, slots=True)
class WriteRecord:
    """One message to write: canonical data, and the facts that ``$message.*`` names."""

    data: Json
    message: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WrittenDocument:
    """A document for a contract to render; ``dropped`` counts for each record, by canonical path, what the mapping let
    fall or cut because it says so (``too-many: drop``, ``unfit: drop``, ``too-long: cut``, ...)."""

    document: Any
    dropped: tuple[Mapping[str, int], ...]


@dataclass(slots=True)
class Writing:
    """The state of one document's writing. ``record``, ``message``, ``data`` are those of the record at hand.

    ``nested``: the lists of which it is noted what was reached under links (``reached``).
    """

    records: Sequence[WriteRecord]
    parcel: Mapping[str, str]
    names_are_ids: bool
    targets: tuple[Target, ...]
    file: str
    record: int = 0
    data: Json = field(default_factory=dict)
    message: Mapping[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    dropped: dict[int, dict[str, int]] = field(default_factory=dict)
    nested: frozenset[str] = frozenset()
    _fallen: set[tuple[int, str, int]] = field(default_factory=set)
    _reached: set[tuple[int, str, str]] = field(default_factory=set)
    _index: dict[str, dict[str, Json]] = field(default_factory=dict)
    _names: dict[str, dict[str, str]] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def begin(self, number: int) -> Json:
        """Turn to a record; its data."""
        record = self.records[number]
        self.record, self.data, self.message = number, record.data, record.message
        self._names = {}
        self._index = {}
        for target in self.targets:
            items = at(record.data, target.names)
            self._index[target.key] = {item["id"]: item for item in items if "id" in item} if items else {}
        return record.data

    def wrong(self, text: str, key: str, line: int, code: str = "unwritable-value") -> None:
        """Note what cannot be written, by its canonical path and the mapping's line."""
        rule = f"{self.file}:{line}"
        self.problems.append(Problem(text, path=key, rule=rule, code=code, record=self.record))

    def drop(self, key: str, count: int = 1) -> None:
        """Count what falls."""
        counts = self.dropped.setdefault(self.record, {})
        counts[key] = counts.get(key, 0) + count

    def drop_value(self, key: str, item: Any) -> None:
        """Count a value of an item that falls or is cut; written at several places, it falls once."""
        if (self.record, key, id(item)) not in self._fallen:
            self._fallen.add((self.record, key, id(item)))
            self.drop(key)

    def unfit(self, error: Unfit, key: str, line: int) -> None:
        """Note a value that a converter or code table refused."""
        self.wrong(error.text, key, line)

    def item(self, key: str, id: str) -> Json | None:
        """A link's target, or None where the message does not have it (any more)."""
        return self._index[key].get(id)

    def under_link(self, key: str, id: str) -> Json | None:
        """A link's target that is written under the link, or None as for ``item``."""
        found = self.item(key, id)
        if found is not None and key in self.nested:
            self._reached.add((self.record, key, id))
        return found

    def reached(self, record: int, key: str, id: str | None) -> bool:
        """Whether an item of a record was written under some link."""
        return id is not None and (record, key, id) in self._reached

    def name(self, key: str, id: str) -> str:
        """How the agency's document spells an item's id: in XML a legal xs:ID that is used once in the document."""
        if not self.names_are_ids:
            return id
        names = self._names.get(key)
        if names is None:
            names = self._names[key] = {}
        name = names.get(id)
        if name is None:
            name = names[id] = self.fresh_name(id)
        return name

    def fresh_name(self, id: str) -> str:
        """A spelling that nothing in the document has yet."""
        if not self.names_are_ids:
            return id
        name = id if _NCNAME.fullmatch(id) else "_" + _NOT_NAME.sub("_", id)
        base, number = name, 1
        while name in self._used:
            number += 1
            name = f"{base}-{number}"
        self._used.add(name)
        return name
