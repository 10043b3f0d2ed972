"""The embedded queue: rings inside one process, without polling."""

from __future__ import annotations

import asyncio
import time

from hub.queue import MOST_WAITING, Queue
from tests.unit.queue.listening import Ears, until


def test_a_ring_is_heard_on_the_loop_with_its_agency_and_ids() -> None:
    """What is rung on the loop comes back on the loop, ids in their order."""

    async def play() -> None:
        ears = Ears()
        queue = Queue("memory://", ["north", "south"], ears.ring, ears)
        queue.start()
        queue.ring("north", ["1", "2"])
        queue.ring("south", ["3"])
        await until(lambda: ears.heard == {"north": ["1", "2"], "south": ["3"]})
        await queue.close()
        assert ears.faults == []

    asyncio.run(play())


def test_two_queues_in_one_process_do_not_hear_each_other() -> None:
    """memory:// is one space for the whole process; every instance has its own names in it."""

    async def play() -> None:
        ears = Ears()
        ringer, listener = Queue("memory://", ["north"], None, ears), Queue("memory://", ["north"], ears.ring, ears)
        ringer.start()
        ringer.ring("north", ["not for you"])
        await until(lambda: not ringer._outbox)
        listener.start()
        listener.ring("north", ["1"])
        await until(lambda: bool(ears.heard))
        await ringer.close()
        await listener.close()
        assert ears.heard == {"north": ["1"]}

    asyncio.run(play())


def test_a_burst_arrives_whole() -> None:
    """Ten thousand ids rung one by one all arrive, each once, in order."""

    async def play() -> None:
        ears, ids = Ears(), [str(number) for number in range(MOST_WAITING)]
        queue = Queue("memory://", ["north"], ears.ring, ears)
        queue.start()
        for id in ids:
            queue.ring("north", [id])
        await until(lambda: len(ears.heard.get("north", ())) == len(ids))
        await queue.close()
        assert ears.heard["north"] == ids
        assert queue.dropped == 0

    asyncio.run(play())


def test_an_overfull_outbox_drops_rings_and_counts_their_ids() -> None:
    """Rings are hints; a process that cannot pass them on must not keep them for ever."""

    async def play() -> None:
        queue = Queue("memory://", ["north"], None, Ears())
        for number in range(MOST_WAITING):
            queue.ring("north", [str(number)])
        queue.ring("north", ["one", "two"])
        assert queue.dropped == 2
        await queue.close()

    asyncio.run(play())


def test_a_ring_is_heard_within_milliseconds() -> None:
    """No polling interval lies between ring and hearing (kombu's own would be a second)."""

    async def play() -> None:
        ears = Ears()
        queue = Queue("memory://", ["north"], ears.ring, ears)
        queue.start()
        queue.ring("north", ["first"])
        await until(lambda: bool(ears.heard))
        waits = []
        for number in range(20):
            began = time.perf_counter()
            queue.ring("north", [str(number)])
            await until(lambda number=number: ears.heard["north"][-1] == str(number))  # type: ignore[misc]
            waits.append(time.perf_counter() - began)
        await queue.close()
        assert sorted(waits)[10] < 0.05

    asyncio.run(play())


def test_an_idle_queue_uses_no_processor_time() -> None:
    """The thread sleeps in the kernel until the pipe wakes it."""

    async def play() -> None:
        ears = Ears()
        queue = Queue("memory://", ["north"], ears.ring, ears)
        queue.start()
        queue.ring("north", ["1"])
        await until(lambda: bool(ears.heard))
        before = time.process_time()
        await asyncio.sleep(0.5)  # the measured span itself
        used = time.process_time() - before
        await queue.close()
        assert used < 0.025

    asyncio.run(play())


def test_nothing_is_heard_after_close() -> None:
    """Whoever closed the queue may take down what it rang."""

    async def play() -> None:
        ears = Ears()
        queue = Queue("memory://", ["north"], ears.ring, ears)
        queue.start()
        queue.ring("north", ["1"])
        await queue.close()
        ears.heard.clear()
        queue.ring("north", ["2"])
        await asyncio.sleep(0)
        assert ears.heard == {}
        assert queue.dropped == 1

    asyncio.run(play())
