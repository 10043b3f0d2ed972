"""The stages of a message, each a frozen record made only by the stage before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from hub.errors import HubError

Json = dict[str, Any]


class Classification(IntEnum):
    """How sensitive a message is; the highest of its parts wins (DOMAIN.md, classification)."""

    PUBLIC = 0
    RESTRICTED = 1
    SECRET = 2
    TOP_SECRET = 3


class State(StrEnum):
    """The one state in which every delivery always is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    WITHHELD = "withheld"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


# --- accept: Received > Sender > Canonical > (store) > Receipt -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Credential:
    """What a transport was shown as proof of the sender; secrets stay here and are never stored or logged.

    ``kind``: ``api-key`` (secret), ``username-token`` (name, and secret either as text or, where ``nonce`` and
    ``created`` are set, as WS-Security PasswordDigest in base64), ``folder`` (the watched folder is that agency's).
    """

    kind: str
    name: str = ""
    secret: str = ""
    nonce: str = ""
    created: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes as they came in over one transport, holding one message or many.

    ``agency`` is the one the path or folder names; ``type`` the message type named by path, operation or file name.
    ``message_id``, ``case_sequence`` (``<case key>;<n>``), ``classification`` and ``trace`` are as the transport
    carried them (DESIGN.md, fixed interfaces), unchecked. ``reference`` is the sender's own name
    for the bytes (a file name).
    ``received_at`` is epoch seconds UTC. ``problem`` is what the transport itself found wrong with the bytes: accept
    records and raises it, and looks no further.
    """

    agency: str
    type: str
    transport: str
    body: bytes
    received_at: float
    credential: Credential | None = None
    media_type: str = ""
    charset: str | None = None
    message_id: str | None = None
    case_sequence: str | None = None
    classification: str | None = None
    trace: str | None = None
    reference: str | None = None
    test: bool = False
    problem: HubError | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """An agency whose credential has been verified (made only by ``hub.access.identify``)."""

    agency: str
    authenticated_by: str


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """One number of a case: ``scheme`` is ``report``, ``case``, or an agency's name for that partner's own number."""

    scheme: str
    number: str


@dataclass(frozen=True, slots=True)
class Canonical:
    """One canonical message: CloudEvents 1.0 attributes and ``data`` that satisfies the type's canonical schema.

    ``identity`` is what makes it the same message again (P5) and ``digest`` the SHA-256 of its content: the
    same identity with another digest is a conflict. ``numbers`` are all numbers by which it names its case
    (subject first).
    ``recipients`` are the agencies that it names, or None where the grants alone decide.
    """

    id: str
    source: str
    type: str
    version: int
    subject: str
    time: str
    classification: Classification
    data: Json
    identity: str
    digest: str
    numbers: tuple[CaseNumber, ...]
    partner: Mapping[str, str]
    recipients: tuple[str, ...] | None
    record: int
    dropped: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender gets once its message is durable: the same text whenever the same message comes again."""

    id: str
    type: str
    subject: str
    identity: str
    digest: str
    accepted_at: str
    record: int = 0
    duplicate: bool = False

    def as_json(self) -> Json:
        """The receipt as REST and file reports show it."""
        return {
            "id": self.id,
            "status": "accepted",
            "duplicate": self.duplicate,
            "type": self.type,
            "subject": self.subject,
            "messageId": self.identity,
            "digest": self.digest,
            "acceptedAt": self.accepted_at,
            "record": self.record,
        }


@dataclass(frozen=True, slots=True)
class Refusal:
    """One record of a document that was refused while others of the same document were accepted."""

    record: int
    error: HubError

    def as_json(self) -> Json:
        """The refusal as REST and file reports show it."""
        return {"record": self.record, "status": "refused", **self.error.as_json()}


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of one ``Received``: a receipt or a refusal for each of its records, in their order."""

    receipts: tuple[Receipt, ...]
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An agency's word on deliveries that were sent to it: whether it has taken them.

    ``number`` is its own number for them, ``reason`` its code for a refusal; both are short and printable.
    """

    agency: str
    ids: tuple[str, ...]
    taken: bool
    number: str | None = None
    reason: str | None = None


# --- deliver: (store) > Projected > Outbound > Outcome ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Envelope:
    """What travels beside the data of one delivery; ``$message.*`` in a mapping reads it.

    ``id`` is the delivery's id: the same on every attempt and what the partner sees as the message id.
    ``case_key`` and ``sequence`` give the delivery's place in its lane.
    """

    id: str
    message_id: str
    source: str
    type: str
    subject: str
    time: str
    classification: Classification
    case_key: str
    sequence: int
    trace: str | None = None
    relates_to: str | None = None
    test: bool = False
    partner: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Projected:
    """A message cut down to what one agency may see (made only by ``hub.access.project``).

    ``disclosed`` and ``withheld`` are canonical schema paths (``persons[].name.ar``), sorted; ``withheld`` maps each to
    the rule that kept it back.
    """

    agency: str
    envelope: Envelope
    data: Json
    disclosed: tuple[str, ...]
    withheld: Mapping[str, str]
    rule: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Outbound:
    """Bytes that may leave (made only by ``hub.pipeline`` from ``Projected``): one parcel of one or more deliveries.

    ``id`` is the parcel's id, equal to the delivery's id where the parcel holds one. ``body`` is identical on every
    attempt; security headers and time stamps are the connector's, made per attempt. ``envelopes`` in parcel order.
    ``overdue``: an earlier attempt ended ``sent``, and the time for its acknowledgement is over.
    """

    id: str
    agency: str
    type: str
    body: bytes
    media_type: str
    digest: str
    envelopes: tuple[Envelope, ...]
    attempt: int
    overdue: bool = False

    @property
    def classification(self) -> Classification:
        """The highest label of the parcel's messages."""
        return max(envelope.classification for envelope in self.envelopes)


class Result(StrEnum):
    """How one attempt ended."""

    DELIVERED = "delivered"
    SENT = "sent"  # handed over: delivered when the partner acknowledges it
    REFUSED = "refused"  # permanent: a person has to act
    FAILED = "failed"  # transient: surely not taken, try again
    UNKNOWN = "unknown"  # perhaps taken: try again under the same id


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt: ``code`` is from ``hub.errors.CODES`` unless delivered; ``text`` is safe to show.

    ``partner_log_id`` is the partner's own number for what it took; ``retry_after_s`` the wait that it asked for.
    ``acknowledge_within_s``: how long after ``sent`` its acknowledgement is awaited before the next attempt.
    """

    result: Result
    code: str = ""
    text: str = ""
    partner_log_id: str | None = None
    retry_after_s: float | None = None
    acknowledge_within_s: float = 0.0
