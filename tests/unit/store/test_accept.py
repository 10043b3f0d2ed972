"""What accepting promises: receipts, duplicates, conflicts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hub.message import Receipt
from hub.store.base import Conflict
from hub.store.store import SqlStore
from tests.unit.store.making import NOW, acceptance, ending, freezing, intake

Open = Callable[[], SqlStore]


def test_the_same_message_gets_the_same_receipt_after_a_restart(opened: Open) -> None:
    """Same sender, identity and content: the stored receipt, word for word, and nothing is delivered again."""
    first = acceptance("1", identity="x", accepted_at=NOW + 0.1234567)
    again = acceptance("1", identity="x", accepted_at=NOW + 99)

    async def once(one: object) -> tuple[Receipt, int]:
        store = opened()
        stored = await store.accept(intake(one))  # type: ignore[arg-type]
        await store.close()
        receipt = stored.results[0]
        assert isinstance(receipt, Receipt)
        return receipt, len(stored.ring)

    receipt, rings = asyncio.run(once(first))
    repeated, rings_again = asyncio.run(once(again))
    assert (rings, rings_again) == (1, 0)
    assert repeated.duplicate
    assert not receipt.duplicate
    assert {**repeated.as_json(), "duplicate": False} == receipt.as_json()


def test_a_delivery_goes_all_the_way(opened: Open) -> None:
    """Accept, claim, freeze and finish leave nothing due."""

    async def go() -> None:
        store = opened()
        stored = await store.accept(intake(acceptance("1")))
        (id,) = stored.ring["court"]
        (claimed,) = await store.claim([id], "w", 30, NOW + 1)
        assert await store.freeze(freezing(claimed))
        finished = await store.finish(ending(claimed))
        assert finished.stale == ()
        assert await store.due(NOW + 99, 10) == {}
        print(await store.totals())
        await store.close()

    asyncio.run(go())


def test_other_content_under_a_used_identity_is_a_conflict(opened: Open) -> None:
    """The same identity with another digest names the earlier message."""

    async def go() -> None:
        store = opened()
        first = acceptance("1", identity="x")
        await store.accept(intake(first))
        stored = await store.accept(intake(acceptance("2"), acceptance("1", identity="x", digest="e", record=1)))
        assert stored.results == (Conflict("x", 1, first.id),)
        assert stored.ring == {}
        await store.close()

    asyncio.run(go())
