"""What happened in one run, as each party saw it: clients, partners, nemesis. Kept in memory and on disk."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

Reference = tuple[str, int]
"""(case, number): which note it is; the clients number the notes of a case from 1."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A client's view of one request of a note with this ``text``.

    ``outcome``: ``ok``, ``fail`` (surely not taken, may be sent again), ``refused`` (never to be taken), ``taken`` (a
    receipt for what should have been refused) or ``info`` (nobody knows).
    """

    case: str
    number: int
    outcome: str
    began: float
    ended: float
    receipt: str = ""
    duplicate: bool = False
    said: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A partner's view of one note. ``id`` and ``digest`` are what it got; written down before it answers.

    ``header`` is the id where the transport carries one beside the body, ``answered`` what the partner then did.
    ``disclosed``: whether the ledger in the store said by then that these bytes may leave (None: it was not asked).
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
    disclosed: bool | None = None


@dataclass(frozen=True, slots=True)
class Strike:
    """The nemesis's view of one fault: of which ``kind``, on what, and what it found when it struck.

    ``requests``: how many clients waited for an answer; ``deliveries``: notes on their way to partners. ``bit`` says
    whether the fault did what it is for, where that shows in something else than deliveries on their way.
    """

    kind: str
    target: str
    at: float
    ready: bool
    requests: int
    deliveries: int
    bit: bool | None = None

    @property
    def has_bitten(self) -> bool:
        """Whether the run would have gone another way without it."""
        return self.deliveries > 0 if self.bit is None else self.bit


@dataclass(frozen=True, slots=True)
class Ready:
    """A process answered that it is ready, so many seconds after it was started."""

    target: str
    at: float
    after_s: float


@dataclass(slots=True)
class History:
    """The histories of one run, in the order in which they were written down.

    ``impossible`` names the kinds of faults that this machine did not allow, with the reason.
    """

    folder: Path
    operations: list[Operation] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    strikes: list[Strike] = field(default_factory=list)
    starts: list[Ready] = field(default_factory=list)
    impossible: dict[str, str] = field(default_factory=dict)

    def operated(self, operation: Operation) -> None:
        """A client's request ended."""
        self.operations.append(operation)

    def arrived(self, arrival: Arrival) -> None:
        """A partner got a note."""
        self.arrivals.append(arrival)

    def struck(self, strike: Strike) -> None:
        """The nemesis did its worst."""
        self.strikes.append(strike)

    def ready(self, start: Ready) -> None:
        """A process is up."""
        self.starts.append(start)

    def accepted(self) -> dict[Reference, str]:
        """Every note that has a receipt, with the receipt's id."""
        return {(one.case, one.number): one.receipt for one in self.operations if one.outcome == "ok"}

    def save(self) -> None:
        """Write them beside the hub's log, one JSON line an event, for whoever has to find out why."""
        for name in ("operations", "arrivals", "strikes", "starts"):
            lines = b"".join(orjson.dumps(asdict(each)) + b"\n" for each in getattr(self, name))
            (self.folder / f"{name}.jsonl").write_bytes(lines)


@dataclass
class Owed:
    """What has a receipt and is not at every desk yet. Looks at what is new since it was asked last, so that runs of
    hundreds of thousands of notes can ask at every moment."""

    history: History
    agencies: Sequence[str]
    accepted: set[Reference] = field(default_factory=set)
    _left: set[tuple[str, Reference]] = field(default_factory=set)
    _arrived: set[tuple[str, Reference]] = field(default_factory=set)
    _operations: int = 0
    _arrivals: int = 0

    def count(self) -> int:
        """How many arrivals are still to come."""
        operations, arrivals = self.history.operations, self.history.arrivals
        for one in arrivals[self._arrivals :]:
            self._arrived.add((one.agency, (one.case, one.number)))
            self._left.discard((one.agency, (one.case, one.number)))
        for operation in operations[self._operations :]:
            note = (operation.case, operation.number)
            if operation.outcome == "ok" and note not in self.accepted:
                self.accepted.add(note)
                self._left.update({(agency, note) for agency in self.agencies} - self._arrived)
        self._operations, self._arrivals = len(operations), len(arrivals)
        return len(self._left)


def now() -> float:
    """The one clock of all histories: seconds, monotonic."""
    return time.monotonic()
