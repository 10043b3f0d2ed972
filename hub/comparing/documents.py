"""What is put before both sites: documents as they came, from the store or from files, one at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field, replace

from hub.message import Classification, Received
from hub.store.query import Queries
from hub.store.views import CameView

PAGE = 200


@dataclass(frozen=True, slots=True)
class Document:
    """One document. ``ids`` and ``labels`` are those of its stored messages, by record; ``name`` shows where it is from
    where there are none."""

    received: Received
    name: str = ""
    ids: Mapping[int, str] = field(default_factory=dict)
    labels: Mapping[int, Classification] = field(default_factory=dict)


async def stored(
    queries: Queries, first: int, last: int, sender: str | None = None, type: str | None = None
) -> AsyncIterator[Document]:
    """The documents behind the messages numbered ``first`` to ``last``, in that order; one body in memory at a time."""
    together: list[CameView] = []
    after = first - 1
    while page := await queries.came(after, last, PAGE, sender, type):
        for row in page:
            if together and together[0].raw != row.raw:
                yield await _document(queries, together)
                together = []
            together.append(row)
        after = page[-1].n
    if together:
        yield await _document(queries, together)


async def _document(queries: Queries, rows: list[CameView]) -> Document:
    came = rows[0]
    received = Received(
        agency=came.sender,
        type=came.type,
        transport=came.transport,
        body=await queries.came_as(came.raw),
        received_at=came.accepted_at,
        charset="utf-8" if came.transport == "soap" else None,
        test=came.test,
    )
    ids = {row.record: row.id for row in rows}
    return Document(received, "", ids, {row.record: row.classification for row in rows})


def alone(document: Document) -> Document:
    """A document with one message as the only record in it, whatever its number was in the document that came."""
    ids, labels = enumerate(document.ids.values()), enumerate(document.labels.values())
    return replace(document, ids=dict(ids), labels=dict(labels))


def as_it_came(document: Document, read: Mapping[int, Classification]) -> Received:
    """The document with the label that its transport carried, which the store keeps only in the messages' own labels.

    ``read`` are the labels by record that today's site finds without it. Where they are as stored, none was carried;
    otherwise the lowest of those that differ was.
    """
    carried = [label for record, label in document.labels.items() if read.get(record, label) != label]
    return replace(document.received, classification=min(carried).name) if carried else document.received


async def given(documents: Iterable[Document]) -> AsyncIterator[Document]:
    """Documents at hand, as ``stored`` gives them."""
    for document in documents:
        yield document
