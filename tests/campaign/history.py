"""What happened in one run, as each party saw it: clients, partners, nemesis. Kept in memory and on disk."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

Reference = tuple[str, int]
"""(case, number): which note it is; the clients number the notes of a case from 1."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A client's view of one request. ``outcome``: ``ok``, ``fail`` (surely not taken) or ``info`` (nobody knows)."""

    case: str
    number: int
    outcome: str
    began: float
    ended: float
    receipt: str = ""
    duplicate: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A partner's view of one note. ``id`` and ``digest`` are what it got; written down before it answers.

    ``header`` is the id where the transport carries one beside the body, ``answered`` what the partner then did.
    """

    agency: str
    id: str
    digest: str
    case: str
    number: int
    text: str
    header: str
    answered: str
    at: float


@dataclass(frozen=True, slots=True)
class Kill:
    """The nemesis's view: requests that clients waited on, and notes on their way to partners, when it struck."""

    at: float
    ready: bool
    requests: int
    deliveries: int


@dataclass(slots=True)
class History:
    """The three histories of one run, in the order in which they were written down."""

    folder: Path
    operations: list[Operation] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)

    def operated(self, operation: Operation) -> None:
        """A client's request ended."""
        self.operations.append(operation)

    def arrived(self, arrival: Arrival) -> None:
        """A partner got a note."""
        self.arrivals.append(arrival)

    def killed(self, kill: Kill) -> None:
        """The hub was killed."""
        self.kills.append(kill)

    def accepted(self) -> dict[Reference, str]:
        """Every note that has a receipt, with the receipt's id."""
        return {(one.case, one.number): one.receipt for one in self.operations if one.outcome == "ok"}

    def save(self) -> None:
        """Write all three beside the hub's log, one JSON line an event, for whoever has to find out why."""
        for name in ("operations", "arrivals", "kills"):
            lines = b"".join(orjson.dumps(asdict(each)) + b"\n" for each in getattr(self, name))
            (self.folder / f"{name}.jsonl").write_bytes(lines)


def now() -> float:
    """The one clock of all three histories: seconds, monotonic."""
    return time.monotonic()
