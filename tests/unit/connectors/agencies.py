"""An agency, its way and a parcel for the connectors' tests."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from connectors.base import Partner
from hub.marked import Table, parse
from hub.message import Classification, Envelope, Outbound
from hub.site.agency import Agency, Batch, Breaker, DocumentDefinition, Retry, Way

CONTRACTS = Path(__file__).parent / "contracts"
EXCHANGE = "urn:example:exchange:1"
SECRETS = {"hub-key": "geheim", "hub-password": "geheim & <sicher>"}
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def agency(transport: str, endpoint: str, options: str = "") -> Agency:
    """An agency whose ``delivers.options`` are this YAML text."""
    table: Any = parse(options, "options") if options else Table()
    way = Way(transport, endpoint, table, 10.0, 8, Retry(), Breaker(), Batch(), "block", 1)
    documents = {
        "case-referral": DocumentDefinition("case-referral", "xml", "exchange.xsd", "all", 1),
        "case-status": DocumentDefinition("case-status", "json", "status.json", "all", 1),
    }
    label = Classification.SECRET
    return Agency(
        "north",
        {},
        label,
        label,
        {"ex": EXCHANGE},
        documents,
        None,
        None,
        None,
        way,
        "connectors/agencies/north/agency.yaml",
    )


def partner(transport: str, endpoint: str, options: str = "") -> Partner:
    return Partner(agency(transport, endpoint, options), endpoint, SECRETS, CONTRACTS)


def parcel(type: str, body: bytes, media_type: str) -> Outbound:
    envelope = Envelope(
        id="0190b6a0-0000-7000-8000-000000000001",
        message_id="0190b6a0-0000-7000-8000-00000000000a",
        source="station",
        type=type,
        subject="12/34",
        time="2024-05-01T08:00:00Z",
        classification=Classification.RESTRICTED,
        case_key="0190b6a0-0000-7000-8000-0000000000cc",
        sequence=3,
        trace=TRACE,
    )
    return Outbound(envelope.id, "north", type, body, media_type, hashlib.sha256(body).hexdigest(), (envelope,), 1)


REFERRAL = parcel(
    "case-referral",
    f'<SubmitReferral xmlns="{EXCHANGE}"><CaseNumber>12/34 قضية</CaseNumber></SubmitReferral>'.encode(),
    "application/xml",
)
STATUS = parcel("case-status", '{"caseNumber": "12/34", "note": "قضية"}'.encode(), "application/json")
