"""The default site, with an agency that also sends what it takes: batches of reports in XML, without end; and such
batches, and daily files of movements."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

from tests.whole_hub.running import ROOT, copy_site

SENDER = "public-security"
DROPPER = "traffic"
REPORTS = "incident-report"
MOVEMENTS = "case-status"
_UNREAD = """ignores:
  ps:Prs/ps:CstCd: of the accused
  ps:RsnCd: of referrals
  ps:RefNo: of referrals
  ps:StgCd: of referrals
"""
_TAKEN = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:reply"
  elementFormDefault="qualified"><xs:element name="Taken"><xs:complexType><xs:sequence>
  <xs:element name="No" type="xs:string"/></xs:sequence></xs:complexType></xs:element></xs:schema>"""
_WSDL = """<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:ps="urn:public-security:case-batch:3" xmlns:r="urn:reply"
  xmlns:t="urn:intake" targetNamespace="urn:intake">
<types><xs:schema><xs:import namespace="urn:public-security:case-batch:3" schemaLocation="case-batch.xsd"/>
  <xs:import namespace="urn:reply" schemaLocation="reply.xsd"/></xs:schema></types>
<message name="In"><part name="p" element="ps:CaseBatch"/></message>
<message name="Out"><part name="p" element="r:Taken"/></message>
<portType name="Port"><operation name="Submit"><input message="t:In"/><output message="t:Out"/></operation></portType>
<binding name="B" type="t:Port"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
  <operation name="Submit"><soap:operation soapAction=""/><input><soap:body use="literal"/></input>
  <output><soap:body use="literal"/></output></operation></binding>
<service name="S"><port name="P" binding="t:B"><soap:address location="http://127.0.0.1/"/></port></service>
</definitions>"""


def large_site(folder: Path, batch: str = "each") -> Path:
    """``batch``: whether one bad report refuses all of its document."""
    change: dict[str, Any] = {
        "namespaces": {"r": "urn:reply"},
        "documents": {REPORTS: {"batch": batch}},
        "accepts": {
            "rest": {"credential": "api-key", "types": [REPORTS, MOVEMENTS]},
            "file": {"types": {"*.csv": MOVEMENTS, "*.xml": REPORTS}},
            "soap": {
                "wsdl": "batch.wsdl",
                "user": "ps",
                "credential": "api-key",
                "operations": {"ps:CaseBatch": REPORTS},
                "replies": {"ps:CaseBatch": {"root": "r:Taken", "fields": {"r:No": "$receipt.id"}}},
            },
        },
    }
    copy_site(folder, {SENDER: change})
    contracts, agency = folder / "schemas" / "agencies" / SENDER, folder / "connectors" / "agencies" / SENDER
    (contracts / "reply.xsd").write_text(_TAKEN)
    (contracts / "batch.wsdl").write_text(_WSDL)
    xsd = contracts / "case-batch.xsd"
    xsd.write_text(
        xsd.read_text().replace('type="ps:CaseType" maxOccurs="500"', 'type="ps:CaseType" maxOccurs="unbounded"')
    )
    access = yaml.load((agency / "access.yaml").read_text(), yaml.BaseLoader)
    access["grants"].append({"rule": "PS-9", "may": "send", "type": REPORTS})
    (agency / "access.yaml").write_text(yaml.safe_dump(access, allow_unicode=True, sort_keys=False))
    with (folder / "mappings" / SENDER / f"{REPORTS}.yaml").open("a") as mapping:
        mapping.write(_UNREAD)
    return folder


def reports(count: int, wrong: Collection[int] = (), first: int = 0) -> bytes:
    """A batch of so many reports, each with its own number; those in ``wrong`` have no valid time."""
    example = ROOT / "mappings" / SENDER / "examples" / "report-at-a-station" / "output.xml"
    head, _, rest = example.read_text().partition("  <ps:Case>")
    record, _, tail = rest.partition("</ps:Case>\n")
    written = [head]
    for number in range(count):
        text = record.replace("1448-RM-0000451", f"1448-RM-{first + number:07}")
        if number in wrong:
            text = text.replace("<ps:RcvDtTm>20260620084000<", "<ps:RcvDtTm>morning<")
        written.append(f"  <ps:Case>{text}</ps:Case>\n")
    return "".join((*written, tail)).encode()


def accidents(count: int, wrong: Collection[int] = (), first: int = 0) -> bytes:
    """A file of so many lines of fixed width between header and trailer; those in ``wrong`` are a character short."""
    example = ROOT / "mappings" / DROPPER / "examples" / "accidents-of-a-day" / "input.txt"
    header, row, _, trailer, end = example.read_bytes().decode("cp1256").split("\r\n")
    rows = [
        row.replace("1448-RM-0007001", f"1448-RM-{first + number:07}")[: -1 if number in wrong else None]
        for number in range(count)
    ]
    return "\r\n".join([header, *rows, f"T{count:06}{trailer[7:]}", end]).encode("cp1256")


def movements(count: int, wrong: Collection[int] = (), first: int = 700_000) -> bytes:
    """A daily file of so many rows, each with its own number; those in ``wrong`` name no valid case."""
    example = ROOT / "mappings" / SENDER / "examples" / "daily-movements" / "input.csv"
    header, row, *_ = example.read_bytes().decode("cp1256").split("\r\n")
    rows = [
        row.replace("700001", str(first + number)).replace(
            "1448-MK-0001234", "1448/1234" if number in wrong else f"1448-MK-{number:07}"
        )
        for number in range(count)
    ]
    return "\r\n".join([header, *rows, ""]).encode("cp1256")
