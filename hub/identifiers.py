"""Ids of messages and deliveries (UUID version 7, so that they sort by time), and the form of what others number."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import getrandbits

from hub.errors import HubError

_VERSION_AND_VARIANT = 0x7 << 76 | 0x2 << 62
_BELOW_VERSION = (1 << 76) - 1 & ~(0x3 << 62)
_LANE_SEQUENCE = re.compile("[^;,]{1,200};[0-9]{1,18}")
_TRACE_PARENT = re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def new_id(now: float, random_bits: Callable[[int], int] = getrandbits) -> str:
    """A fresh UUIDv7 (RFC 9562, 5.7) for epoch seconds ``now``, in its usual text form.

    Unique, not secret: nothing may be granted to whoever knows an id.
    """
    value = int(now * 1000) << 80 | random_bits(76) & _BELOW_VERSION | _VERSION_AND_VARIANT
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def trace_parent(text: str | None) -> str | None:
    """A ``traceparent`` as W3C Trace Context (3.2.2) writes it, else None: it travels on in other agencies' headers."""
    return text if text is not None and _TRACE_PARENT.fullmatch(text) else None


def lane_sequence(text: str | None) -> str | None:
    """``<case key>;<n>``, a sender's own place of a message in its case; raises ``HubError`` bad-header otherwise."""
    if text is not None and not _LANE_SEQUENCE.fullmatch(text):
        raise HubError("bad-header", "a sequence is <case key>;<n>")
    return text
