"""When canonical places have something: conditions over them, and a search for a message that breaks a claim.

Paths are steps from an item: property names, ``#0`` for a numbered slot of a list, ``->`` from a link to its target.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from hub.schema.shape import Shape

Path = tuple[str, ...]
TARGET = "->"
_OTHER = "\0other"
_MOST_PATHS = 9


@dataclass(frozen=True, slots=True)
class Condition:
    """Something is at ``path`` (``values`` None) or one of ``values`` is; ``negated``: it is not."""

    path: Path
    values: frozenset[str] | None = None
    negated: bool = False

    def holds(self, found: str | None) -> bool:
        """Whether it holds where ``found`` stands at the path (None: nothing)."""
        met = found is not None if self.values is None else found in self.values
        return met is not self.negated


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a place of the agency's gets something: when all ``conditions`` hold.

    ``certain`` is false where it may come out as nothing all the same; ``answered``: the file says that a message
    without it is refused.
    """

    line: int
    conditions: tuple[Condition, ...] = ()
    certain: bool = True
    answered: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What one grant lets through: the canonical scalar paths (None: all), and where the grant stands."""

    rule: str = ""
    paths: frozenset[str] | None = None

    def shows(self, path: str) -> bool:
        """Whether the place, or anything below it, is disclosed."""
        if self.paths is None or path in self.paths:
            return True
        return any(other.startswith((f"{path}.", f"{path}[]")) for other in self.paths)


Found = Mapping[Path, str | None]


@dataclass
class World:
    """What the canonical schema and a grant say of one item. ``text`` is its written path (``persons[]`` or "").

    ``targets``: the full written path of a link to that of its list. ``lists``: the item shapes by full written path.
    """

    shape: Shape
    text: str
    view: View
    targets: Mapping[str, str]
    lists: Mapping[str, Shape]
    _known: dict[tuple[Path, Path], bool] = field(default_factory=dict)

    def counterexample(self, given: Sequence[Condition], claims: Iterable[Sequence[Condition]]) -> Found | None:
        """A state in which ``given`` holds and no claim does; None: there is none.

        Beyond a number of paths nothing is searched, and the empty state is returned: not proved.
        """
        wanted = list(claims)
        if len(wanted) > 1 and any(self._broken(given, [claim]) is None for claim in wanted):
            return None
        return self._broken(given, wanted)

    def _broken(self, given: Sequence[Condition], wanted: Sequence[Sequence[Condition]]) -> Found | None:
        paths = sorted({condition.path for part in (given, *wanted) for condition in part})
        if len(paths) > _MOST_PATHS:
            return {}
        options = [self._values(path, [*given, *(item for claim in wanted for item in claim)]) for path in paths]
        for values in product(*options):
            found = dict(zip(paths, values, strict=True))
            if not all(condition.holds(found[condition.path]) for condition in given) or not self._possible(found):
                continue
            if not any(all(item.holds(found[item.path]) for item in claim) for claim in wanted):
                return found
        return None

    def always(self, path: Path) -> bool:
        """Whether every item has something there."""
        return self._implies((), path)

    def shown(self, path: Path) -> str:
        """A path as a mapping writes it."""
        steps = [f"[{int(step[1:].partition('@')[0]) + 1}]" if step.startswith("#") else step for step in path]
        return ".".join(steps).replace(f".{TARGET}.", " > ").replace(".[", "[") or "the message"

    def _values(self, path: Path, conditions: Iterable[Condition]) -> list[str | None]:
        own = [condition for condition in conditions if condition.path == path]
        named = {value for condition in own for value in condition.values or ()}
        if self._never(path):
            return [None]
        shape = self._shape(path)
        codes = shape.value.codes if shape is not None and shape.value is not None else None
        if shape is not None and shape.value is not None and shape.value.base == "boolean":
            codes = ("true", "false")
        values: list[str | None] = [*sorted(named if codes is None else named & set(codes))]
        others = [_OTHER] if codes is None else [code for code in codes if code not in named]
        values += others[:1] if named else [_OTHER]
        return values if self.always(path) else [*values, None]

    def _possible(self, found: Found) -> bool:
        return all(
            found[other] is not None or not self._implies(path, other)
            for path, value in found.items()
            if value is not None
            for other in found
            if other != path
        )

    def _implies(self, path: Path, other: Path) -> bool:
        """Whether something at one path means something at the other."""
        key = (path, other)
        if key not in self._known:
            self._known[key] = not self._never(other) and self._required_after(_common(path, other), other)
        return self._known[key]

    def _required_after(self, start: int, path: Path) -> bool:
        for index in range(start, len(path)):
            step = path[index]
            if step == TARGET:
                continue
            if step.startswith("#"):
                if not step.startswith("#0") or "@" in step:
                    return False
                continue
            shape, text = self._shape(path[: index + 1]), self._text(path[: index + 1])
            if shape is None or shape.minimum < 1 or shape.choice is not None or not self._survives(shape, text):
                return False
        return True

    def _survives(self, shape: Shape, text: str) -> bool:
        """Whether what the message must have is still there once a grant has cut the rest away."""
        if shape.value is not None:
            target = self.targets.get(text)
            known = self.lists.get(target) if target else None
            return self.view.shows(text) and (known is None or self._content_survives(known, target or ""))
        return self._content_survives(shape, f"{text}[]" if shape.repeats else text)

    def _content_survives(self, shape: Shape, text: str) -> bool:
        leaves = [(child, f"{text}.{child.name}") for child in shape.children if child.name != "id"]
        if all(self.view.shows(path) for _, path in leaves) and self.view.paths is None:
            return True
        if leaves and self._all_shown(shape, text, 6):
            return True
        return any(child.minimum > 0 and self._survives(child, path) for child, path in leaves)

    def _all_shown(self, shape: Shape, text: str, depth: int) -> bool:
        """Whether nothing below is withheld."""
        for child in shape.children if depth else ():
            path = f"{text}.{child.name}{'[]' if child.repeats and child.value is None else ''}"
            if child.value is not None:
                if not self.view.shows(path):
                    return False
            elif not self._all_shown(child, path, depth - 1):
                return False
        return True

    def _never(self, path: Path) -> bool:
        for index, step in enumerate(path):
            if step == TARGET or step.startswith("#"):
                continue
            text = self._text(path[: index + 1])
            if not self.view.shows(text):
                return True
            target = self.targets.get(text)
            if target is not None and not self.view.shows(target.removesuffix("[]")):
                return True
        return False

    def _shape(self, path: Path) -> Shape | None:
        shape: Shape | None = self.shape
        for index, step in enumerate(path):
            if step.startswith("#"):
                continue
            if step == TARGET:
                shape = self.lists.get(self.targets.get(self._text(path[:index]), ""))
            elif shape is not None:
                shape = shape.by_name.get(step)
        return shape

    def _text(self, path: Path) -> str:
        text = self.text
        for step in path:
            if step == TARGET:
                text = self.targets.get(text, text)
            elif step.startswith("#"):
                text = f"{text}[]"
            else:
                text = f"{text}.{step}" if text else step
        return text


def says(world: World, found: Found) -> str:
    """A state in words: which of its paths hold nothing, and which hold what."""
    empty = [world.shown(path) for path, value in found.items() if value is None]
    filled = [
        f"{world.shown(path)} is {value!r}" for path, value in found.items() if value is not None and value != _OTHER
    ]
    words = [*filled, *([f"nothing is in {', '.join(empty)}"] if empty else [])]
    return " and ".join(words) or "some message"


def named(values: Collection[Any]) -> frozenset[str]:
    """Canonical scalars as conditions compare them."""
    return frozenset(str(value).lower() if isinstance(value, bool) else str(value) for value in values)


def _common(path: Path, other: Path) -> int:
    """How many steps two paths share. A link with something leads to its target."""
    pairs = zip(path, other, strict=False)
    return next((index for index, (one, two) in enumerate(pairs) if one != two), min(len(path), len(other)))
