"""The canonical message types of a site: their schemas, what the annotations say, and the check of a message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hub.errors import Problem
from hub.findings import Finding, Findings
from hub.message import Json
from hub.schema.case_numbers import CaseNumbers
from hub.schema.json_schema import Located, SchemaSet
from hub.schema.json_shape import Facts, document_shape, facts_of
from hub.schema.links import Links, Reference
from hub.schema.shape import Shape
from hub.schema.validate import MessageValidator, canonical_path

_DEEPEST = 16


@dataclass(frozen=True, slots=True)
class CanonicalType:
    """One message type. ``file`` is its schema's path inside the site; ``shape`` holds its properties.

    ``case`` finds the numbers by which a message names its case, and ``case_paths`` are its (scheme, path) pairs.
    ``references`` are its links; ``free`` the schema paths that a round trip may spell differently. ``identifiers`` are
    the steps to objects (``type``, ``value``) that identify a person: only keyed digests of them may be kept outside.
    """

    type: str
    version: int
    file: str
    shape: Shape
    case: CaseNumbers
    classification_path: str | None
    recipients_path: str | None
    time_path: str | None
    references: tuple[Reference, ...]
    free: tuple[str, ...]
    identifiers: tuple[tuple[str, ...], ...]
    problems: Callable[[Json], tuple[Problem, ...]]

    @property
    def case_paths(self) -> tuple[tuple[str, str], ...]:
        """Every (scheme, canonical path) by which a message may name its case."""
        return self.case.paths


def load_canonical(folder: Path, prefix: str = "schemas/canonical") -> dict[str, CanonicalType]:
    """The newest version of every message type in a folder of ``<type>.v<N>.json`` files.

    Files without ``x-type`` hold shared definitions. Raises ``Findings`` with every mistake of every file.
    """
    types: dict[str, CanonicalType] = {}
    findings: list[Finding] = []
    for path in sorted(folder.glob("*.json")):
        try:
            schemas = SchemaSet(path, folder, prefix)
            if "x-type" not in schemas.root.schema:
                continue
            type = _Loading(schemas).type()
        except Findings as error:
            findings.extend(error.findings)
            continue
        if type.type not in types or types[type.type].version < type.version:
            types[type.type] = type
    if not types and not findings:
        findings.append(Finding("file-missing", prefix, 0, "the site has no canonical message type"))
    if findings:
        raise Findings(dict.fromkeys(findings))
    return types


@dataclass(frozen=True, slots=True)
class _Field:
    """One place of the schema: its steps (``persons[]``), what applies there, and where it is written."""

    steps: tuple[str, ...]
    facts: Facts
    place: Located

    @property
    def plain(self) -> tuple[str, ...]:
        return tuple(step.removesuffix("[]") for step in self.steps)


class _Loading:
    """The reading of one type's schema; findings are collected before any is raised."""

    def __init__(self, schemas: SchemaSet) -> None:
        self._schemas = schemas
        self._root = schemas.root
        self._findings: list[Finding] = []
        self._fields = list(_fields(schemas, facts_of(schemas, [self._root]), ()))
        self._by_path = {".".join(field.steps): field for field in self._fields}

    def type(self) -> CanonicalType:
        name, version = self._name()
        case = self._case()
        references = self._references()
        owners = [field.plain for field in self._fields if field.steps[-1].endswith("[]") and self._has_id(field)]
        for field in self._fields:
            self._check(field)
        classification, recipients, time = (
            self._annotated(keyword) for keyword in ("x-classification", "x-recipients", "x-time")
        )
        validator = self._schemas.validator(own_formats_only=True)
        if self._findings:
            raise Findings(self._findings)
        return CanonicalType(
            type=name,
            version=version,
            file=self._schemas.name(self._schemas.main),
            shape=document_shape(self._schemas),
            case=case,
            classification_path=classification,
            recipients_path=recipients,
            time_path=time,
            references=references,
            free=tuple(".".join(field.steps) for field in self._fields if field.facts.annotations.get("x-free")),
            identifiers=tuple(field.plain for field in self._fields if field.facts.annotations.get("x-identifier")),
            problems=_checker(MessageValidator(validator, canonical_path), Links(references, owners)),
        )

    def _wrong(self, place: Located, text: str, hint: str = "") -> None:
        self._findings.append(self._schemas.finding("bad-canonical", place, text, hint))

    def _name(self) -> tuple[str, int]:
        name, version = self._root.schema["x-type"], self._root.schema.get("x-version")
        if not isinstance(name, str) or not isinstance(version, int):
            self._wrong(self._root.child("x-type"), "x-type is a name and x-version a whole number")
        elif self._schemas.main != f"{name}.v{version}.json":
            text = f"{name} version {version} belongs into the file {name}.v{version}.json"
            self._wrong(self._root.child("x-type"), text)
        return str(name), version if isinstance(version, int) else 0

    def _case(self) -> CaseNumbers:
        declared = self._root.schema.get("x-case")
        if declared is None:
            self._wrong(self._root, "x-case is missing: it says which number names the case")
            return CaseNumbers({})
        try:
            case = CaseNumbers(declared)
        except ValueError as error:
            self._wrong(self._root.child("x-case"), str(error))
            return CaseNumbers({})
        for _, path in case.paths:
            self._scalar("x-case", path)
        return case

    def _annotated(self, keyword: str) -> str | None:
        path = self._root.schema.get(keyword)
        if path is None:
            return None
        if keyword == "x-recipients":
            if f"{path}[]" not in self._by_path:
                self._wrong(self._root.child(keyword), f"{path!r} is not a list of this type")
        elif not isinstance(path, str):
            self._wrong(self._root.child(keyword), "one canonical path is expected")
        else:
            self._scalar(keyword, path)
        return str(path)

    def _scalar(self, keyword: str, path: str) -> None:
        field = self._by_path.get(path)
        if field is None or field.facts.value is None:
            self._wrong(self._root.child(keyword), f"{path!r} is not a value of this type")

    def _references(self) -> tuple[Reference, ...]:
        found = []
        for field in self._fields:
            wanted = field.facts.annotations.get("x-ref")
            if wanted is None:
                continue
            target = self._by_path.get(str(wanted))
            if target is None or not self._has_id(target):
                self._wrong(field.place, f"x-ref: {wanted!r} is not a list whose items have an id")
            else:
                found.append(Reference(field.plain, target.plain))
        return tuple(dict.fromkeys(found))

    def _has_id(self, field: _Field) -> bool:
        return ".".join((*field.steps, "id")) in self._by_path

    def _check(self, field: _Field) -> None:
        """The rules that every canonical schema keeps (MAPPING.md, law 4; FRAME: nothing unknown is let in)."""
        facts, path = field.facts, ".".join(field.steps)
        if facts.is_object and not facts.closed:
            self._wrong(field.place, f"{path} lets unknown properties in", "additionalProperties: false")
        value = facts.value
        if value is None:
            if not facts.is_object and not facts.is_array:
                self._wrong(field.place, f"{path} says neither type nor properties")
        elif value.base == "string" and not (value.min_length or value.codes or value.patterns):
            self._wrong(field.place, f"{path} may be an empty text", "minLength: 1")


def _checker(validator: MessageValidator, links: Links) -> Callable[[Json], tuple[Problem, ...]]:
    is_valid = validator.is_valid

    def problems(data: Json) -> tuple[Problem, ...]:
        return links.problems(data) if is_valid(data) else validator.problems(data)

    return problems


def _fields(schemas: SchemaSet, facts: Facts, above: tuple[str, ...]) -> Iterator[_Field]:
    """Every place below, lists as ``name[]`` with the facts of their items (annotations of the list included)."""
    for name, places in facts.properties.items() if len(above) < _DEEPEST else ():
        if any(place.schema is False for place in places):
            continue
        below = facts_of(schemas, places)
        steps = (*above, name)
        if below.is_array and below.items is not None:
            annotations = below.annotations
            below = facts_of(schemas, [below.items])
            below.annotations = {**annotations, **below.annotations}
            steps = (*above, f"{name}[]")
        yield _Field(steps, below, places[0])
        yield from _fields(schemas, below, steps)
