"""What follows from what the store says of a message: the conflict that its sender is told, what observers hear."""

from __future__ import annotations

from hub.errors import HubError, Problem
from hub.message import Receipt, State
from hub.observe import Observer
from hub.site.site import Site
from hub.store.base import Acceptance, Conflict


def conflict(*conflicts: Conflict) -> HubError:
    """The same identity with other content (P5); every record is named."""
    texts = [
        f"{item.identity!r} was accepted before with other content, as message {item.earlier_id}" for item in conflicts
    ]
    problems = [Problem(text, record=item.record) for text, item in zip(texts, conflicts, strict=True)]
    return HubError("conflict", texts[0], problems)


def tell_accepted(observer: Observer, site: Site, new: Acceptance, receipt: Receipt) -> None:
    """A message is in the store; deliveries that begin at rest are observed like those that come to it later."""
    observer.received(new.sender, receipt.type, new.transport, receipt.id, receipt.duplicate)
    if receipt.duplicate:
        return
    if dropped := sum(new.entry.get("dropped", {}).values()):
        observer.dropped(new.sender, new.type, "in", new.id, dropped)
    for recipient, id in zip(new.recipients, new.delivery_ids, strict=True):
        if recipient.state is not State.PENDING:
            agency = recipient.agency if recipient.agency in site.agencies else "unknown"
            observer.entered(agency, new.type, id, recipient.state, recipient.reason)
