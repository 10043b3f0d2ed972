"""Mistakes as people make them, planted one at a time into a copy of a correct site, and what must be found.

``mappings/MISTAKES.md`` shows them as a table (a test holds the two together).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Planted:
    """One edit (``old`` becomes ``new`` where it stands first) with the code that tells it.

    ``at``: a text of the line that the finding names (default: the first line of ``new``), in ``found_in`` (default:
    the edited file). ``says``: what its text or hint holds.
    """

    name: str
    file: str
    old: str
    new: str
    code: str
    at: str = ""
    found_in: str = ""
    says: str = ""
    site: Literal["default", "nibrs"] = "default"


PROSECUTION = "mappings/public-prosecution/case-referral.yaml"
DECISION = "mappings/public-prosecution/prosecution-decision.yaml"
SECURITY = "mappings/public-security/case-referral.yaml"
ROWS = "mappings/public-security/case-status.yaml"
EMIRATE = "mappings/emirate/case-referral.yaml"
REPORT = "mappings/police-platform/incident-report.yaml"
PORTAL = "mappings/citizen-portal/incident-report.yaml"
STAGES = "mappings/codes/prosecution-stage.csv"
OFFENCES = "mappings/codes/prosecution-offence.csv"
EMIRATE_AGENCY = "connectors/agencies/emirate/agency.yaml"
EMIRATE_ACCESS = "connectors/agencies/emirate/access.yaml"
PROSECUTION_AGENCY = "connectors/agencies/public-prosecution/agency.yaml"
PROSECUTION_ACCESS = "connectors/agencies/public-prosecution/access.yaml"
MOVEMENTS = "schemas/agencies/public-security/case-status.layout.yaml"
SERVICE = "schemas/agencies/public-prosecution/prosecution-service.xsd"
XSD = "schemas/agencies/public-prosecution/prosecution-types.xsd"
SENDER = "mappings/nibrs-sender/crime-report.yaml"
OFFICE = "mappings/statistics-office/crime-report.yaml"
BUREAU = "mappings/state-records/crime-report.yaml"

PLACES = [
    # Names.
    Planted(
        "misspelt agency path",
        PROSECUTION,
        "pp:ReportNumber",
        "pp:ReprotNumber",
        "unknown-path",
        says="pp:ReportNumber",
    ),
    Planted(
        "misspelt canonical path", PROSECUTION, "  reportNumber:", "  reportNumer:", "unknown-path", says="reportNumber"
    ),
    Planted("misspelt attribute", PROSECUTION, '"@juvenile"', '"@juvenille"', "unknown-path", says="@juvenile"),
    Planted("prefix that is not declared", PROSECUTION, "sex: pp:Sex", "sex: pq:Sex", "unknown-prefix", says="pq"),
    Planted("name without its namespace", PROSECUTION, "sex: pp:Sex", "sex: Sex", "unknown-path", says="pp:Sex"),
    Planted(
        "namespace of another version",
        PROSECUTION_AGENCY,
        'pp: "urn:',
        'pp: "urn:old:',
        "unknown-path",
        at="root: pp:SubmitReferral",
        found_in=PROSECUTION,
    ),
    Planted(
        "unknown key", PROSECUTION, "codes: prosecution-rank", "code: prosecution-rank", "unknown-key", says="codes"
    ),
    Planted("unknown converter", PROSECUTION, "as: date-time", "as: datetime", "unknown-converter", says="date-time"),
    Planted(
        "unknown code table",
        PROSECUTION,
        "codes: prosecution-reason",
        "codes: prosecution-raison",
        "unknown-code-table",
        says="prosecution-reason",
    ),
    Planted(
        "unknown fact of the message",
        PROSECUTION,
        "$message.partner",
        "$message.parter",
        "unknown-source",
        says="partner",
    ),
    Planted("unknown zone", PROSECUTION, "zone: Asia/Riyadh", "zone: Asia/Riad", "bad-option", says="zone"),
    Planted("key that stands twice", PROSECUTION, "  narrative: pp:", "  stage: x\n  narrative: pp:", "duplicate-key"),
    Planted("tab instead of spaces", PROSECUTION, "  narrative: pp:", "\tnarrative: pp:", "bad-yaml"),
    Planted("column that the table does not have", ROWS, "الرقم العسكري", "رقم عسكري", "unknown-path"),
    # Coverage.
    Planted(
        "field of the message that is not written",
        PROSECUTION,
        "  sealed: pp:Referral/pp:Sealed\n",
        "",
        "unwritten-field",
        at="message:",
        says="sealed",
    ),
    Planted("drop without a reason", PROSECUTION, 'recipients: "routing"', 'recipients: ""', "bad-value"),
    Planted(
        "drop that is taken away",
        PROSECUTION,
        '  classification: "stands in the header, the highest label of all parts"\n',
        "",
        "unwritten-field",
        at="message:",
        says="classification",
    ),
    Planted(
        "field of an item that is not written",
        PROSECUTION,
        "      law: pp:LegalBasis\n",
        "",
        "unwritten-field",
        at="    at: pp:Referral/pp:Charges/pp:Charge",
        says="charges[].law",
    ),
    Planted(
        "field of the agency's that is not read",
        DECISION,
        "  text: pp:Decision/pp:Text\n",
        "",
        "unread-field",
        at="  decisionNumber:",
        says="pp:Text",
    ),
    Planted(
        "column that is not read", ROWS, "  note: ملاحظات\n", "", "unread-field", at="root: rows[]", says="ملاحظات"
    ),
    Planted(
        "field that one of several links leaves out",
        SECURITY,
        "          nationality: {at: ps:NatCd, codes: security-country}\n",
        "",
        "unwritten-field",
        at="      personId:",
        says="complainants[].personId",
    ),
    Planted(
        "the same on another site",
        OFFICE,
        "          age.stage: {at: VictimAgeText, codes: nibrs-age}\n",
        "",
        "unwritten-field",
        at="      personId:",
        says="age.stage",
        site="nibrs",
    ),
    Planted(
        "ignore that is taken away",
        SENDER,
        "ignores:\n",
        "ignores:\n  never/there: x\n#",
        "unread-field",
        at="      time: {at: cjis",
        site="nibrs",
    ),
    # Required places.
    Planted(
        "required place that nothing writes",
        PROSECUTION,
        "pp:Referral/pp:ReferralNumber\n",
        "pp:Referral/pp:Summary\n",
        "missing-required",
        at="  referralNumber:",
        says="ReferralNumber",
    ),
    Planted(
        "required field that nothing reads",
        DECISION,
        "  text: pp:Decision/pp:Text\n",
        "",
        "missing-required",
        at="message:",
        says="text",
    ),
    Planted(
        "required place with an optional source",
        PROSECUTION,
        "  referralNumber: pp:Referral/pp:ReferralNumber\n  caseNumber: pp:Referral/pp:CaseNumber\n"
        "  reportNumber: pp:Referral/pp:ReportNumber\n",
        "  reportNumber: pp:Referral/pp:ReferralNumber\n  caseNumber: pp:Referral/pp:CaseNumber\n"
        "  referralNumber: pp:Referral/pp:ReportNumber\n",
        "missing-required",
    ),
    Planted(
        "required place under a condition",
        PROSECUTION,
        "stage: {at: pp:Referral/pp:Stage,",
        "stage: {at: pp:Referral/pp:Stage, unless: reportNumber,",
        "missing-required",
    ),
    Planted(
        "required place that a grant withholds",
        PROSECUTION_ACCESS,
        "except: [officer.phone, recipients]",
        "except: [officer.phone, recipients, referralNumber]",
        "missing-required",
        at="referralNumber:",
        found_in=PROSECUTION,
    ),
    Planted(
        "place that the agency now requires",
        XSD,
        'name="Occupation" type="pp:ShortText" minOccurs="0"',
        'name="Occupation" type="pp:ShortText"',
        "missing-required",
        at="occupation:",
        found_in=PROSECUTION,
    ),
    Planted(
        "one value from a list",
        PROSECUTION,
        "  reportNumber: pp:Referral/pp:ReportNumber",
        "  reportNumber: pp:Referral/pp:Persons/pp:Person/pp:Mobile",
        "cardinality",
        says="pick: first",
    ),
    Planted(
        "no word on items that nothing links to",
        REPORT,
        'unlinked:\n  "persons[]": {drops: "the platform keeps persons in roles; one without has no place there"}\n',
        "",
        "unlinked",
        at="      personId:",
        says="persons[]: refuse",
    ),
    Planted(
        "list key without []", PROSECUTION, "  charges[]:", "  charges:", "unknown-key", at='    id: "@id"', says="id"
    ),
    Planted(
        "list into one place",
        SERVICE,
        'name="Charge" type="pp:ChargeType" maxOccurs="unbounded"',
        'name="Charge" type="pp:ChargeType"',
        "too-many",
        at="    at: pp:Referral/pp:Charges/pp:Charge",
        found_in=PROSECUTION,
        says="room for 1",
    ),
    Planted(
        "more items than there is room for",
        SECURITY,
        "identifiers[]: {too-many: drop, fields",
        "identifiers[]: {fields",
        "too-many",
    ),
    Planted("fewer slots than items", OFFICE, "    too-many: refuse\n", "", "too-many", at="    fields:", site="nibrs"),
    Planted(
        "object where a value is wanted",
        PROSECUTION,
        "narrative: pp:Referral/pp:Summary",
        "narrative: pp:Referral/pp:Station",
        "type-mismatch",
    ),
]
