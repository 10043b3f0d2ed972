"""What goes into the store and comes out of it; every promise about durability is kept behind this surface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from hub.message import CaseNumber, Classification, Envelope, Json, Outcome, Receipt, State
from hub.site.agency import Rate
from hub.store.acts import Act, Acted, Generation, NotRead


@dataclass(frozen=True, slots=True)
class Recipient:
    """One agency a message is for, and the state in which its delivery begins (``pending`` or ``withheld``)."""

    agency: str
    state: State
    reason: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One message ready to be made durable. ``canonical`` is its data as JSON bytes; ``delivery_ids`` match recipients.

    ``entry`` is the body of its ledger entry (without sequence and hashes, which the sequencer gives).
    """

    id: str
    sender: str
    type: str
    version: int
    identity: str
    digest: str
    subject: str
    numbers: tuple[CaseNumber, ...]
    classification: Classification
    time: str
    accepted_at: float
    site: str
    record: int
    canonical: bytes
    partner: Mapping[str, str]
    recipients: tuple[Recipient, ...]
    delivery_ids: tuple[str, ...]
    trace: str | None
    reference: str | None
    transport: str
    test: bool
    entry: Json


@dataclass(frozen=True, slots=True)
class Conflict:
    """The same sender used the identity before, with other content."""

    identity: str
    record: int
    earlier_id: str


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything that one received document brings, committed together: raw bytes, messages, refusal entries.

    ``whole``: one conflict refuses all (nothing is stored, every other record comes back untouched). ``refused`` are
    ledger entries of records refused before the store was asked; they are committed in any case.
    """

    raw: bytes
    acceptances: tuple[Acceptance, ...]
    refused: tuple[Json, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of an ``Intake``: for each acceptance, in order, a receipt (maybe of old) or a conflict.

    ``ring``: the deliveries that can be claimed now, by agency. ``receipts`` is empty of receipts where ``whole`` and
    one conflicted.
    """

    results: tuple[Receipt | Conflict, ...]
    ring: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker may try until ``lease_until`` (epoch seconds); only ``token`` may end the attempt.

    ``parcel`` is set where bytes were frozen by an earlier attempt. ``attempt`` counts from 1 and includes this one.
    ``maybe_sent`` is true where an earlier attempt ended unknown, or was cut off after its disclosure entry.
    ``crashes`` counts the latest claims in a row that ended without any outcome (a poison message ends its workers).
    ``reason`` is why it is pending: how the last attempt that had an outcome ended, empty where there was none.
    """

    id: str
    agency: str
    envelope: Envelope
    site: str
    canonical: bytes
    attempt: int
    token: int
    lease_until: float
    accepted_at: float
    first_tried_at: float | None
    parcel: FrozenParcel | None
    maybe_sent: bool
    crashes: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FrozenParcel:
    """Bytes that were fixed for sending, and what they disclose of each member (canonical paths, sorted)."""

    id: str
    body: bytes
    digest: str
    members: tuple[str, ...]
    disclosed: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Freeze:
    """Fix a parcel's bytes and members and write ``disclose`` (started) to the ledger, before anything is sent."""

    parcel: FrozenParcel
    tokens: tuple[int, ...]
    entries: tuple[Json, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Finish:
    """End one attempt of one or more deliveries (a parcel): the new state of each and its ledger entries.

    ``due_at`` is set where state stays pending. ``gap`` lets the lane go on past a dead letter. ``rule`` is what
    stopped it (empty: the rule of before stays).
    """

    ids: tuple[str, ...]
    tokens: tuple[int, ...]
    outcome: Outcome
    state: State
    reason: str
    due_at: float | None
    gap: bool
    started_at: float
    at: float
    entries: tuple[Json, ...]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """``stale``: ids whose token was no longer current (nothing of them was written). ``ring``: new heads of lanes."""

    stale: tuple[str, ...]
    ring: Mapping[str, tuple[str, ...]]


class CircuitState(StrEnum):
    """``closed``: all may go; ``open``: nothing; ``half-open``: one at a time, until one shows how the partner is."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Standing:
    """What all processes know of when an agency may be tried. Times are epoch seconds; 0 is long ago.

    ``open_until``: the breaker (half-open: until when one process probes); ``ramp_from``: when it closed;
    ``throttled_until``: the partner's own clock; ``shut_until``: its daily window. ``revision`` counts what the breaker
    did.
    """

    state: CircuitState = CircuitState.CLOSED
    open_until: float = 0.0
    openings: int = 0
    ramp_from: float = 0.0
    throttled_until: float = 0.0
    shut_until: float = 0.0
    revision: int = 0


class Taken(list[Claimed]):
    """What a claim got. ``later``: agencies of which something due was left, and when it may be asked for again."""

    def __init__(self, claimed: Iterable[Claimed] = (), later: Mapping[str, float] | None = None) -> None:
        super().__init__(claimed)
        self.later: Mapping[str, float] = later or {}


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The partner's word on deliveries that were sent to it, with the fellow members of their parcels.

    ``state`` is ``delivered`` or ``dead``; each gets ``entry`` as its ledger entry, to which the store adds which
    delivery it is about and the digest of the bytes.
    """

    agency: str
    ids: tuple[str, ...]
    outcome: Outcome
    state: State
    gap: bool
    at: float
    entry: Json


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """``ended``: (delivery id, type, accepted_at) of those that changed; ``before``: the state of those that had been
    acknowledged already; what is in neither waits for no acknowledgement. ``ring``: new heads of lanes."""

    ended: tuple[tuple[str, str, float], ...]
    before: Mapping[str, State]
    ring: Mapping[str, tuple[str, ...]]


class Store(Protocol):
    """One store, used from the event loop; calls made at the same moment share a commit (group commit).

    Every awaited change is durable when it returns. ``HubError`` busy or store-full: nothing is written;
    an I/O error or an unknown commit result ends the process (P1).
    """

    async def accept(self, intake: Intake) -> Stored:
        """Messages, deliveries, lanes, case links and ledger entries in one commit (P1, P4, P5)."""
        ...

    async def record(self, entries: Sequence[Json]) -> None:
        """Ledger entries that belong to no other change (refusals, configuration)."""
        ...

    async def claim(
        self,
        ids: Sequence[str],
        worker: str,
        lease_s: float,
        now: float,
        *,
        suspects: bool = True,
        rates: Mapping[str, Rate] | None = None,
    ) -> Taken:
        """Those of ``ids`` that are due heads of their lane and unclaimed; counts the attempt.

        No more than the standing of each agency allows: nothing while it waits, one where its breaker wants a probe,
        and no more parcels than ``rates`` (by agency) leaves over all processes. Without ``suspects`` those stay
        unclaimed whose last claim ended without any outcome (``crashes``).
        """
        ...

    async def suspects(self, ids: Sequence[str], now: float) -> dict[str, int]:
        """Those of ``ids`` that could be claimed, but not without ``suspects``; with their ``crashes``."""
        ...

    async def claim_batch(
        self, agency: str, type: str, most: int, worker: str, lease_s: float, now: float, rate: Rate | None = None
    ) -> Taken:
        """Up to ``most`` due deliveries of one agency and type for one parcel: prefixes of lanes, in order.

        A delivery that was frozen in a parcel before is claimed only together with all its fellow members; one that
        has ``crashes`` is left out.
        """
        ...

    async def freeze(self, freeze: Freeze) -> bool:
        """False where a token was no longer current: nothing was written and nothing may be sent."""
        ...

    async def finish(self, finish: Finish) -> Finished:
        """End an attempt; frees the claims, moves the lanes on."""
        ...

    async def acknowledge(self, acknowledge: Acknowledge) -> Acknowledged:
        """End deliveries whose attempt ended ``sent`` (also dead ones: the word came late), whoever holds them."""
        ...

    async def heads(self, agency: str, now: float, most: int) -> list[str]:
        """The agency's heads of lanes that are due and unclaimed, those due for longest first (the mailbox)."""
        ...

    async def release(self, ids: Sequence[str], tokens: Sequence[int]) -> Finished:
        """Give claims back unused: due at once, the attempt not counted (a shutdown, or a lane that was blocked)."""
        ...

    async def standings(self) -> dict[str, Standing]:
        """By agency, what was told with ``turn``, ``throttle`` and ``shut``."""
        ...

    async def turn(self, agency: str, standing: Standing) -> bool:
        """The breaker turned; False where another process turned it first (``revision`` is not the latest)."""
        ...

    async def throttle(self, agency: str, until: float) -> None:
        """The partner asked for a pause; it is never made shorter."""
        ...

    async def shut(self, agency: str, until: float) -> None:
        """The agency's window is closed until then."""
        ...

    async def forget(self, agency: str) -> None:
        """The agency is reached in another way: nothing that was told of the one before counts."""
        ...

    async def due(self, now: float, most: int, without: frozenset[str] = frozenset()) -> dict[str, list[str]]:
        """Heads of lanes that are due and unclaimed, by agency (the sweep); none of agencies that have to wait, nor of
        those in ``without``."""
        ...

    async def next_due_at(self, without: frozenset[str] = frozenset()) -> float | None:
        """When the next pending delivery becomes due, for a sleeping sweeper; ``without`` as for ``due``."""
        ...

    async def resend(self, ids: Sequence[str], act: Act) -> Acted:
        """Make dead deliveries pending again, same id, same bytes; those that wait for their time are due now."""
        ...

    async def leave(self, ids: Sequence[str], state: State, act: Act) -> Acted:
        """Take pending or dead deliveries out of their lanes: ``cancelled`` for good, or ``dead`` (skipped)."""
        ...

    async def reprocess(self, generations: Sequence[Generation], refused: Sequence[NotRead], act: Act) -> Acted:
        """Supersede dead, withheld or waiting deliveries by new ones in their places; note what was refused."""
        ...

    async def pause(self, agency: str, type: str, until: float | None, act: Act) -> None:
        """Claim nothing of an agency (and type, where it is not empty) until then, or until it is resumed."""
        ...

    async def resume(self, agency: str, type: str, act: Act) -> bool:
        """End the pause of this name; False where there is none."""
        ...

    async def remember_site(self, digest: str, content: bytes, entry: Json) -> None:
        """Store a compiled site's files under their digest (once) and say so in the ledger."""
        ...

    async def site_content(self, digest: str) -> bytes | None:
        """The files of a remembered site, or None."""
        ...

    async def totals(self) -> Mapping[str, Any]:
        """Per agency: counts by state, oldest pending age in seconds, blocked lanes (for metrics; cheap)."""
        ...

    async def close(self) -> None:
        """Commit what was handed in, then stop."""
        ...
