"""One changed site after the other: refused by the check, or proved with generated messages."""

from __future__ import annotations

import difflib
import random
import shutil
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hub.findings import Findings
from hub.proving.cases import Broken, Proved
from hub.proving.prove import failures, targets
from hub.proving.reading import Reading
from hub.proving.writing import Writing
from hub.site.site import Site
from hub.wiring.checking import load_checked_site
from tests.fuzz.mutations import Mutation, Mutations

_MOST_CHANGES = 3
_MOST_PROVED = 4
_PARTS = ("connectors", "schemas", "mappings")


@dataclass(frozen=True)
class Outcome:
    """What became of one changed site. ``hole``: it was accepted, and ``told`` says what it then did wrong; ``crash``:
    the check failed, or told something without its place."""

    number: int
    mutations: tuple[Mutation, ...]
    end: Literal["refused", "accepted", "hole", "crash"]
    told: str = ""

    @property
    def diff(self) -> str:
        """The changes, as a patch of the site."""
        return "".join(_diff(mutation) for mutation in self.mutations)


class Fuzz:
    """The site at ``site``, changed in a copy at ``folder``; change ``number`` is the same whenever the seed is."""

    def __init__(self, site: Path, folder: Path, seed: int, cases: int) -> None:
        for part in _PARTS:
            shutil.copytree(site / part, folder / part)
        self._folder, self._seed, self._cases = folder, seed, cases
        self._mutations = Mutations(folder)

    def run(self, number: int) -> Outcome:
        """Change the site, see what the check says of it and what it then does, and put everything back."""
        chance = random.Random(f"{self._seed}/{number}")
        made: list[Mutation] = []
        try:
            for _ in range(chance.choice((1, 1, 1, 2, _MOST_CHANGES))):
                made.append(self._mutations.draw(chance))
            return self._judge(number, tuple(made), chance)
        finally:
            for mutation in reversed(made):
                (self._folder / mutation.file).write_text(mutation.before, encoding="utf-8")

    def _judge(self, number: int, made: tuple[Mutation, ...], chance: random.Random) -> Outcome:
        try:
            site = load_checked_site(self._folder)
        except Findings as refused:
            nowhere = [finding for finding in refused.findings if not finding.file]
            return Outcome(number, made, "crash" if nowhere else "refused", "\n".join(map(str, nowhere)))
        except Exception:  # whatever it is, it is what the fuzz looks for
            return Outcome(number, made, "crash", traceback.format_exc(limit=-4))
        holes = [
            f"{key}: {broken.code} line {broken.line}: {broken}\n  {broken.document!r:.1500}"
            for key, broken in self._broken(site, made, chance)
        ]
        return Outcome(number, made, "hole" if holes else "accepted", "\n".join(holes))

    def _broken(self, site: Site, made: tuple[Mutation, ...], chance: random.Random) -> Iterator[tuple[str, Broken]]:
        """What generated messages bring to light in the mappings that the changes are about."""
        concerned = [each for each in targets(site) if any(_concerns(mutation, *_names(each[0])) for mutation in made)]
        for dialect, direction in chance.sample(concerned, min(len(concerned), _MOST_PROVED)):
            attempt = Writing(site, dialect) if direction == "write" else Reading(site, dialect)
            proved = Proved(dialect.agency.name, dialect.type.type, direction)
            one_way = len(targets(site, (dialect.agency.name, dialect.type.type))) == 1
            try:
                found = failures(attempt, self._cases, chance.randrange(2**31), lambda: None, proved)
            except Exception:  # as above
                found = [Broken("crash", traceback.format_exc(limit=-4), 0, {}, "crash")]
            for broken in found:
                if broken.code != "unproven" and not (one_way and broken.code == "law-broken"):
                    yield f"{dialect.agency.name}/{dialect.type.type} {direction}", broken


def _names(dialect: object) -> tuple[str, str, str]:
    agency, type = dialect.agency, dialect.type  # type: ignore[attr-defined]
    return agency.name, type.type, type.file


def _concerns(mutation: Mutation, agency: str, type: str, canonical: str) -> bool:
    """Whether a change of this file may show in this mapping."""
    folder, _, rest = mutation.file.partition("/")
    if rest.startswith("canonical/"):
        return mutation.file == canonical or "common" in rest
    if rest.startswith("codes/"):
        return True
    if folder == "mappings":
        return rest == f"{agency}/{type}.yaml"
    return rest.startswith(f"agencies/{agency}/")


def _diff(mutation: Mutation) -> str:
    lines = difflib.unified_diff(
        mutation.before.splitlines(keepends=True), mutation.after.splitlines(keepends=True),
        f"a/{mutation.file}", f"b/{mutation.file}", n=1,
    )  # fmt: skip
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
