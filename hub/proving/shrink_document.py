"""The smallest document of an agency that still fails: elements, attributes, properties, rows, cells are taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import orjson
from lxml import etree

from hub.errors import HubError
from hub.formats.contract import Contract
from hub.proving.shrink import smallest

Fails = Callable[[bytes], bool]
Spent = Callable[[], bool]


def smallest_document(contract: Contract, format: str, body: bytes, fails: Fails, spent: Spent) -> bytes:
    """``body`` without what the failure does not need; ``fails`` says whether a (valid) document still shows it.

    Ends when ``spent`` says so. ``body`` is what the generator made: UTF-8, without a document type.
    """
    if format == "xml":
        return _smallest_xml(body, fails, spent)
    if format == "json":
        tree = orjson.loads(body)
        if not isinstance(tree, dict):
            return body
        return orjson.dumps(smallest(tree, lambda other: fails(orjson.dumps(other)), spent))

    def render(tree: Any) -> bytes | None:
        try:
            return contract.render(tree)
        except (HubError, KeyError):  # a cell that the layout cannot spell, or no rows at all
            return None

    table = smallest(contract.parse(body).tree, lambda other: bool((one := render(other)) and fails(one)), spent)
    return render(table) or body


def _smallest_xml(body: bytes, fails: Fails, spent: Spent) -> bytes:
    root, found = etree.fromstring(body, _parser()), True
    while found:
        found, index = False, 0
        while not spent():
            shorter = _without(root, index)
            if shorter is None:
                break
            if fails(_bytes(shorter)):
                # The next part has come to stand where this one was.
                root, found = shorter, True
            else:
                index += 1
    return _bytes(root)


def _without(root: Any, index: int) -> Any | None:
    """A copy without its ``index``th part (elements from the top, then attributes); None where there is none."""
    copy = deepcopy(root)
    for number, (element, attribute) in enumerate(_parts(copy)):
        if number == index:
            if attribute is None:
                element.getparent().remove(element)
            else:
                del element.attrib[attribute]
            return copy
    return None


def _parts(root: Any) -> Iterator[tuple[Any, str | None]]:
    level = list(root)
    while level:
        yield from ((element, None) for element in level)
        level = [child for element in level for child in element]
    for element in root.iter():
        yield from ((element, name) for name in element.attrib)


def _bytes(root: Any) -> bytes:
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _parser() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
