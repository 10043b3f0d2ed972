"""Memory: parcels stay in a list of this process. For tests and dry runs; nothing is sent anywhere."""

from __future__ import annotations

from pathlib import Path

from connectors.base import Features, Partner
from connectors.options import read_options
from hub.definition import Reading, Record
from hub.findings import Finding, Findings
from hub.message import Outbound, Outcome, Result
from hub.site.agency import Agency, Way

KEYS = Record({})


def check_options(agency: Agency, way: Way, contracts: Path) -> list[Finding]:
    """Memory has no options, so any is a mistake."""
    reading = Reading(agency.file_name)
    read_options(KEYS, way, reading)
    return reading.findings


class MemoryConnector:
    """See ``connectors.base.Connector``. ``taken`` holds what was delivered, in order; ``answer`` is given next."""

    features = Features(batches=True)

    def __init__(self, partner: Partner) -> None:
        findings = check_options(partner.agency, partner.way, Path())
        if findings:
            raise Findings(findings)
        self.taken: list[Outbound] = []
        self.answer = Outcome(Result.DELIVERED)

    async def open(self) -> None:
        """Nothing is long-lived here."""

    async def close(self) -> None:
        """Nothing to release; ``taken`` stays."""

    async def send(self, outbound: Outbound, timeout_s: float) -> Outcome:
        if self.answer.result is Result.DELIVERED:
            self.taken.append(outbound)
        return self.answer
