"""Keyed digests of the identifiers in a message: the ledger can be asked about a person and names none."""

from __future__ import annotations

import hmac
import os
from contextlib import suppress
from pathlib import Path

from hub.message import Json
from hub.schema.canonical import CanonicalType

_KEY_BYTES = 32
_DIGITS = 32


class SubjectDigests:
    """HMAC-SHA-256 of ``type:value`` under the deployment's own key, so that nobody else can try numbers out."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, type: CanonicalType, data: Json) -> list[str]:
        """One digest (32 hexadecimal digits) for each distinct identifier in the message, sorted."""
        found = {
            f"{item.get('type', '')}:{item.get('value', '')}"
            for steps in type.identifiers
            for item in _objects(data, steps)
        }
        return sorted(self.digest(text) for text in found)

    def digest(self, identifier: str) -> str:
        """The digest of one identifier (``nin:1000000008``)."""
        return hmac.digest(self._key, identifier.encode(), "sha256").hex()[:_DIGITS]


def load_subject_digests(data: Path) -> SubjectDigests:
    """The deployment's key from ``DATA/subjects.key`` (made at the first start, readable by its owner only).

    Processes that share the folder and start together all get the same one.
    """
    path = data / "subjects.key"
    if not path.exists():
        _make(path)
    return SubjectDigests(path.read_bytes())


def _make(path: Path) -> None:
    """Write a new key aside and link it into place whole, unless another process was first."""
    aside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(os.urandom(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(aside, path)
    aside.unlink()


def _objects(data: Json, steps: tuple[str, ...]) -> list[Json]:
    found = [data]
    for step in steps:
        values = [item[step] for item in found if step in item]
        found = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return found
