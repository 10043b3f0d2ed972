"""What ``$message.*`` and ``$parcel.*`` may hold, as value types: what constants are proved by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from hub.message import Classification
from hub.schema.inclusion import Inclusions, Values
from hub.schema.shape import ValueType

_UUID = ValueType(patterns=("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",), max_length=36)
_YEARS = "(1[7-9]|2[0-9])[0-9]{2}"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?"
_MOMENT = ValueType(
    "date-time",
    patterns=(f"^{_YEARS}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T{_CLOCK}(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])$",),
)
_TEXT = ValueType(min_length=1)
# MessageFacts that every message has; the others may be absent.
ALWAYS = frozenset(("id", "messageId", "type", "source", "subject", "time", "classification", "caseKey", "sequence"))


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What a site knows of the messages that one mapping writes.

    ``senders``: the agencies that they may come from (None: any). ``ceiling``: the highest label the agency receives.
    ``partners``: what the agency's own case numbers may be, as its mappings read them (None: anything).
    ``inclusions`` keeps what was decided about types, for all mappings of a site.
    """

    type: str
    ceiling: Classification = Classification.TOP_SECRET
    senders: Collection[str] | None = None
    partners: tuple[Values, ...] | None = None
    inclusions: Inclusions = field(default_factory=Inclusions)

    def message(self) -> Mapping[str, tuple[Values, ...]]:
        """By the name behind ``$message.``."""
        senders = None if self.senders is None else tuple(sorted(self.senders))
        known = {
            "id": _UUID,
            "messageId": _TEXT,
            "type": ValueType(codes=(self.type,)),
            "source": ValueType(codes=senders, patterns=("^[a-z][a-z0-9-]*$",)),
            "subject": _TEXT,
            "time": _MOMENT,
            "classification": ValueType(codes=self._labels),
            "caseKey": _TEXT,
            "sequence": ValueType("integer", patterns=("^(0|[1-9][0-9]*)$",), minimum="0"),
            "relatesTo": _TEXT,
        }
        own = (Values(_TEXT),) if self.partners is None else self.partners
        return {**{name: (Values(type),) for name, type in known.items()}, "partner": own}

    def parcel(self) -> Mapping[str, tuple[Values, ...]]:
        """By the name behind ``$parcel.``."""
        known = {
            "id": _UUID,
            "count": ValueType("integer", patterns=("^[1-9][0-9]*$",), minimum="1"),
            "time": _MOMENT,
            "classification": ValueType(codes=self._labels),
        }
        return {name: (Values(type),) for name, type in known.items()}

    @property
    def _labels(self) -> tuple[str, ...]:
        return tuple(label.name for label in Classification if label <= self.ceiling)
