"""SOAP 1.1 and 1.2 envelopes: the headers as texts, and the one body element cut out of the sender's own bytes.

The cut keeps what was signed, stored and counted in lines: ``body`` is the sender's bytes of the element with only the
namespace declarations that stood on its ancestors added to its start tag, after as many newlines as stood before it, so
that a line number in it is a line number in what was sent. Expat is used because lxml cannot tell byte offsets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.parsers import expat

from hub.errors import HubError, Problem
from hub.formats.text import decode
from hub.formats.xml_door import parse_hardened

SoapVersion = Literal["1.1", "1.2"]

NAMESPACES: Mapping[SoapVersion, str] = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
MEDIA_TYPES: Mapping[SoapVersion, str] = {"1.1": "text/xml", "1.2": "application/soap+xml"}
WSA = "http://www.w3.org/2005/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
USERNAME_TOKEN = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"  # + #Password...
BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
HUB_HEADERS = "urn:hub:interagency:headers:1"
HUB_ERROR = "urn:hub:interagency:error:1"

_DEEPEST = 256
_START_NAME = re.compile(rb"<[^\s/>]+")
_SPECIAL = re.compile('[&<>"\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


@dataclass(frozen=True, slots=True)
class Item:
    """One element: the Clark names from header block or body element down to it, attributes, own text (stripped)."""

    path: tuple[str, ...]
    attributes: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class SoapEnvelope:
    """``body_name`` is the Clark name of the body's element and ``body`` a document of its own in UTF-8 (without
    declaration); both are empty where the body is. Where ``content`` was asked for, it holds the body's items and
    ``body`` is empty.
    """

    version: SoapVersion
    headers: tuple[Item, ...]
    body_name: str
    body: bytes
    content: tuple[Item, ...] = ()


def read_envelope(body: bytes, charset: str | None = None, *, content: bool = False) -> SoapEnvelope:
    """Read one envelope; ``charset`` is what the transport declared (a BOM is believed first, RFC 7303).

    Raises ``HubError``: malformed, forbidden-character, doctype-refused, wrong-encoding, too-deep, each with its line.
    """
    declared = _DECLARED.match(body)
    utf8 = decode(body, charset or (declared.group(1).decode() if declared else None)).encode()
    reader = _Reader(utf8, content)
    parser = expat.ParserCreate("utf-8", "}")
    reader.attach(parser)
    try:
        parser.Parse(utf8, True)
    except (expat.ExpatError, _NotXml) as error:
        raise _explained(utf8, error) from None
    return reader.envelope()


def one_text(items: Sequence[Item], path: tuple[str, ...]) -> str | None:
    """The text at ``path``, or None where it is absent; raises ``HubError`` bad-header where it stands twice."""
    found = [item.text for item in items if item.path == path]
    if len(found) > 1:
        raise HubError("bad-header", f"the header {path[-1].rpartition('}')[2]} stands more than once")
    return found[0] if found else None


def escape(text: str) -> str:
    """``text`` as XML character data or a double-quoted attribute; what XML cannot hold becomes U+FFFD."""
    if _SPECIAL.search(text) is None:
        return text
    text = _ILLEGAL.sub("\ufffd", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("\r", "&#13;")


class _NotXml(Exception):
    """Something that no document of ours may hold, envelope or not; ``code`` is that of ``hub.errors``."""

    def __init__(self, code: str) -> None:
        self.code = code


def _explained(utf8: bytes, error: expat.ExpatError | _NotXml) -> HubError:
    """The same words as for a document that comes without an envelope."""
    try:
        parse_hardened(utf8, "utf-8")
    except HubError as told:
        return told
    if isinstance(error, _NotXml):
        return HubError(error.code)
    said = expat.ErrorString(error.code)
    return HubError("malformed", f"Line {error.lineno}: {said}", [Problem(said, line=error.lineno, rule="well-formed")])


class _Reader:
    """The handlers of one parse; raises from within them end it."""

    def __init__(self, body: bytes, content: bool) -> None:
        self._bytes = body
        self._wants_content = content
        self._version: SoapVersion = "1.1"
        self._soap = ""
        self._open: list[tuple[str, Mapping[str, str], list[str]]] = []
        self._depth = 0
        self._part = ""
        self._items: list[Item] = []
        self._headers: tuple[Item, ...] = ()
        self._scope: list[tuple[str | None, str | None]] = []
        self._inherited = 0
        self._body_name = ""
        self._begin = self._end = -1
        self._ancestors: list[tuple[str | None, str | None]] = []
        self._own: list[tuple[str | None, str | None]] = []

    def attach(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartNamespaceDeclHandler = self._declare
        parser.EndNamespaceDeclHandler = self._undeclare
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._stop
        parser.CharacterDataHandler = self._text

    def _declare(self, prefix: str | None, namespace: str | None) -> None:
        self._scope.append((prefix, namespace))

    def _undeclare(self, prefix: str | None) -> None:
        self._scope.pop()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        clark = "{" + name if "}" in name else name
        self._depth += 1
        if self._depth == 1:
            self._begin_envelope(clark)
        elif self._depth == 2:
            self._begin_part(clark)
        elif self._depth == 3 and self._part == "Body":
            self._begin_content(clark)
        if self._depth > _DEEPEST:
            raise _NotXml("too-deep")
        if self._depth > 2:
            named = {"{" + key if "}" in key else key: value for key, value in attributes.items()}
            self._open.append((clark, named, []))

    def _begin_envelope(self, clark: str) -> None:
        for version, namespace in NAMESPACES.items():
            if clark == f"{{{namespace}}}Envelope":
                self._version, self._soap = version, namespace
                return
        raise self._malformed("the document is not a SOAP 1.1 or 1.2 envelope")

    def _begin_part(self, clark: str) -> None:
        part = clark.removeprefix(f"{{{self._soap}}}")
        expected = ("Body",) if self._part == "Header" else ("Header", "Body")
        if self._part == "Body" or part not in expected:
            raise self._malformed("an envelope holds at most one Header, then one Body")
        if part == "Body":
            self._headers, self._items = tuple(self._items), []
        self._part, self._inherited = part, len(self._scope)

    def _begin_content(self, clark: str) -> None:
        if self._begin >= 0:
            raise self._malformed("the Body holds more than one element")
        self._begin, self._body_name = self._parser.CurrentByteIndex, clark
        self._ancestors, self._own = self._scope[: self._inherited], self._scope[self._inherited :]
        self._parser.StartNamespaceDeclHandler = self._parser.EndNamespaceDeclHandler = None
        if not self._wants_content:
            self._parser.CharacterDataHandler = None
            self._parser.StartElementHandler, self._parser.EndElementHandler = self._skip_start, self._skip_stop

    def _skip_start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _NotXml("too-deep")

    def _skip_stop(self, name: str) -> None:
        self._depth -= 1
        if self._depth == 2:
            self._open.clear()
            self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._stop
            self._parser.CharacterDataHandler = self._text

    def _stop(self, name: str) -> None:
        if self._depth > 2:
            path = tuple(step for step, _, _ in self._open)
            _, attributes, texts = self._open.pop()
            self._items.append(Item(path, attributes, "".join(texts).strip()))
        elif self._depth == 2 and self._part == "Body":
            self._end = self._parser.CurrentByteIndex
        self._depth -= 1

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1][2].append(text)
        elif text.strip():
            raise self._malformed("text stands between the parts of the envelope")

    def _malformed(self, text: str) -> HubError:
        return HubError("malformed", text, [Problem(text, line=self._parser.CurrentLineNumber)])

    def envelope(self) -> SoapEnvelope:
        if self._part != "Body":
            raise HubError("malformed", "the envelope has no Body")
        if self._begin < 0:
            return SoapEnvelope(self._version, self._headers, "", b"")
        if self._wants_content:
            return SoapEnvelope(self._version, self._headers, self._body_name, b"", tuple(self._items))
        return SoapEnvelope(self._version, self._headers, self._body_name, self._cut())

    def _cut(self) -> bytes:
        before, element = self._bytes[: self._begin], self._bytes[self._begin : self._end]
        name = _START_NAME.match(element)
        if name is None:  # cannot be: expat has just read a start tag here
            raise HubError("malformed")
        inherited = dict(self._ancestors)
        for prefix, _ in self._own:
            inherited.pop(prefix, None)
        declarations = "".join(
            f' xmlns:{prefix}="{escape(namespace)}"' if prefix else f' xmlns="{escape(namespace)}"'
            for prefix, namespace in inherited.items()
            if namespace and (prefix is None or f"{prefix}:".encode() in element)
        )
        return b"\n" * before.count(b"\n") + name.group() + declarations.encode() + element[name.end() :].rstrip()


def _refuse_doctype(*_: object) -> None:
    raise _NotXml("doctype-refused")
