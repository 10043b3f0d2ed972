"""An XSD inferred from a sample document: elements in the order in which they stand, repeated where they do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lxml import etree

from hub.formats.xml_door import XSI, parse_hardened
from hub.formats.xml_files import XS
from hub.onboarding.contract import ContractDraft, Offer, Unusable

_TYPES = {
    "xs:dateTime": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})?"),
    "xs:date": re.compile(r"(1[7-9]|20)[0-9]{2}-[0-9]{2}-[0-9]{2}"),
    "xs:boolean": re.compile("true|false"),
}


def read_xml_sample(stem: str, body: bytes) -> ContractDraft:
    """One XML document of one namespace (or none). Raises ``Unusable`` and ``HubError``."""
    root = parse_hardened(body)
    name = etree.QName(root)
    spaces = {etree.QName(element).namespace for element in root.iter()}
    if len(spaces - {name.namespace, None}) > 0:
        raise Unusable(f"{stem}: the sample mixes namespaces; ask the agency for its XSD")
    qualified = None not in spaces or name.namespace is None
    schema = etree.Element(XS + "schema", nsmap={"xs": XS[1:-1]})
    if name.namespace:
        schema.set("targetNamespace", name.namespace)
        schema.set("elementFormDefault", "qualified" if qualified else "unqualified")
    _declare(schema, name.localname, [root], ())
    etree.indent(schema)
    file = f"{stem}.xsd"
    content = etree.tostring(schema, encoding="utf-8", xml_declaration=True)
    said = (
        "The XSD was inferred from one sample: choices, code lists, lengths and what may be missing are not in it.",
        "How it is reached: a sample does not say. The draft drops and collects files.",
    )
    prefix = {name.namespace: root.prefix} if name.namespace and root.prefix else {}
    return ContractDraft(
        {file: content}, (Offer(stem, "xml", file, root.tag),), "file", "incoming", prefixes=prefix, decisions=said
    )


def _declare(parent: Any, name: str, seen: Sequence[Any], above: Sequence[Any]) -> None:
    """One element declaration from everything seen under its name; ``above`` are the elements that hold them."""
    element = etree.SubElement(parent, XS + "element", name=name)
    counts = [sum(1 for child in holder if child.tag == seen[0].tag) for holder in above]
    if counts and min(counts) == 0:
        element.set("minOccurs", "0")
    if counts and max(counts) > 1:
        element.set("maxOccurs", "unbounded")
    attributes = sorted({key for each in seen for key in each.attrib if not key.startswith(XSI)})
    names = list(dict.fromkeys(child.tag for each in seen for child in each))
    if not names and not attributes:
        element.set("type", _type([each.text or "" for each in seen]))
        return
    type = etree.SubElement(element, XS + "complexType")
    if names:
        sequence = etree.SubElement(type, XS + "sequence")
        for tag in names:
            children = [child for each in seen for child in each if child.tag == tag]
            _declare(sequence, etree.QName(tag).localname, children, seen)
        holder = type
    else:
        content = etree.SubElement(type, XS + "simpleContent")
        holder = etree.SubElement(content, XS + "extension", base=_type([each.text or "" for each in seen]))
    for key in attributes:
        etree.SubElement(holder, XS + "attribute", name=key, type=_type([each.get(key, "") for each in seen]))


def _type(texts: Sequence[str]) -> str:
    return next((name for name, form in _TYPES.items() if texts and all(map(form.fullmatch, texts))), "xs:string")
