"""Proves mappings with generated cases: what is written is valid and reads back, what is sent is read or refused."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings, strategies
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable

from hub.findings import Finding
from hub.message import Json
from hub.pipeline.translate import Dialect
from hub.proving.cases import Broken, Direction, Proved
from hub.proving.reading import Reading
from hub.proving.shrink import smallest
from hub.proving.shrink_document import smallest_document
from hub.proving.writing import Writing
from hub.site.site import Site

_MOST_FAILURES = 3
_SHRINKING_S = 8.0
_LONGEST = 1500
_MOST_CHANCE = 256 * 1024
# Outcomes of cases that tell that a mapping works, and the share of them without which a proof is none.
_TELLING = ("equal", "valid", "read")
_ENOUGH = 0.05
# Outcomes of cases that tell nothing of the mapping.
_NOTHING = frozenset(("not generated",))


def targets(site: Site, only: tuple[str, str] | None = None) -> list[tuple[Dialect, Direction]]:
    """Every mapping and direction that a grant uses (or those of one mapping)."""
    found: list[tuple[Dialect, Direction]] = []
    for key, dialect in site.dialects.items():
        if only in (None, key):
            if site.grants.of("receive", *key):
                found.append((dialect, "write"))
            if site.grants.of("send", *key):
                found.append((dialect, "read"))
    return found


def prove(
    site: Site,
    dialect: Dialect,
    direction: Direction,
    cases: int,
    seed: int,
    step: Callable[[], None],
    shrinking: Callable[[str], None] = lambda _: None,
) -> Proved:
    """Run generated cases; the first few kinds of failure are made small, each in a limited time, and told once.

    ``step`` is called after every case, ``shrinking`` with the finding's code before one is made small.
    """
    proved = Proved(dialect.agency.name, dialect.type.type, direction)
    attempt = Writing(site, dialect) if direction == "write" else Reading(site, dialect)
    proved.outcomes = attempt.outcomes
    found = failures(attempt, cases, seed, step, proved)
    # What is tried while a failure is made small is no case of the proof.
    attempt.outcomes = Counter()
    for broken in found:
        shrinking(broken.code)
        proved.findings.append(_finding(site, dialect, _smaller(attempt, broken, dialect), seed))
    if not found and (note := _barely(proved, dialect)):
        proved.findings.append(note)
    return proved


def _barely(proved: Proved, dialect: Dialect) -> Finding | None:
    """A note where hardly any case told something: what is refused, or cannot be said, proves nothing."""
    told = sum(proved.outcomes[word] for word in _TELLING)
    if told >= proved.cases * _ENOUGH:
        return None
    text = f"of {proved.cases} cases of {proved.direction} only {told} were read or written: this proves little"
    hint = "more cases, or a contract that says more exactly what may stand there"
    return Finding("barely-proved", dialect.mapping.plan.written.file, 1, text, hint, "note")


def failures(
    attempt: Writing | Reading, cases: int, seed: int, step: Callable[[], None], proved: Proved
) -> list[Broken]:
    """The shortest failure of each kind, in the order in which the kinds came up."""
    found: dict[str, Broken] = {}

    @seeded(seed)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # hypothesis makes the cases; it would take minutes to make a large document smaller (see ``_smaller``).
        phases=(Phase.generate,),
    )
    @given(strategies.data())
    def run(data: Any) -> None:
        # Its own limit, 8 KB, would throw nearly every full document away, which are the ones that matter most.
        data.conjecture_data.max_length = _MOST_CHANCE
        try:
            attempt.case(data.draw)
        except Broken as broken:
            known = found.get(broken.kind)
            if (known is None and len(found) < _MOST_FAILURES) or (known is not None and broken.size < known.size):
                found[broken.kind] = broken
        proved.cases += 1
        step()

    with suppress(Unsatisfiable):
        run()
    if not any(word for word in attempt.outcomes if word not in _NOTHING) and not found:
        return [Broken("unproven", "no valid case could be generated", 0, {}, "nothing")]
    return list(found.values())


def _smaller(attempt: Writing | Reading, broken: Broken, dialect: Dialect) -> Broken:
    """The same failure with the smallest document that shows it and can be found in the time."""
    found, end = broken, time.monotonic() + _SHRINKING_S

    def fails(document: Json | bytes) -> bool:
        nonlocal found
        try:
            if attempt.valid(document):
                attempt.check(document)
        except Broken as other:
            if other.kind == broken.kind:
                found = other
            return other.kind == broken.kind
        return False

    def spent() -> bool:
        return time.monotonic() > end

    if broken.kind == "nothing":
        return broken
    if isinstance(broken.document, bytes):
        smallest_document(dialect.contract, dialect.definition.format, broken.document, fails, spent)
    else:
        smallest(broken.document, fails, spent)
    return found


def _finding(site: Site, dialect: Dialect, broken: Broken, seed: int) -> Finding:
    """An error; a note where the law is broken by a file that grants use in one direction only."""
    one_way = len(targets(site, (dialect.agency.name, dialect.type.type))) == 1
    text = f"{broken.text}\n    smallest case (seed {seed}): {_shown(broken.document)}"
    note = one_way and broken.code == "law-broken"
    hint = "no grant uses the way back" if note else ""
    file = dialect.mapping.plan.written.file
    return Finding(broken.code, file, broken.line or 1, text, hint, "note" if note else "error")


def _shown(document: Json | bytes) -> str:
    if isinstance(document, bytes):
        text = document.decode("utf-8", "backslashreplace")
    else:
        text = json.dumps(document, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
