"""File out: one file a parcel, renamed into the partner's folder when it is whole and durable."""

from __future__ import annotations

import asyncio
import errno
import re
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import orjson

from connectors import travel
from connectors.acknowledgement import ACKNOWLEDGEMENT, AcknowledgementOptions, read_acknowledgement
from connectors.base import Features, Partner
from connectors.durable import write_durably
from connectors.options import read_options
from hub.definition import Flag, Reading, Record, Scalar
from hub.findings import Finding, Findings, nearest
from hub.message import Json, Outbound, Outcome, Result
from hub.site.agency import Agency, Way

KEYS = Record(
    {
        "name": Scalar("file name from {type} {sequence} {id} {case} {date}; must hold {id}"),
        "meta": Flag("a .meta.json beside each file; default false"),
        "acknowledgement": ACKNOWLEDGEMENT,
    },
    ("name",),
)
META = ".meta.json"
_PLACES = ("type", "sequence", "id", "case", "date")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_NAME = 200
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class FileOptions:
    """``name`` is a format string over ``{type} {sequence} {id} {case} {date}``.

    With ``acknowledgement`` a file in place is only sent; it is delivered when the partner acknowledges it.
    """

    name: str
    meta: bool
    acknowledgement: AcknowledgementOptions | None = None


def check_options(agency: Agency, way: Way, contracts: Path) -> list[Finding]:
    """Every mistake in this agency's options."""
    reading = Reading(agency.file_name)
    read_file_options(agency, way, reading)
    return reading.findings


def acknowledgement_of(agency: Agency) -> AcknowledgementOptions | None:
    """How the agency acknowledges the files that it gets; None where it does not, or gets none."""
    if agency.way is None or agency.way.transport != "file":
        return None
    return read_file_options(agency, agency.way, Reading(agency.file_name)).acknowledgement


def read_file_options(agency: Agency, way: Way, reading: Reading) -> FileOptions:
    """The options that can be used; every mistake is noted in ``reading``."""
    values = read_options(KEYS, way, reading)
    template = str(values.get("name", "{id}"))
    line = values.lines.get("name", values.line)
    try:
        places = [place for _, place, _, _ in Formatter().parse(template) if place is not None]
        template.format(**dict.fromkeys(_PLACES, "x"))
    except (ValueError, KeyError, IndexError, AttributeError):
        places = [place for place in re.findall(r"\{([^}]*)", template) if place not in _PLACES] or [""]
    for place in places:
        if place not in _PLACES:
            text = f"{{{place}}} is not known in a file name (known: {', '.join(_PLACES)})"
            reading.wrong("bad-value", line, text, nearest(place, _PLACES))
    if "{id}" not in template:
        reading.wrong("bad-value", line, "the name must hold {id}, or one file would replace another")
    if "/" in template or template.startswith(".") or template.endswith((META, ".part", ".tmp")):
        reading.wrong("bad-value", line, "the name must be a plain, visible, final file name")
    said = values.get("acknowledgement")
    acknowledgement = read_acknowledgement(said, agency, way, reading) if said is not None else None
    return FileOptions(template, values.get("meta", False), acknowledgement)


class FileConnector:
    """See ``connectors.base.Connector``; raises ``Findings`` where the options cannot be used.

    The same parcel has the same name and bytes on every attempt: a file that already stands there with these bytes is
    delivered. ``open`` makes the folder; one that goes away later (a share) makes attempts fail until it is back.
    """

    def __init__(self, partner: Partner) -> None:
        reading = Reading(partner.agency.file_name)
        self._options = read_file_options(partner.agency, partner.way, reading)
        if reading.findings:
            raise Findings(reading.findings)
        self.features = Features(batches=True, tells_refusal=False, carries_headers=self._options.meta)
        self._folder = Path(partner.endpoint)
        self._threads = ThreadPoolExecutor(partner.way.concurrency, f"file-{partner.agency.name}")

    async def open(self) -> None:
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def send(self, outbound: Outbound, timeout_s: float) -> Outcome:
        acknowledgement = self._options.acknowledgement
        if acknowledgement is not None and outbound.overdue:
            text = f"the partner has not acknowledged the file within {acknowledgement.within_s:g} s"
            return Outcome(Result.UNKNOWN, "not-acknowledged", text)
        writing = self._threads.submit(self._write, outbound)
        try:
            async with asyncio.timeout(timeout_s):
                return await asyncio.wrap_future(writing)
        except TimeoutError:
            return _late(writing, timeout_s)

    def _write(self, outbound: Outbound) -> Outcome:
        path = self._folder / file_name(self._options.name, outbound)
        try:
            if path.exists():
                return self._in_place(path) if path.read_bytes() == outbound.body else _taken_name(path)
            if self._options.meta:
                write_durably(path.with_name(path.name + META), orjson.dumps(meta(outbound)))
            write_durably(path, outbound.body)
        except OSError as error:
            return _failed(error, path)
        return self._in_place(path)

    def _in_place(self, path: Path) -> Outcome:
        if self._options.acknowledgement is None:
            return Outcome(Result.DELIVERED, partner_log_id=path.name)
        within_s = self._options.acknowledgement.within_s
        return Outcome(Result.SENT, partner_log_id=path.name, acknowledge_within_s=within_s)


def file_name(template: str, outbound: Outbound) -> str:
    """The parcel's name; nothing in it can leave the folder or hide the file."""
    first = outbound.envelopes[0]
    texts = {
        "type": outbound.type,
        "sequence": str(first.sequence),
        "id": outbound.id,
        "case": first.case_key,
        "date": first.time[:10],
    }
    name = template.format(**{place: _UNSAFE.sub("-", text) for place, text in texts.items()})
    if len(name.encode()) > _LONGEST_NAME:
        name = f"{_UNSAFE.sub('-', outbound.id)[:150]}{Path(name).suffix[:20]}"  # acknowledgements find the id in it
    return name


def meta(outbound: Outbound) -> Json:
    """What other transports carry in headers; the same bytes on every attempt."""
    return {
        "id": outbound.id,
        "type": outbound.type,
        "sequence": travel.sequence(outbound),
        "classification": outbound.classification.name,
        "trace": travel.trace(outbound),
        "test": travel.is_test(outbound),
        "digest": outbound.digest,
        "messages": [envelope.id for envelope in outbound.envelopes],
    }


def _taken_name(path: Path) -> Outcome:
    return Outcome(Result.REFUSED, "partner-refused", f"another file stands in the folder under the name {path.name}")


def _failed(error: OSError, path: Path) -> Outcome:
    """Nothing counts as taken before the rename; an error after it leaves the file in place, and so unknown."""
    text = f"the file could not be written: {errno.errorcode.get(error.errno or 0, 'error')}"
    try:
        in_place = path.exists()
    except OSError:
        in_place = True
    if in_place:
        return Outcome(Result.UNKNOWN, "partner-failed", text)
    if error.errno in _FULL:
        return Outcome(Result.FAILED, "partner-failed", f"{text}: no room in the partner's folder")
    return Outcome(Result.FAILED, "partner-unreachable", text)


def _late(writing: Future[Outcome], timeout_s: float) -> Outcome:
    text = f"the folder did not answer within {timeout_s:g} s"
    if writing.cancel():  # it had not begun
        return Outcome(Result.FAILED, "partner-timeout", text)
    return Outcome(Result.UNKNOWN, "partner-timeout", text)
