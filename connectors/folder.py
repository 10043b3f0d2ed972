"""The watched folder: an agency drops files, each ends in ``accepted/`` or ``rejected/`` with a report beside it.

Files are taken one after the other, oldest first. After a crash what lay in ``work/`` is given to the hub again; what
had been accepted already comes back with the same receipts (P5). An overload leaves the file where its sender put it
(P8).
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

import orjson

from connectors.base import Accept
from connectors.drop import DropFolder, TooLarge, Waiting
from hub.errors import HubError, too_large
from hub.message import Answer, Credential, Json, Received
from hub.observe import Observer
from hub.site.agency import FileIntake

POLL_S = 0.25
_LONGEST_PAUSE_S = 30.0


class FolderListener:
    """See ``connectors.base.Listener``. ``clock`` gives epoch seconds; a drop is seen within ``poll_s``."""

    def __init__(
        self,
        agency: str,
        intake: FileIntake,
        folder: Path,
        accept: Accept,
        observer: Observer,
        *,
        max_bytes: int = 10_000_000,
        poll_s: float = POLL_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._agency = agency
        self._intake = intake
        self._accept = accept
        self._observer = observer
        self._max_bytes = max_bytes
        self._poll_s = poll_s
        self._clock = clock
        self._drop = DropFolder(folder, intake.ready, intake.stable_s)
        self._not_before: dict[str, tuple[float, float]] = {}

    async def run(self) -> None:
        """Watch until cancelled. A folder that cannot be read is told to the observer and tried again."""
        is_open, pause_s = False, self._poll_s
        try:
            while True:
                try:
                    is_open = is_open or await asyncio.to_thread(self._drop.open)
                    pause_s = await self._pass() if is_open else self._poll_s
                except OSError as error:
                    self._observer.faulted(f"folder of {self._agency}", error)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                await asyncio.sleep(pause_s)
        finally:
            self._drop.close()

    async def _pass(self) -> float:
        """Take everything that waits; returns the seconds until the next look."""
        waiting = await asyncio.to_thread(self._drop.waiting)
        names = {each.name for each in waiting}
        self._not_before = {name: held for name, held in self._not_before.items() if name in names}
        for each in waiting:
            if self._not_before.get(each.name, (0.0, 0.0))[0] > self._clock():
                continue
            overloaded_s = await self._take(each)
            if overloaded_s is not None:
                return max(overloaded_s, self._poll_s)
        return self._poll_s

    async def _take(self, waiting: Waiting) -> float | None:
        """Take one file to its end; returns the seconds to wait where the hub cannot take any at the moment."""
        name = waiting.name
        if not waiting.claimed and not await asyncio.to_thread(self._drop.claim, name):
            return None
        try:
            received = await asyncio.to_thread(self._received, name)
            answer = await self._accept(received)
        except HubError as error:
            if error.code.retry and error.code.name != "internal":
                await asyncio.to_thread(self._drop.put_back, name)
                return error.retry_after_s or 1.0
            await asyncio.to_thread(self._finish, name, "rejected", error.as_json())
        except Exception as error:
            await self._set_aside(name, error)
        else:
            await asyncio.to_thread(lambda: self._finish(name, *_report(answer)))
        return None

    def _finish(self, name: str, end: Literal["accepted", "rejected"], report: Json) -> None:
        content = orjson.dumps({"file": _shown(name), **report}, option=orjson.OPT_INDENT_2)
        self._drop.finish(name, end, content)

    async def _set_aside(self, name: str, error: Exception) -> None:
        """The hub itself failed on this file: others go on, and this one is tried again after growing pauses."""
        self._observer.faulted(f"folder of {self._agency}", error)
        await asyncio.to_thread(self._drop.put_back, name)
        wait_s = min(self._not_before.get(name, (0.0, 0.5))[1] * 2, _LONGEST_PAUSE_S)
        self._not_before[name] = (self._clock() + wait_s, wait_s)

    def _received(self, name: str) -> Received:
        type = next((type for pattern, type in self._intake.types if fnmatchcase(name, pattern)), "")
        body, meta, problem = b"", dict[str, Any](), None
        try:
            if not type:
                raise HubError("unknown-type", "No message type is declared for this file name")
            body, beside = self._read(name)
            meta = _meta(beside)
        except HubError as error:  # the pipeline knows the sender, so the refusal is its to record
            problem = error
        return Received(
            agency=self._agency,
            type=type,
            transport="file",
            body=body,
            received_at=self._clock(),
            credential=Credential("folder", name=self._intake.folder),
            charset=self._intake.charset,
            message_id=meta.get("id"),
            case_sequence=meta.get("sequence"),
            classification=meta.get("classification"),
            trace=meta.get("trace"),
            reference=_shown(name),
            test=meta.get("test", False),
            problem=problem,
        )

    def _read(self, name: str) -> tuple[bytes, bytes | None]:
        try:
            body, beside = self._drop.read(name, self._max_bytes)
        except TooLarge:
            raise too_large(self._max_bytes) from None
        if not body:
            raise HubError("malformed", "The file is empty")
        return body, beside


def _meta(beside: bytes | None) -> dict[str, Any]:
    """What the sender's ``.meta.json`` says: id, sequence, classification, trace (texts) and test."""
    if beside is None:
        return {}
    try:
        meta = orjson.loads(beside)
    except orjson.JSONDecodeError:
        raise HubError("bad-header", "The .meta.json beside the file cannot be read") from None
    wanted = {"id": str, "sequence": str, "classification": str, "trace": str, "test": bool}
    if not isinstance(meta, dict) or not all(
        isinstance(meta[key], kind) for key, kind in wanted.items() if meta.get(key) is not None
    ):
        raise HubError("bad-header", "The .meta.json beside the file has values of the wrong kind")
    return {key: meta[key] for key in wanted if meta.get(key) is not None}


def _report(answer: Answer) -> tuple[Literal["accepted", "rejected"], Json]:
    """A file of which anything was accepted is accepted; its report lists every record."""
    records: Json = {
        "receipts": [receipt.as_json() for receipt in answer.receipts],
        "refusals": [refusal.as_json() for refusal in answer.refusals],
    }
    if answer.receipts or not answer.refusals:
        return "accepted", records
    return "rejected", {**answer.refusals[0].error.as_json(), **records}


def _shown(name: str) -> str:
    """The file's name as JSON can hold it."""
    return os.fsencode(name).decode("utf-8", "replace")
