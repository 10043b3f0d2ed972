"""From claimed deliveries to bytes that may leave: today's rules, the mapping of their acceptance, frozen bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from hub.access.rules import Facts
from hub.errors import HubError
from hub.message import Outbound, Projected
from hub.pipeline import entries
from hub.pipeline.routing import DEFAULT_DENY, ceiling_rule
from hub.pipeline.translate import parcel_facts, translate_out
from hub.site.site import Site
from hub.store.base import Claimed, Freeze, FrozenParcel


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one attempt sends: the bytes, and what has to be frozen in the store before (None: frozen already).

    ``dropped``: how much of each message fell when they were written now.
    """

    outbound: Outbound
    freeze: Freeze | None
    dropped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """One job: ``pack`` for a parcel that is large. The sites are named by their digests."""

    site: str
    rules: str
    claimed: Sequence[Claimed]
    now: float


class Stopped(Exception):
    """A delivery that must not be sent: the error says why, ``withheld`` whether today's rules are the reason, and then
    ``rule`` which of them (empty where it is none of access)."""

    def __init__(self, error: HubError, *, withheld: bool, rule: str = "") -> None:
        self.error = error
        self.withheld = withheld
        self.rule = rule
        super().__init__(str(error))

    def __reduce__(self) -> tuple[Any, ...]:
        """It also comes back from a process that translates."""
        return partial(Stopped, withheld=self.withheld, rule=self.rule), (self.error,)


def project(site: Site, claimed: Claimed) -> Projected:
    """What the agency may see of one delivery by today's rules; raises ``Stopped`` where it may see nothing."""
    envelope, data = claimed.envelope, orjson.loads(claimed.canonical)
    agency = site.agencies.get(claimed.agency)
    facts = Facts(envelope.type, envelope.source, envelope.classification, data)
    grant = site.grants.applying("receive", claimed.agency, facts)
    if agency is None or grant is None:
        raise _kept_back(claimed, "not-granted", "no grant allows this any more", DEFAULT_DENY)
    if envelope.classification > agency.ceiling:
        text = f"the label is above the agency's ceiling {agency.ceiling.name}"
        raise _kept_back(claimed, "above-ceiling", text, ceiling_rule(agency))
    return site.projections[claimed.agency, grant.rule].apply(claimed.agency, envelope, data)


def pack(site: Site, rules: Site, claimed: Sequence[Claimed], now: float) -> Parcel:
    """The parcel of these deliveries. ``site`` is that of their acceptance, ``rules`` today's.

    Bytes frozen before are sent again as they are, if today's rules still grant every field in them to every member.
    If not and they were never sent, they are rendered anew; perhaps sent before: ``Stopped`` with rule-changed.
    """
    projected = [project(rules, item) for item in claimed]
    frozen = claimed[0].parcel
    if frozen is not None:
        narrowed = _narrowed(frozen, projected)
        if narrowed is None and frozen.members == tuple(item.id for item in claimed):
            return Parcel(_outbound(site, claimed, frozen), None)
        if any(item.maybe_sent for item in claimed):
            text = "a field that may have been sent before is no longer granted"
            raise Stopped(HubError("rule-changed", text), withheld=False, rule=narrowed.rule if narrowed else "")
    dialect = site.dialects.get((claimed[0].agency, claimed[0].envelope.type))
    if dialect is None:
        raise Stopped(HubError("not-deliverable", "no mapping for this agency and type"), withheld=False)
    id = claimed[0].id
    facts = parcel_facts(id, entries.stamp(now), [item.envelope for item in claimed])
    outward = translate_out(dialect, projected, facts)
    digest = hashlib.sha256(outward.body).hexdigest()
    disclosed = tuple(part.disclosed for part in projected)
    parcel = FrozenParcel(id, outward.body, digest, tuple(item.id for item in claimed), disclosed)
    notes = [
        entries.disclosing(part, id, digest, dropped, item.attempt, site.digest, now)
        for part, item, dropped in zip(projected, claimed, outward.dropped, strict=True)
    ]
    freeze = Freeze(parcel, tuple(item.token for item in claimed), tuple(notes), now)
    return Parcel(_outbound(site, claimed, parcel), freeze, tuple(sum(counts.values()) for counts in outward.dropped))


def _narrowed(frozen: FrozenParcel, projected: Sequence[Projected]) -> Projected | None:
    """The first member of which frozen bytes show more than today's rule gives, or None. Each for itself: what a rule
    still gives of one message says nothing of another."""
    if len(projected) != len(frozen.members):
        return None
    pairs = zip(projected, frozen.disclosed, strict=True)
    return next((part for part, paths in pairs if not set(part.disclosed).issuperset(paths)), None)


def _outbound(site: Site, claimed: Sequence[Claimed], parcel: FrozenParcel) -> Outbound:
    first = claimed[0]
    dialect = site.dialects[first.agency, first.envelope.type]
    return Outbound(
        id=parcel.id,
        agency=first.agency,
        type=first.envelope.type,
        body=parcel.body,
        media_type=dialect.contract.media_type,
        digest=parcel.digest,
        envelopes=tuple(item.envelope for item in claimed),
        attempt=first.attempt,
        overdue=first.reason == "sent",
    )


def _kept_back(claimed: Claimed, code: str, text: str, rule: str) -> Stopped:
    if claimed.maybe_sent:
        return Stopped(HubError("rule-changed", f"{text}, and it may have been sent before"), withheld=False, rule=rule)
    return Stopped(HubError(code, text), withheld=True, rule=rule)
