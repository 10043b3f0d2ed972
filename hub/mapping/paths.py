"""One path syntax for all formats: agency and canonical paths, resolved against their schemas to steps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from hub.findings import nearest
from hub.schema.shape import WHOLE, Shape
from hub.site.agency import Format

Kind = Literal["xml", "json", "table"]
Pick = Literal["", "first", "last"]

XSI_NIL = "@{http://www.w3.org/2001/XMLSchema-instance}nil"


def kind_of(format: Format) -> Kind:
    """How documents of a format are walked through: rows of any kind of table are."""
    return format if format in ("xml", "json") else "table"


class BadPath(ValueError):
    """A path that cannot be: ``code`` is the finding's, ``hint`` the nearest name."""

    def __init__(self, text: str, hint: str = "", code: str = "unknown-path") -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint
        self.code = code


@dataclass(frozen=True, slots=True)
class Step:
    """One step down an agency's document. ``listed``: the tree holds a list there (XML elements, JSON arrays)."""

    name: str
    shown: str
    shape: Shape
    listed: bool

    @property
    def attribute(self) -> bool:
        """Whether it is an XML attribute (or the like): text, without anything below."""
        return self.name.startswith("@")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value or element stands, in steps from the enclosing scope, or from the document if ``absolute``.

    ``each`` is the index of the step that the path wants every one of (``x[]``, or the only repeating step), else -1.
    ``shape`` is where the path ends.
    """

    text: str
    steps: tuple[Step, ...]
    shape: Shape
    absolute: bool = False
    each: int = -1

    @property
    def repeats(self) -> tuple[int, ...]:
        """The indices of steps that the schema lets repeat."""
        return tuple(index for index, step in enumerate(self.steps) if step.shape.repeats)


@dataclass(frozen=True, slots=True)
class Segment:
    """One step as written: ``each`` for ``x[]``, ``slot`` for ``x#``."""

    name: str
    each: bool
    slot: bool


def segments(text: str) -> tuple[bool, tuple[Segment, ...]]:
    """A written agency path: whether it is absolute, and its steps. Raises ``BadPath``."""
    absolute = text.startswith("/")
    body = text[1:] if absolute else text
    if body in (".", ""):
        if absolute or not body:
            raise BadPath(f"{text!r} is not a path", code="bad-path")
        return False, ()
    found = []
    for index, part in enumerate(body.split("/")):
        if part == WHOLE and index == 0:
            found.append(Segment(WHOLE, each=True, slot=False))
            continue
        name = part.removesuffix("[]")
        if not name or name in (".", "..") or "[" in name or "]" in name:
            raise BadPath(f"{text!r} has a step that cannot be: {part!r}", code="bad-path")
        found.append(Segment(name, part.endswith("[]"), "#" in name))
    if sum(segment.each for segment in found) > 1:
        raise BadPath(f"{text!r} has more than one []", "use a list inside a list", "bad-path")
    return absolute, tuple(found)


class AgencyPaths:
    """Resolves an agency's paths: prefixes to Clark names, steps to shapes."""

    def __init__(self, kind: Kind, namespaces: Mapping[str, str], document: Shape) -> None:
        self.kind = kind
        self.document = document
        self.namespaces = namespaces
        self._prefixes = {uri: prefix for prefix, uri in namespaces.items()}

    def place(self, text: str, base: Shape, before: tuple[Step, ...] = (), slot: int | None = None) -> Place:
        """A path from ``base``, which stands ``before`` steps below its scope. Raises ``BadPath``."""
        absolute, parts = segments(text)
        shape = self.document if absolute else base
        steps = [] if absolute else list(before)
        each = -1
        for part in parts:
            child = self._child(shape, part, slot, text)
            if part.each:
                if not child.repeats:
                    raise BadPath(
                        f"{part.name!r} does not repeat in the agency's schema", "leave [] out", "cardinality"
                    )
                each = len(steps)
            listed = child.repeats or (self.kind == "xml" and not child.name.startswith("@"))
            steps.append(Step(child.name, self.shown(child.name), child, listed))
            shape = child
        return Place(text, tuple(steps), shape, absolute, each)

    def slots(self, text: str, base: Shape) -> tuple[int, ...]:
        """The numbers for which ``x#`` in the path exists in the schema, ascending."""
        absolute, parts = segments(text)
        shape = self.document if absolute else base
        for part in parts:
            if part.slot:
                return tuple(sorted(self._numbered(shape, part.name)))
            shape = self._child(shape, part, None, text)
        return ()

    def shown(self, name: str) -> str:
        """A tree's name with the agency's prefix (``{urn:x}Name`` as ``pp:Name``)."""
        mark, bare = ("@", name[1:]) if name.startswith("@") else ("", name)
        if not bare.startswith("{"):
            return name
        uri, local = bare[1:].split("}", 1)
        prefix = self._prefixes.get(uri)
        return f"{mark}{prefix}:{local}" if prefix else f"{mark}{{{uri}}}{local}"

    def _child(self, shape: Shape, part: Segment, slot: int | None, text: str) -> Shape:
        if part.slot and slot is None and part.name not in shape.by_name:
            raise BadPath(f"{text!r}: numbered slots (#) stand only in a list", code="bad-path")
        if part.slot and slot is not None:
            numbered = self._numbered(shape, part.name)
            name = numbered.get(slot, part.name)
        else:
            name = self._tree_name(part.name)
        child = shape.by_name.get(name)
        if child is None:
            known = [self.shown(other) for other in shape.by_name]
            where = f"in {self.shown(shape.name)!r}" if shape.name else "in the document"
            hint = 'the document is a list: root: "[]"' if known == [WHOLE] else nearest(part.name, known)
            raise BadPath(f"the agency's schema has no {part.name!r} {where}", hint)
        return child

    def _numbered(self, shape: Shape, pattern: str) -> dict[int, str]:
        before, after = (self._tree_name(pattern, slot=True)).split("#", 1)
        expression = re.compile(re.escape(before) + "0*([0-9]+)" + re.escape(after))
        return {int(match[1]): name for name in shape.by_name if (match := expression.fullmatch(name))}

    def _tree_name(self, name: str, *, slot: bool = False) -> str:
        if self.kind != "xml":
            return name.replace("~1", "/").replace("~0", "~") if self.kind == "json" else name
        mark, bare = ("@", name[1:]) if name.startswith("@") else ("", name)
        prefix, _, local = bare.rpartition(":")
        if not prefix:
            return name
        uri = self.namespaces.get(prefix)
        if uri is None:
            hint = nearest(prefix, self.namespaces) or "prefixes are declared in agency.yaml, namespaces"
            raise BadPath(f"the prefix {prefix!r} is not declared", hint, "unknown-prefix")
        return f"{mark}{{{uri}}}{local}"


@dataclass(frozen=True, slots=True)
class CanonicalPath:
    """A canonical property below the message or a list's item; ``text`` is its full schema path (``persons[].sex``)."""

    names: tuple[str, ...]
    text: str
    shape: Shape


def canonical_path(text: str, base: Shape, full: str) -> CanonicalPath:
    """Resolve ``a.b`` or ``a.b[]`` below ``base``; ``full`` is the written path of ``base`` (``persons[].``)."""
    many = text.endswith("[]")
    names = tuple(text.removesuffix("[]").split("."))
    shape = base
    for index, name in enumerate(names):
        if "[]" in name:
            raise BadPath(f"{text!r}: a list inside a list is written with fields", code="bad-path")
        child = shape.by_name.get(name)
        if child is None:
            raise BadPath(f"the canonical schema has no {full + text!r}", nearest(name, shape.by_name))
        last = index == len(names) - 1
        if child.repeats and not (last and many):
            hint = f"write {text}[]" if last else "write the list with fields"
            raise BadPath(f"{full + '.'.join(names[: index + 1])!r} is a list", hint, "cardinality")
        if last and many and not child.repeats:
            raise BadPath(f"{full + text!r} is not a list", "leave [] out", "cardinality")
        shape = child
    return CanonicalPath(names, full + text, shape)


def show(kind: Kind, steps: Iterable[tuple[Step, int | None]]) -> str:
    """A place in show-path form; an index (from 0) for each step that repeats."""
    steps = list(steps)
    if kind == "xml":
        return "".join(
            f"/{step.shown}" + (f"[{(index or 0) + 1}]" if step.shape.repeats else "") for step, index in steps
        )
    if kind == "json":
        parts = []
        for step, index in steps:
            if step.name == WHOLE:
                parts.append(f"/{index or 0}")
                continue
            parts.append("/" + step.name.replace("~", "~0").replace("/", "~1"))
            if step.shape.repeats:
                parts.append(f"/{index or 0}")
        return "".join(parts)
    once = steps[0][0].name if steps and not steps[0][0].shape.repeats else ""  # a header or trailer
    row = (steps[0][1] or 0) + 1 if steps else 1
    inner = [f"{step.name} {(index or 0) + 1}" for step, index in steps[1:] if step.shape.repeats]
    column = [f"column {steps[-1][0].name}"] if len(steps) > 1 and not steps[-1][0].shape.repeats else []
    return ", ".join([once or f"row {row}", *inner, *column])
