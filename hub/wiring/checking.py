"""The whole check of a site: what the engine finds, and what only connectors and the served contracts know."""

from __future__ import annotations

from pathlib import Path

from connectors.registry import CONNECTORS
from connectors.soap_options import input_elements
from hub.findings import Finding, Findings
from hub.site.agency import Agency
from hub.site.site import Site, load_site
from hub.web.wsdl import check_served


def load_checked_site(folder: Path) -> Site:
    """A site that a hub can run; raises ``Findings`` with every mistake."""
    site = load_site(folder)
    findings = [finding for agency in site.agencies.values() for finding in _of_transports(site, agency)]
    if findings:
        raise Findings(findings)
    return site


def _of_transports(site: Site, agency: Agency) -> list[Finding]:
    contracts, found = site.contracts_of(agency.name), []
    if agency.soap is not None:
        found += check_served(agency, agency.soap, contracts)
    if agency.way is not None:
        found += CONNECTORS[agency.way.transport].check(agency, agency.way, contracts)
        if agency.way.transport == "soap" and not found:
            found += _other_elements(site, agency, input_elements(agency, agency.way, contracts))
    return found


def _other_elements(site: Site, agency: Agency, inputs: dict[str, str]) -> list[Finding]:
    """Mappings that write another element than the operation takes, and granted types without an operation."""
    found = []
    for grant in site.grants.all:
        if grant.agency != agency.name or grant.may != "receive" or grant.type in inputs:
            continue
        text = f"{grant.type!r} is granted, but delivers.options.operations names no operation for it"
        found.append(Finding("missing-operation", grant.file, grant.line, text))
    for type, element in inputs.items():
        dialect = site.dialects.get((agency.name, type))
        written = dialect.mapping.root_element if dialect else None
        if written is not None and written != element:
            name = f"mappings/{agency.name}/{type}.yaml"
            found.append(Finding("wrong-element", name, 1, f"it writes {written}, the operation takes {element}"))
    return found
