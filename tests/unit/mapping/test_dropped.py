"""What a mapping lets fall or cuts on writing, because it says so, is counted by canonical path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.mapping.workbench import Bench, list_of, object_of, reference, text

WRITE = frozenset({"write"})
CANONICAL = object_of(
    ["number"],
    number=text(),
    title=text(maxLength=9),
    kind=text(enum=["a", "b", "c"]),
    tags=list_of(text()),
    persons=list_of(object_of(["id"], id=text(), name=text(), role=text(enum=["x", "y"]))),
    roles=list_of(object_of(personId=reference("persons[]"))),
)
JSON = """{"type": "object", "additionalProperties": false, "required": ["no"], "properties": {
  "no": {"type": "string"}, "title": {"type": "string", "maxLength": 4}, "a": {"type": "string"},
  "tag1": {"type": "string"}, "tag2": {"type": "string"},
  "first": {"type": "string"}, "second": {"type": "string"},
  "tags": {"type": "array", "maxItems": 2, "items": {"type": "string"}},
  "people": {"type": "array", "maxItems": 2, "items": {"type": "object", "additionalProperties": false, "properties": {
    "name": {"type": "string"}}}},
  "others": {"type": "array", "maxItems": 1, "items": {"type": "object", "additionalProperties": false, "properties": {
    "name": {"type": "string"}}}},
  "roles": {"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {
    "person": {"type": "object", "additionalProperties": false, "properties": {"name": {"type": "string"}}}}}}
}}"""
PERSONS = [{"id": f"p{number}", "name": f"n{number}", "role": "xy"[number % 2]} for number in range(5)]
MESSAGE: dict[str, Any] = {
    "number": "1",
    "title": "123456789",
    "kind": "c",
    "tags": ["t", "u", "v"],
    "persons": PERSONS,
}


ROLES = "roles[]: {at: 'roles[]', fields: {personId: {follow: person, to: 'persons[]', fields: {name: name}}}}"
ITEM = ["persons[].name", "persons[].role", "persons[].id"]
LINKED = ["roles[].personId", "persons[].name"]


def counted(folder: Path, line: str, granted: list[str], extra: str = "", **message: Any) -> dict[str, int]:
    bench = Bench(
        folder,
        schema=JSON,
        canonical=CANONICAL,
        format="json",
        mapping=f"fields:\n  number: no\n  {line}\n{extra}",
        directions=WRITE,
        granted=["number", *granted],
    )
    without, found = bench.dropped({"number": "1"}), bench.dropped({**MESSAGE, **message})
    assert without == [{}]
    return found[0]


@pytest.mark.parametrize(
    ("line", "granted", "dropped"),
    [
        ("title: {at: title, too-long: cut}", ["title"], {"title": 1}),
        ('title: {at: title, unfit: refuse, else: {write: "-"}}', ["title"], {"title": 1}),
        ("title: {at: title, unfit: drop}", ["title"], {"title": 1}),
        ("tags[]: {at: 'tags[]', too-many: drop}", ["tags[]"], {"tags[]": 1}),
        ("tags[]: {at: tag#, too-many: drop}", ["tags[]"], {"tags[]": 1}),
        ("persons[]: {at: 'people[]', too-many: drop, fields: {name: name}}", ITEM[:1], {"persons[]": 3}),
        ("kind: [{at: a, is: {kind: a}}, {drops: not theirs}]", ["kind"], {"kind": 1}),
        (
            "persons[]: [{at: 'people[]', is: {role: x}, too-many: drop, fields: {name: name}}, {drops: not theirs}]",
            ITEM[:2],
            {"persons[]": 3},
        ),
        (
            "persons[]: [{at: 'people[]', is: {role: x}, too-many: drop, fields: {name: name}}, "
            "{at: 'others[]', is: {role: y}, too-many: drop, fields: {name: name}}]",
            ITEM[:2],
            {"persons[]": 2},
        ),
    ],
)
def test_what_falls_is_counted(tmp_path: Path, line: str, granted: list[str], dropped: dict[str, int]) -> None:
    """Once for each item or value, whatever the reason; nothing is counted of what nobody said."""
    extra = 'drops: {"persons[].role": told by the list}\n' if "role" in line else ""
    assert counted(tmp_path, line, granted, extra) == dropped


def test_items_that_no_link_reaches_are_counted(tmp_path: Path) -> None:
    """`unlinked` drops them with a reason, and each counts."""
    extra = 'unlinked: {"persons[]": {drops: only those with a role}}\n'
    assert counted(tmp_path, ROLES, LINKED, extra, roles=[{"personId": "p1"}]) == {"persons[]": 4}


def test_each_message_of_a_parcel_has_its_own_count(tmp_path: Path) -> None:
    """What falls is known by message, not by document."""
    schema = f'{{"type": "array", "items": {JSON}}}'
    mapping = 'root: "[]"\nfields:\n  number: no\n  title: {at: title, too-long: cut}\n'
    bench = Bench(
        tmp_path,
        schema=schema,
        canonical=CANONICAL,
        format="json",
        mapping=mapping,
        directions=WRITE,
        granted=["number", "title"],
    )
    assert bench.dropped({"number": "1"}, MESSAGE, {"number": "2", "title": "four"}) == [{}, {"title": 1}, {}]
