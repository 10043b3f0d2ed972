"""What each ledger entry says (DOMAIN.md, "What a ledger entry says"); digests and rules, never content."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from hub.errors import HubError
from hub.message import Canonical, Envelope, Json, Outcome, Projected, Received, Result, Sender
from hub.store.acts import Act
from hub.store.base import Claimed, Recipient

_MOST_PLACES, _LONGEST_PLACE = 20, 200
# What a name that a sender invents must not have, to stand in the ledger: a long number, or words.
_NO_NAME = re.compile(r"\d{5}|\s")


def stamp(at: float) -> str:
    """Epoch seconds as RFC 3339 UTC with microseconds, the ledger's only spelling of time."""
    micros = round(at * 1_000_000)
    return f"{_second(micros // 1_000_000)}.{micros % 1_000_000:06}Z"


@lru_cache(maxsize=8)
def _second(epoch_s: int) -> str:
    """Most entries of a busy moment share their second, and formatting it costs more than the rest of a stamp."""
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def accepted(
    message: Canonical,
    sender: Sender,
    received: Received,
    recipients: Sequence[Recipient],
    site: str,
    rule: str,
    subjects: Sequence[str],
) -> Json:
    """``accept``: a message became durable, and for whom; recipients that it was withheld from stand with the rule.

    ``subjects`` are keyed digests of the persons' identifiers. ``sequence`` is the sender's own count, where it gave
    one: gaps and repeats can be told from the ledger. ``dropped`` counts by place what the mapping let fall.
    """
    return {
        **({"sequence": received.case_sequence} if received.case_sequence is not None else {}),
        **_dropped(message.dropped),
        "kind": "accept",
        "at": stamp(received.received_at),
        "outcome": "accepted",
        "actor": {"agency": sender.agency, "authenticatedBy": sender.authenticated_by},
        "message": message.id,
        "identity": message.identity,
        "type": message.type,
        "case": message.subject,
        "subjects": list(subjects),
        "classification": message.classification.name,
        "transport": received.transport,
        "in": message.digest,
        "rule": rule,
        "site": site,
        "recipients": [
            {"agency": item.agency, "state": item.state.value, "reason": item.reason, "rule": item.rule}
            for item in recipients
        ],
    }


def refused(
    received: Received, sender: Sender, error: HubError, digest: str | None, site: str, record: int | None
) -> Json:
    """``refuse``: an identified sender's document or record was not accepted."""
    return {
        "kind": "refuse",
        "at": stamp(received.received_at),
        "outcome": "refused",
        "code": error.code.name,
        "actor": {"agency": sender.agency, "authenticatedBy": sender.authenticated_by},
        "type": received.type,
        "transport": received.transport,
        "identity": received.message_id,
        "record": record,
        "in": digest,
        "site": site,
    }


def disclosing(
    projected: Projected, parcel: str, digest: str, dropped: Mapping[str, int], attempt: int, site: str, at: float
) -> Json:
    """``disclose`` started: these bytes may leave from now on, with these fields, under this rule.

    ``dropped`` counts by canonical path what of the fields the receiver's format had no room for.
    """
    envelope = projected.envelope
    return {
        **_delivery(envelope, projected.agency, "disclose", at),
        "outcome": "started",
        "purpose": projected.purpose,
        "rule": projected.rule,
        "disclosed": list(projected.disclosed),
        "withheld": dict(projected.withheld),
        **_dropped(dropped),
        "parcel": parcel,
        "out": digest,
        "attempt": attempt,
        "site": site,
    }


def ended(claimed: Claimed, outcome: Outcome, digest: str, at: float) -> Json:
    """``disclose`` ended: how one attempt went, with the partner's own log id."""
    return {
        **_delivery(claimed.envelope, claimed.agency, "disclose", at),
        "outcome": outcome.result.value,
        "code": outcome.code,
        "partnerLogId": outcome.partner_log_id,
        "out": digest,
        "attempt": claimed.attempt,
    }


def acknowledged(agency: str, outcome: Outcome, at: float) -> Json:
    """``disclose`` ended: the partner's own word on what it had been sent (the store adds on what)."""
    return {
        "kind": "disclose",
        "at": stamp(at),
        "recipient": agency,
        "outcome": outcome.result.value,
        "code": outcome.code,
        "partnerLogId": outcome.partner_log_id,
        "acknowledged": True,
    }


def stopped(claimed: Claimed, code: str, rule: str, at: float) -> Json:
    """``withhold`` or ``refuse``: an accepted message was not sent, because of today's rules or its content."""
    kind = "withhold" if code in ("not-granted", "above-ceiling", "rule-changed") else "refuse"
    return {
        **_delivery(claimed.envelope, claimed.agency, kind, at),
        "outcome": "withheld" if kind == "withhold" else Result.REFUSED.value,
        "code": code,
        **({"rule": rule} if rule else {}),
        "attempt": claimed.attempt,
    }


def _dropped(places: Mapping[str, int]) -> Json:
    """What fell, by place: a bounded number of places, without names that could be somebody's number or name (JSON lets
    a sender name its properties as it likes)."""
    if not places:
        return {}
    told: dict[str, int] = {}
    for place, count in sorted(places.items()):
        before, _, name = place.rpartition("/")
        if _NO_NAME.search(name) or len(place) > _LONGEST_PLACE:
            place = f"{before}/*"[-_LONGEST_PLACE:]
        if place not in told and len(told) >= _MOST_PLACES:
            place = "*"
        told[place] = told.get(place, 0) + count
    return {"dropped": told}


def _delivery(envelope: Envelope, agency: str, kind: str, at: float) -> Json:
    return {
        "kind": kind,
        "at": stamp(at),
        "message": envelope.message_id,
        "delivery": envelope.id,
        "recipient": agency,
        "type": envelope.type,
        "case": envelope.subject,
        "classification": envelope.classification.name,
    }


def configured(site: str, at: float) -> Json:
    """``configure``: a site came into force."""
    return {"kind": "configure", "at": stamp(at), "outcome": "in-force", "site": site}


def reloaded(site: str, before: str, who: str, by: str, why: str, at: float) -> Json:
    """``configure``: a person brought a site into force while the hub ran, in place of the one ``before``."""
    actor = {"person": who, "authenticatedBy": by}
    return {**configured(site, at), "before": before, "actor": actor, "justification": why}


def act(kind: str, who: str, by: str, why: str, at: float, **more: str | None) -> Act:
    """What a person does, with the ledger entry that it leaves: ``resend``, ``reprocess``, ``cancel``, ``skip`` (the
    store adds of which delivery), ``pause``, ``resume`` (``more`` says of what)."""
    actor = {"person": who, "authenticatedBy": by}
    entry = {"kind": kind, "at": stamp(at), "outcome": _ACTED[kind], "actor": actor, "justification": why, **more}
    return Act(kind, who, by, why, at, entry)


_ACTED = {
    "resend": "pending",
    "reprocess": "pending",
    "cancel": "cancelled",
    "skip": "skipped",
    "pause": "paused",
    "resume": "resumed",
}
