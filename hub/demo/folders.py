"""Agencies that exchange files: the simulated side of their folders."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from hub.demo.partner import Delivered

LOOK_EVERY_S = 0.1


async def take_files(agency: str, folder: Path, seen: Callable[[Delivered], None]) -> None:
    """Take every file that the hub puts into ``folder`` away to ``taken`` beside it, until cancelled."""
    taken = folder.parent / "taken"
    while True:
        for path in await asyncio.to_thread(_whole_files, folder):
            body = await asyncio.to_thread(_take, path, taken)
            seen(Delivered(agency, path.name, body, 200))
        await asyncio.sleep(LOOK_EVERY_S)


def _whole_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def _take(path: Path, taken: Path) -> bytes:
    taken.mkdir(exist_ok=True)
    body = path.read_bytes()
    path.rename(taken / path.name)
    return body
