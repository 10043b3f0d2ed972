"""The documents that a mapping says stand as text inside others: resolved against both schemas."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hub.findings import Finding, Findings, nearest
from hub.formats.contract import Contract
from hub.formats.embedded import Embedded, EmbeddedContract
from hub.formats.xml import XmlContract
from hub.mapping.language import EmbeddedSpec, MappingFile
from hub.mapping.paths import AgencyPaths, BadPath


def with_embedded(
    written: MappingFile, contract: Contract, open_schema: Callable[[str], Contract], namespaces: Mapping[str, str]
) -> Contract:
    """The contract whose tree goes on into the embedded documents, if there are any. Raises ``Findings``."""
    if not written.embedded:
        return contract
    if not isinstance(contract, XmlContract):
        text = "documents are embedded in XML that no stylesheet turns"
        raise Findings([Finding("bad-value", written.file, written.embedded[0].path.line, text)])
    paths = AgencyPaths("xml", namespaces, contract.shape)
    found, findings = [], []
    for spec in written.embedded:
        try:
            found.append(_resolved(spec, paths, open_schema(spec.schema.text)))
        except BadPath as bad:
            findings.append(Finding(bad.code, written.file, spec.path.line, bad.text, bad.hint))
    if findings:
        raise Findings(findings)
    return EmbeddedContract(contract, found, namespaces)


def _resolved(spec: EmbeddedSpec, paths: AgencyPaths, inner: Contract) -> Embedded:
    place = paths.place(f"/{spec.path.text.removeprefix('/')}", paths.document)
    if place.shape.value is None or place.shape.value.base != "string" or place.shape.name.startswith("@"):
        raise BadPath(f"{spec.path.text!r} is no element with text", "an embedded document is text", "type-mismatch")
    if not isinstance(inner, XmlContract):
        raise BadPath(f"{spec.schema.text!r} is no XSD", code="bad-value")
    inside = AgencyPaths("xml", paths.namespaces, inner.shape)
    roots = {inside.shown(name): name for name in inner.shape.by_name}
    if spec.root.text not in roots:
        raise BadPath(f"{spec.schema.text!r} has no root element {spec.root.text!r}", nearest(spec.root.text, roots))
    return Embedded(tuple(step.name for step in place.steps), inner, roots[spec.root.text])
