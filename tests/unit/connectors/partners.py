"""Observers and partner stubs for the connectors' tests."""

from __future__ import annotations

from hub.message import State


class Ears:
    """An observer that remembers refusals and faults."""

    def __init__(self) -> None:
        self.refusals: list[tuple[str, str, str, str]] = []
        self.faults: list[tuple[str, BaseException]] = []

    def refused(self, agency: str, type: str, transport: str, code: str) -> None:
        self.refusals.append((agency, type, transport, code))

    def faulted(self, where: str, error: BaseException) -> None:
        self.faults.append((where, error))

    def received(self, agency: str, type: str, transport: str, message_id: str, duplicate: bool) -> None: ...

    def attempted(self, agency: str, type: str, delivery_id: str, result: str, code: str, seconds: float) -> None: ...

    def entered(self, agency: str, type: str, delivery_id: str, state: State, code: str) -> None: ...

    def delivered_after(self, agency: str, type: str, seconds: float) -> None: ...

    def stage(self, name: str, seconds: float) -> None: ...

    def breaker(self, agency: str, state: str) -> None: ...
