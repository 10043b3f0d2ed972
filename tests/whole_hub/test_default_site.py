"""The default site: it loads, its examples hold, and its grants keep back what they promise to keep back."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import zeep
from lxml import etree

from hub.marked import Table, load
from hub.message import Canonical, Classification, Envelope, Projected, Received, State
from hub.routing import route
from hub.site import Site, load_site
from hub.translate import translate_in, translate_out

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(ROOT.glob("mappings/*/examples/*"))
PARCEL = {"id": "parcel", "count": "1", "time": "2026-06-22T10:06:00Z"}


@dataclass(frozen=True)
class Example:
    """One example folder: what ``example.yaml`` says, and the files beside it."""

    folder: Path
    notes: Table

    @property
    def agency(self) -> str:
        return self.folder.parts[-3]

    @property
    def type(self) -> str:
        return str(self.notes["type"])

    @property
    def canonical(self) -> Any:
        return json.loads((self.folder / "canonical.json").read_bytes())

    def file(self, stem: str) -> bytes:
        return next(self.folder.glob(f"{stem}.*")).read_bytes()


def example(folder: Path) -> Example:
    notes = load(folder / "example.yaml", folder.name)
    assert isinstance(notes, Table)
    return Example(folder, notes)


def examples(direction: str) -> list[Any]:
    found = [item for item in map(example, FOLDERS) if item.notes["direction"] == direction]
    return [pytest.param(item, id=f"{item.agency}-{item.folder.name}") for item in found]


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(ROOT)


def read(site: Site, item: Example, body: bytes) -> tuple[Canonical, ...]:
    charset = str(item.notes["charset"]) if "charset" in item.notes else None
    received = Received(item.agency, item.type, "rest", body, 1_782_000_000.0, charset=charset)
    inward = translate_in(site.dialects[item.agency, item.type], received, iter(("m1", "m2")).__next__)
    assert inward.refusals == ()
    return inward.messages


def projected(site: Site, item: Example) -> Projected:
    facts = {key: str(value) for key, value in item.notes["message"].items()}
    envelope = Envelope(
        id=facts["id"],
        message_id=facts["messageId"],
        source=facts["source"],
        type=facts["type"],
        subject=facts["subject"],
        time=facts["time"],
        classification=Classification[facts["classification"]],
        case_key=facts["caseKey"],
        sequence=int(facts["sequence"]),
        partner={"caseNumber": facts["partner"]} if "partner" in facts else None,
    )
    return site.projections[item.agency, item.notes["rule"]].apply(item.agency, envelope, item.canonical)


def written(site: Site, item: Example) -> bytes:
    dialect = site.dialects[item.agency, item.type]
    parcel = {key: str(value) for key, value in item.notes.get("parcel", PARCEL).items()}
    return translate_out(dialect, [projected(site, item)], parcel)


def content(document: bytes) -> Any:
    """A document without its layout."""
    if document.lstrip().startswith(b"<"):
        return etree.canonicalize(document.decode(), strip_text=True)
    return orjson.loads(document)


@pytest.mark.parametrize("item", examples("in"))
def test_an_example_of_an_agency_becomes_its_canonical_message(site: Site, item: Example) -> None:
    """What an agency sends, as the example has it, is read as the canonical message beside it."""
    messages = read(site, item, item.file("input"))
    expected = item.canonical if isinstance(item.canonical, list) else [item.canonical]
    assert [message.data for message in messages] == expected


@pytest.mark.parametrize("item", examples("out"))
def test_a_canonical_message_becomes_the_example_of_the_receiving_agency(site: Site, item: Example) -> None:
    """A canonical message, cut by the rule that the example names, is written as the document beside it."""
    assert content(written(site, item)) == content(item.file("output"))


def test_every_mapping_has_an_example() -> None:
    """No mapping of the site goes without an example."""
    covered = {(item.agency, item.type) for item in map(example, FOLDERS)}
    mapped = {(path.parent.name, path.stem) for path in ROOT.glob("mappings/*/*.yaml")}
    assert mapped - covered == set()


def test_the_partners_own_case_number_goes_to_the_link_table(site: Site) -> None:
    """A decision carries the Prosecution's own case number beside ours: both name the case."""
    item = example(ROOT / "mappings/public-prosecution/examples/decision-to-detain")
    (message,) = read(site, item, item.file("input"))
    assert {number.number for number in message.numbers} == {"1448-MK-0001234", "12/1448/77"}


def referral(site: Site) -> Canonical:
    item = example(ROOT / "mappings/police-platform/examples/referral-of-a-burglary")
    return read(site, item, item.file("input"))[0]


def states(site: Site, message: Canonical) -> dict[str, tuple[str, str]]:
    return {part.agency: (part.state, part.reason) for part in route(site, message)}


def test_a_restricted_referral_goes_to_all_three(site: Site) -> None:
    """A referral labelled RESTRICTED goes to the Prosecution, the Emirate and Public Security."""
    assert {state for state, _ in states(site, referral(site)).values()} == {State.PENDING}


def test_a_secret_referral_is_withheld_from_public_security(site: Site) -> None:
    """Public Security's ceiling is RESTRICTED: a SECRET referral that names it is withheld, with the reason."""
    found = states(site, replace(referral(site), classification=Classification.SECRET))
    assert found["public-security"] == (State.WITHHELD, "above-ceiling")
    assert found["public-prosecution"][0] == State.PENDING


def test_a_sealed_referral_reaches_the_prosecution_only(site: Site) -> None:
    """A sealed case is granted to the Prosecution; the others that it names see that it was withheld."""
    message = referral(site)
    found = states(site, replace(message, data={**message.data, "sealed": True}))
    assert {agency: state for agency, (state, _) in found.items()} == {
        "public-prosecution": State.PENDING,
        "emirate": State.WITHHELD,
        "public-security": State.WITHHELD,
    }


def test_the_emirate_sees_names_but_no_identity_numbers_and_no_statement(site: Site) -> None:
    """What the Emirate receives of a referral holds no identity number, no telephone and no statement's text."""
    item = example(ROOT / "mappings/emirate/examples/referral-of-a-burglary")
    text = written(site, item).decode()
    assert "فهد راشد حمد التجريبي" in text
    for secret in ("1000000016", "2000000006", "+9665", "أقر بدخول المحل"):
        assert secret not in text
    assert {"persons[].identifiers[].value", "statements[].text"} <= projected(site, item).withheld.keys()


def test_the_emirate_sees_no_person_where_one_is_a_juvenile(site: Site) -> None:
    """One juvenile in a case hides every person of it from the Emirate."""
    item = example(ROOT / "mappings/emirate/examples/referral-with-a-juvenile")
    document = orjson.loads(written(site, item))
    assert "parties" not in document
    assert "التجريبي" not in json.dumps(document, ensure_ascii=False)


@pytest.mark.parametrize("channel", ["station", "portal"])
def test_the_portal_follows_its_own_reports_only(site: Site, channel: str) -> None:
    """An event reaches the portal where the report came through the portal, and not otherwise."""
    item = example(ROOT / "mappings/police-platform/examples/event-referred")
    (message,) = read(site, item, item.file("input"))
    found = states(site, replace(message, data={**message.data, "channel": channel}))
    assert ("citizen-portal" in found) == (channel == "portal")


@pytest.mark.parametrize(
    ("wsdl", "operations"),
    [
        ("prosecution-service.wsdl", {"SubmitReferral", "SubmitStatement", "NotifyCaseStatus"}),
        ("hub-intake.wsdl", {"SubmitDecision"}),
    ],
)
def test_a_soap_client_can_use_the_contracts(wsdl: str, operations: set[str]) -> None:
    """A stock SOAP client loads the WSDL and finds its operations on a SOAP 1.2 port."""
    client = zeep.Client(str(ROOT / "schemas/agencies/public-prosecution" / wsdl))
    (service,) = client.wsdl.services.values()
    (port,) = service.ports.values()
    assert isinstance(port.binding, zeep.wsdl.bindings.Soap12Binding)
    assert set(port.binding.all()) == operations
