"""The JSON and YAML files of a description with all that they refer to, each by its path; nothing is fetched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from hub.findings import Finding, Findings
from hub.onboarding.contract import Unusable


@dataclass(frozen=True, slots=True)
class Spot:
    """A node of a description, and the file that its references are relative to."""

    node: Any
    file: Path

    def below(self, *keys: str) -> Spot:
        """What stands there, an empty table where nothing does."""
        node = self.node
        for key in keys:
            node = node.get(key, {}) if isinstance(node, dict) else {}
        return Spot(node, self.file)


class Documents:
    """Every file, parsed; ``names`` are the local names of their schemas, one each. ``main`` is the first."""

    def __init__(self, path: Path) -> None:
        """Raises ``Findings`` (missing files, by name) and ``Unusable`` (a file that is neither JSON nor YAML)."""
        self.main = path.resolve()
        self.parsed: dict[Path, Any] = {}
        self.names: dict[Path, str] = {}
        findings: list[Finding] = []
        waiting = [self.main]
        while waiting:
            file = waiting.pop(0)
            if file in self.parsed:
                continue
            self.parsed[file] = document = _parsed(file)
            self.names[file] = self._free_name(file.stem)
            for reference in _references(document):
                if not (location := reference.partition("#")[0]):
                    continue
                if (other := _place(file, location)).is_file():
                    waiting.append(other)
                    continue
                text = f"it refers to {reference}: the file {other.name} is missing"
                findings.append(Finding("missing-import", file.name, 0, text, f"put {other.name} beside {file.name}"))
        if findings:
            raise Findings(dict.fromkeys(findings))

    def target(self, reference: str, file: Path) -> tuple[Path, str]:
        """The file and the pointer that a reference in ``file`` means."""
        location, _, pointer = reference.partition("#")
        return (_place(file, location) if location else file), unquote(pointer)

    def follow(self, spot: Spot) -> Spot:
        """What stands at the end of a node's references; an empty table where they lead nowhere, or in a circle."""
        seen: set[tuple[Path, str]] = set()
        while isinstance(spot.node, dict) and isinstance(spot.node.get("$ref"), str):
            target = self.target(spot.node["$ref"], spot.file)
            if target in seen:
                return Spot({}, spot.file)
            seen.add(target)
            spot = Spot(at_pointer(self.parsed.get(target[0]), target[1]) or {}, target[0])
        return spot

    def _free_name(self, stem: str) -> str:
        taken, name, number = set(self.names.values()), f"{stem}.schemas.json", 1
        while name in taken:
            number += 1
            name = f"{stem}-{number}.schemas.json"
        return name


def steps_of(pointer: str) -> list[str]:
    """The steps of a JSON Pointer (RFC 6901)."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def at_pointer(document: Any, pointer: str) -> Any:
    """What a pointer leads to, or None."""
    for step in steps_of(pointer):
        if isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        elif isinstance(document, dict) and step in document:
            document = document[step]
        else:
            return None
    return document


def _place(file: Path, location: str) -> Path:
    """Where a location may lie on this disk; a URL's file is looked for beside, by its last step."""
    parts = urlsplit(location)
    step = unquote(parts.path)
    return (file.parent / (Path(step).name if parts.netloc else step)).resolve()


def _parsed(file: Path) -> Any:
    """JSON, or YAML 1.2: days and ``NO`` stay text."""
    text = file.read_text(encoding="utf-8-sig")
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return yaml.load(text, Loader=_Yaml12)
    except yaml.YAMLError as error:
        raise Unusable(f"{file.name} is neither JSON nor YAML: {error}") from None


_SCALARS = (
    ("null", re.compile(r"(?:~|null|Null|NULL|)$"), ("~", "n", "N", "")),
    ("bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), tuple("tTfF")),
    ("int", re.compile(r"[-+]?(?:0|[1-9][0-9]*)$"), tuple("-+0123456789")),
    ("float", re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"), tuple("-+.0123456789")),
    ("merge", re.compile(r"<<$"), ("<",)),
)


class _Yaml12(yaml.SafeLoader):
    """The core schema of YAML 1.2, which OpenAPI names; PyYAML's own is that of 1.1."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(f"tag:yaml.org,2002:{tag}", form) for tag, form, firsts in _SCALARS if first in firsts]
        for first in {sign for *_, firsts in _SCALARS for sign in firsts}
    }


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
