"""An agency that cannot be called fetches its messages and acknowledges them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import http.client
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from hub.child import Child, free_port
from hub.demo.cast import load_cast
from hub.demo.deployment import write_environment
from hub.store.choice import Choice
from hub.wiring.checking import load_checked_site
from tests.whole_hub.events import new_case, send_event
from tests.whole_hub.production import services
from tests.whole_hub.running import ROOT, Reply, Running, copy_site, until

AGENCY = "emirate"
KEY = "demo-hub-at-emirate"
AGAIN_S = 1


def mailbox_site(target: Path, again_s: int = AGAIN_S) -> Path:
    """The default site, where the agency fetches what it was called with before."""
    site = copy_site(target, {})
    path = site / "connectors" / "agencies" / AGENCY / "agency.yaml"
    values: dict[str, Any] = yaml.load(path.read_text(), yaml.BaseLoader)
    options = {"credential": "hub-key", "again-after-s": str(again_s)}
    values["delivers"] = {"transport": "mailbox", "options": options, "retry": {"attempts": "4"}}
    path.write_text(yaml.safe_dump(values, allow_unicode=True, sort_keys=False))
    return site


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A hub in this process whose receiver has a mailbox."""
    folder = tmp_path_factory.mktemp("mailbox-hub")
    with Running(mailbox_site(folder / "site"), folder / "data") as running:
        yield running


@pytest.fixture(autouse=True)
def emptied(hub: Running) -> Iterator[None]:
    """Whatever a test leaves is acknowledged after it."""
    yield

    def is_empty() -> bool:
        for each in fetch(hub):
            acknowledge(hub, each["id"])
        page = hub.wait(hub.queries.deliveries(Choice(agency=AGENCY), 1000))
        return all(each.state != "pending" for each in page.deliveries)

    until(is_empty)


def ask(hub: Running, query: str = "", key: str = KEY) -> Reply:
    return hub.request("GET", f"/rest/{AGENCY}/mailbox{query}", X_Api_Key=key)


def fetch(hub: Running, query: str = "") -> list[Any]:
    reply = ask(hub, query)
    assert reply.status == 200, reply.body
    messages: list[Any] = reply.json["messages"]
    return messages


def acknowledge(hub: Running, id: str, **word: str) -> Reply:
    body = orjson.dumps(word) if word else None
    return hub.request("POST", f"/rest/{AGENCY}/mailbox/{id}/ack", body, X_Api_Key=KEY)


def content(message: Any) -> Any:
    return orjson.loads(base64.b64decode(message["contentBase64"]))


def test_a_message_is_fetched_and_acknowledged(hub: Running) -> None:
    """Disclosed in the ledger before the bytes leave, delivered when it is acknowledged, with the partner's number."""
    sent = send_event(hub)
    (message,) = fetch(hub)
    body = base64.b64decode(message["contentBase64"])
    assert (message["type"], message["mediaType"]) == ("case-status", "application/json")
    assert message["digest"] == hashlib.sha256(body).hexdigest()
    delivery = hub.deliveries(sent.message)[AGENCY]
    assert (delivery.id, delivery.state, delivery.waits_for) == (message["id"], "pending", "acknowledgement")
    assert [entry["outcome"] for entry in hub.disclosures(delivery.id)] == ["started", "sent"]
    reply = acknowledge(hub, message["id"], number="EM-77")
    assert (reply.status, reply.json) == (200, {"id": message["id"], "state": "delivered"})
    assert hub.deliveries(sent.message)[AGENCY].state == "delivered"
    last = hub.disclosures(delivery.id)[-1]
    assert (last["outcome"], last["partnerLogId"], last["out"]) == ("delivered", "EM-77", message["digest"])
    assert (last["message"], last["recipient"]) == (sent.message, AGENCY)
    assert hub.verify().fault is None


def test_what_is_not_acknowledged_comes_again_with_the_same_id_and_bytes(hub: Running) -> None:
    """Not at once, so that several readers of one agency share the work, but soon."""
    send_event(hub)
    (first,) = fetch(hub)
    assert fetch(hub) == []
    (second,) = until(lambda: fetch(hub), AGAIN_S + 3)
    assert {**second, "attempt": 1} == first
    assert second["attempt"] == 2
    assert acknowledge(hub, first["id"]).status == 200
    time.sleep(AGAIN_S + 0.2)
    assert fetch(hub) == []


def test_messages_of_a_case_come_in_order_and_other_cases_do_not_wait(hub: Running) -> None:
    """The second message of a case is handed out once the first is acknowledged."""
    case = new_case()
    sent = [send_event(hub, case), send_event(hub, case), send_event(hub)]
    ids = [hub.deliveries(each.message)[AGENCY].id for each in sent]
    assert [each["id"] for each in fetch(hub)] == [ids[0], ids[2]]
    acknowledge(hub, ids[0])
    (second,) = fetch(hub)
    assert second["id"] == ids[1]
    assert second["sequence"].endswith(";2")


def test_a_page_holds_at_most_so_many_the_oldest_first(hub: Running) -> None:
    """``?most=`` pages: what was fetched is not fetched again, so the next call brings the next ones."""
    ids = [hub.deliveries(send_event(hub).message)[AGENCY].id for _ in range(25)]
    pages = [fetch(hub, "?most=12"), fetch(hub, "?most=12"), fetch(hub, "?most=12")]
    assert [len(page) for page in pages] == [12, 12, 1]
    assert [each["id"] for page in pages for each in page] == ids


def test_a_long_poll_is_answered_when_something_comes(hub: Running) -> None:
    """``?wait=`` holds the call open: until a message, or until the time is over."""
    begun = time.monotonic()
    assert fetch(hub, "?wait=1") == []
    assert time.monotonic() - begun >= 1
    found: list[Any] = []
    waiting = threading.Thread(target=lambda: found.extend(fetch(hub, "?wait=20")))
    waiting.start()
    send_event(hub)
    waiting.join(10)
    assert len(found) == 1


def test_a_refusal_is_a_dead_letter_that_can_be_sent_again(hub: Running) -> None:
    """The agency's code is kept; a resend hands the same bytes out again."""
    sent = send_event(hub)
    (message,) = fetch(hub)
    reply = acknowledge(hub, message["id"], outcome="refused", reason="UNKNOWN-CASE")
    assert (reply.status, reply.json["state"]) == (200, "dead")
    dead = hub.deliveries(sent.message)[AGENCY]
    assert (dead.state, dead.reason) == ("dead", "partner-refused")
    assert hub.attempts(dead.id)[-1].text.endswith(": UNKNOWN-CASE")
    hub.resend(dead.id)
    (again,) = fetch(hub)
    assert (again["id"], again["contentBase64"]) == (message["id"], message["contentBase64"])


def test_what_is_never_acknowledged_needs_a_person_and_a_late_word_still_counts(hub: Running) -> None:
    """After the attempts that its file allows it is dead and says why; the partner's late word makes it delivered."""
    sent = send_event(hub)
    id = hub.deliveries(sent.message)[AGENCY].id

    def dead() -> bool:
        fetch(hub)
        return hub.deliveries(sent.message)[AGENCY].state == "dead"

    until(dead, 4 * (AGAIN_S + 2))
    assert hub.deliveries(sent.message)[AGENCY].reason == "not-acknowledged"
    assert acknowledge(hub, id).status == 200
    assert hub.deliveries(sent.message)[AGENCY].state == "delivered"


def test_an_acknowledgement_may_be_repeated_but_not_changed(hub: Running) -> None:
    """The answer was lost: the same again is answered alike and leaves no second entry; another word is refused."""
    sent = send_event(hub)
    (message,) = fetch(hub)
    assert acknowledge(hub, message["id"]).status == 200
    entries = len(hub.disclosures(message["id"]))
    assert acknowledge(hub, message["id"]).status == 200
    changed = acknowledge(hub, message["id"], outcome="refused")
    assert (changed.status, changed.json["code"]) == (409, "not-awaited")
    assert len(hub.disclosures(message["id"])) == entries
    assert hub.deliveries(sent.message)[AGENCY].state == "delivered"


def test_only_what_was_handed_out_to_it_can_be_acknowledged(hub: Running) -> None:
    """Neither what still waits, nor another agency's delivery, nor an id that never was."""
    sent = send_event(hub)
    deliveries = hub.deliveries(sent.message)
    for id in (deliveries[AGENCY].id, deliveries["public-prosecution"].id, "nothing"):
        reply = acknowledge(hub, id)
        assert (reply.status, reply.json["code"]) == (409, "not-awaited")
    hub.settled(sent.message, public_prosecution="delivered")


@pytest.mark.parametrize("key", ["", "guessed", "demo-platform-key"])
def test_a_mailbox_opens_only_for_its_agency(hub: Running, key: str) -> None:
    """Neither reading nor acknowledging without the agency's own key."""
    send_event(hub)
    assert ask(hub, key=key).status == 401
    assert hub.request("POST", f"/rest/{AGENCY}/mailbox/x/ack", X_Api_Key=key).status == 401
    assert hub.request("GET", "/rest/police-platform/mailbox", X_Api_Key="demo-platform-key").status == 404
    assert 'code="unauthenticated"' in hub.metrics()


@pytest.mark.parametrize("query", ["?most=0", "?most=101", "?most=-1", "?most=x", "?wait=61", "?wait=1.5"])
def test_a_query_that_cannot_be_read_is_told(hub: Running, query: str) -> None:
    """Both are whole numbers with limits."""
    reply = ask(hub, query)
    assert (reply.status, reply.json["code"]) == (400, "malformed")


def test_the_contract_describes_the_mailbox(hub: Running) -> None:
    """An agency that only fetches has an OpenAPI document too."""
    document = hub.request("GET", f"/rest/{AGENCY}/openapi.json").json
    assert set(document["paths"]) == {f"/rest/{AGENCY}/mailbox", f"/rest/{AGENCY}/mailbox/{{id}}/ack"}
    send_event(hub)
    (message,) = fetch(hub)
    described = document["components"]["schemas"]["MailboxMessage"]
    assert set(message) == set(described["properties"])
    assert set(described["required"]) <= set(message)


def test_a_stopped_hub_goes_on_where_it_was(hub: Running) -> None:
    """What was fetched before can be acknowledged after, and what was not comes again."""
    first, second = send_event(hub), send_event(hub)
    handed = {each["id"] for each in fetch(hub)}
    hub.stop()
    hub.start()
    id = hub.deliveries(first.message)[AGENCY].id
    assert id in handed
    assert acknowledge(hub, id).status == 200
    (again,) = until(lambda: fetch(hub), AGAIN_S + 3)
    assert again["id"] == hub.deliveries(second.message)[AGENCY].id


def test_what_waits_in_a_mailbox_is_what_the_agency_may_see(hub: Running) -> None:
    """The projection holds here as everywhere: no note, which the grant does not name."""
    sent = send_event(hub)
    (message,) = fetch(hub)
    assert content(message)["stage"]
    assert sent.event not in base64.b64decode(message["contentBase64"]).decode()


@contextmanager
def fleet(folder: Path) -> Iterator[list[Child]]:
    """Two ``hub intake`` and a ``hub deliver`` on a PostgreSQL and a RabbitMQ, with that site."""
    site, data = mailbox_site(folder / "site", 60), folder / "data"
    data.mkdir()
    write_environment(data, load_cast(ROOT, load_checked_site(site).agencies), {})
    with services() as both, asyncio.Runner() as runner:
        environment = {"HUB_STORE": both.store, "HUB_QUEUE": both.queue}
        children = [
            Child(site, data, free_port(), environment=environment, command=command)
            for command in ("intake", "intake", "deliver")
        ]

        async def every(step: Callable[[Child], Coroutine[Any, Any, object]]) -> None:
            await asyncio.gather(*(step(each) for each in children))

        try:
            runner.run(every(Child.start))
            yield children
        finally:
            runner.run(every(Child.stop))


def call(port: int, method: str, path: str, body: bytes | None = None, key: str = KEY) -> Any:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path, body, {"X-Api-Key": key, "Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status in (200, 202), answer.read()
        return orjson.loads(answer.read())


def test_any_process_that_takes_http_hands_out_and_takes_the_word(tmp_path: Path) -> None:
    """Accepted by one and fetched from the other; two readers at once share the work; no message comes to both."""
    with fleet(tmp_path) as (one, two, _):
        found: list[Any] = []
        path = f"/rest/{AGENCY}/mailbox"
        waiting = threading.Thread(target=lambda: found.extend(call(two.port, "GET", f"{path}?wait=20")["messages"]))
        waiting.start()
        for number in range(20):
            event = {
                "eventNumber": f"EV-{number}",
                "caseNumber": new_case(),
                "classification": "RESTRICTED",
                "stage": "REFERRED",
                "eventTime": "2026-06-22T13:06:00+03:00",
                "note": "أحيلت",
            }
            call(one.port, "POST", "/rest/police-platform/case-status", orjson.dumps(event), "demo-platform-key")
        waiting.join(20)
        assert found
        with ThreadPoolExecutor(4) as readers:
            pages = list(readers.map(lambda port: call(port, "GET", f"{path}?most=6&wait=1"), [one.port, two.port] * 2))
        ids = [each["id"] for page in (found, *(page["messages"] for page in pages)) for each in page]
        assert len(ids) == len(set(ids)) == 20
        for number, id in enumerate(ids):
            assert call((one, two)[number % 2].port, "POST", f"{path}/{id}/ack")["state"] == "delivered"
        assert call(one.port, "GET", path)["messages"] == []
