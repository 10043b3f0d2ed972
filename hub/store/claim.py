"""Claiming: the heads of lanes that are due, with everything that is needed to render them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson

from hub.message import Classification, Envelope, State
from hub.site.agency import Rate
from hub.store.base import Claimed, FrozenParcel, Taken
from hub.store.batch import Row
from hub.store.freeze import by_member
from hub.store.gates import Caller, Gates
from hub.store.work import Work

_PENDING = State.PENDING.value


@dataclass(frozen=True, slots=True)
class Claim:
    """Who wants which deliveries, until when; without ``suspects`` none whose last claim ended without an outcome."""

    ids: tuple[str, ...]
    worker: str
    lease_s: float
    now: float
    suspects: bool = True
    rates: Mapping[str, Rate] = field(default_factory=dict)

    @property
    def caller(self) -> Caller:
        """The same for the gates."""
        return Caller(self.worker, self.now, self.now + self.lease_s, self.rates)


@dataclass(frozen=True, slots=True)
class Question:
    """Which of these deliveries are suspects at that moment."""

    ids: tuple[str, ...]
    now: float


class Offer(NamedTuple):
    """What a claim has to know of a delivery (the columns of ``Statements.offered``)."""

    n: int
    id: str
    agency: str
    type: str
    case_key: int
    number: int
    state: str
    place: int | None
    wake_at: float | None
    lease_until: float | None
    token: int
    attempts: int
    crashes: int
    maybe_sent: int
    first_tried_at: float | None
    reason: str
    message: str
    source: str
    subject: str
    time: str
    classification: int
    site: str
    trace: str
    test: int
    accepted_at: float
    relates_to: str
    canonical: bytes
    parcel: str | None
    parcel_digest: str | None
    parcel_members: str | None
    parcel_disclosed: str | None
    parcel_disclosed_each: str | None
    parcel_body: bytes | None
    own_number: str | None
    paused_until: float | None

    def is_due(self, now: float) -> bool:
        """Whether it is the pending head of its lane, unclaimed, not paused, and its time has come."""
        paused = self.paused_until is not None and self.paused_until > now
        return self.wake_at is not None and self.wake_at <= now and not paused

    def is_suspect(self, now: float) -> bool:
        """Whether it is due and its last claim ended without an outcome."""
        return self.crashes > 0 and self.is_due(now)

    def is_free(self, now: float) -> bool:
        """Whether it is pending and nobody holds it."""
        return self.state == _PENDING and (self.lease_until is None or self.lease_until <= now)


def claim(work: Work, claims: Sequence[Claim]) -> list[Taken]:
    """For each of ``claims`` what it got. A delivery frozen in a parcel with others comes with all of them, or not."""
    offers = offered(work, (id for each in claims for id in each.ids))
    fellows = {id for offer in offers.values() for id in members_of(offer) if id not in offers}
    offers |= offered(work, fellows)
    gates = Gates(work)
    rows: list[Row] = []
    got: list[list[Claimed]] = []
    for each in claims:
        taken: dict[str, Offer] = {}
        for id in each.ids:
            offer = offers.get(id)
            if offer is None or id in taken or not offer.is_due(each.now):
                continue
            if each.suspects or not offer.crashes:
                together = _with_fellows(work, offer, offers, each.now)
                if together and gates.lets(offer.agency, each.caller):
                    taken |= together
        got.append([take(rows, offer, each) for offer in taken.values()])
        for id in taken:
            del offers[id]
    work.run(work.statements.claim, rows)
    later = gates.end()
    return [Taken(claimed, later) for claimed in got]


def suspects(work: Work, questions: Sequence[Question]) -> list[dict[str, int]]:
    """For each of ``questions`` those that a claim without suspects leaves, and their crashes."""
    offers = offered(work, (id for each in questions for id in each.ids))
    return [
        {id: offers[id].crashes for id in each.ids if id in offers and offers[id].is_suspect(each.now)}
        for each in questions
    ]


def offered(work: Work, ids: Iterable[str]) -> dict[str, Offer]:
    """What there is to know of these deliveries; those that another process is claiming are left out."""
    wanted = [(id,) for id in dict.fromkeys(ids)]
    return {row[1]: Offer._make(row) for row in work.run(work.statements.offered, wanted)}


def members_of(offer: Offer) -> tuple[str, ...]:
    """The deliveries of the parcel in which it was frozen, itself included; none where it was not."""
    return tuple(orjson.loads(offer.parcel_members)) if offer.parcel_members is not None else ()


def can_go_together(work: Work, offers: Sequence[Offer], now: float) -> bool:
    """Whether all are free, and in each lane nothing that is not among them comes before one of them."""
    if not all(each.is_free(now) and each.place is not None for each in offers):
        return False
    ids = {each.id for each in offers}
    last: dict[tuple[int, str], int] = {}
    for each in offers:
        lane = (each.case_key, each.agency)
        last[lane] = max(last.get(lane, 0), each.place or 0)
    before = work.run(work.statements.open_until, [(*lane, place) for lane, place in sorted(last.items())])
    return all(row[2] in ids for row in before)


def take(rows: list[Row], offer: Offer, claim: Claim) -> Claimed:
    """Give an offer to a worker: adds its new values (``CLAIM_COLUMNS``) to ``rows``."""
    until = claim.now + claim.lease_s
    cut_off = offer.crashes > 0 and offer.parcel is not None
    maybe_sent = bool(offer.maybe_sent) or cut_off
    first = claim.now if offer.first_tried_at is None else offer.first_tried_at
    rows.append((
        offer.n, None if offer.wake_at is None else until, until, claim.worker, offer.token + 1, offer.attempts + 1,
        offer.crashes + 1, int(maybe_sent), first,
    ))  # fmt: skip
    return Claimed(
        offer.id, offer.agency, _envelope(offer), offer.site, offer.canonical, offer.attempts + 1, offer.token + 1,
        until, offer.accepted_at, offer.first_tried_at, _parcel(offer), maybe_sent, offer.crashes,
        offer.reason,
    )  # fmt: skip


def _with_fellows(work: Work, offer: Offer, offers: dict[str, Offer], now: float) -> dict[str, Offer]:
    members = members_of(offer)
    if len(members) < 2:
        return {offer.id: offer}
    found = [offers[id] for id in members if id in offers]
    if len(found) < len(members) or not can_go_together(work, found, now):
        return {}
    return {each.id: each for each in found}


def _envelope(offer: Offer) -> Envelope:
    partner = {"caseNumber": offer.own_number} if offer.own_number is not None else None
    return Envelope(
        offer.id, offer.message, offer.source, offer.type, offer.subject, offer.time,
        Classification(offer.classification), str(offer.case_key), offer.number, offer.trace or None,
        offer.relates_to or None, bool(offer.test), partner,
    )  # fmt: skip


def _parcel(offer: Offer) -> FrozenParcel | None:
    if offer.parcel is None or offer.parcel_digest is None or offer.parcel_body is None:
        return None
    members = members_of(offer)
    disclosed = by_member(offer.parcel_disclosed, offer.parcel_disclosed_each, len(members))
    return FrozenParcel(offer.parcel, offer.parcel_body, offer.parcel_digest, members, disclosed)
