"""From a canonical message to what the store is given of it: recipients, ids, ledger entry."""

from __future__ import annotations

import orjson

from hub.identifiers import new_id
from hub.message import Canonical, Received, Sender
from hub.pipeline import entries
from hub.pipeline.admit import grant_of
from hub.pipeline.routing import route
from hub.site.site import Site
from hub.store.base import Acceptance
from hub.subjects import SubjectDigests


def acceptance(
    site: Site, sender: Sender, received: Received, message: Canonical, subjects: SubjectDigests
) -> Acceptance:  # fmt: skip
    """One authorised message with everything that follows from it."""
    recipients = route(site, message)
    grant = grant_of(site, message)
    rule = grant.rule if grant else ""
    digests = subjects.of(site.types[message.type], message.data)
    return Acceptance(
        id=message.id,
        sender=sender.agency,
        type=message.type,
        version=message.version,
        identity=message.identity,
        digest=message.digest,
        subject=message.subject,
        numbers=message.numbers,
        classification=message.classification,
        time=message.time,
        accepted_at=received.received_at,
        site=site.digest,
        record=message.record,
        canonical=orjson.dumps(message.data),
        partner=message.partner,
        recipients=recipients,
        delivery_ids=tuple(new_id(received.received_at) for _ in recipients),
        trace=received.trace,
        reference=received.reference,
        transport=received.transport,
        test=received.test,
        entry=entries.accepted(message, sender, received, recipients, site.digest, rule, digests),
    )
