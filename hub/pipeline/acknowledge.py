"""Acknowledge: an agency's word on what was sent to it ends the delivery, with its ledger entry, in one commit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hub.message import Acknowledgement, Outcome, Result, State
from hub.observe import Observer
from hub.pipeline import entries
from hub.site.agency import Agency
from hub.store.base import Acknowledge, Store

Ring = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Acknowledging:
    """The one step, with what it needs (made once in ``hub.wiring.hub``). ``ring`` is told of new heads of lanes."""

    agencies: Callable[[], Mapping[str, Agency]]
    store: Store
    ring: Callable[[Ring], None]
    observer: Observer
    clock: Callable[[], float] = time.time

    async def acknowledge(self, word: Acknowledgement) -> Mapping[str, State]:
        """The state in which each delivery is now; those missing are not the agency's, or wait for no word.

        May be called again with the same word. Raises ``HubError`` where the store cannot.
        """
        now, agency = self.clock(), self.agencies().get(word.agency)
        gap = agency is not None and agency.way is not None and agency.way.lane == "gap"
        outcome, state = _outcome(word), State.DELIVERED if word.taken else State.DEAD
        entry = entries.acknowledged(word.agency, outcome, now)
        done = await self.store.acknowledge(Acknowledge(word.agency, word.ids, outcome, state, gap, now, entry))
        for id, type, accepted_at in done.ended:
            self.observer.attempted(word.agency, type, id, outcome.result.value, outcome.code, 0.0)
            self.observer.entered(word.agency, type, id, state, outcome.code)
            if word.taken:
                self.observer.delivered_after(word.agency, type, now - accepted_at)
        if done.ring:
            self.ring(done.ring)
        return {**done.before, **{id: state for id, _, _ in done.ended}}


def _outcome(word: Acknowledgement) -> Outcome:
    if word.taken:
        return Outcome(Result.DELIVERED, partner_log_id=word.number)
    text = "the partner's acknowledgement says that it was not taken"
    return Outcome(
        Result.REFUSED, "partner-refused", f"{text}: {word.reason}" if word.reason else text, partner_log_id=word.number
    )
