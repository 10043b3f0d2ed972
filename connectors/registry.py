"""Which connector serves which transport."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors import file, mailbox, memory, rest, soap, soap_options
from connectors.base import Connector, Partner
from hub.definition import Record
from hub.findings import Finding
from hub.site.agency import Agency, Way


@dataclass(frozen=True, slots=True)
class Transport:
    """``make`` gives the way out to one partner; ``keys`` are its options, ``check`` finds mistakes in them.

    Without ``make`` there is none: the agency fetches.
    """

    make: Callable[[Partner], Connector] | None
    check: Callable[[Agency, Way, Path], list[Finding]]
    keys: Record


CONNECTORS: Mapping[str, Transport] = {
    "rest": Transport(rest.RestConnector, rest.check_options, rest.KEYS),
    "soap": Transport(soap.SoapConnector, soap_options.check_options, soap_options.KEYS),
    "file": Transport(file.FileConnector, file.check_options, file.KEYS),
    "mailbox": Transport(None, mailbox.check_options, mailbox.KEYS),
    "memory": Transport(memory.MemoryConnector, memory.check_options, memory.KEYS),
}
