"""What comes in by one transport goes out by the others: what is granted, in order, in parcels, all in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
import pytest
from lxml import etree

from connectors.conformance import Behaviour
from hub.store.views import DeliveryView
from tests.whole_hub.events import new_case, send_event
from tests.whole_hub.running import ROOT, Running, until

EXAMPLES = ROOT / "mappings"
REFERRAL = (EXAMPLES / "police-platform/examples/referral-of-a-burglary/input.json").read_text()
CASE, REPORT = "1448-MK-0001234", "1448-RM-0000451"
RECEIVERS = ("public-prosecution", "emirate", "public-security")
# Of the referral: what each agency may not see, as the ledger and as the sender has it, and something that it may.
WITHHELD = {
    "public-prosecution": {"officer.phone": "+966120000001"},
    "emirate": {
        "persons[].identifiers[].value": "1000000016",
        "persons[].phone": "+966500000001",
        "persons[].birth.date": "1990-05-14",
        "officer.name": "ماجد سعيد العيّنة",
        "statements[].text": "أقر بدخول المحل",
        "evidence[].keptAt": "أمانات المركز",
        "charges[].law": "نظام الإجراءات الجزائية",
    },
    "public-security": {
        "persons[].phone": "+966500000001",
        "persons[].occupation": "تاجر",
        "officer.name": "ماجد سعيد العيّنة",
        "statements[].text": "أقر بدخول المحل",
        "evidence[].keptAt": "أمانات المركز",
        "charges[].law": "نظام الإجراءات الجزائية",
    },
}
SHOWN = {
    "public-prosecution": ("1000000016", "أقر بدخول المحل", "أمانات المركز", "+966500000001"),
    "emirate": ("فهد راشد حمد التجريبي", "سماع أقوال"),
    "public-security": ("1000000016", "سرقة محل تجاري بكسر القفل"),
}


@dataclass(frozen=True)
class Arrived:
    """One delivery, the bytes in which it arrived, and what the ledger said before it left."""

    delivery: DeliveryView
    body: bytes
    started: Any


def sent_referral(hub: Running, case: str, report: str, **swaps: str) -> str:
    """The example's referral under other numbers; the message's id."""
    text = REFERRAL.replace(CASE, case).replace(REPORT, report)
    for old, new in swaps.items():
        text = text.replace(old, new)
    reply = hub.post("police-platform", "case-referral", text.encode())
    assert reply.status == 202, reply.body
    return str(reply.json["id"])


def arrived_at(hub: Running, delivery: DeliveryView) -> bytes:
    """What the agency got: the file, the REST body, or the SOAP body's element."""
    if delivery.agency == "public-security":
        files = [path.read_bytes() for path in hub.outbox(delivery.agency)]
        return next(body for body in files if delivery.id.encode() in body)
    service = hub.services[delivery.agency]
    return dict(zip(service.ids(), service.bodies(), strict=True))[delivery.id]


@pytest.fixture(scope="module")
def hub(hasty_hub: Running) -> Running:
    return hasty_hub


@pytest.fixture(scope="module")
def referral(hub: Running) -> dict[str, Arrived]:
    """One referral in by REST, as it arrived at every agency."""
    message = sent_referral(hub, new_case(), "1448-RM-0088001")
    settled = hub.settled(message, **dict.fromkeys(RECEIVERS, "delivered"))
    return {
        agency: Arrived(delivery, arrived_at(hub, delivery), hub.disclosures(delivery.id)[0])
        for agency, delivery in settled.items()
    }


@pytest.mark.parametrize("agency", RECEIVERS)
def test_a_referral_arrives_with_what_is_granted_and_nothing_else(referral: dict[str, Arrived], agency: str) -> None:
    """Withheld values are nowhere in the bytes; granted ones are."""
    text = referral[agency].body.decode()
    assert [value for value in WITHHELD[agency].values() if value in text] == []
    assert [value for value in SHOWN[agency] if value not in text] == []


@pytest.mark.parametrize("agency", RECEIVERS)
def test_the_ledger_says_what_was_withheld_and_by_which_rule(referral: dict[str, Arrived], agency: str) -> None:
    """Before the first byte left it named the rule, its purpose, the digest, and every field kept back."""
    started, rule = referral[agency].started, referral[agency].delivery.rule
    assert (started["outcome"], started["recipient"], started["rule"]) == ("started", agency, rule)
    assert started["purpose"]
    for path in WITHHELD[agency]:
        assert started["withheld"][path].startswith(f"{rule}: ")
        assert path not in started["disclosed"]


@pytest.mark.parametrize("agency", RECEIVERS)
def test_every_field_is_either_disclosed_or_withheld(hub: Running, referral: dict[str, Arrived], agency: str) -> None:
    """No field of the message goes unmentioned in the ledger, but for ids and links, which hold no content."""
    canonical = hub.wait(hub.queries.canonical(referral[agency].delivery.message_id))
    assert canonical is not None
    told = {*referral[agency].started["disclosed"], *referral[agency].started["withheld"]}
    unsaid = {path for path in paths(orjson.loads(canonical)) if path not in told}
    assert {path for path in unsaid if not path.lower().endswith("id")} == set()


def paths(value: Any, above: str = "") -> Iterator[str]:
    """The schema paths of every scalar."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, f"{above}.{key}" if above else key)
    elif isinstance(value, list):
        for item in value:
            yield from paths(item, f"{above}[]")
    else:
        yield above


@pytest.mark.parametrize("agency", RECEIVERS)
def test_the_digest_in_the_ledger_is_that_of_the_bytes(hub: Running, referral: dict[str, Arrived], agency: str) -> None:
    """What was recorded before sending is what was sent."""
    parcel = hub.wait(hub.queries.parcel(referral[agency].delivery.id))
    assert parcel is not None
    assert sha256(parcel.body).hexdigest() == referral[agency].started["out"]
    if agency == "public-prosecution":
        assert etree.canonicalize(parcel.body.decode()) == etree.canonicalize(referral[agency].body.decode())
    else:
        assert parcel.body == referral[agency].body


def test_a_message_named_for_those_who_may_not_have_it_is_withheld(hub: Running) -> None:
    """Named without a grant, or above the ceiling: a visible state with its reason, and nothing is sent."""
    swaps = {'"RESTRICTED"': '"SECRET"', '"PS"]': '"PS", "BP"]'}
    message = sent_referral(hub, new_case(), "1448-RM-0088002", **swaps)
    settled = hub.settled(message, public_security="withheld", citizen_portal="withheld", emirate="delivered")
    reasons = {agency: settled[agency].reason for agency in ("public-security", "citizen-portal")}
    assert reasons == {"public-security": "above-ceiling", "citizen-portal": "not-granted"}
    (accepted,) = [entry for entry in hub.ledger() if entry.get("message") == message and entry["kind"] == "accept"]
    told = {item["agency"]: (item["state"], item["reason"]) for item in accepted["recipients"]}
    assert told["citizen-portal"] == ("withheld", "not-granted")
    assert told["public-security"] == ("withheld", "above-ceiling")
    assert hub.disclosures(settled["public-security"].id) == []


def test_a_report_and_the_case_that_it_becomes_are_one_lane(hub: Running) -> None:
    """An event of the report holds the referral that names both, and an event that only names the case."""
    case, report = new_case(), "1448-RM-0088003"
    for agency in ("emirate", "public-prosecution"):
        hub.services[agency].moods[f">{report}<" if agency == "public-prosecution" else report] = Behaviour.UNAVAILABLE
    first = hub.post("police-platform", "case-status", orjson.dumps({
        "eventNumber": "EV-report", "reportNumber": report, "classification": "RESTRICTED",
        "stage": "REFERRED", "eventTime": "2026-06-22T13:06:00+03:00",
    })).json["id"]  # fmt: skip
    second, third = sent_referral(hub, case, report), send_event(hub, case).message
    until(lambda: all(hub.attempts(each.id) for each in hub.deliveries(first).values()))
    for agency in ("emirate", "public-prosecution"):
        waiting = [hub.deliveries(message)[agency] for message in (second, third)]
        assert {(each.state, each.waits_for) for each in waiting} == {("pending", "lane")}
        assert [each.sequence for each in waiting] == [2, 3]
        hub.services[agency].moods.clear()
    hub.settled(third, emirate="delivered", public_prosecution="delivered")
    for agency in ("emirate", "public-prosecution"):
        lane = [hub.deliveries(message)[agency].id for message in (first, second, third)]
        assert list(dict.fromkeys(id for id in hub.services[agency].ids() if id in lane)) == lane
    (found,) = hub.wait(hub.queries.cases(report))
    assert {number.number for number in found.numbers} >= {case, report}


def test_many_deliveries_leave_as_one_parcel(hub: Running) -> None:
    """Five referrals in a moment become a file of several cases, each delivery with its place in it."""
    before = set(hub.outbox("public-security"))
    messages = [sent_referral(hub, new_case(), f"1448-RM-00881{number:02d}") for number in range(5)]
    ids = [hub.settled(message, public_security="delivered")["public-security"].id for message in messages]
    files = [path for path in hub.outbox("public-security") if path not in before]
    cases = {path: etree.fromstring(path.read_bytes()) for path in files}
    told = {path: [case.findtext("{*}MsgNo") for case in root.findall("{*}Case")] for path, root in cases.items()}
    assert sorted(id for members in told.values() for id in members) == sorted(ids)
    assert max(map(len, told.values())) > 1
    for path, members in told.items():
        assert cases[path].findtext("{*}Header/{*}Count") == str(len(members))
        parcels = [hub.wait(hub.queries.parcel(id)) for id in members]
        assert {parcel.body for parcel in parcels} == {path.read_bytes()}
        assert {parcel.members for parcel in parcels} == {tuple(members)}
        assert path.with_name(path.name + ".meta.json").exists()


MOVEMENTS = (EXAMPLES / "public-security/examples/daily-movements/input.csv").read_bytes()


def movements(case: str, *, second: str) -> bytes:
    """The daily file with its two rows in these cases, under event numbers of their own."""
    text = MOVEMENTS.decode("windows-1256").replace(CASE, case).replace("1448-MK-0002001", second)
    text = text.replace("1448/90011", f"1448/{case[-5:]}")
    text = text.replace("\n700001;", f"\n{case[-7:]}1;").replace("\n700002;", f"\n{case[-7:]}2;")
    return text.encode("windows-1256")


def test_a_file_in_windows_1256_arrives_as_json(hub: Running) -> None:
    """Two rows of a dropped CSV file become two JSON events at the platform, their Arabic letter for letter."""
    case, second = new_case(), new_case()
    hub.drop("public-security", "movements.csv", movements(case, second=second))
    end, report = hub.report("public-security", "movements.csv")
    assert (end, len(report["receipts"]), report["refusals"]) == ("accepted", 2, [])
    for receipt in report["receipts"]:
        hub.settled(receipt["id"], police_platform="delivered")
    events = [orjson.loads(body) for body in hub.services["police-platform"].bodies("/api/v1/events")]
    got = {event["caseNumber"]: event for event in events if event["caseNumber"] in (case, second)}
    assert (got[case]["stage"], got[second]["stage"]) == ("ACCUSED_IDENTIFIED", "UNDER_INVESTIGATION")
    assert got[case]["note"] == "تم تحديد المتهم الثاني; جار البحث عنه"
    assert got[case]["officer"]["name"] == "ماجد سعيد العيّنة"


def test_one_bad_row_refuses_only_itself(hub: Running) -> None:
    """The other row is delivered; the report names the bad one by row, column, line and rule; the ledger has both."""
    case, before = new_case(), len(hub.ledger())
    hub.drop("public-security", "one-bad.csv", movements(case, second="1448/2001"))
    end, report = hub.report("public-security", "one-bad.csv")
    (receipt,), (refusal,) = report["receipts"], report["refusals"]
    assert (end, receipt["record"], refusal["record"], refusal["code"]) == ("accepted", 0, 1, "schema-violation")
    (problem,) = refusal["problems"]
    assert (problem["path"], problem["line"], problem["rule"]) == ("row 2, column رقم القضية", 3, "pattern")
    hub.settled(receipt["id"], police_platform="delivered")
    told = {(entry["kind"], entry.get("record")) for entry in hub.ledger()[before:]}
    assert {("accept", None), ("refuse", 1)} <= told
    assert ("refuse", 0) not in told


def test_a_file_of_bad_rows_only_is_rejected_with_all_of_them(hub: Running) -> None:
    """No row is left out of the report, nor of the ledger."""
    before = len(hub.ledger())
    hub.drop("public-security", "all-bad.csv", movements("1448/1", second="1448/2001"))
    end, report = hub.report("public-security", "all-bad.csv")
    assert (end, report["code"], report["receipts"]) == ("rejected", "schema-violation", [])
    assert [refusal["problems"][0]["line"] for refusal in report["refusals"]] == [2, 3]
    told = [entry["record"] for entry in hub.ledger()[before:] if entry["kind"] == "refuse"]
    assert told == [0, 1]


def test_a_file_sent_again_after_mending_delivers_only_what_is_new(hub: Running) -> None:
    """Rows that were accepted before get their old receipts; the mended one is new."""
    case, second = new_case(), new_case()
    hub.drop("public-security", "half.csv", movements(case, second="1448/2001"))
    _, first = hub.report("public-security", "half.csv")
    hub.drop("public-security", "whole.csv", movements(case, second=second))
    end, report = hub.report("public-security", "whole.csv")
    assert (end, [receipt["duplicate"] for receipt in report["receipts"]]) == ("accepted", [True, False])
    assert report["receipts"][0]["id"] == first["receipts"][0]["id"]


def test_a_row_that_contradicts_an_earlier_one_is_refused_alone(hub: Running) -> None:
    """The event number was used before with other content: that row is a conflict in the report and in the ledger."""
    case, other, before = new_case(), new_case(), len(hub.ledger())
    hub.drop("public-security", "once.csv", movements(case, second=other))
    hub.report("public-security", "once.csv")
    changed = movements(case, second=other).replace(b"\n%b2;" % case[-7:].encode(), b"\n%b3;" % case[-7:].encode())
    hub.drop("public-security", "twice.csv", changed.replace("جار".encode("windows-1256"), b"", 1))
    end, report = hub.report("public-security", "twice.csv")
    assert (end, [receipt["duplicate"] for receipt in report["receipts"]]) == ("accepted", [False])
    assert [(refusal["record"], refusal["code"]) for refusal in report["refusals"]] == [(0, "conflict")]
    told = [(entry["code"], entry["record"]) for entry in hub.ledger()[before:] if entry["kind"] == "refuse"]
    assert told == [("conflict", 0)]


def test_the_ledger_verifies(hub: Running) -> None:
    """After everything above the ledger is whole: each entry in its place, signed."""
    verdict = until(lambda: found if (found := hub.verify()).waiting == 0 else None)
    assert (verdict.fault, verdict.entries) == (None, len(hub.ledger()))
