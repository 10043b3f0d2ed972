"""Accept: bytes in, receipts out, with everything that follows from them made durable in one commit."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from hub.access.identify import Nonces, identify
from hub.errors import HubError
from hub.identifiers import new_id
from hub.message import Answer, Json, Receipt, Received, Refusal, Sender
from hub.observe import Observer
from hub.pipeline import entries
from hub.pipeline.acceptance import acceptance
from hub.pipeline.admit import agency_of, authorise, dialect_of
from hub.pipeline.outcome import conflict, tell_accepted
from hub.pipeline.pool import LARGE_BYTES
from hub.pipeline.translate import Dialect, Inward, translate_in
from hub.site.site import Site
from hub.store.base import Conflict, Intake, Store, Stored
from hub.subjects import SubjectDigests

Ring = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Accepting:
    """The steps of accept, with what they need (made once in ``hub.wiring.hub``).

    ``secrets`` are by agency, then by name; ``ring`` is told which deliveries can be claimed now. ``large`` takes the
    documents over ``LARGE_BYTES`` or behind stylesheets (without it they are taken like all others).
    """

    site: Callable[[], Site]
    secrets: Callable[[str], Mapping[str, str]]
    store: Store
    ring: Callable[[Ring], None]
    observer: Observer
    nonces: Nonces
    subjects: SubjectDigests
    large: Callable[[Site, Sender, Received], Awaitable[Answer]] | None = None

    async def accept(self, received: Received) -> Answer:
        """Receipts and refusals, a record each; returns only after the commit (P1).

        Raises ``HubError`` where nothing of the document was accepted. A refusal of an identified sender stands in the
        ledger before it is answered.
        """
        site = self.site()
        sender: Sender | None = None
        try:
            agency = agency_of(site, received)
            sender = identify(agency, received, self.secrets(agency.name), self.nonces)
            if received.problem is not None:
                raise received.problem
            dialect = dialect_of(site, agency, received)
            slow = len(received.body) > LARGE_BYTES or dialect.mapping.may_take_long
            if self.large is not None and slow:
                return await self.large(site, sender, received)
            started = time.perf_counter()
            inward = translate_in(dialect, received, lambda: new_id(received.received_at))
            inward = authorise(site, dialect, inward)
            self.observer.stage("translate-in", time.perf_counter() - started)
            return await self._keep(site, sender, dialect, received, inward)
        except HubError as error:
            if sender is not None and error.code.status < 500:
                await self.store.record(
                    [entries.refused(received, sender, error, _digest(received), site.digest, None)]
                )
            self._refused(site, received, error)
            raise

    async def _keep(self, site: Site, sender: Sender, dialect: Dialect, received: Received, inward: Inward) -> Answer:
        whole = dialect.definition.batch == "all"
        intake = Intake(
            raw=received.body,
            acceptances=tuple(
                acceptance(site, sender, received, message, self.subjects) for message in inward.messages
            ),
            refused=_entries(received, sender, inward.refusals, site),
            whole=whole,
        )
        started = time.perf_counter()
        stored = await self.store.accept(intake)
        self.observer.stage("store-accept", time.perf_counter() - started)
        answer, clashes = _answer(stored, inward, whole)
        if clashes:
            await self.store.record(_entries(received, sender, clashes, site))
        for refusal in answer.refusals:
            self._refused(site, received, refusal.error)
        self._tell_accepted(site, intake, stored)
        if stored.ring:
            self.ring(stored.ring)
        return answer

    def _tell_accepted(self, site: Site, intake: Intake, stored: Stored) -> None:
        for new, result in zip(intake.acceptances, stored.results, strict=False):
            if isinstance(result, Receipt):
                tell_accepted(self.observer, site, new, result)

    def _refused(self, site: Site, received: Received, error: HubError) -> None:
        agency = received.agency if received.agency in site.agencies else "unknown"
        type = received.type if received.type in site.types else "unknown"
        self.observer.refused(agency, type, received.transport, error.code.name)


def _entries(received: Received, sender: Sender, refusals: Sequence[Refusal], site: Site) -> tuple[Json, ...]:
    digest = _digest(received)
    return tuple(entries.refused(received, sender, item.error, digest, site.digest, item.record) for item in refusals)


def _answer(stored: Stored, inward: Inward, whole: bool) -> tuple[Answer, tuple[Refusal, ...]]:
    """What the sender is told, and the refusals in it that only the store could know; raises for a whole document."""
    receipts = tuple(item for item in stored.results if isinstance(item, Receipt))
    conflicts = [item for item in stored.results if isinstance(item, Conflict)]
    if conflicts and (whole or len(conflicts) + len(receipts) + len(inward.refusals) == 1):
        raise conflict(*conflicts)
    clashes = tuple(Refusal(item.record, conflict(item)) for item in conflicts)
    return Answer(receipts, tuple(sorted((*inward.refusals, *clashes), key=lambda item: item.record))), clashes


def _digest(received: Received) -> str | None:
    """The digest of what came; None where the refusal was certain before any of it was read."""
    return hashlib.sha256(received.body).hexdigest() if received.body else None
