"""Messages, finishes and parcels as short as a test can say them."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hub.message import CaseNumber, Classification, Outcome, Result, State
from hub.store.acts import Act, Generation
from hub.store.base import Acceptance, Claimed, Finish, Freeze, FrozenParcel, Intake, Recipient
from hub.store.open import open_store
from hub.store.store import SqlStore

R = TypeVar("R")

NOW = 1_760_000_000.0
LATER = NOW + 1
_ids = itertools.count(1)


@dataclass(frozen=True)
class Opening:
    """Where a test's store is."""

    url: str
    data: Path

    def run(self, steps: Callable[[SqlStore], Awaitable[R]], **settings: Any) -> R:
        """Open the store, do ``steps`` with it, close it."""

        async def go() -> R:
            store = open_store(self.url, self.data, **settings)
            try:
                return await steps(store)
            finally:
                await store.close()

        return asyncio.run(go())


async def put(store: SqlStore, *acceptances: Acceptance) -> list[str]:
    """Accept messages, each alone and in order; gives the ids of their first deliveries."""
    for each in acceptances:
        await store.accept(intake(each))
    return [each.delivery_ids[0] for each in acceptances]


async def take(store: SqlStore, *ids: str, now: float = LATER, lease_s: float = 30.0) -> list[Claimed]:
    """Claim deliveries."""
    return await store.claim(ids, "worker", lease_s, now)


def acceptance(
    *cases: str,
    to: Sequence[str] = ("court",),
    withheld: Sequence[str] = (),
    sender: str = "police",
    identity: str = "",
    digest: str = "d",
    type: str = "report",
    at: float = NOW,
    numbers: Sequence[CaseNumber] | None = None,
    **changes: Any,
) -> Acceptance:
    """A message about ``cases`` (numbers of scheme ``case``)."""
    n = next(_ids)
    id = f"m{n:08d}"
    given = tuple(CaseNumber("case", case) for case in cases) if numbers is None else tuple(numbers)
    recipients = [Recipient(agency, State.PENDING) for agency in to]
    recipients += [Recipient(agency, State.WITHHELD, "not granted", "R1") for agency in withheld]
    values: dict[str, Any] = {
        "id": id,
        "sender": sender,
        "type": type,
        "version": 1,
        "identity": identity or id,
        "digest": digest,
        "subject": given[0].number if given else "",
        "numbers": given,
        "classification": Classification.RESTRICTED,
        "time": "2026-01-01T00:00:00Z",
        "accepted_at": at,
        "site": "site-1",
        "record": 0,
        "canonical": b'{"case": 1}',
        "partner": {},
        "recipients": tuple(recipients),
        "delivery_ids": tuple(f"{id}-{each.agency}" for each in recipients),
        "trace": None,
        "reference": None,
        "transport": "rest",
        "test": False,
        "entry": {"kind": "accept", "message": id},
    }
    return Acceptance(**(values | changes))


def act(kind: str = "resend", at: float = LATER, why: str = "mended") -> Act:
    """What a person called ``operator`` does."""
    return Act(kind, "operator", "test", why, at, {"kind": kind, "justification": why})


def generation(of: str, id: str, **changes: Any) -> Generation:
    """A delivery read again, by default with other content."""
    values: dict[str, Any] = {
        "of": of,
        "id": id,
        "site": "site-2",
        "canonical": b'{"case": 2}',
        "subject": "subject-2",
        "classification": Classification.SECRET,
        "time": "2026-02-02T00:00:00Z",
        "rule": "R2",
    }
    return Generation(**(values | changes))


def intake(*acceptances: Acceptance, **changes: Any) -> Intake:
    """One document that brings these messages."""
    return Intake(raw=b"<raw/>", acceptances=acceptances, **changes)


def parcel(claimed: Sequence[Claimed], body: bytes = b"<body/>", id: str = "") -> FrozenParcel:
    """The parcel of these deliveries."""
    digest = hashlib.sha256(body).hexdigest()
    members = tuple(each.id for each in claimed)
    return FrozenParcel(id or claimed[0].id, body, digest, members, (("caseNumber",),) * len(members))


def freezing(*claimed: Claimed, body: bytes = b"<body/>", id: str = "") -> Freeze:
    """Fix the bytes of one parcel, with a ``disclose`` entry a member."""
    entries = tuple({"kind": "disclose", "outcome": "started", "delivery": each.id} for each in claimed)
    return Freeze(parcel(claimed, body, id), tuple(each.token for each in claimed), entries, NOW)


def ending(
    *claimed: Claimed,
    result: Result = Result.DELIVERED,
    state: State = State.DELIVERED,
    due_at: float | None = None,
    gap: bool = False,
    at: float = NOW,
) -> Finish:
    """End one attempt, by default well."""
    code = "" if result is Result.DELIVERED else "partner-failed"
    return Finish(
        ids=tuple(each.id for each in claimed),
        tokens=tuple(each.token for each in claimed),
        outcome=Outcome(result, code),
        state=state,
        reason=code,
        due_at=due_at,
        gap=gap,
        started_at=at,
        at=at,
        entries=tuple({"kind": "disclose", "outcome": state.value, "delivery": each.id} for each in claimed),
    )
