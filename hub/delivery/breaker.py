"""When an agency may be tried at all: circuit, partner's clock and daily window of each, as this process knows them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace

from hub.delivery.circuit import Circuit
from hub.message import Outbound, Outcome
from hub.observe import Observer
from hub.site.agency import Agency, Way
from hub.site.window import Window
from hub.store.base import CircuitState, Standing

Send = Callable[[Outbound, float], Awaitable[Outcome]]


class _Shutter:
    """One agency's window at a moment; worked out again only when it changes."""

    def __init__(self, window: Window, now: float) -> None:
        self.window = window
        self.closed_until = window.closed_until(now)
        self.opened_at = window.opened_at(now)
        self.holds_from, self.holds_until = now, window.changes_at(now)

    def holds(self, window: Window, now: float) -> bool:
        """Whether it still says what is so."""
        return self.window == window and self.holds_from <= now < self.holds_until


class Breakers:
    """The circuits of all agencies; whoever ends an attempt calls ``heard``, the dispatcher asks for ``room``.

    What all processes have to know of it waits in ``untold`` until it was told (``hub.delivery.sharing``); ``changed``
    says that something waits.
    """

    def __init__(
        self,
        site: Callable[[], Mapping[str, Agency]],
        observer: Observer,
        clock: Callable[[], float],
        chance: Callable[[], float] = random.random,
    ) -> None:
        """``chance`` gives numbers in [0, 1)."""
        self.changed = asyncio.Event()
        self.untold: set[str] = set()
        self.changes = 0
        self._site = site
        self._observer = observer
        self._clock = clock
        self._chance = chance
        self._circuits: dict[str, Circuit] = {}
        self._shutters: dict[str, _Shutter] = {}
        self._changed_at: dict[str, int] = {}

    def room(self, agency: str, concurrency: int) -> int:
        """How many attempts this agency may have under way now, at most ``concurrency``."""
        now = self._clock()
        shutter = self._shutter(agency, now)
        if shutter is not None and shutter.closed_until is not None:
            return 0
        circuit = self._circuits.get(agency)
        if circuit is None:
            if shutter is None:
                return concurrency
            circuit = self._circuit(agency)
        before = circuit.state
        room = circuit.room(concurrency, now, shutter.opened_at if shutter is not None else 0.0)
        self._tell(agency, before)
        return room

    def reopens_in_s(self, agency: str) -> float | None:
        """Seconds until the agency may be tried again, or None where it may be now."""
        now = self._clock()
        circuit, shutter = self._circuits.get(agency), self._shutter(agency, now)
        at = circuit.reopens_at(now) if circuit is not None else None
        if shutter is not None and shutter.closed_until is not None:
            at = max(at or 0.0, shutter.closed_until)
        return None if at is None else at - now

    def heard(self, agency: str, outcome: Outcome) -> None:
        """Learn how one attempt at the agency ended."""
        way = self._way(agency)
        if way is None:
            return
        circuit = self._circuit(agency)
        before = circuit.state
        if circuit.heard(outcome, way.breaker, self._clock(), self._chance()):
            self._note(agency)
        self._tell(agency, before)

    def waits(self, agency: str, until: float) -> None:
        """The store lets nothing of the agency go before ``until``."""
        circuit = self._circuit(agency)
        before = circuit.state
        circuit.waits(until)
        self._tell(agency, before)

    def forget(self, agency: str) -> None:
        """The agency is reached in another way from now on: what was learnt about the one before does not count."""
        circuit = self._circuits.pop(agency, None)
        self._note(agency)
        if circuit is not None and circuit.state is not CircuitState.CLOSED:
            self._observer.breaker(agency, CircuitState.CLOSED.value)

    def watching(self, agency: str, send: Send) -> Send:
        """The same way out, with every outcome heard here before its caller sees it."""

        async def watched(outbound: Outbound, timeout_s: float) -> Outcome:
            outcome = await send(outbound, timeout_s)
            self.heard(agency, outcome)
            return outcome

        return watched

    # --- what all processes know -------------------------------------------------------------------------------------

    def standing(self, agency: str) -> Standing | None:
        """What this process knows; None where it has learnt nothing, or forgot it."""
        circuit = self._circuits.get(agency)
        return circuit.standing if circuit is not None else None

    def told(self, agency: str, *, first: bool) -> None:
        """The store has it; it counts one revision more where this process was ``first``."""
        circuit = self._circuits.get(agency)
        if circuit is not None and first:
            circuit.standing = replace(circuit.standing, revision=circuit.standing.revision + 1)

    def learn(self, standings: Mapping[str, Standing], since: int) -> None:
        """Take what the store said, for agencies of which nothing has changed here ``since`` it was asked."""
        for agency in {*standings, *self._circuits}:
            if agency in self.untold or self._changed_at.get(agency, 0) > since:
                continue
            circuit = self._circuit(agency)
            before = circuit.state
            circuit.learn(standings.get(agency, Standing()))
            self._tell(agency, before)

    def shutting(self) -> Iterator[tuple[str, float]]:
        """Agencies whose window is not as the store has it, and until when it is closed (0: it is open)."""
        now = self._clock()
        for agency in self._site():
            shutter, known = self._shutter(agency, now), self._circuits.get(agency)
            closed_until = (shutter.closed_until if shutter is not None else None) or 0.0
            noted = known.standing.shut_until if known is not None else 0.0
            if closed_until != noted and max(closed_until, noted) > now:
                yield agency, closed_until

    # --- of one agency -----------------------------------------------------------------------------------------------

    def _circuit(self, agency: str) -> Circuit:
        circuit = self._circuits.get(agency)
        if circuit is None:
            circuit = self._circuits[agency] = Circuit()
        return circuit

    def _way(self, agency: str) -> Way | None:
        definition = self._site().get(agency)
        return definition.way if definition is not None else None

    def _shutter(self, agency: str, now: float) -> _Shutter | None:
        way = self._way(agency)
        if way is None or way.window is None:
            return None
        known = self._shutters.get(agency)
        if known is None or not known.holds(way.window, now):
            known = self._shutters[agency] = _Shutter(way.window, now)
        return known

    def _note(self, agency: str) -> None:
        self.changes += 1
        self._changed_at[agency] = self.changes
        self.untold.add(agency)
        self.changed.set()

    def _tell(self, agency: str, before: CircuitState) -> None:
        state = self._circuits[agency].state
        if before is not state:
            self._observer.breaker(agency, state.value)
