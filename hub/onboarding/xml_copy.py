"""XML contracts with everything that they import, each a local file under a local name; nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from hub.errors import HubError
from hub.findings import Finding, Findings
from hub.formats.xml_door import parse_hardened

_IMPORT = re.compile(
    rb"""(<(?:[\w.-]+:)?(?:import|include|redefine)\b[^>]*?\s(?:schemaLocation|location)\s*=\s*)(["'])(.*?)\2""",
    re.DOTALL,
)
_LOCATION = re.compile(rb"""\sschemaLocation\s*=\s*(["']).*?\1""", re.DOTALL)
# Imported by many WSDLs, used by none that is document/literal.
NEVER_USED = ("http://schemas.xmlsoap.org/soap/encoding/", "http://schemas.xmlsoap.org/wsdl/")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)


def copy_xml(path: Path) -> dict[str, bytes]:
    """The file and all that it imports by local name, itself first, each pointing at the others by those names.

    Raises ``Findings``: every file that is missing, with its name.
    """
    copying = _Copying()
    copying.name_of(path.resolve())
    while copying.waiting:
        copying.copy(copying.waiting.pop(0))
    if copying.findings:
        raise Findings(copying.findings)
    return copying.files


class _Copying:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.findings: list[Finding] = []
        self.waiting: list[Path] = []
        self._names: dict[Path, str] = {}

    def name_of(self, path: Path) -> str:
        """The local name of a file, given when it is first met."""
        if path not in self._names:
            taken, name, number = set(self._names.values()), path.name, 1
            while name in taken:
                number += 1
                name = f"{path.stem}-{number}{path.suffix}"
            self._names[path] = name
            self.waiting.append(path)
        return self._names[path]

    def copy(self, path: Path) -> None:
        try:
            content = path.read_bytes()
        except OSError as error:
            self.findings.append(Finding("file-missing", path.name, 0, f"cannot be read: {error.strerror}"))
            return
        try:
            parse_hardened(content)
        except HubError as error:
            line = next((problem.line or 0 for problem in error.problems), 0)
            self.findings.append(Finding("bad-schema", path.name, line, f"it cannot be read: {error.text}"))
            return
        # An import in a comment imports nothing, but simple readers take it for one.
        content = _COMMENT.sub(lambda comment: b"" if _IMPORT.search(comment[0]) else comment[0], content)

        def local(match: re.Match[bytes]) -> bytes:
            location = match[3].decode("utf-8", "replace")
            if not location:
                return match[0]
            found = next((place for place in _places(path, location) if place.is_file()), None)
            if found is None and location in NEVER_USED:
                return _LOCATION.sub(b"", match[0])
            if found is None:
                self._missing(path, content.count(b"\n", 0, match.start()) + 1, location)
                return match[0]
            return match[1] + b'"' + self.name_of(found.resolve()).encode() + b'"'

        self.files[self._names[path]] = _IMPORT.sub(local, content)

    def _missing(self, path: Path, line: int, location: str) -> None:
        name = next(_places(path, location)).name
        text = f"it imports {location}: the file {name} is missing"
        self.findings.append(Finding("missing-import", path.name, line, text, f"put {name} beside {path.name}"))


def _places(path: Path, location: str) -> Iterator[Path]:
    """Where a location may lie on this disk; a URL is looked for beside the file, by its last step or its query."""
    parts = urlsplit(location)
    step = unquote(parts.path)
    if not parts.scheme and not parts.netloc and not parts.query:
        yield path.parent / step
        yield path.parent / Path(step).name
        return
    for _, value in parse_qsl(parts.query):
        for ending in (".xsd", ".wsdl", ""):
            yield path.parent / f"{Path(value).name}{ending}"
    yield path.parent / (Path(step).name or "contract")
