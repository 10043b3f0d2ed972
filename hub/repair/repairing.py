"""The acts of operators, whoever asks for them: the running hub's local API, or a command that has the store alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hub.errors import HubError
from hub.message import Json, State
from hub.observe import Observer
from hub.pipeline import entries
from hub.repair.reread import Reader
from hub.site.site import Site
from hub.store.acts import UNKNOWN, Act, Acted
from hub.store.base import Store
from hub.store.query import Queries
from hub.store.reprocess import left

MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, what proves it (``operator-socket``, ``os-user``), and why."""

    who: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Repairing:
    """Every act answers as JSON what was ``done`` (id to the id that stands for it now) and why the rest was ``left``.

    Each commits what it changes together with the ledger entries that say who and why.
    """

    store: Store
    queries: Queries
    site: Callable[[], Site]
    ring: Callable[[Mapping[str, tuple[str, ...]]], None]
    observer: Observer
    clock: Callable[[], float]

    async def resend(self, ids: Sequence[str], person: Person) -> Json:
        """The same bytes under the same id, at once."""
        return self._told(await self.store.resend(ids, self._act("resend", person)))

    async def cancel(self, ids: Sequence[str], person: Person) -> Json:
        """Never sent; the lane goes on."""
        return self._told(await self.store.leave(ids, State.CANCELLED, self._act("cancel", person)))

    async def skip(self, ids: Sequence[str], person: Person) -> Json:
        """A dead letter that nothing waits for any more."""
        return self._told(await self.store.leave(ids, State.DEAD, self._act("skip", person)))

    async def reprocess(self, ids: Sequence[str], person: Person, *, dry: bool = False) -> Json:
        """Made anew from the stored document by the site in force. ``dry`` only says what would be done and left.

        ``refused`` has the text for each code in ``left`` by which today's site refuses a message.
        """
        site = self.site()
        originals = await self.queries.originals(ids)
        gone = {each.id: why for each in originals if (why := left(each.state, each.under_way))}
        gone |= dict.fromkeys(set(ids) - {each.id for each in originals}, UNKNOWN)
        reader = Reader(site, self.queries, self.clock())
        generations, refused = await reader.read([each for each in originals if each.id not in gone])
        texts = {each.of: each.text for each in refused}
        if dry:
            would = {each.of: "" for each in generations}
            return {"done": would, "left": {**gone, **{each.of: each.code for each in refused}}, "refused": texts}
        acted = await self.store.reprocess(generations, refused, self._act("reprocess", person))
        told = self._told(acted)
        return {**told, "left": {**gone, **told["left"]}, "refused": texts}

    async def pause(self, agency: str, type: str, for_s: float | None, person: Person) -> Json:
        """Nothing is sent to the agency (of one type, where given), for so long or until it is resumed."""
        now = self.clock()
        await self._known(agency, type)
        until = None if for_s is None else now + for_s
        more = {"recipient": agency, "type": type or None, "until": None if until is None else entries.stamp(until)}
        await self.store.pause(agency, type, until, self._act("pause", person, **more))
        return {"paused": True, "agency": agency, "type": type, "until": until}

    async def resume(self, agency: str, type: str, person: Person) -> Json:
        """End a pause that was made with the same agency and type."""
        act = self._act("resume", person, recipient=agency, type=type or None)
        return {"resumed": await self.store.resume(agency, type, act), "agency": agency, "type": type}

    def _act(self, kind: str, person: Person, **more: str | None) -> Act:
        if not person.why.strip():
            raise HubError("malformed", "a reason is needed: it stands in the ledger")
        return entries.act(kind, person.who, person.by, person.why, self.clock(), **more)

    def _told(self, acted: Acted) -> Json:
        self.ring(acted.ring)
        for each in acted.entered:
            self.observer.entered(each.agency, each.type, each.id, each.state, each.reason)
        return {"done": dict(acted.done), "left": dict(acted.left)}

    async def _known(self, agency: str, type: str) -> None:
        """A name with a slip in it would pause nobody, and nobody would notice."""
        agencies = self.site().agencies
        if agency not in agencies:
            raise HubError("unknown-agency", f"no agency is called {agency!r}: {', '.join(sorted(agencies))}")
        if type and type not in agencies[agency].documents:
            types = ", ".join(sorted(agencies[agency].documents))
            raise HubError("unknown-type", f"{agency} has no messages of type {type!r}: {types}")


def summed(answers: Sequence[Json]) -> Json:
    """Several answers of the same act as one."""
    done: dict[str, str] = {}
    left_out: dict[str, str] = {}
    refused: dict[str, str] = {}
    for each in answers:
        done |= each["done"]
        left_out |= each["left"]
        refused |= each.get("refused", {})
    return {"done": done, "left": left_out, **({"refused": refused} if refused else {})}


def reasons(told: Json) -> Counter[str]:
    """How many were left for which reason."""
    return Counter(told["left"].values())
