"""An attempt that a shutdown cuts off ends unknown: it goes on without waiting for its lease to end."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hub.message import Outbound, Outcome, State
from hub.pipeline.deliver import Delivering
from tests.unit.pipeline.stage import RECEIVER, staged


def test_a_send_that_is_cut_off_ends_unknown_and_is_tried_again_with_the_same_bytes(tmp_path: Path) -> None:
    """The partner hangs; whoever starts next finds the delivery due, and knows that it may be there."""
    seen: list[Outbound] = []

    async def hangs(outbound: Outbound, timeout_s: float) -> Outcome:
        seen.append(outbound)
        await asyncio.sleep(3600)
        raise AssertionError

    async def play() -> None:
        async with staged(tmp_path) as stage:
            await stage.accept()
            delivering = Delivering(stage.sites, stage.store, lambda agency: hangs, stage.metrics)
            (claimed,) = await stage.claim()
            attempt = asyncio.create_task(delivering.deliver(RECEIVER, [claimed]))
            async with asyncio.timeout(10):
                while not seen:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            attempt.cancel()
            await asyncio.wait([attempt], timeout=10)
            (delivery,) = (await stage.queries.deliveries()).deliveries
            assert (delivery.state, delivery.reason, delivery.waits_for) == (State.PENDING, "stopping", "time")
            assert delivery.maybe_sent
            await stage.deliver()
            assert [(each.id, each.body) for each in stage.sent] == [(each.id, each.body) for each in seen]

    asyncio.run(play())
