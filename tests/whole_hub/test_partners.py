"""A partner that is down, slow, refuses, fails or talks nonsense: a visible state each, and nothing lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from connectors.conformance import Behaviour
from hub.store.views import AttemptView, DeliveryView
from tests.whole_hub.events import new_case, send_event
from tests.whole_hub.running import ROOT, Running, until
from tests.whole_hub.service import Service

REST, SOAP = "emirate", "public-prosecution"
PASSING = (
    (REST, Behaviour.HANG, "unknown", "partner-timeout"),
    (REST, Behaviour.RESET, "unknown", "partner-failed"),
    (REST, Behaviour.UNAUTHORISED, "failed", "partner-failed"),
    (REST, Behaviour.ERROR, "unknown", "partner-failed"),
    (REST, Behaviour.UNAVAILABLE, "failed", "partner-failed"),
    (REST, Behaviour.NO_HTTP, "unknown", "partner-garbled"),
    (REST, Behaviour.GARBAGE, "unknown", "partner-garbled"),
    (SOAP, Behaviour.HANG, "unknown", "partner-timeout"),
    (SOAP, Behaviour.ERROR, "unknown", "partner-failed"),
    (SOAP, Behaviour.GARBAGE, "unknown", "partner-garbled"),
    (SOAP, Behaviour.RECEIVER_FAULT, "failed", "partner-failed"),
    (SOAP, Behaviour.SECURITY_FAULT, "failed", "partner-failed"),
)
LASTING = (
    (REST, Behaviour.BAD_REQUEST),
    (REST, Behaviour.REDIRECT),
    (SOAP, Behaviour.BAD_REQUEST),
    (SOAP, Behaviour.SENDER_FAULT),
    (SOAP, Behaviour.DECLINE),
)
Key = tuple[str, Behaviour]


@dataclass(frozen=True)
class Trouble:
    """One delivery at a partner in a mood: as it was while that lasted, and how its attempts had ended till then."""

    id: str
    meanwhile: DeliveryView
    attempts: tuple[AttemptView, ...]


def tried_twice(hub: Running, delivery: str) -> tuple[AttemptView, ...]:
    """The attempts of a delivery once two of them have ended."""
    return until(lambda: found if len(found := hub.attempts(delivery)) >= 2 else None)


@pytest.fixture(scope="module")
def troubles(hasty_hub: Running) -> dict[Key, Trouble]:
    """Every passing mood at once, each for one event of a case of its own; then all of them pass."""
    found, sent = {}, {}
    for agency, behaviour, _, _ in PASSING:
        case = new_case()
        hasty_hub.services[agency].moods[case] = behaviour
        sent[agency, behaviour] = send_event(hasty_hub, case).message
    for key, message in sent.items():
        id = hasty_hub.deliveries(message)[key[0]].id
        attempts = tried_twice(hasty_hub, id)
        found[key] = Trouble(id, hasty_hub.deliveries(message)[key[0]], attempts)
    for service in hasty_hub.services.values():
        service.moods.clear()
    for (agency, _), message in sent.items():
        hasty_hub.settled(message, **{agency: "delivered"})
    return found


@pytest.fixture
def hub(hasty_hub: Running) -> Iterator[Running]:
    """Every partner takes everything, before and after."""
    yield hasty_hub
    for service in hasty_hub.services.values():
        hasty_hub.wait(service.behave(Behaviour.TAKE))


def behave(hub: Running, agency: str, behaviour: Behaviour) -> Service:
    hub.wait(hub.services[agency].behave(behaviour))
    return hub.services[agency]


def sent_as(service: Service, delivery: str) -> list[bytes]:
    """The content of every request under this message id."""
    return [body for id, body in zip(service.ids(), service.bodies(), strict=True) if id == delivery]


@pytest.mark.parametrize(("agency", "behaviour", "result", "code"), PASSING, ids=str)
def test_what_may_pass_is_tried_again_until_it_does(
    hub: Running, troubles: dict[Key, Trouble], agency: str, behaviour: Behaviour, result: str, code: str
) -> None:
    """Pending with its reason meanwhile; then delivered, with one id and the same bytes on every attempt."""
    trouble = troubles[agency, behaviour]
    assert (trouble.meanwhile.state, trouble.meanwhile.reason) == ("pending", code)
    assert trouble.meanwhile.maybe_sent is (result == "unknown")
    assert {(each.result, each.code) for each in trouble.attempts} == {(result, code)}
    contents = sent_as(hub.services[agency], trouble.id)
    assert len(contents) == len(hub.attempts(trouble.id))
    assert len(set(contents)) == 1


@pytest.mark.parametrize(("agency", "behaviour", "result", "code"), PASSING, ids=str)
def test_the_ledger_tells_every_attempt(
    hub: Running, troubles: dict[Key, Trouble], agency: str, behaviour: Behaviour, result: str, code: str
) -> None:
    """A disclosure begins once, before the first byte; each attempt's end is told, the last with their number."""
    told = hub.disclosures(troubles[agency, behaviour].id)
    assert told[0]["outcome"] == "started"
    assert {(entry["outcome"], entry["code"]) for entry in told[1:-1]} == {(result, code)}
    assert (told[-1]["outcome"], bool(told[-1]["partnerLogId"])) == ("delivered", True)
    assert [entry["attempt"] for entry in told[1:]] == list(range(1, len(told)))
    assert len({entry["out"] for entry in told}) == 1


@pytest.mark.parametrize("agency", [REST, SOAP])
def test_a_partner_that_is_down_gets_it_when_it_is_back(hub: Running, agency: str) -> None:
    """Nobody listens: pending and said so; up again, it gets one copy."""
    service = behave(hub, agency, Behaviour.DOWN)
    sent = send_event(hub)
    id = hub.deliveries(sent.message)[agency].id
    (attempt, *_) = until(lambda: hub.attempts(id))
    pending = hub.deliveries(sent.message)[agency]
    assert (pending.state, pending.reason, pending.maybe_sent) == ("pending", "partner-unreachable", False)
    assert (attempt.result, attempt.code) == ("failed", "partner-unreachable")
    behave(hub, agency, Behaviour.TAKE)
    hub.settled(sent.message, **{agency: "delivered"})
    assert len(sent_as(service, id)) == 1


@pytest.mark.parametrize(("agency", "behaviour"), LASTING, ids=str)
def test_a_clear_no_is_a_dead_letter_that_can_be_sent_again(hub: Running, agency: str, behaviour: Behaviour) -> None:
    """Dead with its reason after one attempt; resent by an operator the same bytes arrive under the same id."""
    service = behave(hub, agency, behaviour)
    sent = send_event(hub)
    dead = hub.settled(sent.message, **{agency: "dead"})[agency]
    assert (dead.reason, dead.attempts) == ("partner-refused", 1)
    assert [entry["outcome"] for entry in hub.disclosures(dead.id)] == ["started", "refused"]
    behave(hub, agency, Behaviour.TAKE)
    assert hub.resend(dead.id, why="the partner mended it") == {"done": {dead.id: dead.id}, "left": {}}
    hub.settled(sent.message, **{agency: "delivered"})
    first, second = sent_as(service, dead.id)
    assert first == second
    (resent,) = [entry for entry in hub.ledger() if entry["kind"] == "resend" and entry.get("delivery") == dead.id]
    assert (resent["actor"]["person"], resent["justification"]) == ("operator", "the partner mended it")


def test_an_operator_resends_from_the_command_line(hub: Running) -> None:
    """``hub resend`` reaches the running hub; a second time there is nothing dead to send."""
    behave(hub, REST, Behaviour.BAD_REQUEST)
    sent = send_event(hub)
    dead = hub.settled(sent.message, emirate="dead")[REST]
    behave(hub, REST, Behaviour.TAKE)
    command = [sys.executable, "-m", "hub.cli", "resend", dead.id, "--data", str(hub.data), "--why", "mended"]
    assert subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == 0
    hub.settled(sent.message, emirate="delivered")
    assert hub.resend(dead.id) == {"done": {}, "left": {dead.id: "delivered"}}


def test_a_dead_letter_holds_its_lane_and_no_other(hub: Running) -> None:
    """What follows in the case waits and says for what; other cases go on; resent, the case arrives in order."""
    service, case = behave(hub, REST, Behaviour.BAD_REQUEST), new_case()
    first = send_event(hub, case)
    dead = hub.settled(first.message, emirate="dead")[REST]
    behave(hub, REST, Behaviour.TAKE)
    second, third, other = send_event(hub, case), send_event(hub, case), send_event(hub)
    hub.settled(other.message, emirate="delivered")
    waiting = hub.deliveries(second.message)[REST]
    assert (waiting.state, waiting.waits_for, waiting.attempts) == ("pending", "lane", 0)
    hub.resend(dead.id)
    hub.settled(third.message, emirate="delivered")
    lane = [dead.id, waiting.id, hub.deliveries(third.message)[REST].id]
    assert [id for id in service.ids() if id in lane] == [dead.id, *lane]


def test_a_lane_with_gaps_goes_on_past_a_dead_letter(hub: Running) -> None:
    """The portal's notices do not wait for one that it refused; the gap is recorded."""
    behave(hub, "citizen-portal", Behaviour.DECLINE)
    notice = {"reportNumber": "1448-RP-0099001", "channel": "portal"}
    first = send_event(hub, new_case(), **notice)
    dead = hub.settled(first.message, citizen_portal="dead")["citizen-portal"]
    behave(hub, "citizen-portal", Behaviour.TAKE)
    second = send_event(hub, hub.deliveries(first.message)["citizen-portal"].subject, **notice)
    hub.settled(second.message, citizen_portal="delivered")
    assert (dead.reason, hub.deliveries(first.message)["citizen-portal"].gap) == ("partner-refused", True)


def test_retries_end_as_a_dead_letter(hub: Running) -> None:
    """After the attempts that the agency's file allows it is dead, and says that the hub gave up."""
    behave(hub, "police-platform", Behaviour.ERROR)
    report = (ROOT / "mappings/citizen-portal/examples/report-of-a-fraud/input.json").read_bytes()
    sent = hub.post("citizen-portal", "incident-report", report.replace(b"1448-RP-0004521", b"1448-RP-0099002")).json
    dead = hub.settled(sent["id"], police_platform="dead")["police-platform"]
    assert (dead.reason, dead.attempts) == ("gave-up", 3)


def test_a_slow_partner_slows_nobody_else(hub: Running) -> None:
    """While one hangs, the same message and others reach everyone else."""
    behave(hub, SOAP, Behaviour.HANG)
    sent = [send_event(hub) for _ in range(20)]
    for each in sent:
        hub.settled(each.message, emirate="delivered")
    assert {hub.deliveries(each.message)[SOAP].state for each in sent} == {"pending"}
    behave(hub, SOAP, Behaviour.TAKE)
    for each in sent:
        hub.settled(each.message, public_prosecution="delivered")


def test_a_breaker_opens_for_a_failing_partner_and_closes_again(hub: Running) -> None:
    """After three failures in a row nothing is tried for a while; one probe that succeeds lets everything through."""
    service = behave(hub, "citizen-portal", Behaviour.ERROR)
    before, notice = len(service.requests), {"channel": "portal"}
    sent = [send_event(hub, reportNumber=f"1448-RP-00991{number:02d}", **notice) for number in range(6)]
    until(lambda: hub.count("citizen-portal", "open"))
    behave(hub, "citizen-portal", Behaviour.TAKE)
    tried = len(service.requests)
    assert tried - before <= 8  # three that failed, and what was under way with them
    for each in sent:
        hub.settled(each.message, citizen_portal="delivered")
    assert not hub.count("citizen-portal", "open")
    log = [
        line for line in hub.log.read_text().splitlines() if '"event":"breaker"' in line and "citizen-portal" in line
    ]
    assert [state for line in log for state in ("open", "half-open", "closed") if f'"state":"{state}"' in line] == [
        "open", "half-open", "closed",
    ]  # fmt: skip


def test_a_partner_that_asks_to_slow_down_is_left_alone(hub: Running) -> None:
    """``429`` with Retry-After: pending, and due when the partner said, not sooner."""
    behave(hub, "police-platform", Behaviour.THROTTLE)
    report = (ROOT / "mappings/citizen-portal/examples/report-of-a-fraud/input.json").read_bytes()
    sent = hub.post("citizen-portal", "incident-report", report.replace(b"1448-RP-0004521", b"1448-RP-0099003")).json
    id = hub.deliveries(sent["id"])["police-platform"].id
    (attempt,) = until(lambda: hub.attempts(id))
    waiting = hub.deliveries(sent["id"])["police-platform"]
    assert (waiting.state, waiting.reason, waiting.waits_for) == ("pending", "partner-throttled", "time")
    assert waiting.wake_at is not None
    assert waiting.wake_at - attempt.ended_at == pytest.approx(7, abs=0.5)


def test_the_ledger_is_whole_after_all_that(hub: Running) -> None:
    """Whatever the partners did, the ledger verifies, and every attempt that ended began with a disclosure."""
    assert hub.verify().fault is None
    begun = {entry["delivery"] for entry in hub.ledger() if entry.get("outcome") == "started"}
    ended = {
        entry["delivery"] for entry in hub.ledger() if entry["kind"] == "disclose" and entry["outcome"] != "started"
    }
    assert ended <= begun
