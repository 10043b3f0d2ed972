"""Where two documents differ, leaf by leaf: JSON as it is, XML as elements and attributes with an agency's prefixes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import orjson

Change = Literal["added", "removed", "changed"]


class Leaf(NamedTuple):
    """One value that differs: its path without and with positions, and what stood and stands there."""

    path: str
    at: str
    change: Change
    before: Any
    after: Any


class _Absent:
    """Nothing stands there."""


_ABSENT = _Absent()


def differing(before: Any, after: Any, *, between: str = ".") -> Iterator[Leaf]:
    """Every leaf that was added, removed or changed. Items of lists are matched by their ``id`` where all have one."""
    yield from _walk(before, after, "", "", between)


def _walk(before: Any, after: Any, path: str, at: str, between: str) -> Iterator[Leaf]:
    if _same(before, after):
        return
    if isinstance(before, list) or isinstance(after, list):
        for index, (one, other) in _pairs(_items(before), _items(after)):
            yield from _walk(one, other, f"{path}[]", f"{at}[{index}]", between)
    elif isinstance(before, dict) or isinstance(after, dict):
        yield from _members(before, after, path, at, between)
    else:
        change: Change = "added" if before is _ABSENT else "removed" if after is _ABSENT else "changed"
        yield Leaf(path, at, change, None if before is _ABSENT else before, None if after is _ABSENT else after)


def _same(before: Any, after: Any) -> bool:
    """Whether both are the same JSON: for Python ``1``, ``1.0`` and ``True`` are equal."""
    if before is after or before != after:
        return before is after
    return orjson.dumps(before, option=orjson.OPT_SORT_KEYS) == orjson.dumps(after, option=orjson.OPT_SORT_KEYS)


def _members(before: Any, after: Any, path: str, at: str, between: str) -> Iterator[Leaf]:
    """An object against an object, or against nothing; against a scalar both stand as a whole."""
    ours = before if isinstance(before, dict) else {}
    theirs = after if isinstance(after, dict) else {}
    for value in (before, after):
        if not isinstance(value, (dict, _Absent)):
            yield Leaf(path, at, "removed" if value is before else "added", *_sides(value, value is before))
    for key in dict.fromkeys((*ours, *theirs)):
        inner, place = (f"{path}{between}{key}", f"{at}{between}{key}") if path else (key, key)
        yield from _walk(ours.get(key, _ABSENT), theirs.get(key, _ABSENT), inner, place, between)


def _sides(value: Any, first: bool) -> tuple[Any, Any]:
    return (value, None) if first else (None, value)


def _items(value: Any) -> list[Any]:
    if isinstance(value, _Absent):
        return []
    return value if isinstance(value, list) else [value]


def _pairs(before: list[Any], after: list[Any]) -> Iterator[tuple[int, tuple[Any, Any]]]:
    """Items that belong together: by id, else in order between what is equal at both ends."""
    ours, theirs = _by_id(before), _by_id(after)
    if ours is not None and theirs is not None:
        for index, id in enumerate(dict.fromkeys((*ours, *theirs))):
            yield index, (ours.get(id, _ABSENT), theirs.get(id, _ABSENT))
        return
    start, shortest = 0, min(len(before), len(after))
    while start < shortest and _same(before[start], after[start]):
        start += 1
    end = 0
    while end < shortest - start and _same(before[-1 - end], after[-1 - end]):
        end += 1
    one, other = before[start : len(before) - end], after[start : len(after) - end]
    for index in range(max(len(one), len(other))):
        left = one[index] if index < len(one) else _ABSENT
        right = other[index] if index < len(other) else _ABSENT
        yield start + index, (left, right)


def _by_id(items: list[Any]) -> dict[str, Any] | None:
    found = {item["id"]: item for item in items if isinstance(item, dict) and isinstance(item.get("id"), str)}
    return found if len(found) == len(items) else None


def readable(tree: Any, prefixes: Mapping[str, str]) -> Any:
    """An XML tree (``hub.formats.contract.Tree``) with prefixes for namespaces, no list around a single element, and
    plain texts. ``prefixes`` are by namespace."""
    if isinstance(tree, list):
        items = [readable(item, prefixes) for item in tree]
        return items[0] if len(items) == 1 else items
    if not isinstance(tree, dict):
        return tree
    members = {_name(key, prefixes): readable(value, prefixes) for key, value in tree.items()}
    return members["#"] if set(members) == {"#"} else members


def _name(key: str, prefixes: Mapping[str, str]) -> str:
    mark, name = ("@", key[1:]) if key.startswith("@") else ("", key)
    if not name.startswith("{"):
        return key
    namespace, _, local = name[1:].partition("}")
    prefix = prefixes.get(namespace)
    return f"{mark}{prefix}:{local}" if prefix else f"{mark}{local}"
