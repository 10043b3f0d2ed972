"""A large document from bytes to a journal of everything that it brings, part by part; runs in a pool's process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hub.errors import HubError, Problem
from hub.formats.cuts import Cut, Records, in_whole
from hub.identifiers import new_id
from hub.message import Json, Received, Refusal, Sender
from hub.pipeline import entries
from hub.pipeline.acceptance import acceptance
from hub.pipeline.admit import agency_of, authorise, dialect_of
from hub.pipeline.journal import About, Item, Part, write_head, write_part
from hub.pipeline.translate import Dialect, Inward, translate_in
from hub.site.site import Site
from hub.store.base import Acceptance
from hub.subjects import SubjectDigests

_MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Take:
    """One job: translate ``received`` by the site with this digest into the journal at ``path``."""

    site: str
    sender: Sender
    received: Received
    subjects: SubjectDigests
    path: Path


def take(site: Site, job: Take) -> None:
    """Write the journal, or raise ``HubError`` where the document is refused as a whole."""
    dialect = dialect_of(site, agency_of(site, job.received), job.received)
    taking = _Taking(site, dialect, job)
    with job.path.open("wb", buffering=1 << 18) as journal:
        journal.write(write_head(taking.about()))
        for part in taking.parts():
            journal.write(write_part(part))


class _Taking:
    """What one document needs while it is taken."""

    def __init__(self, site: Site, dialect: Dialect, job: Take) -> None:
        self._site = site
        self._dialect = dialect
        self._job = job
        self._received = job.received
        self._digest = hashlib.sha256(job.received.body).hexdigest()
        self._whole = dialect.definition.batch == "all"
        self._known: dict[str, str] = {}

    def about(self) -> About:
        """The journal's head."""
        received = self._received
        clash = self._entry(HubError("conflict"), None)
        return About(received.agency, received.type, received.transport, clash)

    def parts(self) -> Iterator[Part]:
        """Everything that the document brings."""
        records = self._records()
        if records is None:
            yield from self._at_once()
            return
        faults: list[Refusal] = []
        for cut in records.cuts():
            inward = self._read(cut)
            faults += inward.refusals if self._whole else ()
            if len(faults) > _MOST_PROBLEMS:
                break
            if not faults:
                yield self._part(inward, [records.cut(each.record, 1).body for each in inward.messages])
        if faults:
            raise _refused(faults)

    def _records(self) -> Records | None:
        """Where its records stand; None where it is taken as a whole."""
        step = self._dialect.mapping.record_step
        if step is None:
            return None
        names, shape = step
        if shape.minimum > 1:
            return None
        records = self._dialect.contract.cut(self._received.body, self._received.charset, names, shape.maximum)
        return records if records is not None and len(records) > 1 else None

    def _at_once(self) -> Iterator[Part]:
        inward = authorise(self._site, self._dialect, translate_in(self._dialect, self._received, self._next_id))
        yield replace(self._part(inward, [b""] * len(inward.messages)), raw=self._received.body)

    def _read(self, cut: Cut) -> Inward:
        try:
            inward = translate_in(self._dialect, self._received, self._next_id, cut)
        except HubError:
            # What is wrong with the document itself is told best by whoever reads all of it.
            translate_in(self._dialect, self._received, self._next_id)
            raise
        refusals = tuple(Refusal(each.record, in_whole(each.error, cut)) for each in inward.refusals)
        return authorise(self._site, self._dialect, Inward(inward.messages, refusals), whole=False)

    def _part(self, inward: Inward, bodies: Sequence[bytes]) -> Part:
        items = [
            Item(acceptance(self._site, self._job.sender, self._received, message, self._job.subjects), body)
            for message, body in zip(inward.messages, bodies, strict=True)
        ]
        if self._whole:
            for item in items:
                self._check_identity(item.acceptance)
        return Part(
            tuple(items), inward.refusals, tuple(self._entry(each.error, each.record) for each in inward.refusals)
        )

    def _entry(self, error: HubError, record: int | None) -> Json:
        return entries.refused(self._received, self._job.sender, error, self._digest, self._site.digest, record)

    def _check_identity(self, new: Acceptance) -> None:
        if self._known.setdefault(new.identity, new.digest) != new.digest:
            text = f"{new.identity!r} stands in this document twice, with different content"
            raise HubError("conflict", text, [Problem(text, record=new.record)])

    def _next_id(self) -> str:
        return new_id(self._received.received_at)


def _refused(faults: list[Refusal]) -> HubError:
    """One error for a document that is taken all or nothing."""
    problems = [problem for each in faults for problem in each.error.problems]
    text = faults[0].error.text
    if len(problems) > _MOST_PROBLEMS:
        text = f"many problems, the first {_MOST_PROBLEMS} are listed"
    return HubError(faults[0].error.code.name, text, problems[:_MOST_PROBLEMS])
