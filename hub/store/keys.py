"""The ledger's signing key: made once, kept beside the store, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.ledger import Signer
from hub.store.session import StoreUnusable

PRIVATE = "ledger.key"
PUBLIC = "ledger.pub"
LATEST = "ledger.checkpoint"


def open_signer(data: Path) -> Signer:
    """The signer with the key in ``data``, made there when it has none."""
    path = data / PRIVATE
    if not path.exists():
        write_once(path, Ed25519PrivateKey.generate().private_bytes_raw().hex() + "\n")
    try:
        signer = Signer(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip())))
    except ValueError as error:
        raise StoreUnusable(f"{PRIVATE} is no ledger key: restore it from a backup") from error
    write_through(data / PUBLIC, signer.public + "\n", mode=0o644)
    return signer


def write_through(path: Path, text: str, mode: int = 0o600, *, durable: bool = True) -> None:
    """Put a file in place whole: written aside, synced where it must be durable, and renamed."""
    aside = _written_aside(path, text, mode, durable)
    aside.replace(path)
    if durable:
        sync_folder(path.parent)


def write_once(path: Path, text: str) -> None:
    """Put a file in place whole and durably, unless another process was first: then its file stays."""
    aside = _written_aside(path, text, 0o600, durable=True)
    with suppress(FileExistsError):
        os.link(aside, path)
    aside.unlink()
    sync_folder(path.parent)


def _written_aside(path: Path, text: str, mode: int, durable: bool) -> Path:
    """A file of this call's own beside ``path``: several processes may share the folder."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        if durable:
            os.fsync(file.fileno())
    return aside


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
