"""How two documents differ, so that a person can read it: values field by field, XML line by line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

from hub.errors import HubError
from hub.formats.contract import Contract

MOST_SHOWN = 20
_LONGEST = 160


def values_differ(expected: Any, found: Any) -> list[str]:
    """Every difference of two JSON values, one line each, with its place (``persons[0].sex``)."""
    return list(_values(expected, found, ""))


def documents_differ(contract: Contract, expected: bytes, found: bytes, charset: str | None = None) -> list[str]:
    """The same for two documents of an agency; layout, order of attributes and prefixes do not count."""
    if found.lstrip().startswith(b"<"):
        return _xml(expected, found)
    try:
        return values_differ(contract.parse(expected, charset).tree, contract.parse(found, charset).tree)
    except HubError as error:
        return [] if expected == found else [f"the expected document cannot be read: {error.text}"]


def _values(expected: Any, found: Any, path: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in dict.fromkeys((*expected, *found)):
            below = f"{path}.{key}" if path else key
            if key not in found:
                yield f"{below}: {_shown(expected[key])} is missing"
            elif key not in expected:
                yield f"{below}: {_shown(found[key])} is not expected"
            else:
                yield from _values(expected[key], found[key], below)
    elif isinstance(expected, list) and isinstance(found, list):
        for index, (one, other) in enumerate(zip(expected, found, strict=False)):
            yield from _values(one, other, f"{path}[{index}]")
        for index, item in enumerate(expected[len(found) :], len(found)):
            yield f"{path}[{index}]: {_shown(item)} is missing"
        for index, item in enumerate(found[len(expected) :], len(expected)):
            yield f"{path}[{index}]: {_shown(item)} is not expected"
    elif expected != found or isinstance(expected, bool) is not isinstance(found, bool):
        yield f"{path or 'the document'}: {_shown(expected)} expected, {_shown(found)} found"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _xml(expected: bytes, found: bytes) -> list[str]:
    try:
        if _canonical(expected) == _canonical(found):
            return []
        before, after = pretty_xml(expected).decode(), pretty_xml(found).decode()
    except (etree.XMLSyntaxError, ValueError) as error:
        return [f"the expected document cannot be read: {error}"]
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "expected", "found", n=1, lineterm="")
    return list(lines)[2:] or ["only white space inside elements differs"]


def _canonical(document: bytes) -> str:
    return str(etree.canonicalize(etree.fromstring(document, _parser()), strip_text=True))


def pretty_xml(document: bytes) -> bytes:
    """An XML document laid out for people."""
    root = etree.fromstring(document, _parser())
    etree.indent(root)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"


def _parser() -> Any:
    return etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True, load_dtd=False)
