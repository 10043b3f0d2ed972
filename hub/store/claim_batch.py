"""Claiming for one parcel of many: prefixes of lanes, or exactly the members of a parcel that was frozen before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from hub.message import State
from hub.site.agency import Rate
from hub.store.base import Taken
from hub.store.batch import Row
from hub.store.claim import Claim, Offer, can_go_together, offered, take
from hub.store.gates import Gates
from hub.store.statements import DUE
from hub.store.work import Work


@dataclass(frozen=True, slots=True)
class BatchClaim:
    """Who wants up to ``most`` deliveries of one agency and type for one parcel."""

    agency: str
    type: str
    most: int
    worker: str
    lease_s: float
    now: float
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class _Head:
    id: str
    case_key: int
    place: int
    members: tuple[str, ...]


def claim_batch(work: Work, claims: Sequence[BatchClaim]) -> list[Taken]:
    """What each of ``claims`` got, one after the other."""
    return [_claim_one(work, each) for each in claims]


def _claim_one(work: Work, wanted: BatchClaim) -> Taken:
    due = work.ask(DUE, agency=wanted.agency, type=wanted.type, now=wanted.now, most=wanted.most)
    heads = [_Head(id, key, place, tuple(orjson.loads(members or "[]"))) for id, key, place, members in due]
    chosen: list[Offer] = []
    for parcel in dict.fromkeys(head.members for head in heads):
        chosen = _frozen(work, parcel, wanted) if parcel else _fresh(work, heads, wanted)
        if chosen:
            break
    rates = {wanted.agency: wanted.rate} if wanted.rate is not None else {}
    claim = Claim((), wanted.worker, wanted.lease_s, wanted.now, rates=rates)
    gates = Gates(work)
    if not chosen or not gates.lets(wanted.agency, claim.caller):
        return Taken((), gates.end())
    rows: list[Row] = []
    claimed = [take(rows, offer, claim) for offer in chosen]
    work.run(work.statements.claim, rows)
    return Taken(claimed, gates.end())


def _frozen(work: Work, members: tuple[str, ...], wanted: BatchClaim) -> list[Offer]:
    """All members of a frozen parcel, or none where one of them cannot go yet."""
    offers = offered(work, members)
    found = [offers[id] for id in members if id in offers]
    whole = len(found) == len(members) and can_go_together(work, found, wanted.now)
    return found if whole and not any(each.crashes for each in found) else []


def _fresh(work: Work, heads: Sequence[_Head], wanted: BatchClaim) -> list[Offer]:
    """The due heads that were never frozen, each followed by what may go with it, as far as there is room."""
    alone = [head for head in heads if not head.members]
    room = wanted.most - len(alone)
    behind = _followers(work, alone, wanted) if room else {}
    chains: list[list[str]] = []
    for head in alone:
        extra = behind.get(head.case_key, [])[:room]
        room -= len(extra)
        chains.append([head.id, *extra])
    offers = offered(work, (id for chain in chains for id in chain))
    return [offer for chain in chains for offer in _prefix(chain, offers, wanted.now)]


def _prefix(chain: Sequence[str], offers: dict[str, Offer], now: float) -> list[Offer]:
    """What of a lane can still be had, up to the first that cannot (another process may have been quicker)."""
    found: list[Offer] = []
    for id in chain:
        offer = offers.get(id)
        if offer is None or offer.crashes or not (offer.is_free(now) if found else offer.is_due(now)):
            break
        found.append(offer)
    return found


def _followers(work: Work, heads: Sequence[_Head], wanted: BatchClaim) -> dict[int, list[str]]:
    """By case key, the deliveries that stand right behind each head and may be in the same parcel."""
    reach: list[Row] = [(head.case_key, wanted.agency, head.place + wanted.most) for head in heads]
    first = {head.id for head in heads}
    behind: dict[int, list[str]] = {}
    ended: set[int] = set()
    for key, _, id, type, state, parcel, lease_until, _ in work.run(work.statements.open_until, reach):
        if id in first or key in ended:
            continue
        fits = type == wanted.type and state == State.PENDING and parcel is None
        if fits and (lease_until is None or lease_until <= wanted.now):
            behind.setdefault(key, []).append(id)
        else:
            ended.add(key)
    return behind
