"""Ids of messages and deliveries: UUID version 7, so that they sort by time and need no coordination."""

from __future__ import annotations

import os
from collections.abc import Callable
from uuid import UUID


def new_id(now: float, random: Callable[[int], bytes] = os.urandom) -> str:
    """A fresh UUIDv7 (RFC 9562, 5.7) for epoch seconds ``now``, in its usual text form."""
    value = int(now * 1000) << 80 | int.from_bytes(random(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(UUID(int=value))
