"""The reading side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.message import Result, State
from hub.store.choice import Choice
from hub.store.query import Queries, open_queries, reading_engine
from hub.store.session import StoreUnusable
from hub.store.store import SqlStore
from tests.unit.store.making import (
    LATER,
    NOW,
    Opening,
    acceptance,
    act,
    ending,
    freezing,
    generation,
    intake,
    put,
    take,
)

R = TypeVar("R")
WAITING = Choice((State.PENDING,), "court", "report")


def ask(opening: Opening, question: Callable[[Queries], Awaitable[R]]) -> R:
    """Put a question to a store that no hub has open."""

    async def go() -> R:
        queries = await open_queries(opening.url, opening.data)
        try:
            return await question(queries)
        finally:
            await queries.close()

    return asyncio.run(go())


def test_a_message_is_found_by_its_own_and_its_deliveries_ids(opening: Opening) -> None:
    """Either id shows the message with everything that was said about it."""
    message = acceptance("a", to=["court", "emirate"], partner={"x": "1"}, reference="f.csv", record=3)
    opening.run(lambda store: store.accept(intake(message)))
    found = ask(opening, lambda queries: queries.message(message.id))
    assert found is not None
    assert (found.sender, found.subject, found.partner, found.reference) == ("police", "a", {"x": "1"}, "f.csv")
    assert (found.record, found.trace, found.classification) == (3, None, message.classification)
    assert [(each.agency, each.waits_for) for each in found.deliveries] == [("court", "time"), ("emirate", "time")]
    assert ask(opening, lambda queries: queries.message(message.delivery_ids[1])) == found
    assert ask(opening, lambda queries: queries.message("nothing")) is None


def test_content_comes_back_as_it_was(opening: Opening) -> None:
    """Raw, canonical and parcel bytes, byte for byte."""
    message = acceptance("a", canonical=b'{"\xd8\xb4": 1}')

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, message)
        (claimed,) = await take(store, id)
        await store.freeze(freezing(claimed, body=b"\x00\xff<body/>"))

    opening.run(steps)
    assert ask(opening, lambda queries: queries.raw(message.id)) == b"<raw/>"
    assert ask(opening, lambda queries: queries.canonical(message.id)) == b'{"\xd8\xb4": 1}'
    parcel = ask(opening, lambda queries: queries.parcel(message.delivery_ids[0]))
    assert parcel is not None
    assert (parcel.body, parcel.members, parcel.disclosed) == (
        b"\x00\xff<body/>",
        message.delivery_ids,
        ("caseNumber",),
    )


def test_attempts_tell_how_each_went(opening: Opening) -> None:
    """First to last, with code and times."""
    message = acceptance("a")

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, message)
        (first,) = await take(store, id)
        await store.finish(ending(first, result=Result.FAILED, state=State.PENDING, due_at=LATER))
        (second,) = await take(store, id)
        await store.finish(ending(second, at=NOW + 9))

    opening.run(steps)
    attempts = ask(opening, lambda queries: queries.attempts(message.delivery_ids[0]))
    assert [(each.result, each.code, each.ended_at) for each in attempts] == [
        ("failed", "partner-failed", NOW),
        ("delivered", "", NOW + 9),
    ]
    assert attempts[0].partner_log_id is None


def test_deliveries_are_listed_in_pages(opening: Opening) -> None:
    """By state, agency and type, oldest first; the cursor asks for the rest."""
    messages = [acceptance(str(n), to=["court", "emirate"]) for n in range(3)]
    other = acceptance("9", type="other")

    async def steps(store: SqlStore) -> None:
        await put(store, *messages, other)
        (claimed,) = await take(store, messages[0].delivery_ids[0])
        await store.finish(ending(claimed))

    opening.run(steps)
    page = ask(opening, lambda queries: queries.deliveries(WAITING, 1))
    assert [each.id for each in page.deliveries] == [messages[1].delivery_ids[0]]
    assert page.cursor is not None
    rest = ask(opening, lambda queries: queries.deliveries(WAITING, 5, page.cursor))
    assert [each.id for each in rest.deliveries] == [messages[2].delivery_ids[0]]
    assert rest.cursor is None
    done = ask(opening, lambda queries: queries.deliveries(Choice((State.DELIVERED,))))
    assert [each.id for each in done.deliveries] == [messages[0].delivery_ids[0]]


def test_what_a_delivery_waits_for_is_told(opening: Opening) -> None:
    """For a worker's outcome, for its lane, or for its time."""
    first, second, third = acceptance("a"), acceptance("a"), acceptance("b")

    async def steps(store: SqlStore) -> None:
        await put(store, first, second, third)
        await take(store, first.delivery_ids[0])

    opening.run(steps)
    page = ask(opening, lambda queries: queries.deliveries())
    assert [(each.waits_for, each.worker) for each in page.deliveries] == [
        ("outcome", "worker"),
        ("lane", None),
        ("time", None),
    ]
    assert [each.behind for each in page.deliveries] == [None, first.delivery_ids[0], None]


def test_fields_are_those_of_the_latest_disclosure(opening: Opening) -> None:
    """What was shown and what was kept back, from the ledger."""
    message = acceptance("a")

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, message)
        (claimed,) = await take(store, id)
        frozen = freezing(claimed)
        entry = {**frozen.entries[0], "disclosed": ["caseNumber"], "withheld": {"persons[].name": "R2"}}
        await store.freeze(type(frozen)(frozen.parcel, frozen.tokens, (entry,), NOW))
        await store.finish(ending(claimed))

    opening.run(steps)
    fields = ask(opening, lambda queries: queries.fields(message.delivery_ids[0]))
    assert fields is not None
    assert (fields.disclosed, fields.withheld) == (("caseNumber",), {"persons[].name": "R2"})


def test_a_sender_sees_only_its_own_messages(opening: Opening) -> None:
    """The status of a message is for its sender, by the message's id."""
    message = acceptance("a")
    opening.run(lambda store: store.accept(intake(message)))
    status = ask(opening, lambda queries: queries.status("police", message.id))
    assert status is not None
    assert status["deliveries"] == [{"agency": "court", "state": "pending"}]
    assert ask(opening, lambda queries: queries.status("court", message.id)) is None
    assert ask(opening, lambda queries: queries.status("police", message.delivery_ids[0])) is None


def test_reading_goes_on_beside_the_running_hub(opening: Opening) -> None:
    """A reader sees each commit as soon as it is answered."""

    async def steps(store: SqlStore) -> None:
        queries = await open_queries(opening.url, opening.data)
        for n in range(3):
            message = acceptance(str(n))
            await store.accept(intake(message))
            assert await queries.message(message.id) is not None
        await queries.close()

    opening.run(steps)


def test_readers_cannot_write(opening: Opening) -> None:
    """The reading connection refuses any change."""
    opening.run(lambda store: store.accept(intake(acceptance("a"))))
    engine = reading_engine(opening.url, opening.data)
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text("DELETE FROM message"))
    engine.dispose()


def test_no_store_is_an_error_that_says_so(tmp_path: Path) -> None:
    """Asking a folder without a store creates nothing there."""
    with pytest.raises(StoreUnusable, match="no store"):
        asyncio.run(open_queries("sqlite", tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_what_is_chosen_is_counted_listed_and_found_with_its_document(opening: Opening) -> None:
    """By agency, state and reason; the superseded count together, whatever came after them."""
    messages = [acceptance("a", to=["court", "emirate"]), acceptance("a"), acceptance("b")]

    async def steps(store: SqlStore) -> None:
        first, _, other = await put(store, *messages)
        (claimed,) = await take(store, first)
        assert await store.freeze(freezing(claimed))
        await store.finish(ending(claimed, result=Result.UNKNOWN, state=State.DEAD))
        await store.reprocess([generation(other, "new")], [], act("reprocess"))
        await store.pause("court", "report", None, act("pause", why="they migrate"))

    opening.run(steps)
    counts = ask(opening, lambda queries: queries.counts(Choice(agency="court")))
    assert [(each.state, each.reason, each.count, each.perhaps_sent) for each in counts] == [
        ("dead", "partner-failed", 1, 1), ("pending", "", 2, 0), ("superseded", "", 1, 0),
    ]  # fmt: skip
    assert [each.ages for each in counts] == [(0, 0, 0, 1), (0, 0, 0, 2), (0, 0, 0, 1)]
    failed = Choice(code="partner-failed", error="", case="a", lane_of=messages[1].delivery_ids[0])
    dead = messages[0].delivery_ids[0]
    assert [each.id for each in ask(opening, lambda queries: queries.chosen(failed))] == [dead]
    (original,) = ask(opening, lambda queries: queries.originals([dead, "nothing"]))
    assert (original.message_id, original.sender, original.record) == (messages[0].id, "police", 0)
    assert ask(opening, lambda queries: queries.came_as(original.raw)) == b"<raw/>"
    (paused,) = ask(opening, lambda queries: queries.pauses())
    assert (paused.agency, paused.type, paused.act.why) == ("court", "report", "they migrate")
    waiting = ask(opening, lambda queries: queries.deliveries(Choice((State.PENDING,), "court")))
    assert [(each.id, each.waits_for, each.generation) for each in waiting.deliveries] == [
        (messages[1].delivery_ids[0], "lane", 1), ("new", "pause", 2),
    ]  # fmt: skip
