"""Lanes: order, dead letters, gaps, resending (P4)."""

from __future__ import annotations

from hub.message import Result, State
from hub.store.store import SqlStore
from tests.unit.store.making import LATER, NOW, Opening, acceptance, act, ending, freezing, put, take


def test_only_the_head_of_a_lane_can_be_claimed(opening: Opening) -> None:
    """The next delivery is rung when the one before it is delivered."""

    async def steps(store: SqlStore) -> None:
        first, second = await put(store, acceptance("a"), acceptance("a"))
        (claimed,) = await take(store, first, second)
        assert claimed.id == first
        assert (await store.finish(ending(claimed))).ring == {"court": (second,)}
        assert [each.id for each in await take(store, second)] == [second]

    opening.run(steps)


def test_a_delivery_that_has_to_wait_holds_its_lane(opening: Opening) -> None:
    """A failed attempt is tried again when it is due, and nothing overtakes it."""

    async def steps(store: SqlStore) -> None:
        first, second = await put(store, acceptance("a"), acceptance("a"))
        (claimed,) = await take(store, first)
        failed = ending(claimed, result=Result.FAILED, state=State.PENDING, due_at=NOW + 50)
        assert (await store.finish(failed)).ring == {}
        assert await store.next_due_at() == NOW + 50
        assert await take(store, first, second, now=NOW + 49) == []
        (again,) = await take(store, first, second, now=NOW + 50)
        assert (again.id, again.attempt, again.first_tried_at) == (first, 2, LATER)

    opening.run(steps)


def test_a_dead_letter_blocks_its_lane_only(opening: Opening) -> None:
    """What is behind it waits, other lanes go on, and the totals say so."""

    async def steps(store: SqlStore) -> None:
        first, _, other = await put(store, acceptance("a"), acceptance("a"), acceptance("b"))
        (claimed,) = await take(store, first)
        dead = ending(claimed, result=Result.REFUSED, state=State.DEAD)
        assert (await store.finish(dead)).ring == {}
        assert await store.due(NOW + 1e6, 10) == {"court": [other]}
        assert (await store.totals())["court"]["blocked_lanes"] == 1

    opening.run(steps)


def test_a_gap_lets_the_lane_go_on(opening: Opening) -> None:
    """Where the agency wants it so, the next delivery follows a dead letter."""

    async def steps(store: SqlStore) -> None:
        first, second = await put(store, acceptance("a"), acceptance("a"))
        (claimed,) = await take(store, first)
        dead = ending(claimed, result=Result.REFUSED, state=State.DEAD, gap=True)
        assert (await store.finish(dead)).ring == {"court": (second,)}
        assert (await store.totals())["court"]["blocked_lanes"] == 0

    opening.run(steps)


def test_resending_unblocks_the_lane_with_the_same_bytes(opening: Opening) -> None:
    """The dead letter is tried again as it was frozen, its attempts counted anew, and the lane follows."""

    async def steps(store: SqlStore) -> None:
        first, second = await put(store, acceptance("a"), acceptance("a"))
        (claimed,) = await take(store, first)
        assert await store.freeze(freezing(claimed, body=b"<one/>"))
        await store.finish(ending(claimed, result=Result.REFUSED, state=State.DEAD))
        resent = await store.resend([first, second], act())
        assert (resent.left, resent.ring) == ({second: "behind-another"}, {"court": (first,)})
        (again,) = await take(store, first)
        assert again.parcel is not None
        assert (again.parcel.body, again.attempt, again.maybe_sent) == (b"<one/>", 1, False)
        assert (await store.finish(ending(again))).ring == {"court": (second,)}
        assert (await store.totals())["court"] == {
            "states": {"pending": 1, "delivered": 1, "dead": 0},
            "blocked_lanes": 0,
            "paused": False,
            "oldest_pending_s": 5.0,
        }

    opening.run(steps, clock=lambda: NOW + 5)


def test_a_resent_gap_goes_before_what_is_still_waiting(opening: Opening) -> None:
    """A dead letter that left a gap comes back to the front; what it overtakes waits for it."""

    async def steps(store: SqlStore) -> None:
        first, second = await put(store, acceptance("a"), acceptance("a"))
        (claimed,) = await take(store, first)
        await store.finish(ending(claimed, result=Result.REFUSED, state=State.DEAD, gap=True))
        await store.resend([first], act())
        assert await store.due(LATER, 10) == {"court": [first]}
        (again,) = await take(store, first, second)
        assert (await store.finish(ending(again))).ring == {"court": (second,)}

    opening.run(steps)


def test_a_released_claim_is_due_at_once_and_not_counted(opening: Opening) -> None:
    """A worker that stops gives back what it did not try."""

    async def steps(store: SqlStore) -> None:
        (first,) = await put(store, acceptance("a"))
        (claimed,) = await take(store, first)
        assert (await store.release([first], [claimed.token])).ring == {"court": (first,)}
        assert (await store.release([first], [claimed.token])).stale == (first,)
        (again,) = await take(store, first)
        assert (again.attempt, again.crashes) == (1, 0)

    opening.run(steps, clock=lambda: LATER)


def test_agencies_have_lanes_of_their_own(opening: Opening) -> None:
    """One agency's dead letter does not hold the same case's messages to another."""

    async def steps(store: SqlStore) -> None:
        one, two = acceptance("a", to=["court", "emirate"]), acceptance("a", to=["court", "emirate"])
        await put(store, one, two)
        court, emirate = await take(store, *one.delivery_ids)
        await store.finish(ending(court, result=Result.REFUSED, state=State.DEAD))
        assert (await store.finish(ending(emirate))).ring == {"emirate": (two.delivery_ids[1],)}

    opening.run(steps)
