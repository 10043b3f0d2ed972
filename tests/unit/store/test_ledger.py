"""The ledger's arithmetic, against its definition in RFC 6962 and the note format."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.ledger import (
    Checkpoint,
    Frontier,
    Signer,
    entry_bytes,
    leaf_hash,
    read_checkpoint,
    read_public,
    verify,
)

ENTRIES = [entry_bytes({"n": n}) for n in range(20)]
LEAVES = [leaf_hash(each) for each in ENTRIES]


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


@pytest.fixture
def signer() -> Signer:
    """A signer with a fixed key."""
    return Signer(Ed25519PrivateKey.from_private_bytes(b"k" * 32))


def note_at(signer: Signer, size: int) -> str:
    """The checkpoint of the first ``size`` entries."""
    return signer.sign(Checkpoint(size, tree_hash(LEAVES[:size])))


def test_an_entry_has_one_spelling() -> None:
    """Keys are sorted, blanks left out, text is UTF-8."""
    assert entry_bytes({"b": 1, "a": {"d": "ش", "c": None}}) == '{"a":{"c":null,"d":"ش"},"b":1}'.encode()


def test_appending_gives_the_root_of_the_definition() -> None:
    """For every size up to twenty, and after every restart in between."""
    frontier = Frontier()
    assert frontier.root() == tree_hash([])
    for size, leaf in enumerate(LEAVES, start=1):
        frontier.append(leaf)
        assert frontier.root() == tree_hash(LEAVES[:size])
        frontier = Frontier(frontier.size, frontier.as_bytes())


def test_appending_many_at_once_is_the_same() -> None:
    """However the leaves come in, the tree is the same."""
    for split in range(21):
        for end in range(split, 21):
            frontier = Frontier()
            frontier.extend(LEAVES[:split])
            frontier.extend(LEAVES[split:end])
            assert (frontier.size, frontier.root()) == (end, tree_hash(LEAVES[:end]))


def test_a_known_answer() -> None:
    """The first leaf hash of Certificate Transparency's test vectors, that of the empty entry."""
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_a_checkpoint_is_a_signed_note(signer: Signer) -> None:
    """Origin, size, root, a blank line and a signature line; it reads back with the published key."""
    note = note_at(signer, 3)
    lines = note.split("\n")
    assert lines[:2] == ["interagency-hub/ledger", "3"]
    assert lines[3] == ""
    assert lines[4].startswith("— interagency-hub/ledger ")
    assert read_checkpoint(note, read_public(signer.public)) == Checkpoint(3, tree_hash(LEAVES[:3]))


def test_a_changed_or_foreign_checkpoint_is_not_read(signer: Signer) -> None:
    """Neither other text under a signature nor a signature of another key counts."""
    note = note_at(signer, 3)
    assert read_checkpoint(note.replace("\n3\n", "\n4\n"), read_public(signer.public)) is None
    other = Signer(Ed25519PrivateKey.from_private_bytes(b"o" * 32))
    assert read_checkpoint(note, read_public(other.public)) is None
    assert read_checkpoint("", read_public(signer.public)) is None


def test_a_sound_ledger_verifies(signer: Signer) -> None:
    """Entries, leaf hashes and all checkpoints agree."""
    pairs = list(zip(ENTRIES, LEAVES, strict=True))
    notes = [note_at(signer, size) for size in (1, 7, 20)]
    assert verify(pairs, notes, read_public(signer.public)) == (20, None)


def test_each_kind_of_tampering_is_found_where_it_happened(signer: Signer) -> None:
    """Changed, missing, reordered, reordered with its hashes, truncated, signed by somebody else."""
    key = read_public(signer.public)
    notes = [note_at(signer, size) for size in (10, 20)]
    sound: list[tuple[bytes | None, bytes]] = list(zip(ENTRIES, LEAVES, strict=True))

    def fault(pairs: Sequence[tuple[bytes | None, bytes]], notes: Sequence[str] = notes) -> tuple[int, str]:
        _, found = verify(pairs, notes, key)
        assert found is not None
        return found.index, found.why

    changed = [*sound[:4], (entry_bytes({"n": 99}), LEAVES[4]), *sound[5:]]
    assert fault(changed) == (4, "the entry was changed")
    missing = [*sound[:4], (None, LEAVES[4]), *sound[5:]]
    assert fault(missing) == (4, "the entry is missing")
    swapped = [*sound[:4], (ENTRIES[5], LEAVES[4]), (ENTRIES[4], LEAVES[5]), *sound[6:]]
    assert fault(swapped) == (4, "the entries were reordered")
    assert "changed or reordered" in fault([*sound[:4], sound[5], sound[4], *sound[6:]])[1]
    assert fault(sound[:15]) == (15, "truncated: a checkpoint of 20 entries is signed")
    forged = Signer(Ed25519PrivateKey.from_private_bytes(b"o" * 32))
    assert fault(sound, [note_at(forged, 20)]) == (20, "a checkpoint has a bad signature")
    other_root = signer.sign(Checkpoint(20, b"r" * 32))
    assert fault(sound, [*notes, other_root]) == (20, "two checkpoints of the same size differ")
