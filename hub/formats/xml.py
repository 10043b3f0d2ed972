"""XML documents under an agency's XSD: bytes to tree, checked, located, and a writer's text to bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.errors import HubError, Problem
from hub.formats.contract import ParsedDocument
from hub.formats.cuts import Records, at_most
from hub.formats.xml_cuts import cut_xml
from hub.formats.xml_door import declared_charset, element_tree, escape_attribute, escape_text, parse_hardened
from hub.formats.xml_files import load_schema_files, tied_values
from hub.formats.xml_paths import PathNames
from hub.formats.xml_schema import XsdValidator
from hub.schema.shape import Shape
from hub.schema.xsd import document_shape

__all__ = [
    "DECLARATION",
    "XmlContract",
    "element_tree",
    "escape_attribute",
    "escape_text",
    "parse_hardened",
    "without_declaration",
]

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


class XmlContract:
    """An XSD compiled once (``hub.formats.contract.Contract``). Used from one thread.

    ``namespaces`` are the agency's prefixes, in which problems and paths are written.
    """

    media_type = "application/xml"

    def __init__(
        self, schema: Path, namespaces: Mapping[str, str], *, folder: Path | None = None, prefix: str = ""
    ) -> None:
        """Raises ``Findings``. ``folder`` (the schema's own unless given) bounds what the XSD may include or import,
        and ``prefix`` is that folder's path inside the site."""
        files = load_schema_files(schema, folder or schema.parent, prefix)
        self._validator = XsdValidator(files)
        self.shape: Shape = document_shape([(file.root, file.namespace) for file in files])
        self._names = PathNames(namespaces, self.shape)
        self._ids, self._tied = tied_values(files)

    def parse(self, body: bytes, charset: str | None = None) -> ParsedDocument:
        """The document as a tree; ``source`` is its root element. Raises ``HubError`` (``parse_hardened``)."""
        return self.parse_element(parse_hardened(body, charset), body)

    def parse_element(self, element: Any, body: bytes) -> ParsedDocument:
        """The same for an element that stands in a document parsed before (a SOAP Body), as it stands there."""
        return ParsedDocument(body, element_tree(element), element)

    def cut(self, body: bytes, charset: str | None, names: tuple[str, ...], most: int | None) -> Records | None:
        """Its elements at ``names``; None also where the XSD has keys that must be unique in the whole document."""
        if self._tied:
            return None
        return at_most(most, cut_xml(body, charset or declared_charset(body), names, self._ids))

    def problems(self, parsed: ParsedDocument) -> tuple[Problem, ...]:
        """Every break of the XSD, with path, line and rule (a facet's name, ``unexpected-element``, ``type``, ...)."""
        return self._validator.problems(parsed.source, self._names)

    def line_of(self, parsed: ParsedDocument, path: str) -> int | None:
        """The line on which the element at ``path`` (or the element with that attribute) starts."""
        element = self._names.find(parsed.source, path)
        return None if element is None else int(element.sourceline)

    def render(self, output: Any) -> bytes:
        """A root element as text to UTF-8 bytes with an XML declaration. Raises ``HubError`` output-invalid."""
        try:
            body: bytes = output.encode("utf-8")
            root = parse_hardened(body, "utf-8")
        except UnicodeEncodeError:
            raise HubError("not-encodable", "XML cannot carry a lone surrogate") from None
        except HubError as error:
            raise HubError("output-invalid", error.text, error.problems) from None
        if problems := self._validator.problems(root, self._names):
            raise HubError("output-invalid", problems[0].text, problems)
        return DECLARATION + body


def without_declaration(body: bytes) -> bytes:
    """What ``render`` made, ready to stand inside a SOAP Body."""
    return body.removeprefix(DECLARATION)
