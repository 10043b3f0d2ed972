"""The bell between processes: rings carry delivery ids, never content, and losing one is harmless (the store sweeps).

Kombu's only user. One thread talks to the broker; the event loop fills a bounded outbox and is called back with what
arrived. ``memory://`` serves one process, ``amqp://`` (RabbitMQ) many.
"""

# mypy: disable-error-code="no-untyped-call"
# kombu says that it is typed and mostly is not

from __future__ import annotations

import asyncio
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

from kombu.connection import Connection
from kombu.entity import Queue as Bell
from kombu.messaging import Consumer, Producer

from hub.observe import Observer

MOST_WAITING = 10_000  # rings in the outbox
MOST_IDS = 500  # in one message
MOST_UNCONFIRMED = 100  # messages: the window of pipelined confirms
CONFIRMED_WITHIN_S = 10.0
HEARTBEAT_S = 10.0
LONGEST_BACK_OFF_S = 15.0
QUORUM = {"x-queue-type": "quorum", "x-max-length": 100_000, "x-overflow": "drop-head"}

OnRing = Callable[[str, list[str]], None]


class Queue:
    """Rings agencies' deliveries. ``on_ring(agency, ids)`` is called on the loop; None where a process only rings.

    A ring may arrive twice, late, in any order, at any one of the listening processes, or never.
    """

    def __init__(self, url: str, agencies: Iterable[str], on_ring: OnRing | None, observer: Observer) -> None:
        self.dropped = 0  # ids whose ring was not sent, because the broker is away or slow
        self._url = url
        # memory:// is one space for the whole process, so each instance has names of its own
        self._prefix = f"hub.ring.{uuid4().hex}." if url.startswith("memory:") else "hub.ring."
        self._agencies = tuple(agencies)
        self._on_ring = on_ring
        self._observer = observer
        self._outbox: deque[tuple[str, Sequence[str]]] = deque()
        self._woken = False
        self._closing = threading.Event()
        self._readable, self._writable = os.pipe()
        os.set_blocking(self._readable, False)
        self._thread = threading.Thread(target=self._run, name="queue", daemon=True)

    def start(self) -> None:
        """Begin on the running loop; does not wait for the broker."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def ring(self, agency: str, ids: Sequence[str]) -> None:
        """Say that these deliveries can be claimed. Never waits and never raises; on the loop only."""
        if len(self._outbox) >= MOST_WAITING or self._closing.is_set():
            self.dropped += len(ids)
            return
        self._outbox.append((agency, ids))
        self._wake()

    def know(self, agencies: Iterable[str]) -> None:
        """From now on these agencies' rings are carried too (those known before stay); on the loop only."""
        self._agencies = tuple(dict.fromkeys((*self._agencies, *agencies)))
        self._wake()

    async def close(self) -> None:
        """Send what waits if the broker is there, then end the thread. Nothing is called back after this."""
        self._closing.set()
        self._wake()
        if self._thread.ident is not None:
            await asyncio.to_thread(self._thread.join, 5.0)
        if not self._thread.is_alive():  # one that hangs in a socket call ends with the process
            os.close(self._readable)
            os.close(self._writable)

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            os.write(self._writable, b"w")

    # --- on the kombu thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        while not self._closing.is_set():
            line = _Line(self._url, self._prefix, self._agencies, self._arrived if self._on_ring else None)
            try:
                line.open()
                failures = 0
                self._serve(line)
            except Exception as error:  # whatever broker or client do, the hub goes on: the sweep rings
                failures += 1
                if failures == 1:
                    self._call(self._observer.faulted, "queue", error)
            finally:
                # before closing: that would still take in the confirms of rings which no queue took
                self._outbox.extendleft(line.unconfirmed())
                line.close()
            if failures:
                self._closing.wait(min(0.1 * 2**failures, LONGEST_BACK_OFF_S))

    def _serve(self, line: _Line) -> None:
        self._send(line)
        while not self._closing.is_set():
            line.receive()
            line.wait(self._readable)
            _drain(self._readable)
            self._woken = False  # before the outbox is read, so that a later ring wakes again
            line.declare(self._agencies)
            line.receive()
            self._send(line)

    def _send(self, line: _Line) -> None:
        """All that waits, a burst for one agency as one message; what finds no room in the window stays."""
        rings: dict[str, list[str]] = {}
        while self._outbox and len(rings) < line.room:
            agency, ids = self._outbox.popleft()
            together = rings.setdefault(agency, [])
            together.extend(ids)
            if len(together) >= MOST_IDS:
                line.send(agency, rings.pop(agency))
        for agency, ids in rings.items():
            line.send(agency, ids)

    def _arrived(self, agency: str, ids: list[str]) -> None:
        self._call(self._hand_over, agency, ids)

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop has ended without closing its queue
            self._loop.call_soon_threadsafe(function, *arguments)

    def _hand_over(self, agency: str, ids: list[str]) -> None:
        if self._on_ring is not None:
            self._on_ring(agency, ids)


class _Line:
    """One connection to the broker, used by the kombu thread alone; unusable after the first exception."""

    def __init__(self, url: str, prefix: str, agencies: Sequence[str], arrived: OnRing | None) -> None:
        self._unconfirmed: dict[int, tuple[str, Sequence[str], float]] = {}
        self._prefix = prefix
        self._agencies = agencies
        self._arrived = arrived
        self._brokered = not url.startswith("memory:")
        self._blocked = False
        self._sent = 0
        self._queues: list[Any] = []
        options: dict[str, Any] = {}
        if self._brokered:
            options = {"write_timeout": 5, "on_blocked": self._on_blocked, "on_unblocked": self._on_unblocked}
        heartbeat = HEARTBEAT_S if self._brokered else 0
        self._connection = Connection(url, heartbeat=heartbeat, connect_timeout=5, transport_options=options)

    def open(self) -> None:
        """Connect, declare a queue an agency, listen. Raises whatever the client raises."""
        channel = self._connection.channel()
        self._queues = [self._queue(channel, agency) for agency in self._agencies]
        for queue in self._queues:
            queue.declare()
        self._producer = Producer(channel, on_return=self._on_return)
        if self._brokered:
            channel.confirm_select()
            channel.events["basic_ack"].add(self._on_confirm)
            channel.events["basic_nack"].add(self._on_confirm)  # refused rings are as harmless as lost ones
        if self._arrived is not None:
            # a channel of its own: the numbers of confirms and of deliveries do not mix
            self._listening = self._connection.channel()
            self._consumer = Consumer(
                self._listening,
                [queue(self._listening) for queue in self._queues],
                no_ack=not self._brokered,
                on_message=self._on_message,
                auto_declare=False,
                prefetch_count=100 if self._brokered else None,
            )
            self._consumer.consume()

    def declare(self, agencies: Sequence[str]) -> None:
        """Declare and hear the queues of agencies that were not known when the line was opened."""
        added = [agency for agency in agencies if agency not in self._agencies] if agencies != self._agencies else []
        if not added:
            return
        for queue in [self._queue(self._producer.channel, agency) for agency in added]:
            queue.declare()
            self._queues.append(queue)
            if self._arrived is not None:
                self._consumer.add_queue(queue(self._listening))
        if self._arrived is not None:
            self._consumer.consume()
        self._agencies = tuple(agencies)

    def _queue(self, channel: Any, agency: str) -> Any:
        arguments = QUORUM if self._brokered else None
        return Bell(self._prefix + agency, durable=True, queue_arguments=arguments)(channel)

    @property
    def room(self) -> int:
        """How many messages may be sent now without waiting for the broker's word."""
        return 0 if self._blocked else MOST_UNCONFIRMED - len(self._unconfirmed)

    def wait(self, woken: int) -> None:
        """Until there is something to do: the pipe says so, or the broker, or a heartbeat is near."""
        poll = select.poll()
        poll.register(woken, select.POLLIN)
        if not self._brokered:
            poll.poll()
            return
        poll.register(self._connection.connection.sock, select.POLLIN)
        poll.poll(HEARTBEAT_S * 1000 / 4)
        self._connection.heartbeat_check()
        _, _, sent_at = next(iter(self._unconfirmed.values()), ("", (), time.monotonic()))
        if time.monotonic() - sent_at > CONFIRMED_WITHIN_S:
            raise TimeoutError("the broker does not confirm what it was sent")

    def unconfirmed(self) -> list[tuple[str, Sequence[str]]]:
        """The rings whose fate nobody knows."""
        return [(agency, ids) for agency, ids, _ in self._unconfirmed.values()]

    def receive(self) -> None:
        """Take in all that has arrived, without waiting."""
        while True:
            try:
                self._connection.drain_events(timeout=0)
            except TimeoutError:
                return

    def send(self, agency: str, ids: Sequence[str]) -> None:
        """One message; confirmed later. A ring for an agency that was not declared is nobody's and is left out."""
        if agency not in self._agencies:
            return
        if self._brokered:
            self._sent += 1
            self._unconfirmed[self._sent] = (agency, ids, time.monotonic())
        self._producer.publish(list(ids), exchange="", routing_key=self._prefix + agency, mandatory=True)

    def close(self) -> None:
        """End the connection, whatever state it is in; the process's memory queues go with it."""
        try:
            if not self._brokered:
                for queue in self._queues:
                    queue.delete()
            self._connection.release()
        except Exception:
            self._connection.collect(socket_timeout=0.1)

    def _on_message(self, message: Any) -> None:
        if self._arrived is not None:
            self._arrived(message.delivery_info["routing_key"].removeprefix(self._prefix), message.decode())
        if self._brokered:
            message.ack()

    def _on_confirm(self, tag: int, multiple: bool) -> None:
        if not multiple:
            self._unconfirmed.pop(tag, None)
            return
        for earlier in [number for number in self._unconfirmed if number <= tag]:
            del self._unconfirmed[earlier]

    def _on_return(self, error: BaseException, *_: object) -> None:
        """No queue took it: somebody deleted the queue, and a new connection declares it again."""
        raise error

    def _on_blocked(self, _reason: str) -> None:
        self._blocked = True

    def _on_unblocked(self) -> None:
        self._blocked = False


def _drain(readable: int) -> None:
    try:
        os.read(readable, 64)
    except BlockingIOError:
        return
