"""Reading a stored document again by today's site, for one receiver: what the message is now, or why it is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from hub.comparing.judge import WHOLE, Handed, Judged, in_words, judge
from hub.identifiers import new_id
from hub.message import Classification, Received
from hub.site.site import Site
from hub.store.acts import Generation, NotRead
from hub.store.query import Queries
from hub.store.views import OriginalView

_Read = tuple[int, str, Classification | None]


@dataclass(slots=True)
class Reader:
    """Reads deliveries again by one site; a document that holds many of them is read once for each receiver.

    A label never goes down: a message keeps the one it was accepted with where today's site would give a lower one,
    because what its transport carried is stored in no other place.
    """

    site: Site
    queries: Queries
    now: float
    _read: dict[_Read, Mapping[int, Judged]] = field(default_factory=dict)

    async def read(self, originals: Sequence[OriginalView]) -> tuple[list[Generation], list[NotRead]]:
        """New generations, and what today's site refuses; lets others run between documents."""
        generations: list[Generation] = []
        refused: list[NotRead] = []
        for original in originals:
            judged = await self._judged(original, None)
            message = judged.message
            if message is not None and message.classification < original.classification:
                judged = await self._judged(original, original.classification)
            result = _result(self.site, original, judged, self.now)
            if isinstance(result, Generation):
                generations.append(result)
            else:
                refused.append(result)
        return generations, refused

    async def _judged(self, original: OriginalView, label: Classification | None) -> Judged:
        key = (original.raw, original.agency, label)
        if key not in self._read:
            received = await self._received(original)
            if label is not None:
                received = replace(received, classification=label.name)
            await asyncio.sleep(0)
            self._read[key] = judge(self.site, received, {original.record: original.message_id}, original.agency)
        records = self._read[key]
        if set(records) == {0}:  # of a large document a message keeps its own record alone, whatever its number was
            return records[0]
        return records.get(original.record) or records.get(WHOLE) or Judged(None)

    async def _received(self, original: OriginalView) -> Received:
        return Received(
            agency=original.sender,
            type=original.type,
            transport=original.transport,
            body=await self.queries.came_as(original.raw),
            received_at=original.accepted_at,
            charset="utf-8" if original.transport == "soap" else None,
            test=original.test,
        )


def _result(site: Site, original: OriginalView, judged: Judged, now: float) -> Generation | NotRead:
    message = judged.message
    if judged.error is not None:
        return NotRead(original.id, judged.error.code.name, in_words(judged.error))
    if message is None:
        return NotRead(original.id, "malformed", "today's mapping finds no such record in the document")
    handed: Handed | None = judged.handed.get(original.agency)
    if handed is None:
        return NotRead(original.id, "not-granted", "no grant of today gives this message to the agency")
    if handed.stopped:
        return NotRead(original.id, handed.stopped, handed.text or handed.rule)
    return Generation(
        of=original.id,
        id=new_id(now),
        site=site.digest,
        canonical=orjson.dumps(message.data),
        subject=message.subject,
        classification=message.classification,
        time=message.time,
        rule=handed.rule,
    )
