"""What is wrong with a document is told in its sender's terms, alike over REST, SOAP and beside a dropped file."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
import pytest

from tests.whole_hub.mistakes import (
    AGENCY,
    DOCUMENT,
    MOST_BYTES,
    PLANTED,
    TYPE,
    Mistake,
    by_rest,
    by_soap,
    called,
    error_of,
    swapped,
    told,
)
from tests.whole_hub.running import ROOT, Running

MEASURE = "/pp:SubmitDecision/pp:Decision/pp:Measures/pp:Measure[1]"
MAPPING = f"mappings/{AGENCY}/{TYPE}.yaml"


def line_with(text: str) -> str:
    """Where in the mapping the only line stands that holds this."""
    lines = (ROOT / MAPPING).read_text(encoding="utf-8").splitlines()
    (number,) = (number for number, line in enumerate(lines, 1) if text in line)
    return f"{MAPPING}:{number}"


NUMBERS = (
    "<pp:CaseNumber>1448-MK-0001234</pp:CaseNumber>",
    "<pp:ProsecutionCaseNumber>12/1448/77</pp:ProsecutionCaseNumber>",
)
MISTAKES = (
    Mistake("not well-formed", swapped("</pp:Prosecutor>", "</pp:Wrong>"), "malformed", None, 18, "well-formed"),
    Mistake("character", swapped("<pp:Text>", "<pp:Text>&#1;"), "forbidden-character", None, 51, "character"),
    Mistake("raw character", swapped("<pp:Text>", "<pp:Text>\x01"), "forbidden-character", None, 51, "character"),
    Mistake("deep", swapped("<pp:Text>", "<pp:Text>" + "<x>" * 70 + "</x>" * 70), "too-deep", None, 51, "depth"),
    Mistake("deeper", swapped("<pp:Text>", "<pp:Text>" + "<x>" * 300 + "</x>" * 300), "too-deep", None, 51, "depth"),
    Mistake("encoding", swapped("<pp:Text>", "<pp:Text>\udcff"), "wrong-encoding", None, 51, "encoding"),
    Mistake("type", swapped("<pp:Days>5<", "<pp:Days>five<"), "schema-violation", f"{MEASURE}/pp:Days", 35, "type"),
    Mistake(
        "missing element",
        swapped("<pp:Code>D40</pp:Code>", ""),
        "schema-violation", "/pp:SubmitDecision/pp:Decision/pp:DecidedAt", 10, "unexpected-element",
    ),
    Mistake(
        "code", swapped(">M1<", ">M99<"), "unmapped-code", f"{MEASURE}/pp:Code", 34,
        line_with("codes: prosecution-measure"),
    ),
    Mistake("reference", swapped('ref="acc1"', 'ref="acc9"'), "dangling-reference", f"{MEASURE}/@ref", 33),
    Mistake(
        "check digit",
        swapped("1000000016", "1000000017"),
        "unreadable-value", "/pp:SubmitDecision/pp:Decision/pp:Persons/pp:Person[1]/pp:Identity[1]/pp:Number", 28,
        line_with("value:"),
    ),
    Mistake(
        "range", swapped("<pp:Days>5<", "<pp:Days>-5<"), "canonical-violation", f"{MEASURE}/pp:Days", 35, "minimum"
    ),
    Mistake(
        "no case",
        lambda document: document.replace(NUMBERS[0], "").replace(NUMBERS[1], ""),
        "missing-subject", "/pp:SubmitDecision/pp:Decision/pp:CaseNumber", None, "x-case",
    ),
)  # fmt: skip
BEFORE_THE_SENDER = {"malformed", "forbidden-character", "wrong-encoding"}  # a SOAP sender stands in the document
SOURCE = DOCUMENT.replace("<pp:Text>", f"<pp:Text>{PLANTED}")

Refusals = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def refusals(strict_hub: Running) -> Refusals:
    """By mistake: what the sender was told over each transport, and how the ledger grew by it."""
    found: dict[str, dict[str, Any]] = {}
    bodies = {mistake.name: mistake.edit(SOURCE).encode("utf-8", "surrogateescape") for mistake in MISTAKES}
    for name, body in bodies.items():
        strict_hub.drop(AGENCY, f"{name}.xml", body)
    reports = {name: strict_hub.report(AGENCY, f"{name}.xml") for name in bodies}
    dropped = strict_hub.ledger()
    for mistake in MISTAKES:
        body, before = bodies[mistake.name], len(strict_hub.ledger())
        rest, soap = by_rest(strict_hub, body), by_soap(strict_hub, called(strict_hub, mistake.edit(SOURCE)))
        end, report = reports[mistake.name]
        assert (rest.headers["content-type"], end) == ("application/problem+json", "rejected")
        assert (rest.status, soap.status) == (rest.json["status"], 400)
        entries = [entry for entry in dropped if entry.get("in") == sha256(body).hexdigest()]
        entries += strict_hub.ledger()[before:]
        found[mistake.name] = {"rest": rest.json, "soap": error_of(soap), "file": report, "ledger": entries}
    return found


def each_mistake() -> list[Any]:
    return [pytest.param(mistake, id=mistake.name.replace(" ", "-")) for mistake in MISTAKES]


@pytest.mark.parametrize("mistake", each_mistake())
def test_a_mistake_is_told_with_code_path_line_and_rule(refusals: Refusals, mistake: Mistake) -> None:
    """The code names the kind of mistake; path and line are those of the document as it was sent."""
    error = refusals[mistake.name]["rest"]
    (problem,) = error["problems"]
    assert error["code"] == mistake.code
    assert (problem.get("path"), problem.get("line")) == (mistake.path, mistake.line)
    assert problem.get("rule") == mistake.rule


@pytest.mark.parametrize("mistake", each_mistake())
def test_a_mistake_reads_the_same_over_every_transport(refusals: Refusals, mistake: Mistake) -> None:
    """A problem document, the detail of a SOAP Fault and the report beside a file say the same, word for word."""
    rest, soap, file = (told(refusals[mistake.name][name]) for name in ("rest", "soap", "file"))
    if mistake.code == "wrong-encoding":  # the text counts bytes, of which an envelope has more
        for error in (rest, soap, file):
            del error["detail"], error["problems"][0]["text"]
    assert soap == rest
    assert file == rest


@pytest.mark.parametrize("mistake", each_mistake())
def test_a_refusal_of_a_known_sender_stands_in_the_ledger(refusals: Refusals, mistake: Mistake) -> None:
    """Each is recorded with its code, except where the sender could not be read from a broken envelope."""
    entries = refusals[mistake.name]["ledger"]
    known = (
        {"rest", "file"} if mistake.code in BEFORE_THE_SENDER or mistake.name == "deeper" else {"rest", "soap", "file"}
    )
    assert {entry["transport"] for entry in entries} == known
    assert {(entry["kind"], entry["code"], entry["actor"]["agency"]) for entry in entries} == {
        ("refuse", mistake.code, AGENCY)
    }


@pytest.mark.parametrize("mistake", each_mistake())
def test_a_canonical_rule_is_told_without_the_hubs_own_names(refusals: Refusals, mistake: Mistake) -> None:
    """No error names a place of the canonical message: the sender has never seen one."""
    text = orjson.dumps(refusals[mistake.name]["rest"]).decode()
    assert not any(name in text for name in ("measures[", "persons[0]", "caseNumber", "$partner"))


def test_a_doctype_is_refused_with_its_line(strict_hub: Running) -> None:
    """A document type declaration, the door to entity attacks, is refused over every transport alike."""
    doctype = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    body = SOURCE.replace("?>", "?>\n" + doctype, 1).encode()
    call = b'<?xml version="1.0"?>\n' + doctype.encode() + called(strict_hub, SOURCE)
    strict_hub.drop(AGENCY, "doctype.xml", body)
    rest, soap = told(by_rest(strict_hub, body).json), told(error_of(by_soap(strict_hub, call)))
    _, report = strict_hub.report(AGENCY, "doctype.xml")
    assert rest["code"] == "doctype-refused"
    assert rest["problems"][0]["line"] == 2
    assert soap == rest
    assert told(report) == rest


def padded(document: bytes, size: int) -> bytes:
    """The document with a comment at its end that makes it this long."""
    return document + b"<!--" + b"x" * (size - len(document) - 7) + b"-->"


def test_what_is_too_large_is_refused_alike_over_every_transport(strict_hub: Running) -> None:
    """One byte over the agency's limit: the same words in problem document, Fault and report."""
    body = padded(SOURCE.encode(), MOST_BYTES + 1)
    strict_hub.drop(AGENCY, "large.xml", body)
    rest, soap = by_rest(strict_hub, body), by_soap(strict_hub, body)
    end, report = strict_hub.report(AGENCY, "large.xml")
    assert (rest.status, soap.status, end) == (413, 413, "rejected")
    assert rest.json["code"] == "too-large"
    assert told(error_of(soap)) == told(rest.json) == told(report)


def test_what_is_just_as_large_as_it_may_be_is_taken_over_every_transport(strict_hub: Running) -> None:
    """The limit itself is allowed: to the byte, in a body, an envelope and a file."""
    numbered = {name: SOURCE.replace("ق/1448/0552", f"ق/limit/{name}").encode() for name in ("rest", "soap", "file")}
    rest = by_rest(strict_hub, padded(numbered["rest"], MOST_BYTES))
    soap = by_soap(strict_hub, padded(called(strict_hub, numbered["soap"].decode()), MOST_BYTES))
    strict_hub.drop(AGENCY, "limit.xml", padded(numbered["file"], MOST_BYTES))
    assert (rest.status, soap.status, strict_hub.report(AGENCY, "limit.xml")[0]) == (202, 200, "accepted")


def test_every_refusal_is_counted(strict_hub: Running, refusals: Refusals) -> None:
    """The metrics know every refusal by agency and code, whether its sender was known or not."""
    lines = [line for line in strict_hub.metrics().splitlines() if line.startswith("hub_messages_refused_total")]
    for mistake in MISTAKES:
        wanted = [line for line in lines if f'agency="{AGENCY}"' in line and f'code="{mistake.code}"' in line]
        alike = sum(3 for each in MISTAKES if each.code == mistake.code)
        assert sum(float(line.rpartition(" ")[2]) for line in wanted) >= alike


JSON_SOURCE = (ROOT / "mappings/police-platform/examples/event-referred/input.json").read_bytes()
JSON_MISTAKES = (
    (b'"stage":', b'"stage"', 400, "malformed", None, 7),
    (b'"note": "', b'"stage": "CLOSED", "note": "', 400, "malformed", "/stage", 12),
    (b'"note": "', b'"note": "\xff', 400, "wrong-encoding", None, 12),
    (b'"note": "', b'"note": "\\u0000', 400, "forbidden-character", "/note", 12),
    (b'"note": ', b'"note": ' + b"[" * 70 + b"]" * 70 + b', "more": ', 400, "too-deep", None, 12),
    (b'"REFERRED"', b'"LOST"', 422, "schema-violation", "/stage", 7),
    (b'"eventNumber": "EV-1448-0098",', b"", 422, "schema-violation", "/eventNumber", 1),
    (b'"note": "', b'"extra": 1, "note": "', 422, "schema-violation", "/extra", 12),
    (b'"1448/01/07"', b'"1448/01/08"', 422, "unreadable-value", None, 9),
)


@pytest.mark.parametrize(
    ("old", "new", "status", "code", "path", "line"),
    JSON_MISTAKES,
    ids=[f"{code}-{path}" for _, _, _, code, path, _ in JSON_MISTAKES],
)
def test_a_mistake_in_json_is_told_by_pointer_and_line(
    strict_hub: Running, old: bytes, new: bytes, status: int, code: str, path: str | None, line: int | None
) -> None:
    """JSON senders get JSON Pointers and lines of the text that they sent."""
    assert old in JSON_SOURCE
    reply = strict_hub.post("police-platform", "case-status", JSON_SOURCE.replace(old, new, 1))
    assert (reply.status, reply.json["code"]) == (status, code)
    problem = reply.json["problems"][0]
    assert problem.get("line") == line
    assert path is None or problem.get("path") == path


def test_a_message_without_a_subject_is_told_every_number_that_would_do(strict_hub: Running) -> None:
    """An event names a case or a report; one that names neither is told both places."""
    event = {key: value for key, value in orjson.loads(JSON_SOURCE).items() if not key.endswith("Number")}
    reply = strict_hub.post("police-platform", "case-status", orjson.dumps({"eventNumber": "EV-1", **event}))
    assert (reply.status, reply.json["code"]) == (422, "missing-subject")
    assert [problem["path"] for problem in reply.json["problems"]] == ["/caseNumber", "/reportNumber"]
