"""What one site would do with one document: accept or refuse each record, route it, cut it down, write it out.

The steps are the hub's own; only what sends, stores or proves the sender is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hub.errors import HubError
from hub.message import Canonical, Envelope, Projected, Received, State
from hub.pipeline.admit import agency_of, authorise, dialect_of
from hub.pipeline.entries import stamp
from hub.pipeline.routing import route
from hub.pipeline.translate import parcel_facts, translate_in, translate_out
from hub.site.site import Site
from hub.store.base import Recipient

NO_ID = "00000000-0000-7000-8000-000000000000"
WHOLE = -1  # the record number of a document that was refused as a whole


@dataclass(frozen=True, slots=True)
class Handed:
    """What one agency would get: ``body`` under a rule, or ``stopped`` (the code; ``text`` has the error's words)."""

    rule: str
    projected: Projected | None = None
    body: bytes = b""
    stopped: str = ""
    withheld: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """One record: the message and what becomes of it by agency, or the error by which it is refused."""

    message: Canonical | None
    error: HubError | None = None
    handed: Mapping[str, Handed] = field(default_factory=dict)


def judge(site: Site, received: Received, ids: Mapping[int, str], only: str | None = None) -> dict[int, Judged]:
    """The records of a document in their order; one entry under ``WHOLE`` where all of it is refused.

    ``only`` names one receiver, where the others do not matter.
    """
    try:
        agency = agency_of(site, received)
        dialect = dialect_of(site, agency, received)
        _check_way_in(site, received)
        if received.charset is None and agency.file is not None and received.transport in ("", "file"):
            received = replace(received, charset=agency.file.charset)
        inward = authorise(site, dialect, translate_in(dialect, received, str))
    except HubError as error:
        return {WHOLE: Judged(None, error)}
    found = {refusal.record: Judged(None, refusal.error) for refusal in inward.refusals}
    for message in inward.messages:
        id = ids.get(message.record, NO_ID)
        found_for = [item for item in route(site, message) if only in (None, item.agency)]
        handed = {item.agency: _hand(site, message, item, id, received) for item in found_for}
        found[message.record] = Judged(message, None, handed)
    return dict(sorted(found.items()))


def _check_way_in(site: Site, received: Received) -> None:
    """Whether the agency may still send this type over that transport (files given by hand came over none)."""
    agency = site.agencies[received.agency]
    types = {
        "rest": agency.rest.types if agency.rest else (),
        "soap": tuple(agency.soap.operations.values()) if agency.soap else (),
        "file": tuple(type for _, type in agency.file.types) if agency.file else (),
    }
    if received.transport in types and received.type not in types[received.transport]:
        raise HubError("unknown-type", f"{agency.name} does not send this type over {received.transport}")


def _hand(site: Site, message: Canonical, recipient: Recipient, id: str, received: Received) -> Handed:
    if recipient.state is not State.PENDING:
        return Handed(recipient.rule, stopped=recipient.reason, withheld=True)
    projection = site.projections[recipient.agency, recipient.rule]
    projected = projection.apply(recipient.agency, _envelope(message, id, received), message.data)
    dialect = site.dialects.get((recipient.agency, message.type))
    parcel = parcel_facts(id, stamp(received.received_at), [projected.envelope])
    try:
        if dialect is None:
            raise HubError("not-deliverable")
        body = translate_out(dialect, [projected], parcel).body
    except HubError as error:
        return Handed(recipient.rule, projected, stopped=error.code.name, text=in_words(error))
    return Handed(recipient.rule, projected, body)


def in_words(error: HubError) -> str:
    """An error in one line, with its first places."""
    places = [f"{problem.path}: {problem.text}" if problem.path else problem.text for problem in error.problems[:5]]
    return "; ".join(dict.fromkeys([error.text, *places]))


def _envelope(message: Canonical, id: str, received: Received) -> Envelope:
    """Ids and lane of the delivery are made up, the same for every site."""
    return Envelope(
        id=id,
        message_id=id,
        source=message.source,
        type=message.type,
        subject=message.subject,
        time=message.time,
        classification=message.classification,
        case_key="1",
        sequence=1,
        test=received.test,
    )
