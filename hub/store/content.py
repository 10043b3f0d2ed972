"""Content: the bytes that messages bring and take, apart from what is searched.

Everything else names content by number. ``key_id`` is empty as long as bodies are kept in clear; where it names a key,
``body`` is sealed with it. So encryption, large bodies elsewhere and erasure change these two functions only.
"""

from __future__ import annotations

import hashlib
from typing import Any


class ContentDamaged(Exception):
    """Stored bytes no longer have the digest under which they were stored."""


def sealed(number: int, body: bytes) -> tuple[Any, ...]:
    """The row of the content table for ``body``: number, digest (SHA-256 of the clear bytes), body in clear."""
    return number, bytearray(hashlib.sha256(body).digest()), bytearray(body)


def opened(key_id: str | None, digest: bytes, body: bytes) -> bytes:
    """The clear bytes of a content row; raises ContentDamaged where they are not what was put."""
    if key_id is not None or hashlib.sha256(body).digest() != digest:
        raise ContentDamaged
    return body
