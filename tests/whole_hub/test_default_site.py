"""The default site: it loads, its examples hold, and its grants keep back what they promise to keep back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
import zeep

from hub.message import Canonical, Classification, State
from hub.pipeline.routing import route
from hub.pipeline.translate import translate_out
from hub.proving.examples import Example, load_examples
from hub.proving.reach import unreached
from hub.proving.run import project, read_input, run_example
from hub.site.site import Site, load_site

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(ROOT)


@pytest.fixture(scope="module")
def examples(site: Site) -> dict[str, Example]:
    """Every example by agency and case."""
    found, findings = load_examples(site)
    assert findings == []
    return {f"{item.agency}/{item.folder.name}": item for item in found}


def test_every_example_holds(site: Site, examples: dict[str, Example]) -> None:
    """What agencies send is read as the message beside it, and messages are written as the documents beside them."""
    assert len(examples) > 15
    assert [finding for item in examples.values() for finding in run_example(site, item).findings] == []


def test_every_mapping_has_an_example(examples: dict[str, Example]) -> None:
    """No mapping of the site goes without an example."""
    mapped = {(path.parent.name, path.stem) for path in ROOT.glob("mappings/*/*.yaml")}
    assert mapped - {item.key for item in examples.values()} == set()


def test_every_line_of_every_mapping_is_reached(site: Site, examples: dict[str, Example]) -> None:
    """What an example does not show may break unseen: none is left."""
    assert [str(finding) for finding in unreached(site, list(examples.values()))] == []


def written(site: Site, item: Example) -> bytes:
    return translate_out(site.dialects[item.key], project(site, item), item.parcel).body


def test_the_partners_own_case_number_goes_to_the_link_table(site: Site, examples: dict[str, Example]) -> None:
    """A decision carries the Prosecution's own case number beside ours: both name the case."""
    (message,) = read_input(site, examples["public-prosecution/decision-to-detain"])
    assert {number.number for number in message.numbers} == {"1448-MK-0001234", "12/1448/77"}


@pytest.fixture(scope="module")
def referral(site: Site, examples: dict[str, Example]) -> Canonical:
    return read_input(site, examples["police-platform/referral-of-a-burglary"])[0]


def states(site: Site, message: Canonical) -> dict[str, tuple[str, str]]:
    return {part.agency: (part.state, part.reason) for part in route(site, message)}


def test_a_restricted_referral_goes_to_all_three(site: Site, referral: Canonical) -> None:
    """A referral labelled RESTRICTED goes to the Prosecution, the Emirate and Public Security."""
    assert {state for state, _ in states(site, referral).values()} == {State.PENDING}


def test_a_secret_referral_is_withheld_from_public_security(site: Site, referral: Canonical) -> None:
    """Public Security's ceiling is RESTRICTED: a SECRET referral that names it is withheld, with the reason."""
    found = states(site, replace(referral, classification=Classification.SECRET))
    assert found["public-security"] == (State.WITHHELD, "above-ceiling")
    assert found["public-prosecution"][0] == State.PENDING


def test_a_sealed_referral_reaches_the_prosecution_only(site: Site, referral: Canonical) -> None:
    """A sealed case is granted to the Prosecution; the others that it names see that it was withheld."""
    found = states(site, replace(referral, data={**referral.data, "sealed": True}))
    assert {agency: state for agency, (state, _) in found.items()} == {
        "public-prosecution": State.PENDING,
        "emirate": State.WITHHELD,
        "public-security": State.WITHHELD,
    }


def test_the_emirate_sees_names_but_no_identity_numbers_and_no_statement(
    site: Site, examples: dict[str, Example]
) -> None:
    """What the Emirate receives of a referral holds no identity number, no telephone and no statement's text."""
    item = examples["emirate/referral-of-a-burglary"]
    text = written(site, item).decode()
    assert "فهد راشد حمد التجريبي" in text
    for secret in ("1000000016", "2000000006", "+9665", "أقر بدخول المحل"):
        assert secret not in text
    assert {"persons[].identifiers[].value", "statements[].text"} <= project(site, item)[0].withheld.keys()


def test_the_emirate_sees_no_person_where_one_is_a_juvenile(site: Site, examples: dict[str, Example]) -> None:
    """One juvenile in a case hides every person of it from the Emirate."""
    document = orjson.loads(written(site, examples["emirate/referral-with-a-juvenile"]))
    assert "parties" not in document
    assert "التجريبي" not in json.dumps(document, ensure_ascii=False)


@pytest.mark.parametrize("channel", ["station", "portal"])
def test_the_portal_follows_its_own_reports_only(site: Site, examples: dict[str, Example], channel: str) -> None:
    """An event reaches the portal where the report came through the portal, and not otherwise."""
    (message,) = read_input(site, examples["police-platform/event-referred"])
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
