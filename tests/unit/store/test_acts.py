"""What a person does to deliveries: the lanes go on, the ledger says who and why, and nothing is overwritten."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hub.message import Classification, Json, Result, State
from hub.store.acts import NotRead
from hub.store.audit import verify_store
from hub.store.base import Claimed
from hub.store.query import Queries, open_queries
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
    put,
    take,
)

R = TypeVar("R")
MUCH_LATER = NOW + 10_000


def ask(opening: Opening, question: Callable[[Queries], Awaitable[R]]) -> R:
    """Put a question to a store that no hub has open."""

    async def go() -> R:
        queries = await open_queries(opening.url, opening.data)
        try:
            return await question(queries)
        finally:
            await queries.close()

    return asyncio.run(go())


def ledger_of(opening: Opening, message: str, kind: str) -> list[Json]:
    """The ledger entries of one kind about a message."""
    return [each.body for each in ask(opening, lambda q: q.entries(message)) if each.body["kind"] == kind]


async def die(store: SqlStore, *ids: str, gap: bool = False) -> list[Claimed]:
    """Frozen, sent and refused for good."""
    claimed = await take(store, *ids)
    for each in claimed:
        assert await store.freeze(freezing(each, body=each.id.encode()))
        await store.finish(ending(each, result=Result.REFUSED, state=State.DEAD, gap=gap))
    return claimed


async def states(store: SqlStore) -> dict[str, int]:
    """The court's deliveries by state, without zeros."""
    counted: dict[str, int] = (await store.totals())["court"]["states"]
    return {state: count for state, count in counted.items() if count}


def test_a_delivery_that_waits_for_its_time_is_due_at_once_when_resent(opening: Opening) -> None:
    """Nobody has to sit out a back-off after the partner is mended; what is due, held or behind others is left."""

    async def steps(store: SqlStore) -> None:
        first, second, other = await put(store, acceptance("a"), acceptance("a"), acceptance("b"))
        (claimed,) = await take(store, first)
        await store.finish(ending(claimed, result=Result.FAILED, state=State.PENDING, due_at=MUCH_LATER))
        done = await store.resend([first, second, other, "x"], act())
        assert (done.done, done.ring) == ({first: first}, {"court": (first,)})
        assert done.left == {second: "behind-another", other: "due-already", "x": "unknown-delivery"}
        (again,) = await take(store, first)
        assert again.attempt == 2
        assert (await store.resend([first], act())).left == {first: "under-way"}

    opening.run(steps)


def test_a_cancelled_delivery_is_never_sent_and_its_lane_goes_on(opening: Opening) -> None:
    """Dead or waiting, it leaves a gap that the ledger tells."""
    head, behind, last = acceptance("a"), acceptance("a"), acceptance("a")

    async def steps(store: SqlStore) -> None:
        first, second, third = await put(store, head, behind, last)
        await die(store, first)
        cancelled = await store.leave([first, second], State.CANCELLED, act("cancel", why="sealed"))
        assert (set(cancelled.done), cancelled.ring) == ({first, second}, {"court": (third,)})
        assert await states(store) == {"cancelled": 2, "pending": 1}
        assert (await store.resend([first], act())).left == {first: "cancelled"}
        assert (await store.leave([first], State.CANCELLED, act("cancel"))).left == {first: "cancelled"}
        (claimed,) = await take(store, first, second, third)
        assert claimed.envelope.sequence == 3

    opening.run(steps)
    (entry,) = ledger_of(opening, behind.id, "cancel")
    assert (entry["delivery"], entry["gap"], entry["justification"]) == (behind.delivery_ids[0], 2, "sealed")
    shown = ask(opening, lambda q: q.message(head.id))
    assert shown is not None
    (delivery,) = shown.deliveries
    assert (delivery.state, delivery.reason, delivery.gap) == ("cancelled", "partner-failed", True)


def test_a_delivery_under_way_is_not_cancelled(opening: Opening) -> None:
    """Its bytes may be leaving at this moment; once its lease is over it can be, and the old worker is too late."""

    async def steps(store: SqlStore) -> None:
        (first,) = await put(store, acceptance("a"))
        (claimed,) = await take(store, first)
        assert (await store.leave([first], State.CANCELLED, act("cancel"))).left == {first: "under-way"}
        assert (await store.leave([first], State.CANCELLED, act("cancel", at=LATER + 31))).done == {first: first}
        assert (await store.finish(ending(claimed))).stale == (first,)
        assert await states(store) == {"cancelled": 1}

    opening.run(steps)


def test_a_skipped_dead_letter_lets_its_lane_go_on_and_can_still_be_resent(opening: Opening) -> None:
    """It stays dead, for its old reason, with a recorded gap; resent it goes before what still waits."""
    message = acceptance("a")

    async def steps(store: SqlStore) -> None:
        first, second, third = await put(store, message, acceptance("a"), acceptance("a"))
        await die(store, first)
        skipped = await store.leave([first], State.DEAD, act("skip"))
        assert skipped.ring == {"court": (second,)}
        assert (await store.totals())["court"]["blocked_lanes"] == 0
        assert (await store.leave([first], State.DEAD, act("skip"))).left == {first: "blocks-nothing"}
        (claimed,) = await take(store, second)
        await store.finish(ending(claimed))
        assert (await store.resend([first], act())).ring == {"court": (first,)}
        assert await take(store, third) == []
        (again,) = await take(store, first)
        assert again.parcel is not None
        assert again.parcel.body == first.encode()

    opening.run(steps)
    (entry,) = ledger_of(opening, message.id, "skip")
    assert (entry["delivery"], entry["gap"]) == (message.delivery_ids[0], 1)


def test_a_waiting_head_can_be_skipped(opening: Opening) -> None:
    """One that is tried for hours in vain holds nobody up; it is a dead letter until somebody resends it."""

    async def steps(store: SqlStore) -> None:
        first, second = await put(store, acceptance("a"), acceptance("a"))
        assert (await store.leave([first], State.DEAD, act("skip"))).ring == {"court": (second,)}
        assert await states(store) == {"dead": 1, "pending": 1}

    opening.run(steps)
    (delivery, _) = ask(opening, lambda q: q.deliveries()).deliveries
    assert (delivery.state, delivery.reason, delivery.gap) == ("dead", "skipped", True)


def test_a_new_generation_takes_the_place_of_the_old_one(opening: Opening) -> None:
    """Other content under another id that relates to the old one, before what waits behind it."""
    head = acceptance("a")

    async def steps(store: SqlStore) -> None:
        first, second = await put(store, head, acceptance("a"))
        await die(store, first)
        done = await store.reprocess([generation(first, "new")], [], act("reprocess"))
        assert (done.done, done.left, done.ring) == ({first: "new"}, {}, {"court": ("new",)})
        assert await states(store) == {"superseded": 1, "pending": 2}
        assert await take(store, first, second) == []
        (claimed,) = await take(store, "new")
        envelope = claimed.envelope
        assert (claimed.site, claimed.canonical, claimed.parcel) == ("site-2", b'{"case": 2}', None)
        assert (envelope.id, envelope.relates_to, envelope.sequence) == ("new", first, 1)
        assert (envelope.message_id, envelope.subject, envelope.time) == (head.id, "subject-2", "2026-02-02T00:00:00Z")
        assert envelope.classification is Classification.SECRET
        assert (claimed.attempt, claimed.maybe_sent) == (1, False)
        assert await store.freeze(freezing(claimed, body=b"anew"))
        assert (await store.finish(ending(claimed))).ring == {"court": (second,)}

    opening.run(steps)
    old, new = ask(opening, lambda q: q.deliveries(limit=2)).deliveries[0], ask(opening, lambda q: q.message("new"))
    assert (old.state, old.reason) == ("superseded", "new")
    assert new is not None
    (entry,) = ledger_of(opening, head.id, "reprocess")
    assert (entry["delivery"], entry["relatesTo"], entry["site"], entry["rule"]) == ("new", old.id, "site-2", "R2")
    kept = ask(opening, lambda q: q.parcel(old.id))
    assert kept is not None
    assert kept.body == old.id.encode()
    assert ask(opening, lambda q: q.canonical(head.id)) == head.canonical
    assert verify_store(opening.url, opening.data).fault is None


def test_a_whole_lane_is_made_anew_in_its_order(opening: Opening) -> None:
    """What waits behind the dead letter was read by the same mapping; all of it goes in the order of acceptance."""

    async def steps(store: SqlStore) -> None:
        ids = await put(store, *(acceptance("a") for _ in range(4)))
        await die(store, ids[0])
        anew = [generation(id, f"new{number}") for number, id in enumerate(ids)]
        assert len((await store.reprocess(anew[::-1], [], act("reprocess"))).done) == 4
        seen = []
        while due := await store.due(LATER, 10):
            (claimed,) = await take(store, *due["court"])
            seen.append((claimed.id, claimed.envelope.sequence))
            await store.finish(ending(claimed))
        assert seen == [("new0", 1), ("new1", 2), ("new2", 3), ("new3", 4)]

    opening.run(steps)


def test_generations_follow_each_other(opening: Opening) -> None:
    """A new generation that dies can be made anew; each relates to the one before."""

    async def steps(store: SqlStore) -> None:
        (first,) = await put(store, acceptance("a"))
        await die(store, first)
        await store.reprocess([generation(first, "second")], [], act("reprocess"))
        await die(store, "second")
        assert (await store.reprocess([generation(first, "x")], [], act("reprocess"))).left == {first: "superseded"}
        await store.reprocess([generation("second", "third")], [], act("reprocess"))
        (claimed,) = await take(store, "third")
        assert claimed.envelope.relates_to == "second"
        assert await states(store) == {"superseded": 2, "pending": 1}

    opening.run(steps)


def test_what_today_refuses_stays_dead_for_that_reason(opening: Opening) -> None:
    """Its history and the ledger tell of the try; a waiting delivery is not touched by it."""
    message = acceptance("a")

    async def steps(store: SqlStore) -> None:
        first, second = await put(store, message, acceptance("a"))
        await die(store, first)
        refused = [NotRead(id, "schema-violation", "/case: is required") for id in (first, second)]
        done = await store.reprocess([], refused, act("reprocess"))
        assert (done.done, done.left) == ({}, {first: "schema-violation", second: "schema-violation"})
        assert await states(store) == {"dead": 1, "pending": 1}
        assert (await store.totals())["court"]["blocked_lanes"] == 1
        assert (await store.resend([first], act())).done == {first: first}
        (claimed,) = await take(store, first)
        assert claimed.token == 3

    opening.run(steps)
    attempts = ask(opening, lambda q: q.attempts(message.delivery_ids[0]))
    assert (attempts[-1].result, attempts[-1].code, attempts[-1].text) == (
        "refused", "schema-violation", "/case: is required",
    )  # fmt: skip
    (entry,) = ledger_of(opening, message.id, "reprocess")
    assert (entry["outcome"], entry["code"]) == ("refused", "schema-violation")


def test_a_withheld_delivery_made_anew_goes_to_the_end_of_its_lane(opening: Opening) -> None:
    """It never had a place; what was accepted meanwhile is not overtaken."""
    named = acceptance("a", to=[], withheld=["court"])

    async def steps(store: SqlStore) -> None:
        (withheld,) = await put(store, named)
        (second,) = await put(store, acceptance("a"))
        assert (await store.reprocess([generation(withheld, "new")], [], act("reprocess"))).ring == {}
        (claimed,) = await take(store, second)
        assert (await store.finish(ending(claimed))).ring == {"court": ("new",)}
        (last,) = await take(store, "new")
        assert last.envelope.sequence == 2

    opening.run(steps)


def test_nobody_leaves_a_parcel_that_the_receiver_perhaps_has(opening: Opening) -> None:
    """Only the same bytes may follow, so all of its members go or none; all of them together may."""

    async def steps(store: SqlStore) -> None:
        one, two = await put(store, acceptance("a"), acceptance("b"))
        claimed = await store.claim_batch("court", "report", 10, "w", 30, LATER)
        assert await store.freeze(freezing(*claimed, id="parcel-1"))
        await store.finish(ending(*claimed, result=Result.UNKNOWN, state=State.PENDING, due_at=LATER))
        together = {one: "frozen-together"}
        assert (await store.leave([one], State.CANCELLED, act("cancel"))).left == together
        assert (await store.leave([one], State.DEAD, act("skip"))).left == together
        assert (await store.reprocess([generation(one, "n1")], [], act("reprocess"))).left == together
        assert {each.id for each in await store.claim_batch("court", "report", 10, "w", 30, LATER)} == {one, two}
        anew = [generation(one, "n1"), generation(two, "n2")]
        assert len((await store.reprocess(anew, [], act("reprocess", at=LATER + 31))).done) == 2

    opening.run(steps)


def test_those_that_stay_in_a_parcel_that_never_arrived_are_frozen_anew(opening: Opening) -> None:
    """Without the one that was cancelled; they do not wait for it."""

    async def steps(store: SqlStore) -> None:
        one, two = await put(store, acceptance("a"), acceptance("b"))
        claimed = await store.claim_batch("court", "report", 10, "w", 30, LATER)
        assert await store.freeze(freezing(*claimed, id="parcel-1"))
        await store.finish(ending(*claimed, result=Result.FAILED, state=State.PENDING, due_at=LATER))
        assert (await store.leave([one], State.CANCELLED, act("cancel"))).done == {one: one}
        (alone,) = await store.claim_batch("court", "report", 10, "w", 30, LATER)
        assert (alone.id, alone.parcel) == (two, None)

    opening.run(steps)


def test_nothing_of_a_paused_agency_is_claimed(opening: Opening) -> None:
    """Not when it is rung, not by the sweep, not in batches; also after a restart, until somebody resumes it."""

    async def paused(store: SqlStore) -> None:
        await put(store, acceptance("a", to=["court", "emirate"]))
        await store.pause("court", "", None, act("pause"))

    async def steps(store: SqlStore) -> None:
        due = await store.due(MUCH_LATER, 10)
        assert list(due) == ["emirate"]
        (waiting,) = await put(store, acceptance("b"))
        assert await take(store, waiting, now=MUCH_LATER) == []
        assert await store.claim_batch("court", "report", 10, "w", 30, MUCH_LATER) == []
        assert not await store.resume("court", "report", act("resume"))
        assert await store.resume("court", "", act("resume"))
        assert len((await store.due(MUCH_LATER, 10))["court"]) == 2
        assert len(await take(store, waiting, now=MUCH_LATER)) == 1

    opening.run(paused)
    opening.run(steps)


def test_a_pause_of_one_type_ends_by_itself(opening: Opening) -> None:
    """The agency's other types go on meanwhile."""

    async def steps(store: SqlStore) -> None:
        report, status = await put(store, acceptance("a"), acceptance("b", type="status"))
        await store.pause("court", "report", NOW + 100, act("pause"))
        assert await store.due(NOW + 99, 10) == {"court": [status]}
        assert [each.id for each in await take(store, report, status, now=NOW + 99)] == [status]
        assert [each.id for each in await take(store, report, now=NOW + 100)] == [report]

    opening.run(steps)


def test_a_later_pause_replaces_the_earlier_one(opening: Opening) -> None:
    """It may be shorter."""

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, acceptance("a"))
        await store.pause("court", "", None, act("pause"))
        await store.pause("court", "", LATER, act("pause"))
        assert len(await take(store, id)) == 1

    opening.run(steps)
