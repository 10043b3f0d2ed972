"""What becomes of a mutant: refused by the check, or accepted, and then it has to stand generated cases."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from hub.findings import Finding, Findings
from hub.proving.prove import prove, targets
from hub.schema.authority import schema_findings
from hub.site.site import Site, load_site
from hub.wiring.checking import load_checked_site

Outcome = Literal["refused", "accepted", "hole", "unproven", "slow"]
_LONGEST_S = 90.0


@dataclass(frozen=True)
class Verdict:
    """``codes``: the errors' codes; ``text``: what is wrong, with the failing case; ``cases``: how many were tried."""

    outcome: Outcome
    codes: tuple[str, ...] = ()
    text: str = ""
    cases: int = 0
    told: int = 0
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), repr=False)


class _TooLong(BaseException):
    """A mutant took more than its time; no ``Exception``, so that nothing takes it for one of its own."""


def judged(site: Path, changed: Collection[str], cases: int, seed: int) -> Verdict:
    """Check a site as ``hub check`` does; where it passes, prove what the changed files touch."""
    try:
        with _at_most(_LONGEST_S):
            return _judged(site, changed, cases, seed)
    except _TooLong:
        return Verdict("slow", text=f"not done in {_LONGEST_S:.0f} s")


def _judged(site: Path, changed: Collection[str], cases: int, seed: int) -> Verdict:
    try:
        loaded = load_checked_site(site)
        errors = _schemas(site, changed)
    except Findings as error:
        errors = [finding for finding in error.findings if finding.severity == "error"]
    except Exception:
        return Verdict("hole", ("crash",), f"the check crashes:\n{traceback.format_exc(limit=-6)}")
    if errors:
        return _refused(site, errors)
    return _proved(loaded, changed, cases, seed)


def over_strict(site: Path, changed: Collection[str], cases: int, seed: int) -> bool | None:
    """Whether a refused site stands generated cases after all; None where it cannot even be loaded unproved.

    What stands thirty cases may still be wrong: this is a figure to look at, and no defect.
    """
    try:
        with _at_most(_LONGEST_S):
            verdict = _proved(load_site(site, prove=False), changed, cases, seed)
    except (Findings, _TooLong):
        return None
    return verdict.outcome == "accepted" and verdict.told > 0


def _schemas(site: Path, changed: Collection[str]) -> list[Finding]:
    """The jsonschema library's verdict on the folders with a changed JSON Schema."""
    folders = {Path(file).parent for file in changed if file.endswith(".json")}
    return [finding for folder in sorted(folders) for finding in schema_findings(site / folder, folder.as_posix())]


def _refused(site: Path, errors: list[Finding]) -> Verdict:
    codes = tuple(sorted({error.code for error in errors}))
    # A compiler of XSDs does not always say where.
    lost = [
        error for error in errors
        if not (site / error.file).is_file() or not (error.line or error.code == "bad-schema")
    ]  # fmt: skip
    if lost:
        return Verdict("hole", ("no-place", *codes), f"an error without file and line: {lost[0]}")
    return Verdict("refused", codes, "\n".join(map(str, errors[:5])), findings=tuple(errors))


def _proved(site: Site, changed: Collection[str], cases: int, seed: int) -> Verdict:
    ran, told, holes, notes = 0, 0, [], []
    for dialect, direction in targets(site):
        if not _touched(dialect.agency.name, dialect.type.type, changed):
            continue
        try:
            part = prove(site, dialect, direction, cases, seed, lambda: None)
        except Exception:
            return Verdict("hole", ("prover-crash",), f"the prover crashes:\n{traceback.format_exc(limit=-8)}")
        ran += part.cases
        told += sum(part.outcomes[word] for word in ("equal", "valid", "read"))
        holes += [finding for finding in part.findings if finding.severity == "error"]
        notes += [finding.code for finding in part.findings if finding.severity == "note"]
    codes = tuple(sorted({hole.code for hole in holes}))
    if set(codes) == {"unproven"}:
        return Verdict("unproven", codes, str(holes[0]), ran, told)
    text = "\n".join(map(str, holes))
    return Verdict("hole" if holes else "accepted", codes, text, ran, told, tuple(notes), tuple(holes))


def _touched(agency: str, type: str, changed: Collection[str]) -> bool:
    """Whether a changed file may matter to a mapping; ``common`` holds what all types share."""
    for file in changed:
        parts = file.split("/")
        if parts[0] == "mappings" and parts[1] != "codes":
            touched = (parts[1], Path(file).stem) == (agency, type)
        elif parts[:2] == ["schemas", "canonical"]:
            touched = parts[2].partition(".")[0] in (type, "common")
        elif parts[0] == "mappings":
            touched = True
        else:
            touched = parts[2] == agency
        if touched:
            return True
    return False


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def over(*_: Any) -> None:
        raise _TooLong

    before: Any = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
