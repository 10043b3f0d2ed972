"""The FBI's samples through the whole hub: six reports arrive in three agencies' own forms, three files are refused."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.whole_hub.nibrs_round import Round, drop, play

RECORDS = "{urn:example:state-records:v1}"
GOOD = ("AllFields", "GroupAIncident", "IncidentDelete", "GroupBArrest", "GroupBArrestDelete", "ZeroReport")
BAD = ("GroupAReplace_Sample", "GroupAIncident_Sample-HI", "GroupAReplace_Sample-HI")

Arrived = dict[tuple[str, str], bytes]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Round:
    """All nine files sent to a running hub, the refused ones last; then one of them again."""
    names = [*(f"{name}_Sample" for name in GOOD), *BAD, "ZeroReport_Sample"]
    return asyncio.run(play(tmp_path_factory.mktemp("nibrs"), names))


@pytest.fixture(scope="module")
def arrived(played: Round) -> Arrived:
    return played.arrived


def filing(arrived: Arrived, name: str) -> Any:
    """What the records bureau's service was called with."""
    envelope = etree.fromstring(arrived[f"{name}_Sample", "state-records"])
    return envelope.find(f".//{RECORDS}FileReport")


def analysis(arrived: Arrived, name: str) -> Any:
    """What the analysis center's service was posted."""
    return json.loads(arrived[f"{name}_Sample", "analysis-center"])


def lines(arrived: Arrived, name: str) -> list[dict[str, str]]:
    """The filled cells of each line that the statistics office got."""
    text = arrived[f"{name}_Sample", "statistics-office"].decode("windows-1252")
    return [
        {column: cell for column, cell in row.items() if cell}
        for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    ]


def attributes(element: Any, path: str) -> list[dict[str, str]]:
    """The attributes of every element at a path of the bureau's filing."""
    return [dict(found.attrib) for found in element.findall("/".join(RECORDS + step for step in path.split("/")))]


def texts(element: Any, path: str) -> list[str]:
    return [found.text for found in element.findall("/".join(RECORDS + step for step in path.split("/")))]


def test_the_bureau_is_called_with_the_incident_in_its_own_form(arrived: Arrived) -> None:
    """SOAP: crimes with place and means, people inside their roles, the bureau's own codes for kind, action and sex."""
    report = filing(arrived, "AllFields")
    assert dict(report.attrib) == {"about": "EVENT", "do": "OPEN"}
    assert texts(report, "Filing/Agency") == ["WVNDX0100"]
    assert texts(report, "Event/Number") == ["54236732"]
    assert texts(report, "Event/Happened/At") == ["2016-02-19T10:00:00"]
    assert attributes(report, "Event/Crime") == [{"key": "Offense1", "ucr": "240", "attempt": "true"}]
    assert texts(report, "Event/Crime/Place") == ["58"]
    assert texts(report, "Event/Crime/Means") == ["11A"]
    assert len(attributes(report, "Event/Property")) == 7
    assert attributes(report, "Event/Drug")[0]["kind"] == "X"
    assert [victim["kind"] for victim in attributes(report, "Victim")] == ["L", "I"]
    assert attributes(report, "Victim/Human")[0] == {"sex": "1", "race": "B", "resident": "R"}
    assert attributes(report, "Victim/Human/Age") == [{"years": "32"}, {"stage": "BABY"}]
    assert attributes(report, "Victim/SufferedFrom") == [{"crime": "Offense1"}] * 2
    assert attributes(report, "Suspect/Human/Age") == [{"from": "25", "to": "30"}]
    assert texts(report, "Detainee/Carried") == ["12", "13A"]
    assert attributes(report, "Arrest") == [{"number": "12345", "on": "2016-02-28", "for": "64A", "how": "O"}]
    assert attributes(report, "Arrest/Of") == [{"detainee": "Arrestee1"}]
    assert attributes(report, "Relation") == [
        {"victim": "Victim1", "suspect": "Subject1", "is": "Acquaintance"},
        {"victim": "Victim2", "suspect": "Subject1", "is": "Stranger"},
    ]


def test_the_center_is_posted_the_incident_in_words(arrived: Arrived) -> None:
    """REST: offences and losses inside the event, arrested persons inside their arrest, words and JSON numbers."""
    report = analysis(arrived, "AllFields")
    assert report["report"] == {
        "type": "incident",
        "operation": "create",
        "agency": "WVNDX0100",
        "period": "2016-02",
    }
    event = report["event"]
    assert event["offenses"] == [
        {
            "id": "Offense1",
            "ucr": "240",
            "attempted": True,
            "weapons": ["firearm-automatic"],
            "bias": ["none"],
            "under": ["not-applicable"],
            "activity": ["none-or-unknown"],
            "forcedEntry": True,
            "premises": 1,
            "places": [{"kind": "cyberspace"}],
        }
    ]
    assert event["losses"][6] == {
        "what": "automobile",
        "how": "recovered",
        "usd": 12000,
        "pieces": 41,
        "day": "2016-02-24",
    }
    assert event["drugs"][0]["amount"] == 1.5
    assert [victim["person"] for victim in report["people"]["victims"]] == [
        {"sex": "male", "age": 32},
        {"sex": "male", "stage": "baby"},
    ]
    assert report["people"]["victims"][1]["offenses"] == ["Offense1"]
    assert report["people"]["suspects"][0]["person"] == {"sex": "female", "ageFrom": 25, "ageTo": 30}
    assert report["arrests"] == [
        {
            "number": "12345",
            "day": "2016-02-28",
            "charge": "64A",
            "manner": "on-view",
            "arrested": [
                {"sequence": "1", "armedWith": ["handgun", "rifle-automatic"], "person": {"sex": "female", "age": 25}}
            ],
        }
    ]


def test_the_office_gets_a_line_for_each_victim(arrived: Arrived) -> None:
    """Files: two victims are two lines, which repeat the offence, the subject and the arrest in FBI codes."""
    first, second = lines(arrived, "AllFields")
    assert (first["Kind"], first["Action"], first["Agency"], first["Incident"]) == ("A", "I", "WVNDX0100", "54236732")
    assert (first["Offence1"], first["Offence1Done"]) == ("240", "A")
    assert (first["Subject1"], first["Subject1Sex"]) == ("1", "F")
    assert (first["Subject1AgeFrom"], first["Subject1AgeTo"]) == ("25", "30")
    assert (first["Arrest1"], first["Arrest1Charge"], first["Arrest1How"]) == ("12345", "64A", "O")
    assert (first["Victim"], first["VictimKind"], first["VictimAge"]) == ("1", "L", "32")
    assert (second["Victim"], second["VictimKind"], second["VictimAgeText"]) == ("2", "I", "BABY")
    assert second["Offence1"] == "240"


def test_a_completed_assault_is_no_attempted_theft(arrived: Arrived) -> None:
    """The other incident differs where it should: an assault, completed, with narcotics seized."""
    assert attributes(filing(arrived, "GroupAIncident"), "Event/Crime")[0]["ucr"] == "13A"
    assert analysis(arrived, "GroupAIncident")["event"]["offenses"][0]["attempted"] is False
    assert analysis(arrived, "GroupAIncident")["event"]["drugs"][0] == {
        "drug": "other-narcotics",
        "amount": 1.5,
        "unit": "gram",
        "how": "seized",
        "usd": 12000,
    }
    assert [line["Offence1Done"] for line in lines(arrived, "GroupAIncident")] == ["C", "C"]


def test_a_withdrawn_incident_arrives_as_a_withdrawal(arrived: Arrived) -> None:
    """A delete names the incident and says that it goes, in every form; no offence or person comes with it."""
    report = filing(arrived, "IncidentDelete")
    assert dict(report.attrib) == {"about": "EVENT", "do": "WITHDRAW"}
    assert texts(report, "Event/Number") == ["020160005029"]
    assert not attributes(report, "Event/Crime")
    posted = analysis(arrived, "IncidentDelete")
    assert (posted["report"]["type"], posted["report"]["operation"]) == ("incident", "remove")
    assert posted["event"] == {"number": "020160005029", "clock": "2016-02-16T10:00:00"}
    (line,) = lines(arrived, "IncidentDelete")
    assert (line["Kind"], line["Action"], line["Incident"]) == ("A", "D", "020160005029")
    assert not {"Victim", "Offence1"} & line.keys()


def test_an_arrest_arrives_without_an_incident(arrived: Arrived) -> None:
    """A Group B arrest is an arrest report in every form, with its charge, and has no event."""
    report = filing(arrived, "GroupBArrest")
    assert dict(report.attrib) == {"about": "ARREST", "do": "ADD"}
    assert not texts(report, "Event")
    assert attributes(report, "Arrest")[0]["for"] == "90Z"
    posted = analysis(arrived, "GroupBArrest")
    assert "event" not in posted
    assert posted["arrests"][0]["arrested"][0]["person"] == {"sex": "male", "age": 30}
    (line,) = lines(arrived, "GroupBArrest")
    assert (line["Kind"], line["Arrest1"], line["Arrest1Charge"]) == ("B", "12345", "90Z")


def test_a_withdrawn_arrest_arrives_as_a_withdrawal(arrived: Arrived) -> None:
    """The delete of an arrest names its number and day, and says that it goes."""
    report = filing(arrived, "GroupBArrestDelete")
    assert dict(report.attrib) == {"about": "ARREST", "do": "WITHDRAW"}
    assert attributes(report, "Arrest") == [{"number": "12345", "on": "2016-02-28"}]
    assert analysis(arrived, "GroupBArrestDelete")["report"]["operation"] == "remove"
    assert lines(arrived, "GroupBArrestDelete")[0]["Action"] == "D"


def test_a_month_with_nothing_to_report_arrives_as_that(arrived: Arrived) -> None:
    """A zero report says which agency had nothing in which month; it is no empty incident."""
    report = filing(arrived, "ZeroReport")
    assert dict(report.attrib) == {"about": "NIL", "do": "ADD"}
    assert texts(report, "Filing/Month") == ["2016-02"]
    assert [child.tag for child in report] == [f"{RECORDS}Filing"]
    posted = analysis(arrived, "ZeroReport")
    assert posted.keys() == {"envelope", "report"}
    assert posted["report"] == {"type": "nil", "operation": "create", "agency": "WVNDX0100", "period": "2016-02"}
    (line,) = lines(arrived, "ZeroReport")
    assert {key: value for key, value in line.items() if key != "Delivery"} == {
        "Kind": "0",
        "Action": "A",
        "Agency": "WVNDX0100",
        "Month": "2016-02",
    }


def test_what_is_not_granted_stays_back(arrived: Arrived) -> None:
    """No receiver sees the officer's unit; only the bureau sees race; the center and the office see no residence."""
    bodies = {agency: body for (name, agency), body in arrived.items() if name == "AllFields_Sample"}
    assert all(b"WVNDX01<" not in body and b'WVNDX01"' not in body for body in bodies.values())
    assert b"race" in bodies["state-records"]
    assert not [agency for agency, body in bodies.items() if b"ethnicity" in body.lower()]
    assert b"race" not in bodies["analysis-center"].lower() + bodies["statistics-office"].lower()


def test_five_reports_with_one_message_number_are_five_messages(played: Round) -> None:
    """Each of the six samples got a receipt of its own, though five carry the number 123456."""
    receipts = [played.answers[f"{name}_Sample"][0][1] for name in GOOD]
    assert len({receipt["id"] for receipt in receipts}) == 6
    assert not any(receipt["duplicate"] for receipt in receipts)


def test_a_file_that_is_not_well_formed_is_refused_with_its_line(played: Round) -> None:
    """The sender is told line 18, and nothing of the file is delivered."""
    status, problem = played.answers["GroupAReplace_Sample"][0]
    assert (status, problem["code"]) == (400, "malformed")
    assert problem["problems"][0]["line"] == 18


@pytest.mark.parametrize(("name", "line"), [("GroupAIncident_Sample-HI", 245), ("GroupAReplace_Sample-HI", 244)])
def test_a_states_extension_is_refused_with_line_and_element(played: Round, name: str, line: int) -> None:
    """The sender is told the line and the element that the schema does not allow."""
    status, problem = played.answers[name][0]
    assert (status, problem["code"]) == (422, "schema-violation")
    assert problem["problems"][0]["line"] == line
    assert problem["problems"][0]["path"].endswith(":PersonRaceCode")


def test_the_same_report_again_is_the_same_receipt(played: Round) -> None:
    """A report sent twice gets the stored receipt, marked as a duplicate."""
    (first, receipt), (second, again) = played.answers["ZeroReport_Sample"]
    assert (first, second) == (202, 202)
    assert again == {**receipt, "duplicate": True}


def test_files_end_beside_the_same_receipts_and_refusals(tmp_path: Path) -> None:
    """Dropped as files, what is good ends in accepted/, the rest in rejected/ with the line that is wrong."""
    ends = asyncio.run(drop(tmp_path, ["IncidentDelete_Sample", *BAD]))
    end, receipt = ends["IncidentDelete_Sample"]
    assert (end, receipt["receipts"][0]["subject"]) == ("accepted", "WVNDX0100/020160005029")
    assert {name: (ends[name][0], ends[name][1]["problems"][0]["line"]) for name in BAD} == {
        "GroupAReplace_Sample": ("rejected", 18),
        "GroupAIncident_Sample-HI": ("rejected", 245),
        "GroupAReplace_Sample-HI": ("rejected", 244),
    }
