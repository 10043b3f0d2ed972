"""Case events of the police platform, each of a case of its own unless said otherwise."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import orjson

from tests.whole_hub.running import Running

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Sent:
    """One accepted message: its id, and the number of its event."""

    message: str
    event: str


def new_case() -> str:
    """A case number that no other test uses."""
    return f"1448-MK-{next(_NUMBERS) + 7_000_000:07d}"


def send_event(hub: Running, case: str | None = None, **values: object) -> Sent:
    """An event as it goes to the Prosecution (SOAP) and the Emirate (REST); ``values`` are members of the document."""
    number = f"EV-{next(_NUMBERS)}"
    event = {
        "eventNumber": number,
        "caseNumber": case or new_case(),
        "classification": "RESTRICTED",
        "stage": "REFERRED",
        "eventTime": "2026-06-22T13:06:00+03:00",
        "note": f"أحيلت القضية {number}",
    }
    reply = hub.post("police-platform", "case-status", orjson.dumps({**event, **values}))
    assert reply.status == 202, reply.body
    return Sent(reply.json["id"], number)
