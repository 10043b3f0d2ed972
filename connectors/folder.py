"""The watched folder: an agency drops files, each ends in ``accepted/`` or ``rejected/`` with a report beside it.

After a crash what lay in ``work/`` is given to the hub again; what had been accepted already comes back with the same
receipts (P5).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import orjson

from connectors.base import Accept
from connectors.drop import DropFolder, TooLarge
from connectors.watch import POLL_S, End, FolderWatch, shown
from hub.errors import HubError, too_large
from hub.identifiers import lane_sequence, trace_parent
from hub.message import Answer, Credential, Json, Received
from hub.observe import Observer
from hub.site.agency import FileIntake

_LONGEST_TEXT = 4096


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
        self._max_bytes = max_bytes
        self._clock = clock
        self._drop = DropFolder(folder, intake.ready, intake.stable_s)
        self._watch = FolderWatch(agency, self._drop, self._take, observer, poll_s=poll_s, clock=clock)

    async def run(self) -> None:
        """Watch until cancelled."""
        await self._watch.run()

    async def _take(self, name: str) -> Callable[[], End]:
        received = await asyncio.to_thread(self._received, name)
        answer = await self._accept(received)
        return lambda: _report(answer)

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
            trace=trace_parent(meta.get("trace")),
            reference=shown(name),
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
    if any(isinstance(value, str) and not _fits(value) for value in meta.values()):
        raise HubError("bad-header", "The .meta.json beside the file has a text that is too long or not printable")
    lane_sequence(meta.get("sequence"))
    return {key: meta[key] for key in wanted if meta.get(key) is not None}


def _fits(text: str) -> bool:
    """What an HTTP header could carry too."""
    return len(text) <= _LONGEST_TEXT and text.isprintable()


def _report(answer: Answer) -> End:
    """A file of which anything was accepted is accepted; its report lists every record."""
    records: Json = {
        "receipts": [receipt.as_json() for receipt in answer.receipts],
        "refusals": [refusal.as_json() for refusal in answer.refusals],
    }
    if answer.receipts or not answer.refusals:
        return "accepted", records
    return "rejected", {**answer.refusals[0].error.as_json(), **records}
