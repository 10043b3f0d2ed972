"""May this agency send this: the questions that every message is asked when it comes, whoever asks them."""

from __future__ import annotations

from hub.access.rules import Facts, Grant
from hub.errors import HubError
from hub.message import Canonical, Received, Refusal
from hub.pipeline.translate import Dialect, Inward
from hub.site.agency import Agency
from hub.site.site import Site


def agency_of(site: Site, received: Received) -> Agency:
    """The agency that the path or folder names; raises ``HubError`` unknown-agency."""
    agency = site.agencies.get(received.agency)
    if agency is None:
        raise HubError("unknown-agency", "no agency of this name takes part")
    return agency


def dialect_of(site: Site, agency: Agency, received: Received) -> Dialect:
    """How the agency writes this type; raises ``HubError`` unknown-type or not-granted."""
    if received.type not in agency.documents:
        raise HubError("unknown-type", f"{agency.name} does not exchange messages of this type")
    if not site.grants.of("send", agency.name, received.type):
        raise HubError("not-granted", f"{agency.name} may not send {received.type}")
    return site.dialects[agency.name, received.type]


def grant_of(site: Site, message: Canonical) -> Grant | None:
    """The first send grant whose conditions hold for the message, or None: refused."""
    facts = Facts(message.type, message.source, message.classification, message.data)
    return site.grants.applying("send", message.source, facts)


def authorise(site: Site, dialect: Dialect, inward: Inward, *, whole: bool = True) -> Inward:
    """Take out the messages for which no send grant's conditions hold; raises where they refuse the whole document.

    Not ``whole``: these are only some of the document's messages, so that nothing but they can be refused.
    """
    allowed, refusals = [], list(inward.refusals)
    for message in inward.messages:
        if grant_of(site, message):
            allowed.append(message)
        else:
            error = HubError("not-granted", f"{message.source} may not send this {message.type}")
            refusals.append(Refusal(message.record, error))
    if whole and refusals and (dialect.definition.batch == "all" or len(refusals) + len(allowed) == 1):
        raise refusals[0].error
    return Inward(tuple(allowed), tuple(refusals))
