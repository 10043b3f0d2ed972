"""A WSDL as a contract: its operations, the schemas of their messages as files, and its endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.wsdl import ContractUnusable, Operation, Port, read_port
from hub.findings import few
from hub.formats.xml_door import parse_hardened
from hub.onboarding.contract import ContractDraft, Offer, Unusable, laid_out
from hub.onboarding.xml_copy import copy_xml
from hub.onboarding.xsd import declaring, inline_schemas, prefixes

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"


def read_wsdl(path: Path) -> ContractDraft:
    """A WSDL with all that it imports. Raises ``Findings`` (a missing file, by name) and ``Unusable``."""
    files = copy_xml(path)
    roots = {name: parse_hardened(content) for name, content in files.items()}
    if not roots[path.name].tag.startswith(_WSDL):
        raise Unusable(f"{path.name} is not a WSDL 1.1 file")
    wsdls = [root for root in roots.values() if root.tag.startswith(_WSDL)]
    published = prefixes(files.values())
    files |= inline_schemas(path.stem, wsdls, files)
    with laid_out(files) as folder:
        try:
            port = read_port(folder / path.name, folder)
        except ContractUnusable as error:
            raise Unusable(f"{path.name}: {error}") from None
    notes = _notes(wsdls)
    decisions = [f"Operation {name} is left out: {why}." for name, why in port.unusable.items()]
    offers = []
    for name, operation in port.operations.items():
        schema = declaring(operation.input_element, files)
        if schema:
            offers.append(_offer(name, operation, schema, notes.get(name, "")))
        else:
            decisions.append(f"Operation {name}: no XSD declares {operation.input_element}; it is left out.")
    if not offers:
        raise Unusable(f"{path.name}: no operation can be used" + _reasons(port))
    return ContractDraft(
        files, tuple(offers), "soap", port.address, path.name, prefixes=published, decisions=tuple(decisions)
    )


def _reasons(port: Port) -> str:
    """Why, each reason once."""
    if not port.unusable:
        return ": its SOAP port has none that a schema declares"
    by_reason: dict[str, list[str]] = {}
    for name, why in port.unusable.items():
        by_reason.setdefault(why, []).append(name)
    return "".join(f"; {few(names)}: {why}" for why, names in by_reason.items())


def _offer(name: str, operation: Operation, schema: str, note: str) -> Offer:
    answer, answers = operation.output_element or "", operation.answers or ()
    return Offer(name, "xml", schema, operation.input_element, answer, note, answers=answers)


def _notes(wsdls: list[Any]) -> dict[str, str]:
    """Operation to its documentation."""
    found: dict[str, str] = {}
    for root in wsdls:
        for operation in root.iter(_WSDL + "operation"):
            text = operation.findtext(_WSDL + "documentation")
            if text:
                found.setdefault(operation.get("name"), " ".join(text.split()))
    return found
