"""Keys of a data folder that several processes share: whoever is second takes the first one's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from hub.store.keys import open_signer
from hub.subjects import load_subject_digests

TOGETHER = 8


def test_processes_that_start_together_sign_with_one_key(tmp_path: Path) -> None:
    """Each opens the empty folder at the same moment."""
    for folder in _folders(tmp_path):
        barrier = Barrier(TOGETHER)

        def start(_: int, folder: Path = folder, barrier: Barrier = barrier) -> str:
            barrier.wait()
            return open_signer(folder).public

        with ThreadPoolExecutor(TOGETHER) as pool:
            assert len(set(pool.map(start, range(TOGETHER)))) == 1
        assert sorted(path.name for path in folder.iterdir()) == ["ledger.key", "ledger.pub"]


def test_processes_that_start_together_digest_with_one_key(tmp_path: Path) -> None:
    """A person's digest is the same in all of them, or the ledger could not be asked about the person."""
    for folder in _folders(tmp_path):
        barrier = Barrier(TOGETHER)

        def start(_: int, folder: Path = folder, barrier: Barrier = barrier) -> str:
            barrier.wait()
            return load_subject_digests(folder).digest("nin:1000000008")

        with ThreadPoolExecutor(TOGETHER) as pool:
            assert len(set(pool.map(start, range(TOGETHER)))) == 1
        assert [path.name for path in folder.iterdir()] == ["subjects.key"]


def _folders(parent: Path) -> list[Path]:
    folders = [parent / str(number) for number in range(10)]
    for folder in folders:
        folder.mkdir()
    return folders
