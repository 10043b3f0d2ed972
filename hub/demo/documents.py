"""A document as a person reads it: indented, with whatever fits on a line kept on one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.dom import minidom
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape, quoteattr


def readable(document: bytes, width: int) -> str:
    """JSON or XML laid out; anything else as its text."""
    text = document.decode("utf-8", "replace")
    try:
        return "\n".join(_json_lines(json.loads(text), "", "", width))
    except ValueError:
        pass
    try:
        # The hub's own output, or what it has accepted: neither holds a document type declaration.
        root = minidom.parseString(text.encode()).documentElement
    except ExpatError:
        return text
    return "\n".join(_xml_lines(root, "", width)) if root is not None else text


def _json_lines(value: Any, indent: str, name: str, width: int) -> Iterator[str]:
    whole = f"{indent}{name}{json.dumps(value, ensure_ascii=False)}"
    if len(whole) <= width or not isinstance(value, (dict, list)):
        yield whole
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{indent}{name}{opening}"
    children = (
        [(f"{json.dumps(key, ensure_ascii=False)}: ", child) for key, child in value.items()]
        if isinstance(value, dict)
        else [("", child) for child in value]
    )
    for number, (child_name, child) in enumerate(children, 1):
        lines = list(_json_lines(child, f"{indent}  ", child_name, width))
        lines[-1] += "," if number < len(children) else ""
        yield from lines
    yield f"{indent}{closing}"


def _xml_lines(element: minidom.Element, indent: str, width: int) -> Iterator[str]:
    whole = _xml_inline(element)
    children = [child for child in element.childNodes if isinstance(child, minidom.Element)]
    if len(indent) + len(whole) <= width or not children:
        yield indent + whole
        return
    yield f"{indent}<{element.tagName}{_attributes(element)}>"
    for child in children:
        yield from _xml_lines(child, indent + "  ", width)
    yield f"{indent}</{element.tagName}>"


def _xml_inline(element: minidom.Element) -> str:
    parts = [
        _xml_inline(child) if isinstance(child, minidom.Element) else escape(str(child.nodeValue or "").strip())
        for child in element.childNodes
    ]
    content = "".join(parts)
    start = f"<{element.tagName}{_attributes(element)}"
    return f"{start}>{content}</{element.tagName}>" if content else f"{start}/>"


def _attributes(element: minidom.Element) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in element.attributes.items())
