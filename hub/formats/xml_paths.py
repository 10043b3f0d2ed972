"""Places in an XML document as people write them: ``/pp:Batch/pp:Case[2]/pp:Name`` to element and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.schema.shape import Shape

_STEP = re.compile(r"(@?)(?:\{([^}]*)\}|([^:/\[\]{}]+):)?([^:/\[\]{}]+)(?:\[([0-9]+)\])?")
_CLARK = re.compile(r"\{([^{}]*)\}([^\s,{}()]+)")


class PathNames:
    """The agency's prefixes and schema: how it writes names and where it would write an index."""

    def __init__(self, namespaces: Mapping[str, str], shape: Shape) -> None:
        self._uris = dict(namespaces)
        self._prefixes = {uri: prefix for prefix, uri in namespaces.items()}
        self._shape = shape

    def name(self, clark: str, own_prefix: str | None = None) -> str:
        """``{uri}local`` as ``prefix:local``; an unknown namespace keeps the document's own prefix."""
        if not clark.startswith("{"):
            return clark
        uri, _, local = clark[1:].partition("}")
        prefix = self._prefixes.get(uri, own_prefix)
        return f"{prefix}:{local}" if prefix else local

    def plain(self, text: str) -> str:
        """A text of the validator with its ``{uri}local`` names shortened."""
        return _CLARK.sub(lambda found: self.name(found[0]), text)

    def path(self, element: Any, top: Any, attribute: str | None = None) -> str:
        """The path from the document (whose root is ``top``) to an element or its attribute."""
        chain = [element]
        while chain[-1] is not top:
            chain.append(chain[-1].getparent())
        shape: Shape | None = self._shape
        steps = []
        for node in reversed(chain):
            shape = shape.by_name.get(node.tag) if shape is not None else None
            name = self.name(node.tag, node.prefix)
            steps.append(f"{name}[{_index(node)}]" if node is not top and _repeats(node, shape) else name)
        if attribute:
            steps.append("@" + self.name(attribute))
        return "/" + "/".join(steps)

    def find(self, top: Any, path: str) -> Any:
        """The element at a path (or that carries the attribute at it), None where there is none."""
        element = None
        for found in _STEP.finditer(path):
            at, uri, prefix, local, index = found.groups()
            if at:
                break
            space = uri or self._uris.get(prefix) if prefix or uri else ""
            candidates = [top] if element is None else element
            same = [child for child in candidates if _is(child, space, prefix, local)]
            place = int(index) if index else 1
            if not 0 < place <= len(same):
                return None
            element = same[place - 1]
        return element


def _is(element: Any, space: str | None, prefix: str | None, local: str) -> bool:
    """Whether an element has that name; a prefix unknown to the agency (``space`` None) is the document's own."""
    if space is None:
        return bool(element.prefix == prefix and element.tag.rpartition("}")[2] == local)
    return bool(element.tag == (f"{{{space}}}{local}" if space else local))


def _repeats(element: Any, shape: Shape | None) -> bool:
    if shape is not None:
        return shape.repeats
    return sum(1 for _ in element.getparent().iterchildren(element.tag)) > 1


def _index(element: Any) -> int:
    return 1 + sum(1 for _ in element.itersiblings(element.tag, preceding=True))
