"""What the store shows to whoever asks: records of what it holds, free of content unless they say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.message import CaseNumber, Classification, Json, State


@dataclass(frozen=True, slots=True)
class ActView:
    """What a person did: ``kind`` as in ``hub.store.acts.Act``, ``by`` what proved who it was."""

    kind: str
    who: str
    by: str
    why: str
    at: float


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One delivery. Times are epoch seconds.

    ``waits_for`` tells why it is pending: ``time`` (until ``wake_at``, or for a worker where that is past), ``outcome``
    (``worker`` holds it), ``lane`` (the delivery ``behind`` of it), ``acknowledgement`` (the partner's), ``pause`` (a
    person's), ``window``, ``partner`` or ``breaker`` (until ``wake_at`` its agency is closed, has asked for a pause, or
    failed too often). None where it is not pending.

    ``result``, ``code`` and ``error`` are how the last attempt ended. ``generation`` counts from 1; a later one relates
    to the id before it (``relates_to``), and ``reason`` of the superseded one is the id that came after. ``acted`` is
    the last thing that a person did with it.
    """

    id: str
    message_id: str
    agency: str
    type: str
    subject: str
    state: State
    reason: str
    rule: str
    waits_for: str | None
    wake_at: float | None
    worker: str | None
    case_key: str
    sequence: int
    gap: bool
    attempts: int
    maybe_sent: bool
    first_tried_at: float | None
    changed_at: float
    accepted_at: float
    behind: str | None = None
    result: str | None = None
    code: str | None = None
    error: str | None = None
    generation: int = 1
    relates_to: str | None = None
    acted: ActView | None = None


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message and its deliveries. ``accepted_at`` is as its receipt shows it."""

    id: str
    sender: str
    identity: str
    digest: str
    type: str
    version: int
    subject: str
    case_key: str
    classification: Classification
    time: str
    accepted_at: str
    site: str
    record: int
    partner: Mapping[str, str]
    transport: str
    reference: str | None
    trace: str | None
    test: bool
    deliveries: tuple[DeliveryView, ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case: all its numbers and messages, in the order of their acceptance."""

    case_key: str
    numbers: tuple[CaseNumber, ...]
    messages: tuple[MessageView, ...]


@dataclass(frozen=True, slots=True)
class CountView:
    """How many deliveries of one agency are in a state for one reason, in how many lanes.

    ``ages``: how many were accepted less than an hour, a day, a week ago, and earlier; the oldest of them at
    ``oldest_at``. ``perhaps_sent``: how many the receiver may have, though nobody knows.
    """

    agency: str
    state: State
    reason: str
    count: int
    lanes: int
    ages: tuple[int, ...]
    oldest_at: float
    perhaps_sent: int


@dataclass(frozen=True, slots=True)
class ChosenView:
    """One of the deliveries that an act is for: its lane, and its number there."""

    id: str
    agency: str
    case_key: int
    number: int


@dataclass(frozen=True, slots=True)
class OriginalView:
    """What a delivery is made from anew: the document in which its message came, and which record of it; ``raw`` is the
    number of the document's bytes."""

    id: str
    agency: str
    state: State
    under_way: bool
    message_id: str
    sender: str
    type: str
    transport: str
    accepted_at: float
    record: int
    classification: Classification
    test: bool
    raw: int


@dataclass(frozen=True, slots=True)
class PauseView:
    """A pause of an agency, or of one of its types (``type`` empty: of all); ``until`` None: until it is resumed."""

    agency: str
    type: str
    until: float | None
    act: ActView


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Some deliveries, oldest first; ``cursor`` asks for those behind them (None: there are no more)."""

    deliveries: tuple[DeliveryView, ...]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One attempt that ended. Claims that ended without an outcome leave none."""

    token: int
    started_at: float
    ended_at: float
    result: str
    code: str
    text: str
    partner_log_id: str | None


@dataclass(frozen=True, slots=True)
class ParcelView:
    """The latest bytes frozen for a delivery; holds content."""

    id: str
    digest: str
    members: tuple[str, ...]
    disclosed: tuple[str, ...]
    frozen_at: float
    body: bytes


@dataclass(frozen=True, slots=True)
class CameView:
    """One message as it came: ``n`` is its place in the order of acceptance, ``raw`` the number of the document's bytes
    (the same for all messages of one document)."""

    n: int
    raw: int
    id: str
    sender: str
    type: str
    transport: str
    accepted_at: float
    record: int
    classification: Classification
    test: bool


@dataclass(frozen=True, slots=True)
class CameSpan:
    """``count`` messages, whose places lie between ``first`` and ``last``, both included."""

    first: int
    last: int
    count: int


@dataclass(frozen=True, slots=True)
class EntryView:
    """One ledger entry about a message; ``index`` and ``leaf`` (hex) are None until it is sequenced."""

    index: int | None
    leaf: str | None
    body: Json


@dataclass(frozen=True, slots=True)
class FieldsView:
    """What of a message an agency was shown (canonical paths), and what was kept back by which rule."""

    disclosed: tuple[str, ...]
    withheld: Mapping[str, str]
