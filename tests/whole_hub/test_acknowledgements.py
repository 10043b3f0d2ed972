"""Files that the partner acknowledges: delivered, refused, or due for a person, by what it puts into its folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from hub.store.views import DeliveryView
from tests.whole_hub.events import new_case
from tests.whole_hub.running import ROOT, Running, copy_site, until

AGENCY = "public-security"
REFERRAL = (ROOT / "mappings/police-platform/examples/referral-of-a-burglary/input.json").read_text()
WITHIN_S = 3
ACKNOWLEDGEMENT = {"folder": "acks", "within-s": str(WITHIN_S), "taken": ".ack", "refused": ".nak"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A hub in this process whose file agency takes one message a file and acknowledges each."""
    folder = tmp_path_factory.mktemp("acknowledging-hub")
    delivers = {"batch": {"most": "2", "wait-s": "1"}, "lane": "gap", "options": {"acknowledgement": ACKNOWLEDGEMENT}}
    site = copy_site(folder / "site", {AGENCY: {"delivers": delivers}})
    with Running(site, folder / "data") as running:
        yield running


def sent(hub: Running) -> tuple[str, str]:
    """A referral whose file lies in the agency's folder: the message's id, and the file's name."""
    message = referred(hub)
    until(lambda: delivery(hub, message).waits_for == "acknowledgement")
    parcel = hub.wait(hub.queries.parcel(delivery(hub, message).id))
    assert parcel is not None
    (name,) = [path.name for path in hub.outbox(AGENCY) if parcel.id in path.name]
    return message, name


def referred(hub: Running) -> str:
    """A new case is referred: the message's id."""
    case, report = new_case(), new_case().replace("MK", "RM")
    text = REFERRAL.replace("1448-MK-0001234", case).replace("1448-RM-0000451", report).replace("SECRET", "RESTRICTED")
    reply = hub.post("police-platform", "case-referral", text.encode())
    assert reply.status == 202, reply.body
    message: str = reply.json["id"]
    return message


def delivery(hub: Running, message: str) -> DeliveryView:
    return hub.deliveries(message)[AGENCY]


def acknowledge(hub: Running, name: str, content: bytes = b"") -> tuple[str, Any]:
    """Put a file into the folder for acknowledgements; where it ended, and its report."""
    folder = hub.data / "files" / AGENCY / "acks"
    (folder / f".{name}.part").write_bytes(content)
    (folder / f".{name}.part").rename(folder / name)
    ends = {"accepted": ".receipt.json", "rejected": ".rejected.json"}
    found = {end: folder / end / (name + suffix) for end, suffix in ends.items()}
    end = until(lambda: next((end for end, path in found.items() if path.exists()), None))
    return end, orjson.loads(found[end].read_bytes())


def test_a_file_is_delivered_when_it_is_acknowledged(hub: Running) -> None:
    """Sent until then; the ledger tells when it was disclosed, sent and acknowledged."""
    message, name = sent(hub)
    assert hub.attempts(delivery(hub, message).id)[0].result == "sent"
    end, report = acknowledge(hub, f"{name}.ack")
    assert (end, report["acknowledged"], report["unmatched"]) == ("accepted", 1, 0)
    done = delivery(hub, message)
    assert (done.state, done.reason) == ("delivered", "")
    told = hub.disclosures(done.id)
    assert [entry["outcome"] for entry in told] == ["started", "sent", "delivered"]
    assert told[-1]["acknowledged"] is True
    assert hub.verify().fault is None


def test_a_file_that_the_partner_refuses_is_a_dead_letter(hub: Running) -> None:
    """And can be sent again: the same file, once it is gone from the folder, and acknowledged anew."""
    message, name = sent(hub)
    assert acknowledge(hub, f"{name}.nak")[0] == "accepted"
    dead = delivery(hub, message)
    assert (dead.state, dead.reason) == ("dead", "partner-refused")
    (path,) = [path for path in hub.outbox(AGENCY) if path.name == name]
    body = path.read_bytes()
    path.unlink()
    hub.resend(dead.id)
    until(path.exists)
    assert path.read_bytes() == body
    until(lambda: delivery(hub, message).waits_for == "acknowledgement")
    acknowledge(hub, f"{name}.ack")
    assert delivery(hub, message).state == "delivered"


def test_a_file_that_nobody_acknowledges_needs_a_person(hub: Running) -> None:
    """After the declared time it is dead and says so, the file is not written again, and a late word still counts."""
    message, name = sent(hub)
    (path,) = [path for path in hub.outbox(AGENCY) if path.name == name]
    path.unlink()  # the partner took it
    dead = hub.settled(message, public_security="dead")[AGENCY]
    assert (dead.reason, dead.maybe_sent) == ("not-acknowledged", True)
    assert [each.result for each in hub.attempts(dead.id)] == ["sent", "unknown"]
    assert not path.exists()
    acknowledge(hub, f"{name}.ack")
    assert delivery(hub, message).state == "delivered"


def test_a_parcel_of_many_is_acknowledged_by_its_file(hub: Running) -> None:
    """One file, one word: every message in it is delivered."""
    messages = [referred(hub) for _ in range(2)]
    until(lambda: all(delivery(hub, message).waits_for == "acknowledgement" for message in messages))
    parcels = [hub.wait(hub.queries.parcel(delivery(hub, message).id)) for message in messages]
    (id,) = {parcel.id for parcel in parcels if parcel is not None}
    (name,) = [path.name for path in hub.outbox(AGENCY) if id in path.name]
    acknowledge(hub, f"{name}.ack")
    assert {delivery(hub, message).state for message in messages} == {"delivered"}


def test_an_acknowledgement_of_nothing_is_rejected_and_counted(hub: Running) -> None:
    """A stray file, or one for a message that was acknowledged with the other word."""
    message, name = sent(hub)
    acknowledge(hub, f"{name}.ack")
    assert acknowledge(hub, f"{name}.nak")[1]["code"] == "not-awaited"
    assert acknowledge(hub, "stray.ack")[0] == "rejected"
    assert delivery(hub, message).state == "delivered"
    assert f'hub_messages_refused_total{{agency="{AGENCY}",code="not-awaited"' in hub.metrics()


def test_acknowledgements_go_on_after_a_restart(hub: Running) -> None:
    """Sent before, acknowledged while the hub was away, delivered when it is back."""
    message, name = sent(hub)
    hub.stop()
    (hub.data / "files" / AGENCY / "acks" / f"{name}.ack").write_bytes(b"")
    hub.start()
    until(lambda: delivery(hub, message).state == "delivered")
