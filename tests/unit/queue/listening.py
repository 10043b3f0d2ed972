"""A listener for queue tests: remembers what it hears and waits for a condition with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hub.message import State


class Ears:
    """Stands for a dispatcher (``ring``) and an observer (``faulted``)."""

    def __init__(self) -> None:
        self.heard: dict[str, list[str]] = {}
        self.faults: list[tuple[str, BaseException]] = []

    def ring(self, agency: str, ids: list[str]) -> None:
        self.heard.setdefault(agency, []).extend(ids)

    def received(self, agency: str, type: str, transport: str, message_id: str, duplicate: bool) -> None: ...

    def refused(self, agency: str, type: str, transport: str, code: str) -> None: ...

    def attempted(self, agency: str, type: str, delivery_id: str, result: str, code: str, seconds: float) -> None: ...

    def entered(self, agency: str, type: str, delivery_id: str, state: State, code: str) -> None: ...

    def delivered_after(self, agency: str, type: str, seconds: float) -> None: ...

    def stage(self, name: str, seconds: float) -> None: ...

    def breaker(self, agency: str, state: str) -> None: ...

    def faulted(self, where: str, error: BaseException) -> None:
        self.faults.append((where, error))


async def until(met: Callable[[], bool], within_s: float = 10.0) -> None:
    """Wait until ``met``; the test fails when the time is over."""
    async with asyncio.timeout(within_s):
        while not met():  # noqa: ASYNC110 - conditions are seen from outside
            await asyncio.sleep(0.005)
