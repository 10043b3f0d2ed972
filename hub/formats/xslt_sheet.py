"""An XSLT 1.0 stylesheet of a site, checked when the site is loaded: well-formed, in one file, nothing but XSLT."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from hub.errors import HubError
from hub.findings import Finding, Findings, nearest
from hub.formats.xml_door import parse_hardened

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
# XSLT 1.0, appendix B, but for xsl:import and xsl:include: a stylesheet is one file.
_ELEMENTS = frozenset(
    re.findall(
        "[a-z-]+",
        "apply-imports apply-templates attribute attribute-set call-template choose comment copy copy-of "
        "decimal-format element fallback for-each if key message namespace-alias number otherwise output "
        "param preserve-space processing-instruction sort strip-space stylesheet template text transform "
        "value-of variable when with-param",
    )
)
_QUOTED = re.compile("\"[^\"]*\"|'[^']*'")
# XPath 1.0 has no function with a prefix, and document() reads files.
_FOREIGN_CALL = re.compile(r"([\w.-]+:[\w.-]+|document)\s*\(")


def load_sheet(path: Path, name: str) -> bytes:
    """The stylesheet's bytes; ``name`` is its path inside the site. Raises ``Findings``."""
    try:
        body = path.read_bytes()
    except OSError:
        raise Findings([Finding("file-missing", name, 0, "there is no such stylesheet")]) from None
    try:
        root = parse_hardened(body)
    except HubError as error:
        line = next((problem.line for problem in error.problems if problem.line), 1)
        raise Findings([Finding("bad-stylesheet", name, line or 1, error.text)]) from None
    found = [Finding("bad-stylesheet", name, line, text, hint) for line, text, hint in _mistakes(root)]
    found = found or [Finding("bad-stylesheet", name, line, text) for line, text in _uncompiled(body)]
    if found:
        raise Findings(found)
    return body


def _mistakes(root: Any) -> Iterator[tuple[int, str, str]]:
    if root.tag not in (f"{_XSL}stylesheet", f"{_XSL}transform") or root.get("version") != "1.0":
        yield root.sourceline or 1, "this is no XSLT 1.0 stylesheet", 'xsl:stylesheet version="1.0"'
        return
    for element in root.iter():
        line = element.sourceline or 1
        local = element.tag.removeprefix(_XSL)
        if local in ("import", "include"):
            yield line, f"xsl:{local} reads another file", "write it out: a stylesheet is one file"
        elif element.tag.startswith(_XSL) and local not in _ELEMENTS:
            yield line, f"XSLT 1.0 has no xsl:{local}", nearest(local, _ELEMENTS)
        for attribute, value in element.items():
            if attribute.removeprefix(_XSL) == "extension-element-prefixes":
                yield line, "extension elements are not accepted", ""
            elif call := _FOREIGN_CALL.search(_QUOTED.sub("''", value)):
                yield line, f"the function {call[1]}() is not one of XPath 1.0 that may be used", ""


def _uncompiled(body: bytes) -> list[tuple[int, str]]:
    """What libxslt says against it: (line, text)."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        etree.XSLT(etree.fromstring(body, parser), access_control=etree.XSLTAccessControl.DENY_ALL)
    except (etree.XSLTParseError, etree.XMLSyntaxError) as error:
        lines = [entry.line for entry in error.error_log if entry.message.startswith("compilation error")]
        return [(lines[-1] if lines else 1, str(error))]
    return []
