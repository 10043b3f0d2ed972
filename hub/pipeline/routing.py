"""Who gets a message: the agencies whose grant holds, or those that it names."""

from __future__ import annotations

from hub.access.rules import Facts, Grant
from hub.message import Canonical, State
from hub.site.agency import Agency
from hub.site.site import Site
from hub.store.base import Recipient

DEFAULT_DENY = "default deny"


def route(site: Site, message: Canonical) -> tuple[Recipient, ...]:
    """The recipients of one message, each with the state in which its delivery begins.

    Without named recipients: every agency but the sender with a grant that holds. With them: only those, and one that
    has no grant is ``withheld``, so that everyone can see it was meant and why it did not go. A label above an agency's
    ceiling withholds too. Others get no row.
    """
    facts = Facts(message.type, message.source, message.classification, message.data)
    if message.recipients is None:
        names = [name for name in site.grants.receivers(message.type) if name != message.source]
        found = [(name, site.grants.applying("receive", name, facts)) for name in names]
        return tuple(_recipient(site, name, grant, message) for name, grant in found if grant is not None)
    named = dict.fromkeys(message.recipients)
    return tuple(
        _recipient(site, name, site.grants.applying("receive", name, facts), message) for name in named if name
    )


def _recipient(site: Site, name: str, grant: Grant | None, message: Canonical) -> Recipient:
    agency = site.agencies.get(name)
    if agency is None:
        return Recipient(name, State.WITHHELD, "unknown-agency", DEFAULT_DENY)
    if grant is None:
        return Recipient(name, State.WITHHELD, "not-granted", DEFAULT_DENY)
    if message.classification > agency.ceiling:
        return Recipient(name, State.WITHHELD, "above-ceiling", ceiling_rule(agency))
    return Recipient(name, State.PENDING, "", grant.rule)


def ceiling_rule(agency: Agency) -> str:
    """How the ceiling of an agency is called where a rule's name stands."""
    return f"ceiling {agency.ceiling.name}"
