"""Random XML documents of an agency: by its own XSD, with those that stand as text inside them by theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from lxml import etree

from hub.formats.embedded import EmbeddedContract
from hub.formats.xml_files import XS, SchemaFile, load_schema_files
from hub.pipeline.translate import Dialect
from hub.proving.xsd_cases import Draw, XsdCases


def xml_documents(dialect: Dialect, folder: Path, prefix: str) -> Callable[[Draw], bytes]:
    """Makes one document; ``folder`` holds the agency's contracts, ``prefix`` is its path inside the site."""
    outer = _cases(folder / dialect.definition.schema, folder, prefix, dialect.mapping.root_element or "")
    if not isinstance(dialect.contract, EmbeddedContract):
        return outer.document
    specs = dialect.mapping.plan.written.embedded
    inner = [
        (each.names, _cases(folder / spec.schema.text, folder, prefix, each.root))
        for each, spec in zip(dialect.contract.embedded, specs, strict=True)
    ]

    def document(draw: Draw) -> bytes:
        top = etree.fromstring(outer.document(draw))
        for names, cases in inner:
            for element in top.iterfind("/".join(names[1:])) if len(names) > 1 else [top]:
                element.text = cases.document(draw).decode("utf-8")
        return bytes(etree.tostring(top, encoding="UTF-8", xml_declaration=True))

    return document


def _cases(schema: Path, folder: Path, prefix: str, root: str) -> XsdCases:
    files = load_schema_files(schema, folder, prefix)
    return XsdCases([(file.root, file.namespace) for file in files], root or _root(files))


def _root(files: Sequence[SchemaFile]) -> str:
    """The first element that the XSD declares, where stylesheets decide which one is meant."""
    file, name = next((file, child.get("name")) for file in files for child in file.root if child.tag == XS + "element")
    return f"{{{file.namespace}}}{name}" if file.namespace else str(name)
