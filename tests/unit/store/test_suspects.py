"""Deliveries whose last claim ended without any outcome: left out unless they are asked for, and named."""

from __future__ import annotations

from hub.store.base import Claimed
from hub.store.store import SqlStore
from tests.unit.store.making import LATER, Opening, acceptance, freezing, put, take

EXPIRED = LATER + 31


async def _carefully(store: SqlStore, *ids: str) -> list[Claimed]:
    return await store.claim(ids, "worker", 30.0, EXPIRED, suspects=False)


def test_a_careful_claim_leaves_suspects_and_they_are_named(opening: Opening) -> None:
    """Being left is not being tried: the crashes stay as they were."""

    async def steps(store: SqlStore) -> None:
        suspect, fresh = await put(store, acceptance("a"), acceptance("b"))
        await take(store, suspect)
        assert [each.id for each in await _carefully(store, suspect, fresh)] == [fresh]
        assert await store.suspects([suspect, fresh], EXPIRED) == {suspect: 1}
        (taken,) = await take(store, suspect, now=EXPIRED)
        assert taken.crashes == 1

    opening.run(steps)


def test_what_cannot_be_claimed_is_no_suspect(opening: Opening) -> None:
    """One under way, one behind it in its lane, one nobody knows."""

    async def steps(store: SqlStore) -> None:
        first, second = await put(store, acceptance("a"), acceptance("a"))
        await take(store, first)
        assert await store.suspects([first, second, "unknown"], LATER) == {}

    opening.run(steps)


def test_a_batch_leaves_suspects_out(opening: Opening) -> None:
    """And what stands behind one in its lane."""

    async def steps(store: SqlStore) -> None:
        suspect, _, fresh = await put(store, acceptance("a"), acceptance("a"), acceptance("b"))
        await take(store, suspect)
        claimed = await store.claim_batch("court", "report", 10, "worker", 30.0, EXPIRED)
        assert [each.id for each in claimed] == [fresh]

    opening.run(steps)


def test_a_frozen_parcel_whose_worker_ended_is_left_out_of_batches(opening: Opening) -> None:
    """It comes back whole when one of its members is asked for."""

    async def steps(store: SqlStore) -> None:
        ids = await put(store, acceptance("a"), acceptance("b"))
        claimed = await store.claim_batch("court", "report", 10, "worker", 30.0, LATER)
        assert await store.freeze(freezing(*claimed))
        assert await store.claim_batch("court", "report", 10, "worker", 30.0, EXPIRED) == []
        assert await store.suspects(ids, EXPIRED) == dict.fromkeys(ids, 1)
        assert {each.id for each in await take(store, ids[0], now=EXPIRED)} == set(ids)

    opening.run(steps)
