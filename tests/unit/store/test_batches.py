"""Parcels of many deliveries."""

from __future__ import annotations

from hub.message import Result, State
from hub.store.base import Claimed
from hub.store.store import SqlStore
from tests.unit.store.making import LATER, Opening, acceptance, act, ending, freezing, put, take


async def take_batch(store: SqlStore, most: int = 10, now: float = LATER) -> list[Claimed]:
    """Claim for one parcel."""
    return await store.claim_batch("court", "report", most, "worker", 30.0, now)


def test_a_batch_takes_prefixes_of_lanes_in_order(opening: Opening) -> None:
    """Several deliveries of a lane may share a parcel, in their order, and nothing else can claim them."""

    async def steps(store: SqlStore) -> None:
        a1, a2, b1, a3 = await put(store, acceptance("a"), acceptance("a"), acceptance("b"), acceptance("a"))
        await put(store, acceptance("a", type="other"))
        claimed = await take_batch(store)
        assert [each.id for each in claimed] == [a1, a2, a3, b1]
        assert await take(store, a1, a2, a3, b1) == []
        assert await take_batch(store) == []
        finished = await store.finish(ending(*claimed))
        assert len(finished.ring["court"]) == 1

    opening.run(steps)


def test_a_batch_is_limited_and_stops_at_another_type(opening: Opening) -> None:
    """A lane is taken only as far as its deliveries are of the type."""

    async def steps(store: SqlStore) -> None:
        ids = await put(
            store, acceptance("a"), acceptance("a", type="other"), acceptance("a"), acceptance("b"), acceptance("b")
        )
        assert [each.id for each in await take_batch(store)] == [ids[0], ids[3], ids[4]]

    opening.run(steps)


def test_a_batch_takes_at_most_what_is_asked(opening: Opening) -> None:
    """Heads come first, then what stands behind them."""

    async def steps(store: SqlStore) -> None:
        a1, a2, b1, _ = await put(store, acceptance("a"), acceptance("a"), acceptance("b"), acceptance("b"))
        assert [each.id for each in await take_batch(store, most=3)] == [a1, a2, b1]

    opening.run(steps)


def test_frozen_members_stay_together(opening: Opening) -> None:
    """A parcel that failed is claimed again as it was, whatever came later and whatever the limit is now."""

    async def steps(store: SqlStore) -> None:
        await put(store, acceptance("a"), acceptance("a"), acceptance("b"))
        claimed = await take_batch(store)
        assert await store.freeze(freezing(*claimed, id="parcel-1"))
        await store.finish(ending(*claimed, result=Result.UNKNOWN, state=State.PENDING, due_at=LATER))
        (late,) = await put(store, acceptance("c", at=LATER + 1))
        again = await take_batch(store, most=2, now=LATER + 2)
        assert [each.id for each in again] == [each.id for each in claimed]
        assert {each.parcel.id for each in again if each.parcel} == {"parcel-1"}
        assert [each.id for each in await take_batch(store, now=LATER + 2)] == [late]

    opening.run(steps)


def test_claiming_a_frozen_member_brings_its_fellows(opening: Opening) -> None:
    """So an agency that no longer takes batches still gets those that were frozen."""

    async def steps(store: SqlStore) -> None:
        await put(store, acceptance("a"), acceptance("a"), acceptance("b"))
        claimed = await take_batch(store)
        assert await store.freeze(freezing(*claimed, id="parcel-1"))
        await store.finish(ending(*claimed, result=Result.FAILED, state=State.PENDING, due_at=LATER))
        again = await take(store, claimed[2].id)
        assert {each.id for each in again} == {each.id for each in claimed}

    opening.run(steps)


def test_resending_one_member_resends_the_parcel(opening: Opening) -> None:
    """Its bytes hold all members, so all of them go again."""

    async def steps(store: SqlStore) -> None:
        await put(store, acceptance("a"), acceptance("a"), acceptance("b"))
        claimed = await take_batch(store)
        assert await store.freeze(freezing(*claimed, id="parcel-1"))
        await store.finish(ending(*claimed, result=Result.REFUSED, state=State.DEAD))
        assert (await store.totals())["court"]["blocked_lanes"] == 2
        await store.resend([claimed[1].id], act())
        assert len(await take_batch(store)) == 3

    opening.run(steps)
