"""``access.yaml``: which agency may send or receive which message type, under which conditions, and which fields.

Default deny. For one agency, direction and type the first grant in the file whose conditions hold applies; there is no
adding up of grants, so that what applies can be read off the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hub.definition import Either, ListOf, MapOf, Reading, Record, Scalar, Values
from hub.findings import Findings, nearest
from hub.marked import Table, load
from hub.message import Classification, Json
from hub.schema.canonical import CanonicalType
from hub.schema.shape import Shape

_LABEL = Scalar("a classification", tuple(label.name for label in Classification))
_CONDITION = Either(
    ListOf(Scalar()),
    Record({"at-most": _LABEL, "at-least": _LABEL, "none-of": ListOf(Scalar(), "values that keep it back")}),
    "values allowed",
)
GRANT = Record(
    {
        "rule": Scalar("the rule's id, shown in the ledger and by hub explain"),
        "may": Scalar("what the grant allows", ("send", "receive")),
        "type": Scalar("message type"),
        "when": MapOf(_CONDITION, "source, classification or data.<path>: values allowed; all must hold"),
        "fields": ListOf(Scalar("canonical path; a container grants all below it; * grants everything")),
        "except": ListOf(Scalar("canonical path taken away again")),
        "purpose": Scalar("why this agency may see it"),
    },
    ("rule", "may", "type"),
)
ACCESS_FILE = Record(
    {"agency": Scalar("the folder's name"), "grants": ListOf(GRANT, "the first whose conditions hold applies")},
    ("agency", "grants"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a grant's conditions may look at: the same when a message arrives and when it is delivered."""

    type: str
    source: str
    classification: Classification
    data: Json


Condition = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Grant:
    """One rule that lets ``agency`` send or receive messages of ``type``.

    ``fields`` and ``exceptions`` are canonical schema paths (``persons[].name``), each with its line where a file gave
    it; a sender's grant names none.
    ``sources``: the agencies from which a message must come (None: any).
    """

    rule: str
    agency: str
    may: Literal["send", "receive"]
    type: str
    conditions: tuple[Condition, ...]
    fields: tuple[str, ...]
    exceptions: tuple[str, ...]
    purpose: str
    file: str
    line: int
    sources: tuple[str, ...] | None = None

    def holds(self, message: Facts) -> bool:
        """Whether every condition is met by the message."""
        return all(condition(message) for condition in self.conditions)


class Grants:
    """All grants of a site, looked up by direction, type and agency."""

    def __init__(self, grants: list[Grant]) -> None:
        self.all = tuple(grants)
        self._by_key: dict[tuple[str, str, str], tuple[Grant, ...]] = {}
        self._receivers: dict[str, tuple[str, ...]] = {}
        for grant in grants:
            key = (grant.may, grant.agency, grant.type)
            self._by_key[key] = (*self._by_key.get(key, ()), grant)
            known = self._receivers.get(grant.type, ())
            if grant.may == "receive" and grant.agency not in known:
                self._receivers[grant.type] = (*known, grant.agency)

    def of(self, may: Literal["send", "receive"], agency: str, type: str) -> tuple[Grant, ...]:
        """The grants of one agency, direction and type, in file order."""
        return self._by_key.get((may, agency, type), ())

    def receivers(self, type: str) -> tuple[str, ...]:
        """The agencies that have any receive grant for the type."""
        return self._receivers.get(type, ())

    def applying(self, may: Literal["send", "receive"], agency: str, message: Facts) -> Grant | None:
        """The first grant whose conditions hold for this message, or None: refused."""
        for grant in self.of(may, agency, message.type):
            if grant.holds(message):
                return grant
        return None


def load_grants(folder: Path, name: str, types: Mapping[str, CanonicalType]) -> list[Grant]:
    """Read one agency's ``access.yaml``; no file means no grant. Raises ``Findings``."""
    file_name = f"{name}/access.yaml"
    if not (folder / "access.yaml").exists():
        return []
    reading = Reading(file_name)
    values = ACCESS_FILE.read(load(folder / "access.yaml", file_name), 1, reading)
    if values is None or reading.findings:
        raise Findings(reading.findings)
    if values["agency"] != folder.name:
        reading.wrong("bad-value", values.lines["agency"], f"the file lies in the folder {folder.name!r}")
    grants = [_grant(item, folder.name, types, reading) for item in values["grants"]]
    rules: dict[str, int] = {}
    for grant in grants:
        if grant.rule in rules:
            reading.wrong(
                "duplicate-rule", grant.line, f"the rule {grant.rule!r} stands on line {rules[grant.rule]} too"
            )
        rules[grant.rule] = grant.line
    if reading.findings:
        raise Findings(reading.findings)
    return grants


def _grant(values: Values, agency: str, types: Mapping[str, CanonicalType], reading: Reading) -> Grant:
    name = str(values["type"])
    if name not in types:
        text = f"the message type {name!r} has no canonical schema"
        reading.wrong("unknown-type", values.lines["type"], text, nearest(name, types))
    if values["may"] == "receive" and not values.get("fields"):
        reading.wrong("missing-key", values.line, "a receive grant names its fields")
    when = values.get("when", {})
    conditions = [_condition(path, test, values, types.get(name), reading) for path, test in when.items()]
    return Grant(
        rule=str(values["rule"]),
        agency=agency,
        may=values["may"],
        type=name,
        conditions=tuple(condition for condition in conditions if condition),
        fields=tuple(values.get("fields", ())),
        exceptions=tuple(values.get("except", ())),
        purpose=str(values.get("purpose", "")),
        file=reading.file,
        line=values.line,
        sources=tuple(map(str, when["source"])) if isinstance(when.get("source"), list) else None,
    )


def _condition(path: str, test: Any, values: Values, type: CanonicalType | None, reading: Reading) -> Condition | None:
    when_line = values.lines["when"]
    if path == "classification":
        return _label_condition(test, when_line, reading)
    if isinstance(test, (Table, Values)) and "none-of" not in test:
        reading.wrong("bad-value", when_line, f"{path} is compared with a list of values, or none-of")
        return None
    denied = isinstance(test, (Table, Values))
    words = frozenset(map(str, test["none-of"] if denied else test))
    if path == "source":
        return (lambda message: message.source not in words) if denied else (lambda message: message.source in words)
    if not path.startswith("data."):
        text = f"{path!r} is not source, classification or data.<path>"
        reading.wrong("unknown-path", when_line, text)
        return None
    steps = tuple(path.removeprefix("data.").replace("[]", "").split("."))
    if type is not None and not _exists(type, steps):
        reading.wrong("unknown-path", when_line, f"{path!r} is not a field of {type.type}")
        return None
    if type is not None:
        _possible(path, _at(type.shape, steps), words, when_line, reading)
    if denied:
        return lambda message: words.isdisjoint(_values(message.data, steps))
    return lambda message: not words.isdisjoint(_values(message.data, steps))


def _label_condition(test: Any, line: int, reading: Reading) -> Condition | None:
    if isinstance(test, list):
        if any(word not in Classification.__members__ for word in test):
            reading.wrong("bad-value", line, "classification is compared with labels")
            return None
        labels = frozenset(Classification[word] for word in test)
        return lambda message: message.classification in labels
    lowest = Classification[test.get("at-least", "PUBLIC")]
    highest = Classification[test.get("at-most", "TOP_SECRET")]
    return lambda message: lowest <= message.classification <= highest


def _possible(path: str, shape: Shape, words: frozenset[str], line: int, reading: Reading) -> None:
    """A condition must be able to be true: it compares with values that the schema has."""
    value = shape.value
    codes = ("true", "false") if value is not None and value.base == "boolean" else value.codes if value else None
    if codes is None:
        return
    for word in sorted(words - set(codes)):
        text = f"{path} is never {word!r} by the canonical schema"
        reading.wrong("unreachable", line, text, nearest(word, codes) or f"known: {', '.join(codes[:8])}")


def _at(shape: Shape, steps: tuple[str, ...]) -> Shape:
    for step in steps:
        shape = shape.by_name[step]
    return shape


def _exists(type: CanonicalType, steps: tuple[str, ...]) -> bool:
    shape = type.shape
    for step in steps:
        child = shape.by_name.get(step)
        if child is None:
            return False
        shape = child
    return shape.value is not None


def _values(data: Any, steps: tuple[str, ...]) -> list[str]:
    """The scalars that a path reaches, as text; lists on the way are looked through."""
    found = [data]
    for step in steps:
        items = (item for value in found for item in (value if isinstance(value, list) else [value]))
        found = [item[step] for item in items if isinstance(item, dict) and step in item]
    flat = (item for value in found for item in (value if isinstance(value, list) else [value]))
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in flat]
