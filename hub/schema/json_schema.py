"""JSON Schemas (2020-12) of a site: a closed set of files in which every reference resolves, compiled for messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

import jsonschema_rs

from hub.errors import HubError
from hub.findings import Finding, Findings
from hub.formats.json_door import decode_json
from hub.schema.positions import escape, nearest_line

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_BASE = "site:///"
# Keywords whose value is data, in which nothing is a schema.
_DATA = frozenset(("enum", "const", "default", "examples", "example"))
_BY_NAME = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")


@dataclass(frozen=True, slots=True)
class Located:
    """One schema inside the set: its file, JSON Pointer, and the schema itself (an object or a boolean)."""

    file: str
    pointer: str
    schema: Any

    def child(self, *steps: str | int) -> Located:
        """A schema below this one."""
        schema, pointer = self.schema, self.pointer
        for step in steps:
            schema, pointer = schema[step], f"{pointer}/{escape(str(step))}"
        return Located(self.file, pointer, schema)


class SchemaSet:
    """A schema file and all files that it refers to; read-only once loaded."""

    def __init__(self, path: Path, folder: Path, prefix: str) -> None:
        """Raises ``Findings``: files that are missing, not strict JSON or not valid by the meta-schema, references
        that leave the set. ``folder`` bounds what may be read; ``prefix`` is its path inside the site."""
        self._folder, self._prefix = folder.resolve(), prefix
        self._documents: dict[str, Any] = {}
        self._texts: dict[str, str] = {}
        self._findings: list[Finding] = []
        self.main = self._key(path.resolve())
        self._read(self.main)
        self._stop_if_wrong()
        for file in list(self._documents):
            self._check(file)
        self._stop_if_wrong()

    @property
    def root(self) -> Located:
        """The main file's schema."""
        return Located(self.main, "", self._documents[self.main])

    @property
    def documents(self) -> Mapping[str, Any]:
        """Every schema of the set by its file name inside the site."""
        return {self.name(file): document for file, document in self._documents.items()}

    def name(self, file: str) -> str:
        """How findings call a file of the set."""
        return f"{self._prefix}/{file}" if self._prefix else file

    def finding(self, code: str, place: Located, text: str, hint: str = "") -> Finding:
        """A finding at one schema, with its line."""
        line = nearest_line(self._texts[place.file], place.pointer) or 0
        return Finding(code, self.name(place.file), line, text, hint)

    def resolve(self, place: Located) -> Located:
        """What the ``$ref`` of a schema points to."""
        found = self._target(place.file, place.schema["$ref"])
        if found is None:
            raise Findings([self.finding("missing-reference", place.child("$ref"), "the reference points to nothing")])
        return found

    def validator(self, *, own_formats_only: bool = False) -> Any:
        """A jsonschema-rs validator that checks formats and fetches nothing; ``own_formats_only`` refuses formats
        that it does not know. Raises ``Findings``."""
        registry = jsonschema_rs.Registry(
            [(_BASE + file, _without_id(document)) for file, document in self._documents.items()],
            retriever=_refuse_to_fetch,
        )
        # Patterns run in linear time where they can; look-around needs the backtracking engine, which has a limit.
        for engine in (jsonschema_rs.RegexOptions(), jsonschema_rs.FancyRegexOptions()):
            try:
                return jsonschema_rs.validator_for(
                    _without_id(self._documents[self.main]),
                    validate_formats=True,
                    ignore_unknown_formats=not own_formats_only,
                    registry=registry,
                    base_uri=_BASE + self.main,
                    pattern_options=engine,
                    offline=True,
                )
            except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
                wrong = error
        pointer = "".join(f"/{escape(str(step))}" for step in getattr(wrong, "instance_path", ()))
        said = getattr(wrong, "message", None) or str(wrong)
        raise Findings([self.finding("bad-schema", Located(self.main, pointer, None), said)])

    def _read(self, file: str) -> None:
        path = self._folder / file
        if not path.is_file():
            self._findings.append(Finding("file-missing", self.name(file), 0, "the file does not exist"))
            return
        body = path.read_bytes()
        try:
            document = decode_json(body)
        except HubError as error:
            line = next((problem.line for problem in error.problems if problem.line), 0)
            self._findings.append(Finding("bad-schema", self.name(file), line, error.text))
            return
        self._documents[file] = document
        self._texts[file] = body.decode("utf-8-sig")
        for place in _schemas_with_reference(Located(file, "", document)):
            self._follow(place)

    def _follow(self, place: Located) -> None:
        """Read the file that a reference names, if it is one of the site and not read yet."""
        reference = place.schema["$ref"]
        file = self._file_of(place.file, reference)
        if file is None:
            text = f"{reference} does not name a file of this folder: nothing else is read or fetched"
            self._findings.append(self.finding("missing-reference", place.child("$ref"), text))
        elif file not in self._documents:
            if (self._folder / file).is_file():
                self._read(file)
            else:
                text = f"the file {file} does not exist"
                self._findings.append(self.finding("missing-reference", place.child("$ref"), text))

    def _check(self, file: str) -> None:
        root = Located(file, "", self._documents[file])
        declared = root.schema.get("$schema", DIALECT) if isinstance(root.schema, dict) else DIALECT
        if declared.rstrip("#") != DIALECT:
            text = f"the dialect {declared} is not read here"
            self._findings.append(self.finding("bad-schema", root.child("$schema"), text, f"write it in {DIALECT}"))
            return
        try:
            jsonschema_rs.meta.validate(root.schema)
        except jsonschema_rs.ValidationError as error:
            pointer = "".join(f"/{escape(str(step))}" for step in error.instance_path)
            self._findings.append(self.finding("bad-schema", Located(file, pointer, None), error.message))
            return
        for place in _schemas_with_reference(root):
            if self._target(file, place.schema["$ref"]) is None:
                text = f"{place.schema['$ref']} points to nothing"
                self._findings.append(self.finding("missing-reference", place.child("$ref"), text))

    def _target(self, file: str, reference: str) -> Located | None:
        target = self._file_of(file, reference)
        pointer = unquote(urldefrag(reference).fragment)
        if target not in self._documents or (pointer and not pointer.startswith("/")):
            return None
        place = Located(target, "", self._documents[target])
        for raw in pointer.split("/")[1:]:
            step: str | int = raw.replace("~1", "/").replace("~0", "~")
            if isinstance(place.schema, list) and str(step).isdecimal():
                step = int(step)
            try:
                place = place.child(step)
            except (KeyError, IndexError, TypeError):
                return None
        return place

    def _file_of(self, file: str, reference: str) -> str | None:
        parts = urlsplit(reference)
        if parts.scheme or parts.netloc or parts.path.startswith("/"):
            return None
        if not parts.path:
            return file
        path = (self._folder / PurePosixPath(file).parent / unquote(parts.path)).resolve()
        return self._key(path) if path.is_relative_to(self._folder) else None

    def _key(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _stop_if_wrong(self) -> None:
        if self._findings:
            raise Findings(self._findings)


def _schemas_with_reference(place: Located, *, by_name: bool = False) -> Iterator[Located]:
    """Every schema of a document that holds ``$ref`` (and, harmlessly, any other object that does).

    ``by_name``: the keys are names that somebody chose (``default`` may be a property), no keywords.
    """
    schema = place.schema
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield place
        for key in schema:
            if by_name or (key not in _DATA and not key.startswith("x-")):
                yield from _schemas_with_reference(place.child(key), by_name=not by_name and key in _BY_NAME)
    elif isinstance(schema, list):
        for index in range(len(schema)):
            yield from _schemas_with_reference(place.child(index))


def _without_id(document: Any) -> Any:
    """Files refer to each other by their names in the folder, whatever identifier they declare."""
    return {key: value for key, value in document.items() if key != "$id"} if isinstance(document, dict) else document


def _refuse_to_fetch(uri: str) -> Any:
    raise ValueError(f"{uri} is not a file of the site")
