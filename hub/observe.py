"""What the engine tells whoever watches; observers never decide and must not raise."""

from __future__ import annotations

from typing import Protocol

from hub.message import State


class Observer(Protocol):
    """Called on the event loop, so every method is quick. Labels come from closed sets: ``agency`` and ``type`` are
    names of the site or ``unknown``; ``code`` is from ``hub.errors.CODES``."""

    def received(self, agency: str, type: str, transport: str, message_id: str, duplicate: bool) -> None:
        """One message is durable and its receipt may leave."""

    def refused(self, agency: str, type: str, transport: str, code: str) -> None:
        """One document or record was not accepted."""

    def dropped(self, agency: str, type: str, direction: str, id: str, count: int) -> None:
        """A mapping let that many pieces of content fall: ``in``, of what became the message ``id``, or ``out``, of the
        delivery ``id``. Where they stood is in the ledger."""

    def attempted(self, agency: str, type: str, delivery_id: str, result: str, code: str, seconds: float) -> None:
        """One attempt ended; ``result`` is a ``hub.message.Result``."""

    def entered(self, agency: str, type: str, delivery_id: str, state: State, code: str) -> None:
        """One delivery came into a state other than pending (``code`` empty where it was delivered)."""

    def delivered_after(self, agency: str, type: str, seconds: float) -> None:
        """The time from acceptance to a confirmed delivery."""

    def stage(self, name: str, seconds: float) -> None:
        """The time that one stage of the pipeline took (``hub.pipeline.STAGES``)."""

    def breaker(self, agency: str, state: str) -> None:
        """An agency's circuit breaker became ``closed``, ``open`` or ``half-open``."""

    def faulted(self, where: str, error: BaseException) -> None:
        """Something failed that no message can be blamed for; logged with its stack, never with a payload."""
