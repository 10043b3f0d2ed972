"""Pausing: nothing of an agency, or of one of its types, is claimed until its time is over or somebody resumes it.

Kept in the store, so it holds for every process and across restarts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.store.acts import Act
from hub.store.doing import Doing
from hub.store.work import Work

PUT = """
INSERT INTO pause (agency, type, until, act) VALUES (:agency, :type, :until, :act)
ON CONFLICT (agency, type) DO UPDATE SET until = excluded.until, act = excluded.act
"""
TAKE = "DELETE FROM pause WHERE agency = :agency AND type = :type RETURNING agency"


@dataclass(frozen=True, slots=True)
class Pause:
    """``type`` is empty for all types of the agency; ``until`` (epoch seconds) None: until somebody resumes it."""

    agency: str
    type: str
    until: float | None
    act: Act


@dataclass(frozen=True, slots=True)
class Resume:
    """The end of one pause, named as it was made."""

    agency: str
    type: str
    act: Act


def pause(work: Work, pauses: Sequence[Pause]) -> list[None]:
    """Begin each of ``pauses``, in place of an earlier one of the same name."""
    for each in pauses:
        doing = Doing(work, each.act)
        work.ask(PUT, agency=each.agency, type=each.type, until=each.until, act=doing.number())
        work.entry(each.act.entry, None)
    return [None] * len(pauses)


def resume(work: Work, resumes: Sequence[Resume]) -> list[bool]:
    """End each of ``resumes``; whether there was such a pause."""
    return [_resume_one(work, each) for each in resumes]


def _resume_one(work: Work, each: Resume) -> bool:
    found = bool(work.ask(TAKE, agency=each.agency, type=each.type))
    if found:
        work.entry(each.act.entry, None)
    return found
