"""XSDs as contracts: which elements may be documents, and the schemas that stand inside a WSDL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from hub.formats.xml_door import parse_hardened
from hub.formats.xml_files import XS
from hub.onboarding.contract import ContractDraft, Offer, Unusable
from hub.onboarding.xml_copy import NEVER_USED, copy_xml


def read_xsd(path: Path, root: str) -> ContractDraft:
    """An XSD; ``root`` names the document's element where there are several. Raises ``Findings``, ``Unusable``."""
    files = copy_xml(path)
    schema = parse_hardened(files[path.name])
    if schema.tag != XS + "schema":
        raise Unusable(f"{path.name} is not an XML Schema")
    names = [child.get("name") for child in schema if child.tag == XS + "element" and child.get("abstract") != "true"]
    if root and root not in names:
        raise Unusable(f"{path.name} has no element {root} (it has: {', '.join(names) or 'none'})")
    notes = {child.get("name"): annotation(child) for child in schema if child.tag == XS + "element"}
    target = schema.get("targetNamespace")
    offers = tuple(
        Offer(name, "xml", path.name, clark(target, name), note=notes.get(name, ""))
        for name in names
        if root in ("", name)
    )
    if not offers:
        raise Unusable(f"{path.name} declares no element that could be a document")
    decisions = ("How its documents travel: an XSD does not say. The draft drops and collects files.",)
    return ContractDraft(files, offers, "file", "incoming", prefixes=prefixes(files.values()), decisions=decisions)


def inline_schemas(stem: str, wsdls: Iterable[Any], known: Mapping[str, bytes]) -> dict[str, bytes]:
    """The schemas inside WSDLs as files of their own, which import each other by name.

    ``known`` are the files beside them; a schema that only imports is left out.
    """
    found = [
        schema
        for wsdl in wsdls
        for schema in wsdl.iter(XS + "schema")
        if any(child.tag not in (XS + "import", XS + "annotation") for child in schema)
    ]
    names = [f"{stem}-types{f'-{number}' if number > 1 else ''}.xsd" for number in range(1, len(found) + 1)]
    places = {parse_hardened(content).get("targetNamespace"): name for name, content in known.items() if _is_xsd(name)}
    for schema, name in reversed(list(zip(found, names, strict=True))):
        places[schema.get("targetNamespace")] = name
    for schema, name in zip(found, names, strict=True):
        _point(schema, name, places)
        for other, other_name in zip(found, names, strict=True):
            same = other.get("targetNamespace") == schema.get("targetNamespace")
            if same and other is not schema and places[schema.get("targetNamespace")] == name:
                schema.insert(0, etree.Element(XS + "include", schemaLocation=other_name))
    texts = [etree.tostring(schema, encoding="utf-8", xml_declaration=True) for schema in found]
    return dict(zip(names, texts, strict=True))


def _point(schema: Any, name: str, places: Mapping[str | None, str]) -> None:
    """Give every import of a schema its file; an import that nothing can need goes."""
    for child in schema.findall(XS + "import"):
        if child.get("schemaLocation"):
            continue
        namespace = child.get("namespace")
        if namespace in places:
            child.set("schemaLocation", places[namespace])
        elif namespace in NEVER_USED:
            schema.remove(child)


def declaring(clark_name: str, files: Mapping[str, bytes]) -> str:
    """The XSD of that namespace that declares a global element, itself or in a file that it includes; or nothing."""
    namespace, _, local = clark_name.removeprefix("{").rpartition("}")
    schemas = {name: parse_hardened(content) for name, content in files.items() if _is_xsd(name)}
    for name, schema in schemas.items():
        if (schema.get("targetNamespace") or "") == namespace and local in _elements(name, schemas, set()):
            return name
    return ""


def _elements(name: str, schemas: Mapping[str, Any], seen: set[str]) -> set[str]:
    """The global elements of a file and of what it includes."""
    seen.add(name)
    found = {child.get("name") for child in schemas[name] if child.tag == XS + "element"}
    for child in schemas[name].findall(XS + "include"):
        included = child.get("schemaLocation")
        if included in schemas and included not in seen:
            found |= _elements(included, schemas, seen)
    return found


def prefixes(contents: Iterable[bytes]) -> dict[str, str]:
    """Namespace to the prefix by which the files call it."""
    found: dict[str, str] = {}
    for content in contents:
        for element in (root := parse_hardened(content)).iter(root.tag, XS + "schema"):
            for prefix, namespace in element.nsmap.items():
                if prefix and prefix not in ("tns", "this", "xs", "xsd", "soap", "soap12", "wsdl"):
                    found.setdefault(namespace, prefix)
    return found


def annotation(element: Any) -> str:
    """The first documentation of a declaration, in one line."""
    found = element.find(f"{XS}annotation/{XS}documentation")
    return " ".join("".join(found.itertext()).split()) if found is not None else ""


def clark(namespace: str | None, name: str) -> str:
    """A qualified name."""
    return f"{{{namespace}}}{name}" if namespace else name


def _is_xsd(name: str) -> bool:
    return not name.endswith(".wsdl")
