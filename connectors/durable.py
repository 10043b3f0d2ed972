"""Files that survive power loss: written aside, synchronised, renamed into place, the folder synchronised."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_durably(path: Path, content: bytes) -> None:
    """Write ``path`` whole or not at all; an older file of that name is replaced. Raises ``OSError``.

    Until the rename the bytes stand beside it in ``.<name>.<token>.part``, a name that no reader takes for a file; the
    token keeps two writers of the same name apart. A crash leaves that file behind.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640)
    try:
        try:
            _write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    os.rename(aside, path)
    synchronise(path.parent)


def synchronise(folder: Path) -> None:
    """Make the names in ``folder`` durable. Raises ``OSError``."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
