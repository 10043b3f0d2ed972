"""The writer thread: takes whatever work is waiting, does it in one transaction, and answers all of it at once.

Operations are grouped by kind, so that each kind runs as a few batch statements. An operation that fails unexpectedly
is found by rolling back and running each alone, so kinds of work change nothing but the database. What must never
happen is that anything goes on after a commit whose result is not known: then the process ends.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from hub.errors import HubError
from hub.store.operation import Operation, Outcome, settle
from hub.store.sequencer import Rhythm, Sequenced
from hub.store.session import Broken, Busy, Collision, Full, Session
from hub.store.work import Work

A = TypeVar("A")
R = TypeVar("R")
Kind = Callable[[Work, Sequence[A]], Sequence[R]]

MOST_A_TRANSACTION = 512
# A commit costs as much as ten operations, so while many come, a moment's patience lets more of them share one: the
# more came last time, the longer (measured at full speed: half the commits and a tenth less CPU than with 1 ms).
MANY = 4
PATIENCE_EACH_S = 0.000_15
MOST_PATIENCE_S = 0.005
RETRY_AFTER_S = 1.0
TRIES_AFTER_COLLISION = 10


class Writer:
    """Owns the writing session. ``submit`` is called on the event loop; everything else happens in the thread."""

    def __init__(
        self,
        session: Session,
        new_work: Callable[[], Work],
        order: Sequence[Kind[Any, Any]],
        sequence: Callable[[Work, bool], Sequenced],
        publish: Callable[[str], None],
        die: Callable[[str], None],
        most_waiting: int,
        most_waiting_bytes: int,
    ) -> None:
        """``order`` names the kinds of work, in the order in which one transaction does them."""
        self.commits = 0
        self._session = session
        self._new_work = new_work
        self._order = tuple(order)
        self._sequence = sequence
        self._publish = publish
        self._die = die
        self._most_waiting = most_waiting
        self._most_waiting_bytes = most_waiting_bytes
        self._queue: SimpleQueue[Operation | None] = SimpleQueue()
        self._given = self._given_bytes = 0  # changed by the event loop only
        self._taken = self._taken_bytes = 0  # changed by the thread only
        self._stopping = False
        self._last_size = 0
        self._rhythm = Rhythm(time.monotonic())
        self._thread = threading.Thread(target=self._main, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, kind: Kind[A, R], argument: A, weight: int | None = None) -> asyncio.Future[R]:
        """Hand in work. With a ``weight`` (bytes) it is refused as ``busy`` while too much is waiting."""
        if self._stopping:
            raise HubError("stopping")
        if weight is not None and self._is_overloaded():
            raise HubError("busy", retry_after_s=RETRY_AFTER_S)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._given += 1
        self._given_bytes += weight or 0
        self._queue.put(Operation(kind, argument, loop, future, weight or 0))
        return future

    def stop(self) -> None:
        """Do what was handed in, sequence and sign the ledger, close; returns when the thread has ended."""
        if not self._stopping:
            self._stopping = True
            self._queue.put(None)
        self._thread.join()

    def _is_overloaded(self) -> bool:
        return (
            self._given - self._taken >= self._most_waiting
            or self._given_bytes - self._taken_bytes >= self._most_waiting_bytes
        )

    def _main(self) -> None:
        try:
            while self._turn():
                pass
            self._sequence_now(sign=True)
            self._session.close()
            self._turn_away()
        except Exception as error:  # an error here leaves the store or the ledger in doubt
            self._die(f"{type(error).__name__}: {error}")

    def _turn_away(self) -> None:
        """Refuse what came in between the request to stop and its effect."""
        late, _ = self._take(wait=False)
        _fail(late, lambda: HubError("stopping"))
        settle(late)

    def _turn(self) -> bool:
        """One transaction with whatever is waiting, and the sequencer when it is its time; False at the end."""
        operations, more = self._take()
        if operations:
            self._do(operations)
        now = time.monotonic()
        at = self._rhythm.next_at()
        if at is not None and at <= now:
            self._sequence_now(sign=self._rhythm.signs(now))
        return more

    def _take(self, *, wait: bool = True) -> tuple[list[Operation], bool]:
        """Wait for work, or until the sequencer has to run; gives all that is waiting."""
        at = self._rhythm.next_at() if wait else 0.0
        taken: list[Operation] = []
        more = True
        try:
            one = self._queue.get(timeout=None if at is None else max(0.0, at - time.monotonic()))
            if self._last_size >= MANY and wait:
                time.sleep(min(self._last_size * PATIENCE_EACH_S, MOST_PATIENCE_S))
            while one is not None:
                taken.append(one)
                if len(taken) >= MOST_A_TRANSACTION:
                    break
                one = self._queue.get_nowait()
            more = one is not None
        except Empty:
            pass
        self._last_size = len(taken)
        self._taken += len(taken)
        self._taken_bytes += sum(each.weight for each in taken)
        return taken, more

    def _do(self, operations: list[Operation]) -> None:
        """Do all of it in one transaction, or find out by doing each alone which of it fails."""
        try:
            self._transact(operations)
        except (Full, Busy) as error:
            self._session.rollback()
            refused = error
            _fail(operations, lambda: _refusal(refused))
        except Broken:
            raise
        except Exception as error:  # whatever it is, it must not sink the neighbours
            self._session.rollback()
            if len(operations) > 1:
                for each in operations:
                    self._do([each])
                return
            self._retry(operations[0], error)
        settle(operations)

    def _retry(self, operation: Operation, error: Exception) -> None:
        """Do one operation again as long as other processes got in its way."""
        for _ in range(TRIES_AFTER_COLLISION):
            if not isinstance(error, Collision):
                break
            try:
                self._transact([operation])
                return
            except (Full, Busy) as refused:
                self._session.rollback()
                error = _refusal(refused)
            except Broken:
                raise
            except Exception as failed:  # decided in the next round
                self._session.rollback()
                error = failed
        final = _refusal(error) if isinstance(error, Collision) else error
        _fail([operation], lambda: final)

    def _transact(self, operations: Sequence[Operation]) -> None:
        """One transaction; its outcomes are set but nobody is told yet."""
        groups: dict[Any, list[Operation]] = {}
        for each in operations:
            groups.setdefault(each.kind, []).append(each)
        self._session.begin()
        work = self._new_work()
        for kind in self._order:
            group = groups.get(kind)
            if group:
                results = kind(work, [each.argument for each in group])
                for each, result in zip(group, results, strict=True):
                    each.outcome = Outcome(result, None)
        work.end()
        self._session.commit()
        self.commits += 1
        if work.entries:
            self._rhythm.grew(time.monotonic())

    def _sequence_now(self, *, sign: bool) -> None:
        """Run the sequencer in its own transaction."""
        try:
            self._session.begin()
            work = self._new_work()
            done = self._sequence(work, sign)
            work.end()
            self._session.commit()
        except (Full, Busy, Collision):
            self._session.rollback()
            self._rhythm.failed(time.monotonic())
            return
        self._rhythm.ran(done, time.monotonic(), signed=sign)
        if done.note is not None:
            self._publish(done.note)


def _refusal(error: Exception) -> HubError:
    return HubError("store-full" if isinstance(error, Full) else "busy", retry_after_s=RETRY_AFTER_S)


def _fail(operations: Sequence[Operation], make: Callable[[], Exception]) -> None:
    for each in operations:
        each.outcome = Outcome(None, make())
