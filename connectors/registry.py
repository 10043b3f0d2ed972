"""Which connector serves which transport, and the check of what an agency asks of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors import file, memory, rest, soap, soap_options
from connectors.base import Connector, Partner
from hub.agency import Agency, Way
from hub.findings import Finding


@dataclass(frozen=True, slots=True)
class Transport:
    """``make`` raises ``Findings`` for what only a deployment can get wrong; ``check`` finds what a site can."""

    make: Callable[[Partner], Connector]
    check: Callable[[Agency, Way, Path], list[Finding]]


CONNECTORS: Mapping[str, Transport] = {
    "rest": Transport(rest.RestConnector, rest.check_options),
    "soap": Transport(soap.SoapConnector, soap_options.check_options),
    "file": Transport(file.FileConnector, file.check_options),
    "memory": Transport(memory.MemoryConnector, memory.check_options),
}


def check_ways(agencies: Mapping[str, Agency], contracts_of: Callable[[str], Path]) -> list[Finding]:
    """Every mistake in the connectors' own keys of all agencies of a site."""
    found: list[Finding] = []
    for agency in agencies.values():
        if agency.way is not None:
            found += CONNECTORS[agency.way.transport].check(agency, agency.way, contracts_of(agency.name))
    return found
