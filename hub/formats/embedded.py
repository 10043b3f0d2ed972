"""XML documents that stand as text inside an XML document: parsed by the same door, checked, and part of one tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hub.errors import HubError, Problem
from hub.formats.contract import ParsedDocument, Tree
from hub.formats.xml import XmlContract
from hub.formats.xml_door import element_tree, parse_hardened
from hub.formats.xml_paths import PathNames
from hub.schema.shape import Shape

MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Embedded:
    """One place: the element's Clark names from the document, what its text holds, and the root element of that."""

    names: tuple[str, ...]
    contract: XmlContract
    root: str


@dataclass(frozen=True, slots=True)
class _Source:
    """What was parsed outside, and every problem inside and out."""

    outside: ParsedDocument
    problems: tuple[Problem, ...]


class EmbeddedContract:
    """A contract (``hub.formats.contract.Contract``) whose tree and shape go on into the embedded documents.

    An element without text embeds nothing. Used from one thread.
    """

    def __init__(self, outside: XmlContract, embedded: Sequence[Embedded], namespaces: Mapping[str, str]) -> None:
        self.media_type = outside.media_type
        self._outside = outside
        self.embedded = tuple(embedded)
        self._names = PathNames(namespaces, outside.shape)
        self.shape: Shape = outside.shape
        for each in embedded:
            self.shape = _grafted(self.shape, each.names, each.contract.shape.by_name[each.root])

    def parse(self, body: bytes, charset: str | None = None) -> ParsedDocument:
        """The document's tree with those inside it. Raises ``HubError`` (``parse_hardened``) for the outer one."""
        outside = self._outside.parse(body, charset)
        problems = list(self._outside.problems(outside))
        tree = outside.tree
        if not problems:
            for each in self.embedded:
                problems += self._open(each, outside.source, tree)
        return ParsedDocument(body, tree, _Source(outside, tuple(problems)))

    def cut(self, body: bytes, charset: str | None, names: tuple[str, ...], most: int | None) -> None:
        """None: the documents inside are seen only by a whole parse."""
        return

    def problems(self, parsed: ParsedDocument) -> tuple[Problem, ...]:
        """Every break of the agency's XSD and of the embedded documents' own; a path goes on into them."""
        source: _Source = parsed.source
        return source.problems

    def line_of(self, parsed: ParsedDocument, path: str) -> int | None:
        """The line of the element at ``path``, or of the one whose text holds it."""
        source: _Source = parsed.source
        while path:
            line = self._outside.line_of(source.outside, path)
            if line is not None:
                return line
            path = path.rpartition("/")[0]
        return None

    def render(self, output: Any) -> bytes:
        """The agency's document, everything inside it checked. Raises ``HubError`` output-invalid, not-encodable."""
        body = self._outside.render(output)
        problems = self.problems(self.parse(body))
        if problems:
            raise HubError("output-invalid", problems[0].text, problems)
        return body

    def _open(self, each: Embedded, top: Any, tree: Tree) -> Iterator[Problem]:
        """Put each embedded document into the tree in place of its text."""
        for element, node in zip(_elements(top, each.names), _nodes(tree, each.names), strict=True):
            text = node.pop("#", "").strip()
            if not text:
                continue
            path, line = self._names.path(element, top), element.sourceline or 1
            try:
                root = _parsed(text)
                if root.tag != each.root:
                    wanted = self._names.name(each.root)
                    raise HubError("schema-violation", f"a document {wanted} is expected as text here")
                inner = element_tree(root)
            except HubError as error:
                yield Problem(f"inside {self._names.name(each.names[-1])}: {error.text}", path, line, error.code.name)
                continue
            parsed = ParsedDocument(b"", inner, root)
            for problem in each.contract.problems(parsed):
                at = line + problem.line - 1 if problem.line else line
                yield replace(problem, path=f"{path}{problem.path or ''}", line=at)
            node.update(inner)


def _parsed(text: str) -> Any:
    body = text.encode("utf-8", "surrogatepass")
    if len(body) > MOST_BYTES:
        raise HubError("too-large")
    return parse_hardened(body, "utf-8")


def _grafted(shape: Shape, names: tuple[str, ...], root: Shape) -> Shape:
    """A shape with ``root`` below the element at ``names``, in place of the element's text."""
    if not names:
        attributes = tuple(child for child in shape.children if child.name.startswith("@"))
        only = replace(root, minimum=1, maximum=1, choice=None, one_of=None)
        return replace(shape, value=None, embeds=True, expand=lambda: (*attributes, only))
    children = tuple(_grafted(child, names[1:], root) if child.name == names[0] else child for child in shape.children)
    return replace(shape, expand=lambda: children)


def _elements(top: Any, names: tuple[str, ...]) -> list[Any]:
    """The elements at a path, in document order."""
    found = [top] if top.tag == names[0] else []
    for name in names[1:]:
        found = [child for element in found for child in element.iterchildren(name)]
    return found


def _nodes(tree: Tree, names: tuple[str, ...]) -> list[Tree]:
    """The same in the tree."""
    found: list[Tree] = [tree]
    for name in names:
        found = [child for node in found for child in node.get(name, ())]
    return found
