"""Stored documents as they came: in order, each once, with the label that its transport carried."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hub.comparing.documents import PAGE, Document, as_it_came, stored
from hub.message import Classification, Received
from hub.store.base import Intake
from hub.store.open import open_store
from hub.store.query import open_queries
from tests.unit.store.making import acceptance


async def documents(data: Path, latest: int | None = None, sender: str | None = None) -> list[Document]:
    queries = await open_queries("sqlite", data)
    try:
        span = await queries.span(sender, None, latest)
        return [each async for each in stored(queries, span.first, span.last, sender)]
    finally:
        await queries.close()


async def fill(data: Path, sizes: list[int], sender: str = "police") -> None:
    """Documents ``0``, ``1``, ... of so many messages each."""
    store = open_store("sqlite", data)
    for number, size in enumerate(sizes):
        accepted = tuple(acceptance(f"c{number}", sender=sender, record=record) for record in range(size))
        await store.accept(Intake(raw=str(number).encode(), acceptances=accepted))
    await store.close()


def test_a_document_of_many_messages_comes_once(tmp_path: Path) -> None:
    """Also where it lies across two pages; in the order of acceptance."""
    sizes = [1, PAGE - 2, 4, 1]

    async def story() -> list[Document]:
        await fill(tmp_path, sizes)
        return await documents(tmp_path)

    found = asyncio.run(story())
    assert [each.received.body for each in found] == [b"0", b"1", b"2", b"3"]
    assert [sorted(each.ids) for each in found] == [list(range(size)) for size in sizes]


def test_the_latest_messages_of_one_sender_are_chosen(tmp_path: Path) -> None:
    """Still oldest first."""

    async def story() -> list[Document]:
        await fill(tmp_path, [1, 1, 1])
        await fill(tmp_path, [1], "court")
        return await documents(tmp_path, 2, "police")

    assert [each.received.body for each in asyncio.run(story())] == [b"1", b"2"]


def test_an_empty_store_has_no_documents(tmp_path: Path) -> None:
    """Nothing to compare is no mistake."""

    async def story() -> list[Document]:
        await fill(tmp_path, [])
        return await documents(tmp_path)

    assert asyncio.run(story()) == []


def test_the_label_that_the_transport_carried_is_found_again() -> None:
    """It is the lowest of the stored labels that the document itself does not explain."""
    low, high, top = Classification.RESTRICTED, Classification.SECRET, Classification.TOP_SECRET
    received = Received("police", "report", "rest", b"", 0.0)
    document = Document(received, "", {}, {0: high, 1: high, 2: top})
    assert as_it_came(document, {0: low, 1: low, 2: top}).classification == "SECRET"
    assert as_it_came(document, {0: low, 1: low, 2: low}).classification == "SECRET"
    assert as_it_came(document, {0: high, 1: high, 2: top}) is received
