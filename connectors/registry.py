"""Which connector serves which transport."""

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
    """``make`` gives the way out to one partner; ``check`` finds the mistakes in the connector's own keys of a site."""

    make: Callable[[Partner], Connector]
    check: Callable[[Agency, Way, Path], list[Finding]]


CONNECTORS: Mapping[str, Transport] = {
    "rest": Transport(rest.RestConnector, rest.check_options),
    "soap": Transport(soap.SoapConnector, soap_options.check_options),
    "file": Transport(file.FileConnector, file.check_options),
    "memory": Transport(memory.MemoryConnector, memory.check_options),
}
