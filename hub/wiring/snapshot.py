"""A site as its folder was at one moment: packed, unpacked below the data folder, and compiled from there.

What runs is the snapshot, so that a person may edit the folder at any time: nothing of it counts before a start or a
reload, not even in the contracts that are served.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hub.findings import Finding, Findings
from hub.site.site import Site, pack_site, unpack_site
from hub.wiring.checking import load_checked_site

FOLDER = "sites"
_KEPT = 4


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A site that can run, and its packed files, which its digest names."""

    site: Site
    content: bytes


def take_snapshot(folder: Path, data: Path) -> Snapshot:
    """Pack, check and compile a site folder; may be called from a thread.

    Raises ``Findings`` for every mistake, and where files changed meanwhile (half an edit must not come into force).
    """
    content = _packed(folder)
    kept = _unpacked(content, data / FOLDER)
    site = load_checked_site(kept)
    if _packed(folder) != content:
        raise Findings([Finding("site-changed", ".", 0, "files changed while they were read", "try again")])
    _tidy(data / FOLDER, kept)
    return Snapshot(site, content)


def _packed(folder: Path) -> bytes:
    try:
        return pack_site(folder)
    except OSError as error:
        text = f"a file of the site cannot be read: {error.strerror}"
        raise Findings([Finding("unreadable", ".", 0, text)]) from None


def _unpacked(content: bytes, folder: Path) -> Path:
    """The snapshot's own folder, under its digest; renamed into place when it is whole."""
    kept = folder / hashlib.sha256(content).hexdigest()
    if not kept.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".", dir=folder) as making:
            unpack_site(content, Path(making) / "whole")
            try:
                (Path(making) / "whole").rename(kept)
            except OSError:
                if not kept.is_dir():  # another process of the same data made it first
                    raise
    kept.touch()
    return kept


def _tidy(folder: Path, current: Path) -> None:
    """Keep the latest few; a process that still runs an older one has compiled it."""
    with suppress(FileNotFoundError):  # another process tidies too
        ages = sorted((path.stat().st_mtime, path) for path in folder.iterdir() if not path.name.startswith("."))
        for _, path in ages[:-_KEPT]:
            if path != current:
                shutil.rmtree(path, ignore_errors=True)
