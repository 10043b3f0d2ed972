"""The ledger's arithmetic: entry bytes, Merkle tree, signed checkpoints, and their verification from bytes alone.

An entry is JSON with sorted keys and no blanks, UTF-8. The tree is that of RFC 6962, section 2.1 (SHA-256; 0x00 before
an entry, 0x01 before two nodes). A checkpoint is a signed note of C2SP tlog-checkpoint: origin, size, root, and an
Ed25519 signature. Nothing here reads a store; ``hub.store.audit`` brings the bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.message import Json

ORIGIN = "interagency-hub/ledger"
HASH_BYTES = 32
_sha256 = hashlib.sha256
_EMPTY = _sha256(b"").digest()
_ED25519 = b"\x01"


def entry_bytes(body: Json) -> bytes:
    """The bytes of an entry, the same for the same content."""
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the perfect subtrees that cover the leaves so far, largest first: all that appending needs."""

    def __init__(self, size: int = 0, nodes: bytes = b"") -> None:
        """``nodes`` is what ``as_bytes`` gave for ``size`` leaves."""
        if len(nodes) != size.bit_count() * HASH_BYTES:
            raise ValueError("the frontier does not fit the size of the tree")
        self.size = size
        self._nodes = [nodes[start : start + HASH_BYTES] for start in range(0, len(nodes), HASH_BYTES)]

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash; O(log n)."""
        self.extend([leaf])

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes in their order, about two hashes each: whole levels of the tree at a time."""
        size, level = self.size, list(leaves)
        kept: list[bytes] = []
        nodes = self._nodes
        self.size += len(level)
        while level:
            if size & 1:
                level.insert(0, nodes.pop())
            if len(level) & 1:
                kept.append(level.pop())
            level = [
                _sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=True)
            ]
            size >>= 1
        self._nodes = [*nodes, *reversed(kept)]

    def root(self) -> bytes:
        """The tree's root hash."""
        if not self._nodes:
            return _EMPTY
        root = self._nodes[-1]
        for node in reversed(self._nodes[:-1]):
            root = node_hash(node, root)
        return root

    def as_bytes(self) -> bytes:
        """The nodes, joined."""
        return b"".join(self._nodes)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tree's size and root at one moment."""

    size: int
    root: bytes

    def body(self) -> bytes:
        """The signed text."""
        return f"{ORIGIN}\n{self.size}\n{base64.b64encode(self.root).decode()}\n".encode()


class Signer:
    """Signs checkpoints with the ledger's key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = public_text(key.public_key())
        self._key_id = _key_id(key.public_key())

    def sign(self, checkpoint: Checkpoint) -> str:
        """The checkpoint as a signed note."""
        body = checkpoint.body()
        signature = base64.b64encode(self._key_id + self._key.sign(body)).decode()
        return f"{body.decode()}\n\N{EM DASH} {ORIGIN} {signature}\n"


def public_text(key: Ed25519PublicKey) -> str:
    """A public key in the form of C2SP signed-note: name, key id, algorithm and key."""
    return f"{ORIGIN}+{_key_id(key).hex()}+{base64.b64encode(_ED25519 + key.public_bytes_raw()).decode()}"


def read_public(text: str) -> Ed25519PublicKey:
    """The key in ``public_text``; ValueError where it is none of this ledger's form."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = base64.b64decode(encoded, validate=True)
    if name != ORIGIN or raw[:1] != _ED25519:
        raise ValueError("not a public key of this ledger")
    key = Ed25519PublicKey.from_public_bytes(raw[1:])
    if _key_id(key).hex() != key_id:
        raise ValueError("the key's id does not match it")
    return key


def read_checkpoint(note: str, key: Ed25519PublicKey) -> Checkpoint | None:
    """What a note says, or None where it is malformed or not signed with this key."""
    body, _, signatures = note.partition("\n\n")
    lines = body.split("\n")
    if len(lines) != 3 or lines[0] != ORIGIN or not (lines[1].isascii() and lines[1].isdecimal()):
        return None
    try:
        root = base64.b64decode(lines[2], validate=True)
    except ValueError:
        return None
    signed = any(_is_signature(line, f"{body}\n".encode(), key) for line in signatures.split("\n"))
    return Checkpoint(int(lines[1]), root) if signed and len(root) == HASH_BYTES else None


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong with a ledger: at which index (of an entry, or a checkpoint's size), and what."""

    index: int
    why: str


def verify(
    leaves: Iterable[tuple[bytes | None, bytes]], notes: Sequence[str], key: Ed25519PublicKey
) -> tuple[int, Fault | None]:
    """Check a whole ledger: ``leaves`` are (entry, recorded leaf hash) by index, None for an entry that is gone.

    Gives the number of sound entries, and the first fault or None. Every note must be signed with ``key`` and agree
    with the tree of its size; entries after the last note are checked against their recorded hashes only.
    """
    checkpoints: dict[int, bytes] = {}
    for note in notes:
        checkpoint = read_checkpoint(note, key)
        if checkpoint is None:
            return 0, Fault(_claimed_size(note), "a checkpoint has a bad signature")
        if checkpoints.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            return 0, Fault(checkpoint.size, "two checkpoints of the same size differ")
    frontier = Frontier()
    remaining = iter(leaves)
    for index, (entry, recorded) in enumerate(remaining):
        if entry is None:
            return index, Fault(index, "the entry is missing")
        found = leaf_hash(entry)
        if found != recorded:
            moved = any(other == found for _, other in remaining)
            return index, Fault(index, "the entries were reordered" if moved else "the entry was changed")
        frontier.append(recorded)
        signed = checkpoints.get(frontier.size)
        if signed is not None and signed != frontier.root():
            return index, Fault(
                index, "the entries up to here differ from the signed checkpoint (changed or reordered)"
            )
    beyond = [size for size in checkpoints if size > frontier.size]
    if beyond:
        return frontier.size, Fault(frontier.size, f"truncated: a checkpoint of {min(beyond)} entries is signed")
    return frontier.size, None


def _key_id(key: Ed25519PublicKey) -> bytes:
    return hashlib.sha256(ORIGIN.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:4]


def _is_signature(line: str, body: bytes, key: Ed25519PublicKey) -> bool:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "\N{EM DASH}" or name != ORIGIN:
        return False
    try:
        raw = base64.b64decode(encoded, validate=True)
        key.verify(raw[4:], body)
    except (ValueError, InvalidSignature):
        return False
    return raw[:4] == _key_id(key)


def _claimed_size(note: str) -> int:
    lines = note.split("\n")
    return int(lines[1]) if len(lines) > 1 and lines[1].isascii() and lines[1].isdecimal() else 0
