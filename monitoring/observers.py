"""Several observers as one, told in order."""

from __future__ import annotations

from hub.message import State
from hub.observe import Observer


class Observers:
    """An ``Observer`` that passes everything on; none of them may raise (``hub.observe``)."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def received(self, agency: str, type: str, transport: str, message_id: str, duplicate: bool) -> None:
        """Pass on."""
        for observer in self._observers:
            observer.received(agency, type, transport, message_id, duplicate)

    def refused(self, agency: str, type: str, transport: str, code: str) -> None:
        """Pass on."""
        for observer in self._observers:
            observer.refused(agency, type, transport, code)

    def dropped(self, agency: str, type: str, direction: str, id: str, count: int) -> None:
        """Pass on."""
        for observer in self._observers:
            observer.dropped(agency, type, direction, id, count)

    def attempted(self, agency: str, type: str, delivery_id: str, result: str, code: str, seconds: float) -> None:
        """Pass on."""
        for observer in self._observers:
            observer.attempted(agency, type, delivery_id, result, code, seconds)

    def entered(self, agency: str, type: str, delivery_id: str, state: State, code: str) -> None:
        """Pass on."""
        for observer in self._observers:
            observer.entered(agency, type, delivery_id, state, code)

    def delivered_after(self, agency: str, type: str, seconds: float) -> None:
        """Pass on."""
        for observer in self._observers:
            observer.delivered_after(agency, type, seconds)

    def stage(self, name: str, seconds: float) -> None:
        """Pass on."""
        for observer in self._observers:
            observer.stage(name, seconds)

    def breaker(self, agency: str, state: str) -> None:
        """Pass on."""
        for observer in self._observers:
            observer.breaker(agency, state)

    def faulted(self, where: str, error: BaseException) -> None:
        """Pass on."""
        for observer in self._observers:
            observer.faulted(where, error)
