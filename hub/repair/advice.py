"""What kind of failure holds a delivery up, and what a person can do about it: a command to type."""

from __future__ import annotations

from enum import StrEnum

from hub.message import Result, State
from hub.store.leave import SKIPPED
from hub.store.views import DeliveryView


class Failure(StrEnum):
    """``refused``: the partner's clear no, never tried again; ``transient``: tried again with back-off; ``throttled``:
    tried again by the partner's clock; ``unknown``: perhaps taken, tried again with the same id and bytes; ``person``:
    nothing that the hub or the partner does by itself can mend it."""

    REFUSED = "refused"
    TRANSIENT = "transient"
    THROTTLED = "throttled"
    UNKNOWN = "unknown"
    PERSON = "person"


_RESEND = "mended at the partner: hub resend {id}"
_REPROCESS = "mend the mapping or contract, hub reload, then hub reprocess {id}"
_DEAD = {
    "partner-refused": f"the partner said no: {_RESEND}; mended in the mapping: hub reprocess {{id}}",
    "gave-up": "retries ended; when the partner is back: hub resend {id}",
    "rule-changed": "it may have been sent with what is no longer granted: hub reprocess {id} sends by today's rules"
    " under a new id, hub cancel {id} sends nothing",
    "unwritable-value": _REPROCESS,
    "not-encodable": _REPROCESS,
    "output-invalid": _REPROCESS,
    "not-deliverable": "the connector or mapping is missing: mend the site, hub reload, then hub reprocess {id}",
    "poison": "workers ended while they tried it: report it; hub skip {id} lets its lane go on",
    SKIPPED: "somebody let its lane go on without it: hub resend {id} sends it, hub cancel {id} never does",
    "not-granted": "no grant of today allows it: mend access.yaml, hub reload, hub reprocess {id}; or hub cancel {id}",
}
_REFUSED_TODAY = "today's site refuses the message: mend it, hub reload, hub reprocess {id}; or hub cancel {id}"
_WITHHELD = "by rule; where the rule is wrong: mend access.yaml, hub reload, then hub reprocess {id}"
_WAITS = {
    "lane": "see hub deliveries {behind}, which comes first",
    "pause": "hub resume {agency} when the pause is no longer needed",
    "breaker": "ask the partner; it goes by itself when the partner is back",
}


def failure_of(delivery: DeliveryView) -> Failure | None:
    """What kind of failure its last attempt, or its state, is; None where nothing failed."""
    if delivery.state is State.DEAD:
        return Failure.REFUSED if delivery.reason == "partner-refused" else Failure.PERSON
    if delivery.state is not State.PENDING or delivery.result is None:
        return None
    if delivery.code == "partner-throttled":
        return Failure.THROTTLED
    return {Result.FAILED.value: Failure.TRANSIENT, Result.UNKNOWN.value: Failure.UNKNOWN}.get(delivery.result)


def advice(delivery: DeliveryView) -> str:
    """What a person can do now; empty where there is nothing to do."""
    if delivery.state is State.DEAD:
        written = _DEAD.get(delivery.reason, _REFUSED_TODAY)
    elif delivery.state is State.WITHHELD:
        written = _WITHHELD
    elif delivery.state is State.SUPERSEDED:
        written = "see hub deliveries {reason}, which came after it"
    else:
        written = _WAITS.get(delivery.waits_for or "", "")
    return written.format(id=delivery.id, behind=delivery.behind, agency=delivery.agency, reason=delivery.reason)
