"""Cut a message down to the fields that one grant names, and say which fields went and which stayed back, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hub.access.rules import Grant
from hub.findings import Finding, Findings, nearest
from hub.marked import Text
from hub.message import Envelope, Json, Projected
from hub.schema.canonical import CanonicalType
from hub.schema.shape import Shape


@dataclass(slots=True)
class _Mask:
    """One step of the canonical schema as a grant sees it; ``granted`` says so for a leaf."""

    path: str
    leaf: bool
    repeats: bool
    granted: bool
    rule: str
    structural: bool = False
    children: dict[str, _Mask] = field(default_factory=dict)


class Projection:
    """A grant compiled against its type's canonical schema; ``apply`` may be called from any thread."""

    def __init__(self, grant: Grant, type: CanonicalType) -> None:
        """Raises ``Findings`` where the grant names a field that the schema does not have."""
        self.grant = grant
        findings = [
            _unknown(path, grant, type)
            for path in (*grant.fields, *grant.exceptions)
            if path != "*" and not _reaches(type.shape, _steps(path))
        ]
        if findings:
            raise Findings(findings)
        self._granted = tuple(map(_steps, grant.fields))
        self._refused = tuple(map(_steps, grant.exceptions))
        self._references = type.references
        self._root = _Mask("", leaf=False, repeats=False, granted=False, rule="")
        self._grow(self._root, type.shape, (), depth=12)

    def apply(self, agency: str, envelope: Envelope, data: Json) -> Projected:
        """What ``agency`` may see of ``data``. What the schema does not know is withheld too (P6)."""
        disclosed: set[str] = set()
        withheld: dict[str, str] = {}
        cut = _cut(self._root, data, disclosed, withheld)
        pruned = [_prune(cut, item.source, _ids(cut, item.target)) for item in self._references]
        if any(pruned):
            cut = _without_empty(cut)
        return Projected(
            agency=agency,
            envelope=envelope,
            data=cut,
            disclosed=tuple(sorted(disclosed)),
            withheld=dict(sorted(withheld.items())),
            rule=self.grant.rule,
            purpose=self.grant.purpose,
        )

    def fields(self) -> dict[str, tuple[bool, str]]:
        """Every scalar field of the type by schema path: whether this grant discloses it, and the rule that decided."""
        found: dict[str, tuple[bool, str]] = {}
        _collect(self._root, found)
        return found

    def _grow(self, mask: _Mask, shape: Shape, steps: tuple[str, ...], depth: int) -> None:
        for child in shape.children if depth else ():
            path = (*steps, child.name)
            granted, rule = self._decide(path)
            name = f"{child.name}[]" if child.repeats else child.name
            grown = _Mask(
                path=f"{mask.path}.{name}" if mask.path else name,
                leaf=child.value is not None,
                repeats=child.repeats,
                granted=granted,
                rule=rule,
            )
            mask.children[child.name] = grown
            self._grow(grown, child, path, depth - 1)
        identity = mask.children.get("id")
        if identity and mask.repeats and identity.leaf:
            identity.structural = True

    def _decide(self, path: tuple[str, ...]) -> tuple[bool, str]:
        if any(path[: len(steps)] == steps for steps in self._refused):
            return False, f"{self.grant.rule}: except"
        if any(steps == ("*",) or path[: len(steps)] == steps for steps in self._granted):
            return True, self.grant.rule
        return False, f"{self.grant.rule}: not granted"


def _cut(mask: _Mask, value: Json, disclosed: set[str], withheld: dict[str, str]) -> Json:
    """The granted part of one object.

    An item's ``id`` goes along with anything else of the item; alone it stays only if nothing was withheld beside it.
    """
    kept: Json = {}
    children = mask.children
    alone, lost = True, False
    for key, item in value.items():
        child = children.get(key)
        if child is None:
            withheld[f"{mask.path}.{key}" if mask.path else key] = "unknown field"
            lost = True
        elif child.leaf:
            if child.granted:
                kept[key] = item
                disclosed.add(child.path)
                alone = alone and child.structural
            else:
                lost = True
                if not child.structural:
                    withheld[child.path] = child.rule
        elif child.repeats:
            items = [part for part in (_cut(child, part, disclosed, withheld) for part in item) if part]
            if items:
                kept[key] = items
                alone = False
            lost = lost or not items
        else:
            part = _cut(child, item, disclosed, withheld)
            if part:
                kept[key] = part
                alone = False
            lost = lost or not part
    if mask.repeats and "id" in value and children.get("id") is not None:
        if alone and lost:
            return {}
        kept["id"] = value["id"]
        disclosed.add(children["id"].path)
    return kept


def _ids(data: Json, target: tuple[str, ...]) -> set[str]:
    return {item["id"] for item in _objects(data, target) if "id" in item}


def _objects(data: Any, steps: tuple[str, ...]) -> list[Json]:
    found = [data]
    for step in steps:
        found = [item[step] for item in found if step in item]
        found = [item for value in found for item in (value if isinstance(value, list) else [value])]
    return found


def _prune(data: Json, source: tuple[str, ...], known: set[str]) -> bool:
    """Take away links whose target was withheld; whether there were any (the data was cut before, so it is a copy)."""
    *parents, last = source
    pruned = False
    for holder in _objects(data, tuple(parents)):
        link = holder.get(last)
        if isinstance(link, list):
            kept = [item for item in link if item in known]
            pruned = pruned or len(kept) < len(link)
            if kept:
                holder[last] = kept
            else:
                del holder[last]
        elif link is not None and link not in known:
            pruned = True
            del holder[last]
    return pruned


def _without_empty(data: Json) -> Json:
    """The same without objects and lists that hold nothing any more."""
    kept: Json = {}
    for key, value in data.items():
        if isinstance(value, dict):
            value = _without_empty(value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            value = [item for item in map(_without_empty, value) if item]
        if value or not isinstance(value, dict | list):
            kept[key] = value
    return kept


def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.replace("[]", "").split("."))


def _reaches(shape: Shape, steps: tuple[str, ...]) -> bool:
    for step in steps:
        child = shape.by_name.get(step)
        if child is None:
            return False
        shape = child
    return True


def _unknown(path: str, grant: Grant, type: CanonicalType) -> Finding:
    line = path.line if isinstance(path, Text) else grant.line
    return Finding("unknown-field", grant.file, line, f"{str(path)!r} is not a field of {type.type}", _hint(path, type))


def _hint(path: str, type: CanonicalType) -> str:
    known = [leaf.replace("/", ".") for leaf, _ in type.shape.leaves(6)]
    return nearest(path.replace("[]", ""), known)


def _collect(mask: _Mask, found: dict[str, tuple[bool, str]]) -> None:
    for child in mask.children.values():
        if child.leaf:
            found[child.path] = (child.granted, child.rule)
        else:
            _collect(child, found)
