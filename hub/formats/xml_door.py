"""The door for XML: hardened parsing, elements to trees, and text that may stand in XML (with its escapes)."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from hub.errors import HubError, Problem
from hub.formats.contract import Tree
from hub.formats.text import decode

MAX_DEPTH = 64
MAX_ATTRIBUTES = 500  # of one element
MAX_BYTES = 64 * 1024 * 1024
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"

# XML 1.0, 2.2: everything that is not a Char.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TEXT_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ATTRIBUTE_SPECIAL = re.compile('[&<>"\t\n\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_HINTS = {XSI + "schemaLocation", XSI + "noNamespaceSchemaLocation"}
_LIBXML_TAIL = re.compile(r", line \d+, column \d+\s*$")


def parse_hardened(body: bytes, charset: str | None = None) -> Any:
    """The root element of one XML document, without comments and processing instructions.

    No DOCTYPE, entity, external file or network; at most ``MAX_BYTES``, ``MAX_ATTRIBUTES`` and 256 levels
    (``element_tree`` allows ``MAX_DEPTH``). ``charset`` is what the transport declared; the document's own declaration
    counts only without it (RFC 7303, 3.2). Raises ``HubError``: malformed, doctype-refused, wrong-encoding,
    forbidden-character, too-deep, too-large, each with its line.
    """
    if len(body) > MAX_BYTES:
        raise HubError("too-large")
    text = decode(body, charset or declared_charset(body))
    if "<!DOCTYPE" in text:
        _refuse_doctype(text)
    # One parser a parse: lxml parsers keep state. The text is UTF-8 now, whatever its declaration says.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise _unreadable(text, error) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise HubError("doctype-refused")
    if text.count("=") > MAX_ATTRIBUTES:
        _check_attributes(root)
    return root


def _check_attributes(root: Any) -> None:
    """lxml takes time with the square of an element's attributes."""
    for element in root.iter():
        if len(element.attrib) > MAX_ATTRIBUTES:
            text = f"An element has more than {MAX_ATTRIBUTES} attributes"
            raise HubError("too-large", text, [Problem(text, line=element.sourceline)])


def element_tree(root: Any) -> Tree:
    """The tree of a document (``hub.formats.contract``): ``{root name: [element]}``, in one pass.

    An element without children always has ``#`` (its text as written, perhaps empty); one with children has ``#`` only
    where text other than white space stands between them. ``xsi:schemaLocation`` hints are left out. Raises
    ``HubError`` too-deep.
    """
    tree: Tree = {}
    node = tree
    left = 1
    open_nodes: list[tuple[Tree, int]] = []
    for element in root.iter():
        while not left:
            node, left = open_nodes.pop()
        left -= 1
        parent, tag, text, count = node, element.tag, element.text, len(element)
        child: Tree = {"@" + name: value for name, value in element.items() if name not in _HINTS}
        if tag in parent:
            parent[tag].append(child)
        else:
            parent[tag] = [child]
        tail = element.tail
        if tail and not tail.isspace() and parent is not tree:
            parent["#"] = parent.get("#", "") + tail
        if count:
            if text and not text.isspace():
                child["#"] = text
            open_nodes.append((node, left))
            node, left = child, count
            if len(open_nodes) >= MAX_DEPTH:
                raise _too_deep(element.sourceline)
        else:
            child["#"] = text or ""
    return tree


def escape_text(value: str) -> str:
    """``value`` as XML character data; raises ``HubError`` not-encodable for what XML 1.0 cannot carry."""
    return _TEXT_SPECIAL.sub(_escape, value) if _TEXT_SPECIAL.search(value) else value


def escape_attribute(value: str) -> str:
    """``value`` for between double quotes; raises ``HubError`` not-encodable for what XML 1.0 cannot carry."""
    return _ATTRIBUTE_SPECIAL.sub(_escape, value) if _ATTRIBUTE_SPECIAL.search(value) else value


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if char not in _ESCAPES:
        raise HubError("not-encodable", f"XML cannot carry the character U+{ord(char):04X}")
    return _ESCAPES[char]


def declared_charset(body: bytes) -> str | None:
    """The codec that the XML declaration names; one that can be read byte by byte is not UTF-16, whatever it says."""
    found = _DECLARED.match(body, 0, 200)
    name = found[1].decode("ascii") if found else None
    return None if name is None or name.lower().startswith(("utf-16", "utf16", "ucs-2")) else name


def _refuse_doctype(text: str) -> None:
    """Raise where a DOCTYPE stands before the root element (inside comments and text the letters mean nothing)."""
    at = 0
    while (at := text.find("<", at)) >= 0:
        if text.startswith("<!--", at):
            end = text.find("-->", at + 4)
        elif text.startswith("<?", at):
            end = text.find("?>", at + 2)
        elif text.startswith("<!DOCTYPE", at):
            line = text.count("\n", 0, at) + 1
            problem = Problem("A document type declaration stands here", line=line, rule="doctype")
            raise HubError("doctype-refused", f"Line {line}: document type declarations are not accepted", [problem])
        else:
            return
        if end < 0:
            return
        at = end


def _unreadable(text: str, error: Any) -> HubError:
    line, column = error.lineno or 1, error.position[1]
    said = _LIBXML_TAIL.sub("", error.msg or "the document cannot be read").strip()
    if error.code == etree.ErrorTypes.ERR_INVALID_CHAR or _ILLEGAL.search(text):
        return _forbidden(text, line)
    if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        return _too_deep(line) if "depth" in said else HubError("too-large", "A text of the document is too long")
    place = f"Line {line}, column {column}: {said}"
    return HubError("malformed", place, [Problem(said, line=line, rule="well-formed")])


def _forbidden(text: str, line: int) -> HubError:
    found = _ILLEGAL.search(text)
    what = "a reference to a character that XML does not allow"
    if found:
        line, what = text.count("\n", 0, found.start()) + 1, f"the character U+{ord(found[0]):04X}"
    said = f"{what[0].upper()}{what[1:]} is not accepted"
    return HubError("forbidden-character", f"Line {line}: {said}", [Problem(said, line=line, rule="character")])


def _too_deep(line: int) -> HubError:
    said = f"More than {MAX_DEPTH} levels of elements"
    return HubError("too-deep", f"Line {line}: {said}", [Problem(said, line=line, rule="depth")])
