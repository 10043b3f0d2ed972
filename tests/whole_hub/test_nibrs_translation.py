"""The FBI's NIBRS samples through the example site's contracts and mappings: read, refused, and written back."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from hub.errors import HubError
from hub.mapping.codes import load_codes
from hub.mapping.mapping import Mapping, WriteRecord, load_mapping
from hub.message import Canonical, Received
from hub.pipeline.translate import Dialect, translate_in
from hub.site.site import Site, load_site

SITE = Path(__file__).parents[1] / "sites" / "nibrs"
TYPE = "crime-report"
GOOD = ("AllFields", "GroupAIncident", "IncidentDelete", "GroupBArrest", "GroupBArrestDelete", "ZeroReport")
NIEM = "{http://release.niem.gov/niem/niem-core/3.0/}"
SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"


def sample(name: str) -> bytes:
    return (SITE / "samples" / f"nibrs_{name}.xml").read_bytes()


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(SITE)


@pytest.fixture(scope="module")
def both_ways(site: Site) -> Mapping:
    """The sender's mapping with its way back, which no grant of the site uses."""
    dialect = site.dialects["nibrs-sender", TYPE]
    name = f"mappings/nibrs-sender/{TYPE}.yaml"
    codes = load_codes(SITE / "mappings/codes", "mappings/codes")
    directions = frozenset({"read", "write"})
    return load_mapping(SITE / name, name, dialect.agency, dialect.contract, dialect.type.shape, codes, directions)


def read(site: Site, body: bytes) -> Canonical:
    received = Received("nibrs-sender", TYPE, "rest", body, 1_700_000_000.0)
    inward = translate_in(site.dialects["nibrs-sender", TYPE], received, lambda: "m1")
    assert not inward.refusals
    return inward.messages[0]


def refusal(site: Site, body: bytes) -> HubError:
    with pytest.raises(HubError) as caught:
        read(site, body)
    return caught.value


def content(document: bytes) -> list[object]:
    """A document as nested lists: without comments, layout and schemaLocation; spellings of one date in any order."""
    root = etree.fromstring(document, etree.XMLParser(remove_comments=True))
    root.attrib.pop(SCHEMA_LOCATION, None)
    return _element(root)


def _element(element: etree._Element) -> list[object]:
    children = [_element(child) for child in element]
    if any(child.tag == f"{NIEM}Date" for child in element):
        children.sort(key=str)
    return [element.tag, sorted(element.attrib.items()), (element.text or "").strip(), children]


@pytest.mark.parametrize("name", GOOD)
def test_a_sample_is_read_and_written_back_as_the_same_valid_document(
    site: Site, both_ways: Mapping, name: str
) -> None:
    """Reading an official sample and writing what was read gives the same document, valid by the FBI's own schema."""
    body = sample(f"{name}_Sample")
    dialect: Dialect = site.dialects["nibrs-sender", TYPE]
    records = both_ways.read(dialect.contract.parse(body).tree)
    assert [record.problems for record in records] == [()]
    again = dialect.contract.render(both_ways.write([WriteRecord(records[0].data, {})], {}).document)
    assert content(again) == content(body)


@pytest.mark.parametrize("name", GOOD)
def test_what_was_written_reads_back_as_the_same_message(site: Site, both_ways: Mapping, name: str) -> None:
    """The law of mappings holds for every sample: read(write(c)) == c."""
    contract = site.dialects["nibrs-sender", TYPE].contract
    message = read(site, sample(f"{name}_Sample")).data
    again = contract.render(both_ways.write([WriteRecord(message, {})], {}).document)
    assert both_ways.read(contract.parse(again).tree)[0].data == message


def test_an_incident_arrives_with_all_its_parts_and_their_links(site: Site) -> None:
    """Every segment of the fullest sample is in the canonical message, in words, linked by ids."""
    report = read(site, sample("AllFields_Sample")).data
    assert (report["kind"], report["action"], report["reportingAgency"]) == ("incident", "initial", "WVNDX0100")
    assert report["incident"] == {
        "number": "54236732",
        "occurred": {"date": "2016-02-19", "time": "2016-02-19T10:00:00", "month": "1999-01"},
        "reportDateUsed": False,
        "cargoTheft": True,
        "clearance": "death-of-offender",
        "cleared": "2016-02-25",
    }
    assert report["offences"] == [
        {
            "id": "Offense1",
            "code": "motor-vehicle-theft",
            "attempted": True,
            "activities": ["none-or-unknown"],
            "biases": ["none"],
            "premisesEntered": "1",
            "factors": ["not-applicable"],
            "entry": "force",
            "forces": ["firearm-automatic"],
            "locationIds": ["Location1"],
        }
    ]
    assert report["locations"] == [{"id": "Location1", "category": "cyberspace"}]
    assert [item["status"] for item in report["items"]] == [
        "none",
        "burned",
        "counterfeited",
        "destroyed",
        "recovered",
        "recovered",
        "recovered",
    ]
    assert report["items"][6]["category"] == "automobile"
    assert report["items"][6]["quantity"] == "41"
    assert report["items"][1]["valued"] == {"date": "2016-02-24", "time": "2017-03-23T03:00:00"}
    assert report["substances"][0]["drug"] == "over-3-drug-types"
    assert report["substances"][0]["amount"] == "1.5"
    assert [person["age"] for person in report["persons"]] == [
        {"years": 32},
        {"stage": "baby"},
        {"youngest": 25, "oldest": 30},
        {"years": 25},
    ]
    assert report["victims"][0]["category"] == "law-enforcement-officer"
    assert report["victims"][1]["offenceIds"] == ["Offense1"]
    assert report["officers"] == [
        {
            "personId": report["victims"][0]["personId"],
            "duty": "traffic-stop",
            "assignment": "one-officer-vehicle-alone",
            "unit": "WVNDX01",
        }
    ]
    assert report["subjects"] == [{"id": "Subject1", "personId": "PersonSubject1", "number": "1"}]
    assert report["arrestees"][0]["armedWith"] == ["handgun", "rifle-automatic"]
    assert report["arrests"] == [
        {
            "id": "Arrest1",
            "number": "12345",
            "date": "2016-02-28",
            "charge": "human-trafficking-commercial-sex-acts",
            "category": "on-view",
            "arresteeIds": ["Arrestee1"],
        }
    ]
    assert [(tie["victimId"], tie["relationship"]) for tie in report["relationships"]] == [
        ("Victim1", "acquaintance"),
        ("Victim2", "stranger"),
    ]


def test_a_withdrawal_is_only_the_name_of_what_is_withdrawn(site: Site) -> None:
    """A delete arrives as action delete with the incident's number, and is no incident without offences."""
    report = read(site, sample("IncidentDelete_Sample")).data
    assert (report["kind"], report["action"]) == ("incident", "delete")
    assert report["incident"] == {"number": "020160005029", "occurred": {"time": "2016-02-16T10:00:00"}}
    assert not {"offences", "victims", "persons"} & report.keys()


def test_an_arrest_without_an_incident_is_a_report_of_its_own_kind(site: Site) -> None:
    """A Group B arrest has arrestee and arrest, no incident; its withdrawal names the same arrest."""
    added = read(site, sample("GroupBArrest_Sample"))
    withdrawn = read(site, sample("GroupBArrestDelete_Sample"))
    assert (added.data["kind"], added.data["action"]) == ("arrest", "add")
    assert "incident" not in added.data
    assert added.data["arrests"][0]["charge"] == "all-other-offenses"
    assert (withdrawn.data["kind"], withdrawn.data["action"]) == ("arrest", "delete")
    assert added.subject == withdrawn.subject == "WVNDX0100/12345"


def test_a_zero_report_is_about_a_month_of_an_agency(site: Site) -> None:
    """A zero report's subject is the reporting agency and its month."""
    zero = read(site, sample("ZeroReport_Sample"))
    assert (zero.data["kind"], zero.data["month"]) == ("nothing-to-report", "2016-02")
    assert zero.subject == "WVNDX0100/2016-02"


def test_one_message_number_for_many_reports_names_many_messages(site: Site) -> None:
    """Five samples carry the message number 123456, and no two of the six have the same identity."""
    messages = [read(site, sample(f"{name}_Sample")) for name in GOOD]
    assert [message.data["message"]["id"] for message in messages].count("123456") == 5
    assert len({message.identity for message in messages}) == 6


def test_a_document_that_is_not_well_formed_is_refused_with_its_line(site: Site) -> None:
    """The sample with a comment before its XML declaration is refused, and the error names line 18."""
    error = refusal(site, sample("GroupAReplace_Sample"))
    assert error.code.name == "malformed"
    assert [problem.line for problem in error.problems] == [18]


@pytest.mark.parametrize(("name", "line"), [("GroupAIncident_Sample-HI", 245), ("GroupAReplace_Sample-HI", 244)])
def test_a_states_extension_is_refused_with_line_and_element(site: Site, name: str, line: int) -> None:
    """An element that the base schema does not allow is refused, and the error names its line and the element."""
    error = refusal(site, sample(name))
    assert error.code.name == "schema-violation"
    assert error.problems[0].line == line
    assert "PersonRaceCode" in f"{error.problems[0].path} {error.problems[0].text}"


def test_the_sample_that_is_not_well_formed_is_a_good_report_once_mended(site: Site) -> None:
    """Without the comment the replacement is read: action replace, place at a lake."""
    body = sample("GroupAReplace_Sample")
    report = read(site, body[body.index(b"<?xml") :]).data
    assert report["action"] == "replace"
    assert report["locations"][0]["category"] == "lake-waterway-beach"


def test_a_code_outside_the_list_is_refused_in_the_senders_terms(site: Site) -> None:
    """An offence code that NIBRS does not have is refused with the element and its line."""
    body = sample("AllFields_Sample").replace(b">240<", b">24X<")
    problem = refusal(site, body).problems[0]
    assert problem.line == body[: body.index(b">24X<")].count(b"\n") + 1
    assert "OffenseUCRCode" in f"{problem.path} {problem.text}"


def test_a_reference_to_nothing_is_refused_in_the_senders_terms(site: Site) -> None:
    """A victim whose person is not in the report is refused, although the schema's grammar allows it."""
    body = sample("AllFields_Sample").replace(b's:ref="PersonVictim2"', b's:ref="PersonNobody"')
    error = refusal(site, body)
    assert error.problems[0].line == body[: body.index(b"PersonNobody")].count(b"\n") + 1
