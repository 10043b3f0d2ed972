"""The hub's log: one JSON object a line, with message ids and codes, never a payload."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog

from hub.errors import HubError
from hub.message import State
from monitoring.lines import Lines, to_json

Log = structlog.typing.FilteringBoundLogger
WINDOW_S = 10.0
MOST_ALIKE = 20


def open_log(lines: Lines, level: int = logging.INFO) -> Log:
    """A logger of its own (structlog's global configuration stays untouched)."""
    log: Log = structlog.wrap_logger(
        lines,
        processors=[_stamp, to_json],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        context_class=dict,
        cache_logger_on_first_use=True,
    ).bind()
    return log


def _stamp(_logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": name, **event}


class Journal:
    """An ``Observer`` that writes a line for what a reader of the log looks for: one a message and one a delivery."""

    def __init__(self, log: Log, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._refusals: dict[tuple[str, str, str, str], tuple[float, int]] = {}

    def received(self, agency: str, type: str, transport: str, message_id: str, duplicate: bool) -> None:
        """Say that a message was accepted."""
        self._log.info(
            "accepted", agency=agency, type=type, transport=transport, message=message_id, duplicate=duplicate
        )

    def refused(self, agency: str, type: str, transport: str, code: str) -> None:
        """Say that a document or record was refused.

        Anyone can be refused, so of many that are alike only the first of each ``WINDOW_S`` are written, and how many
        were left out when the next ones are (the metrics count them all).
        """
        key = (agency, type, transport, code)
        began, count = self._refusals.get(key, (0.0, 0))
        now, details = self._clock(), {}
        if not count or now - began >= WINDOW_S:
            details = {"left_out": count - MOST_ALIKE} if count > MOST_ALIKE else {}
            began, count = now, 0
        self._refusals[key] = (began, count + 1)
        if count < MOST_ALIKE:
            self._log.info("refused", agency=agency, type=type, transport=transport, code=code, **details)

    def dropped(self, agency: str, type: str, direction: str, id: str, count: int) -> None:
        """Say that something fell; the ledger has its places (``hub trace``)."""
        of = "message" if direction == "in" else "delivery"
        self._log.info("dropped", agency=agency, type=type, direction=direction, count=count, **{of: id})

    def attempted(self, agency: str, type: str, delivery_id: str, result: str, code: str, seconds: float) -> None:
        """Say why an attempt did not end in a delivery, or that the partner has yet to acknowledge it."""
        if result == "sent":
            self._log.info("sent", agency=agency, type=type, delivery=delivery_id)
        elif result != "delivered":
            self._log.warning(
                "attempt", agency=agency, type=type, delivery=delivery_id, result=result, code=code,
                seconds=round(seconds, 4),
            )  # fmt: skip

    def entered(self, agency: str, type: str, delivery_id: str, state: State, code: str) -> None:
        """Say in which state a delivery came to rest."""
        if state is State.DELIVERED:
            self._log.info("delivered", agency=agency, type=type, delivery=delivery_id)
        else:
            self._log.warning(state.value, agency=agency, type=type, delivery=delivery_id, code=code)

    def delivered_after(self, agency: str, type: str, seconds: float) -> None:
        """Leave durations to the metrics."""

    def stage(self, name: str, seconds: float) -> None:
        """Leave durations to the metrics."""

    def breaker(self, agency: str, state: str) -> None:
        """Say that an agency's breaker changed."""
        self._log.warning("breaker", agency=agency, state=state)

    def faulted(self, where: str, error: BaseException) -> None:
        """Say what failed and where in the code; an error's text is written only where it is known to be safe."""
        self._log.error("fault", where=where, error=_named(error), stack=_frames(error))


class StandardLibrary(logging.Handler):
    """Brings warnings of libraries into the same log, without their stacks' values."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record: the template, not what was put into it."""
        error = record.exc_info[1] if record.exc_info else None
        details: dict[str, Any] = {"error": _named(error), "stack": _frames(error)} if error else {}
        self._log.warning(
            "library", logger=record.name, severity=record.levelname.lower(), template=str(record.msg), **details
        )


def _named(error: BaseException) -> str:
    """The kind of an error, with its text only for those whose text holds no payload."""
    name = type(error).__name__
    if isinstance(error, HubError):
        return f"{name} {error.code.name}: {error.text}"
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}"
    return name


def _frames(error: BaseException) -> list[str]:
    """Where it happened, outermost first, with no values."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename.rpartition('/site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
