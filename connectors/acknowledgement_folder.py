"""The folder in which a partner acknowledges our files: each acknowledgement ends with a report of what it matched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from connectors.acknowledgement import AcknowledgementOptions, Word, words
from connectors.drop import DropFolder, TooLarge
from connectors.watch import POLL_S, End, FolderWatch
from hub.errors import HubError, too_large
from hub.message import Acknowledgement, State
from hub.observe import Observer

Acknowledge = Callable[[Acknowledgement], Awaitable[Mapping[str, State]]]
TRANSPORT = "acknowledgement"
_STABLE_S = 5.0


class AcknowledgementListener:
    """See ``connectors.base.Listener``. What names nothing that we sent is refused in the report, and counted."""

    def __init__(
        self,
        agency: str,
        options: AcknowledgementOptions,
        folder: Path,
        acknowledge: Acknowledge,
        observer: Observer,
        *,
        max_bytes: int = 10_000_000,
        poll_s: float = POLL_S,
    ) -> None:
        self._agency = agency
        self._options = options
        self._acknowledge = acknowledge
        self._observer = observer
        self._max_bytes = max_bytes
        self._drop = DropFolder(folder, options.ready, _STABLE_S)
        self._watch = FolderWatch(agency, self._drop, self._take, observer, poll_s=poll_s)

    async def run(self) -> None:
        """Watch until cancelled."""
        await self._watch.run()

    async def _take(self, name: str) -> Callable[[], End]:
        try:
            said = await asyncio.to_thread(self._read, name)
        except HubError as error:
            self._observer.refused(self._agency, "unknown", TRANSPORT, error.code.name)
            raise
        states = [await self._state(word) for word in said]
        for _ in range(states.count(None)):
            self._observer.refused(self._agency, "unknown", TRANSPORT, "not-awaited")
        return lambda: _report(said, states)

    def _read(self, name: str) -> list[Word]:
        try:
            body, _ = self._drop.read(name, self._max_bytes)
        except TooLarge:
            raise too_large(self._max_bytes) from None
        return words(name, body, self._options)

    async def _state(self, word: Word) -> State | None:
        """What became of the delivery; None where the word changed nothing, and says something else than before."""
        if word.id is None:
            return None
        reason = None if word.taken else "acknowledgement-file"
        states = await self._acknowledge(Acknowledgement(self._agency, (word.id,), word.taken, word.number, reason))
        wanted = State.DELIVERED if word.taken else State.DEAD
        return wanted if states.get(word.id) is wanted else None


def _report(said: Sequence[Word], states: Sequence[State | None]) -> End:
    """A file of which anything matched is accepted; its report lists every record."""
    records = [
        {"line": word.line, "id": word.id, "state": state.value if state else None}
        for word, state in zip(said, states, strict=True)
    ]
    if any(states):
        unmatched = sum(1 for state in states if state is None)
        return "accepted", {"acknowledged": len(said) - unmatched, "unmatched": unmatched, "records": records}
    error = HubError("not-awaited", "It names nothing whose acknowledgement is awaited")
    return "rejected", {**error.as_json(), "records": records}
