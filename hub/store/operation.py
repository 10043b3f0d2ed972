"""One piece of work on its way through the writer, and how whoever waits for it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any


class Outcome:
    """What came of an operation: a result, or an error to raise."""

    __slots__ = ("error", "result")

    def __init__(self, result: Any, error: Exception | None) -> None:
        self.result = result
        self.error = error


class Operation:
    """A kind of work, what it is to work on, and the future of whoever waits; ``weight`` is in bytes."""

    __slots__ = ("argument", "future", "kind", "loop", "outcome", "weight")

    def __init__(
        self, kind: Any, argument: Any, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], weight: int
    ) -> None:
        self.kind = kind
        self.argument = argument
        self.loop = loop
        self.future = future
        self.weight = weight
        self.outcome: Outcome | None = None


def settle(operations: Sequence[Operation]) -> None:
    """Tell everyone, with one call for each event loop; a loop that has ended waits for nothing."""
    loops: dict[asyncio.AbstractEventLoop, list[Operation]] = {}
    for each in operations:
        loops.setdefault(each.loop, []).append(each)
    for loop, waiting in loops.items():
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_tell, waiting)


def _tell(operations: Sequence[Operation]) -> None:
    for each in operations:
        if each.outcome is None or each.future.done():
            continue
        if each.outcome.error is not None:
            each.future.set_exception(each.outcome.error)
        else:
            each.future.set_result(each.outcome.result)
