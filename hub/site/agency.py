"""One agency as its ``agency.yaml`` declares it: identity, documents, ways in, way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hub.message import Classification
from hub.site.window import Window

Format = Literal["xml", "json", "delimited", "fixed-width"]


@dataclass(frozen=True, slots=True)
class DocumentDefinition:
    """How one message type looks at this agency; ``schema`` is a path below ``schemas/agencies/<agency>/``.

    ``schema`` is an XSD (xml), a JSON Schema (json) or a layout file (delimited, fixed-width). ``batch``: whether one
    bad record refuses the whole document (``all``) or only itself (``each``).
    """

    type: str
    format: Format
    schema: str
    batch: Literal["all", "each"]
    line: int


@dataclass(frozen=True, slots=True)
class RestIntake:
    """The agency posts to ``/rest/<agency>/<type>``; ``credential`` names the secret that holds its API key."""

    credential: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SoapIntake:
    """The agency calls ``/soap/<agency>``: body element (Clark name) to message type, and what we answer.

    ``replies``: body element to (response element in Clark form, ((child Clark name, source), ...)); a source is
    ``$receipt.id``, ``$receipt.acceptedAt``, ``$receipt.status`` or ``$receipt.subject``. ``user`` is the
    UsernameToken name, ``credential`` names the secret with its password.
    """

    wsdl: str
    operations: Mapping[str, str]
    replies: Mapping[str, tuple[str, tuple[tuple[str, str], ...]]]
    user: str
    credential: str


@dataclass(frozen=True, slots=True)
class FileIntake:
    """The agency drops files into ``folder``; ``types`` maps file name patterns to message types, in order.

    ``ready``: ``rename`` (a file is whole once it bears its final name: names ending in ``.part``, ``.tmp`` or starting
    with a dot are not read), ``done-marker`` (whole once ``<name>.done`` stands beside it), ``stable`` (size unchanged
    for ``stable_s``; best effort).
    """

    folder: str
    types: tuple[tuple[str, str], ...]
    ready: Literal["rename", "done-marker", "stable"]
    stable_s: float
    charset: str | None


@dataclass(frozen=True, slots=True)
class Retry:
    """Long retries: exponential from ``first_s``, at most ``longest_s`` apart, with jitter, ended by age or count."""

    first_s: float = 1.0
    longest_s: float = 300.0
    give_up_after_s: float = 86_400.0
    attempts: int = 100


@dataclass(frozen=True, slots=True)
class Breaker:
    """After ``failures`` transient failures in a row nothing is tried for ``open_s``, then one probe."""

    failures: int = 5
    open_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Batch:
    """How many deliveries one parcel may hold, and how long the first of them waits for others."""

    most: int = 1
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``parcels`` in any ``per_s`` seconds, over all processes.

    They are spaced evenly; ``burst`` of them may go at one moment, and the spacing makes up for it.
    """

    parcels: int
    per_s: float

    @property
    def burst(self) -> int:
        """How many may go at one moment: a twentieth of them, at least one."""
        return max(1, self.parcels // 20)

    @property
    def interval_s(self) -> float:
        """What one parcel takes of the agency's time."""
        return self.per_s / (self.parcels - self.burst + 1)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The agency fetches its messages, with the API key that the secret ``credential`` holds.

    What it has fetched and not acknowledged comes again after ``again_after_s``.
    """

    credential: str
    again_after_s: float


@dataclass(frozen=True, slots=True)
class Way:
    """How messages reach the agency. ``options`` are the connector's own keys, checked by it when the site is loaded.

    ``endpoint`` is the default; the deployment's environment file may replace it. ``lane``: whether a dead letter
    blocks its lane or leaves a recorded gap. ``concurrency`` counts in each process; ``rate``, ``window`` and what the
    breaker says hold for all of them together. ``mailbox``: the agency fetches, because it cannot be called.
    """

    transport: str
    endpoint: str
    options: Mapping[str, Any]
    timeout_s: float
    concurrency: int
    retry: Retry
    breaker: Breaker
    batch: Batch
    lane: Literal["block", "gap"]
    line: int
    rate: Rate | None = None
    window: Window | None = None
    mailbox: Mailbox | None = None


@dataclass(frozen=True, slots=True)
class Agency:
    """A partner: everything that ``agency.yaml`` says. ``unlabelled`` is the label of messages that carry none.

    ``max_bytes`` is the largest document that it may send, over whatever transport; None: the deployment's limit.
    """

    name: str
    titles: Mapping[str, str]
    ceiling: Classification
    unlabelled: Classification
    namespaces: Mapping[str, str]
    documents: Mapping[str, DocumentDefinition]
    rest: RestIntake | None
    soap: SoapIntake | None
    file: FileIntake | None
    way: Way | None
    file_name: str
    max_bytes: int | None = None
