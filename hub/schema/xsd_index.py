"""The named parts of an XSD (types, elements, groups) by their qualified names, across all of its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

XS = "{http://www.w3.org/2001/XMLSchema}"
_KINDS = {
    XS + "element": "element",
    XS + "attribute": "attribute",
    XS + "group": "group",
    XS + "attributeGroup": "attributeGroup",
    XS + "simpleType": "type",
    XS + "complexType": "type",
}


class XsdIndex:
    """Looks names up. ``files`` are (``xs:schema`` element, namespace that it defines), the main file first.

    The schemas are expected to have been compiled by a validator before: what does not resolve here is an error there.
    """

    def __init__(self, files: Sequence[tuple[Any, str | None]]) -> None:
        self._named: dict[tuple[str, str], Any] = {}
        # Included files without a target namespace may be read into several; the element alone tells no more then.
        self._namespaces: dict[Any, str | None] = dict(files)
        self._substitutes: dict[str, list[Any]] = {}
        self._extended: set[str] = set()
        self._main = files[0][1]
        for root, namespace in files:
            for child in root:
                if (kind := _KINDS.get(child.tag)) and child.get("name"):
                    self._named[kind, _clark(namespace, child.get("name"))] = child
        for (kind, _), node in list(self._named.items()):
            for head in node.get("substitutionGroup", "").split() if kind == "element" else ():
                self._substitutes.setdefault(self.resolve(node, head), []).append(node)

        for (kind, _), node in self._named.items():
            for extension in node.iterfind(f"*/{XS}extension") if kind == "type" else ():
                self._extended.add(self.resolve(extension, extension.get("base")))
        self._spread_extended()

    def extended(self, clark: str) -> bool:
        """Whether another type of the set adds to the one of that name: by ``xsi:type`` it may stand in its place."""
        return clark in self._extended

    def _spread_extended(self) -> None:
        """What restricts a type may itself be extended: an element of the type above may then hold that, too."""
        bases = {
            name: self.resolve(restriction, restriction.get("base"))
            for (kind, name), node in self._named.items()
            if kind == "type"
            for restriction in node.iterfind(f"*/{XS}restriction")
            if restriction.get("base")
        }
        waiting = [name for name in bases if name in self._extended]
        while waiting:
            base = bases.get(waiting.pop())
            if base is not None and base not in self._extended:
                self._extended.add(base)
                waiting.append(base)

    def named(self, kind: str, clark: str) -> Any:
        """The definition of that name, or None."""
        return self._named.get((kind, clark))

    def referenced(self, kind: str, node: Any, attribute: str) -> Any:
        """The definition that ``node`` names in one of its attributes, or None."""
        value = node.get(attribute)
        return self.named(kind, self.resolve(node, value)) if value else None

    def roots(self) -> Iterator[tuple[str, Any]]:
        """The global elements of the main namespace (of all namespaces where that has none), abstract ones left out."""
        elements = [(name, node) for (kind, name), node in self._named.items() if kind == "element"]
        start = f"{{{self._main}}}" if self._main else ""
        own = [(name, node) for name, node in elements if name.startswith(start) and (start or "{" not in name)]
        for name, node in own or elements:
            if node.get("abstract") not in ("true", "1"):
                yield name, node

    def substitutes(self, head: str) -> list[tuple[str, Any]]:
        """The elements that may stand in the place of a global element, itself among them; abstract ones left out."""
        found: list[tuple[str, Any]] = []
        waiting, seen = [head], {head}
        while waiting:
            name = waiting.pop(0)
            node = self._named.get(("element", name))
            if node is None:
                continue
            if node.get("abstract") not in ("true", "1"):
                found.append((name, node))
            for member in self._substitutes.get(name, ()):
                clark = _clark(self.namespace(member), member.get("name"))
                if clark not in seen:
                    seen.add(clark)
                    waiting.append(clark)
        return found

    def head(self, node: Any) -> Any:
        """The global element whose type is also that of this one, which has none of its own and may stand for it."""
        if node.get("type") or not node.get("substitutionGroup"):
            return None
        return self.named("element", self.resolve(node, node.get("substitutionGroup").split()[0]))

    def namespace(self, node: Any) -> str | None:
        """The target namespace of the file in which a node stands."""
        return self._namespaces[self.file(node)]

    def file(self, node: Any) -> Any:
        """The ``xs:schema`` element above a node."""
        while (parent := node.getparent()) is not None:
            node = parent
        return node

    def resolve(self, node: Any, name: str) -> str:
        """A prefixed name as it stands in a file, in Clark form."""
        prefix, _, local = name.strip().rpartition(":")
        uri = node.nsmap.get(prefix or None)
        if uri is None and not prefix and not self.file(node).get("targetNamespace"):
            uri = self.namespace(node)
        return _clark(uri, local)

    def local_name(self, node: Any, kind: str) -> str:
        """The Clark name of a local element or attribute, qualified as ``form`` and the file's default say."""
        file = self.file(node)
        form = node.get("form") or file.get(f"{kind}FormDefault", "unqualified")
        return _clark(self.namespace(node), node.get("name")) if form == "qualified" else str(node.get("name"))


def _clark(namespace: str | None, local: str) -> str:
    return f"{{{namespace}}}{local}" if namespace else local
