"""The queue over a real RabbitMQ, in a virtual host of its own; skipped without one unless services are required."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from uuid import uuid4

import pytest

from hub.queue import MOST_UNCONFIRMED, Queue
from tests.unit.queue.listening import Ears, until

pytestmark = pytest.mark.filterwarnings("error")


def _control(*arguments: str) -> str:
    return subprocess.run(["rabbitmqctl", "-q", *arguments], check=True, capture_output=True, text=True).stdout


def _reachable() -> bool:
    try:
        socket.create_connection(("127.0.0.1", 5672), timeout=2).close()
    except OSError:
        return False
    return shutil.which("rabbitmqctl") is not None and os.geteuid() == 0


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """The name of a fresh virtual host."""
    if not _reachable():
        if os.environ.get("HUB_TEST_SERVICES") == "required":
            pytest.fail("RabbitMQ with rabbitmqctl is required here")
        pytest.skip("no RabbitMQ on this machine")
    name = f"hub-test-{uuid4().hex[:8]}"
    _control("add_vhost", name)
    _control("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
    yield name
    _control("delete_vhost", name)


def _url(host: str) -> str:
    return f"amqp://guest:guest@127.0.0.1:5672/{host}"


def test_a_ring_reaches_exactly_one_of_the_listening_processes(host: str) -> None:
    """Several delivery processes share the rings, and a process that only rings hears none."""

    async def play() -> None:
        one, other, mute = Ears(), Ears(), Ears()
        listeners = [Queue(_url(host), ["north"], ears.ring, ears) for ears in (one, other)]
        ringer = Queue(_url(host), ["north"], None, mute)
        for queue in (listeners[0], ringer, listeners[1]):
            queue.start()
            queue.ring("north", ["declared"])  # one after the other: RabbitMQ 3.10 may lose what a race declares
            await until(lambda: len(one.heard.get("north", [])) + len(other.heard.get("north", [])) > 0)
            one.heard.clear()
            other.heard.clear()
        ids = [str(number) for number in range(200)]
        for id in ids:
            ringer.ring("north", [id])
            await asyncio.sleep(0)
        await until(lambda: len(one.heard.get("north", [])) + len(other.heard.get("north", [])) >= len(ids))
        for queue in (*listeners, ringer):
            await queue.close()
        assert sorted(one.heard.get("north", []) + other.heard.get("north", []), key=int) == ids
        assert one.faults + other.faults + mute.faults == []

    asyncio.run(play())


def test_queues_are_durable_quorum_queues_one_an_agency(host: str) -> None:
    """A broker that restarts still has them."""

    async def play() -> None:
        ears = Ears()
        queue = Queue(_url(host), ["east", "west"], ears.ring, ears)
        queue.start()
        queue.ring("east", ["1"])
        queue.ring("west", ["2"])
        await until(lambda: len(ears.heard) == 2)
        await queue.close()

    asyncio.run(play())
    listed = {
        tuple(line.split()) for line in _control("list_queues", "-p", host, "name", "type", "durable").splitlines()
    }
    assert {("hub.ring.east", "quorum", "true"), ("hub.ring.west", "quorum", "true")} <= listed


def test_more_rings_than_the_confirm_window_all_arrive(host: str) -> None:
    """The window holds sending back, it loses nothing."""

    async def play() -> None:
        ears = Ears()
        agencies = [f"a{number}" for number in range(4)]
        queue = Queue(_url(host), agencies, ears.ring, ears)
        queue.start()
        count = 5 * MOST_UNCONFIRMED
        for number in range(count):
            queue.ring(agencies[number % 4], [str(number)])
            if number % 7 == 0:
                await asyncio.sleep(0)
        await until(lambda: sum(map(len, ears.heard.values())) == count)
        await queue.close()
        assert ears.faults == []

    asyncio.run(play())


def test_a_ring_for_an_agency_that_was_not_declared_harms_nothing(host: str) -> None:
    """A reload may have brought a new agency; no queue takes its rings yet, and the connection lives on."""

    async def play() -> None:
        ears = Ears()
        queue = Queue(_url(host), ["north"], ears.ring, ears)
        queue.start()
        queue.ring("new", ["1"])
        queue.ring("north", ["2"])
        await until(lambda: bool(ears.heard))
        queue.ring("north", ["3"])
        await until(lambda: "3" in ears.heard["north"])
        await queue.close()
        assert ears.heard == {"north": ["2", "3"]}
        assert ears.faults == []

    asyncio.run(play())


def test_after_a_cut_connection_rings_arrive_again(host: str) -> None:
    """The loss is told once, the thread comes back by itself, and ring() never raised."""

    async def play() -> None:
        ears = Ears()
        queue = Queue(_url(host), ["north"], ears.ring, ears)
        queue.start()
        queue.ring("north", ["before"])
        await until(lambda: "before" in ears.heard.get("north", ()))
        await asyncio.to_thread(_control, "close_all_connections", "-p", host, "test")
        await until(lambda: bool(ears.faults))
        queue.ring("north", ["after"])
        await until(lambda: "after" in ears.heard["north"])
        await queue.close()
        assert [where for where, _ in ears.faults] == ["queue"]

    asyncio.run(play())


def test_a_deleted_queue_is_declared_again(host: str) -> None:
    """A ring that no queue took comes back (mandatory), and the next connection declares what is missing."""

    async def play() -> None:
        ears = Ears()
        queue = Queue(_url(host), ["north"], None, ears)
        queue.start()
        queue.ring("north", ["1"])
        await until(lambda: len(queue._outbox) == 0)
        await asyncio.to_thread(_control, "delete_queue", "-p", host, "hub.ring.north")
        queue.ring("north", ["2"])
        await until(lambda: bool(ears.faults))
        listener = Queue(_url(host), ["north"], ears.ring, ears)
        listener.start()
        await until(lambda: "2" in ears.heard.get("north", ()))
        await queue.close()
        await listener.close()

    asyncio.run(play())


def test_a_broker_that_does_not_confirm_is_asked_again(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the window would fill with rings that nobody has, and close for ever."""

    async def play() -> None:
        ears = Ears()
        queue = Queue(_url(host), ["north"], ears.ring, ears)
        monkeypatch.setattr("hub.queue.CONFIRMED_WITHIN_S", -1.0)
        queue.start()
        queue.ring("north", ["1"])
        await until(lambda: bool(ears.faults))
        monkeypatch.undo()
        queue.ring("north", ["2"])
        await until(lambda: {"1", "2"} <= set(ears.heard.get("north", ())))
        await queue.close()
        assert isinstance(ears.faults[0][1], TimeoutError)

    asyncio.run(play())


def test_without_a_broker_ringing_still_returns_at_once() -> None:
    """The hub starts and accepts while the broker is away; the fault is told once and the sweep delivers."""

    async def play() -> None:
        ears = Ears()
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        queue = Queue(f"amqp://guest:guest@127.0.0.1:{port}//", ["north"], ears.ring, ears)
        queue.start()
        queue.ring("north", ["1"])
        await until(lambda: bool(ears.faults))
        await asyncio.sleep(0.5)  # long enough for two more tries
        await queue.close()
        assert len(ears.faults) == 1

    asyncio.run(play())
