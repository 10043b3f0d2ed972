"""The files of an XSD: every include and import followed, each of them a file of the site, none fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from hub.errors import HubError
from hub.findings import Finding, Findings
from hub.formats.xml_door import parse_hardened

XS = "{http://www.w3.org/2001/XMLSchema}"
_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """One XSD file: its ``xs:schema`` element, the name by which findings call it, and the namespace it defines.

    An included file without a target namespace takes that of the file that includes it.
    """

    path: Path
    name: str
    root: Any
    namespace: str | None


def load_schema_files(schema: Path, folder: Path, prefix: str) -> Sequence[SchemaFile]:
    """``schema`` and everything it includes or imports, the file itself first.

    ``folder`` bounds what may be read; ``prefix`` is that folder's path inside the site. Raises ``Findings``: a file
    that is missing, outside the folder, on the network or not an XSD, and an import that nothing resolves.
    """
    loading = _Loading(folder.resolve(), prefix)
    loading.read(schema.resolve(), None, None)
    loading.check_unlocated()
    if loading.findings:
        raise Findings(loading.findings)
    return loading.files


def tied_values(files: Sequence[SchemaFile]) -> tuple[frozenset[str], bool]:
    """What ties the parts of a document together: the attributes (Clark names) of type xs:ID, and whether there is a
    key, a unique, a keyref, or an element that is an xs:ID."""
    ids: set[str] = set()
    for file in files:
        if next(file.root.iter(XS + "key", XS + "unique", XS + "keyref"), None) is not None:
            return frozenset(), True
        for node in file.root.iter(XS + "attribute", XS + "element", XS + "restriction", XS + "extension"):
            if not _is_id(node, node.get("type") or node.get("base")):
                continue
            if node.tag != XS + "attribute":
                return frozenset(), True
            form = node.get("form") or file.root.get("attributeFormDefault")
            qualified = node.getparent() is file.root or form == "qualified"
            ids.add(f"{{{file.namespace}}}{node.get('name')}" if qualified and file.namespace else node.get("name"))
    return frozenset(ids), False


def _is_id(node: Any, name: str | None) -> bool:
    prefix, _, local = (name or "").rpartition(":")
    return local == "ID" and node.nsmap.get(prefix or None) == XS[1:-1]


class _Loading:
    """One walk over the import graph; a file comes once per namespace it is read into."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self.files: list[SchemaFile] = []
        self.findings: list[Finding] = []
        self._folder = folder
        self._prefix = prefix
        self._seen: set[tuple[Path, str | None]] = set()
        self._imported: dict[str, Path] = {}
        self._unlocated: list[tuple[str, int, str]] = []

    def read(self, path: Path, namespace: str | None, asked: tuple[str, int] | None) -> None:
        """Read one file and what it names; ``asked`` is the file and line that named it."""
        root = self._root(path, asked)
        if root is None:
            return
        target = root.get("targetNamespace") or namespace
        if (path, target) in self._seen:
            return
        self._seen.add((path, target))
        file = SchemaFile(path, self._name(path), root, target)
        self.files.append(file)
        for child in root:
            if child.tag in (XS + "include", XS + "import"):
                self._follow(file, child)
            elif child.tag in (XS + "redefine", XS + "override"):
                text = f"{child.tag[len(XS) :]} is not supported: write the changed types out"
                self.findings.append(Finding("unsupported-schema", file.name, child.sourceline, text))

    def check_unlocated(self) -> None:
        """Every namespace imported without a place must be defined by a file that another import gave."""
        defined = {file.namespace for file in self.files}
        for name, line, namespace in self._unlocated:
            if namespace not in defined:
                text = f"the import of {namespace!r} names no file, and no file read here defines that namespace"
                self.findings.append(Finding("missing-import", name, line, text, "give its schemaLocation"))

    def _follow(self, file: SchemaFile, child: Any) -> None:
        location, line = child.get("schemaLocation"), child.sourceline
        imported = child.tag == XS + "import"
        if not location:
            if imported and child.get("namespace") != _XML_NAMESPACE:
                self._unlocated.append((file.name, line, child.get("namespace") or ""))
            return
        parts = urlsplit(location)
        if parts.scheme or parts.netloc:
            text = f"{location} is on the network: it is never fetched"
            self.findings.append(
                Finding("missing-import", file.name, line, text, "put the file into the site and point at it")
            )
            return
        path = (file.path.parent / unquote(parts.path)).resolve()
        if imported and self._imported.setdefault(child.get("namespace") or "", path) != path:
            other = self._name(self._imported[child.get("namespace") or ""])
            text = f"{child.get('namespace')!r} is imported from {other} too: only one of the two files is read"
            self.findings.append(
                Finding("double-import", file.name, line, text, "import one file that includes the other")
            )
            return
        self.read(path, None if imported else file.namespace, (file.name, line))

    def _root(self, path: Path, asked: tuple[str, int] | None) -> Any:
        name = self._name(path)
        where, line = asked or (name, 0)
        if not path.is_relative_to(self._folder):
            text = "a schema file outside this agency's folder is never read"
            self.findings.append(Finding("missing-import", where, line, text))
            return None
        if not path.is_file():
            code = "missing-import" if asked else "file-missing"
            self.findings.append(Finding(code, where, line, f"{name} does not exist"))
            return None
        try:
            root = parse_hardened(path.read_bytes())
        except HubError as error:
            at = next((problem.line for problem in error.problems if problem.line), 0)
            self.findings.append(Finding("bad-schema", name, at, error.text))
            return None
        if root.tag != XS + "schema":
            self.findings.append(Finding("bad-schema", name, root.sourceline, "the file is not an XML Schema"))
            return None
        return root

    def _name(self, path: Path) -> str:
        inside = path.relative_to(self._folder).as_posix() if path.is_relative_to(self._folder) else path.name
        return f"{self._prefix}/{inside}" if self._prefix else inside
