"""``hub check --prove``: generated cases for every mapping, with a progress bar where somebody watches."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hub.findings import Finding
from hub.proving.cases import Proved
from hub.proving.prove import prove, targets
from hub.site.site import Site


@dataclass(frozen=True)
class Proof:
    """What came of all mappings; ``seed`` repeats it."""

    seed: int
    parts: Sequence[Proved]

    @property
    def findings(self) -> list[Finding]:
        """Every failure, with the smallest case that shows it."""
        return [finding for part in self.parts for finding in part.findings]

    def as_json(self) -> dict[str, Any]:
        """Seed, number of cases, and what became of them by mapping and direction."""
        rows = [
            {
                "mapping": f"{part.agency}/{part.type}",
                "direction": part.direction,
                "cases": part.cases,
                "outcomes": dict(part.outcomes),
            }
            for part in self.parts
        ]
        return {"seed": self.seed, "cases": sum(part.cases for part in self.parts), "mappings": rows}


def run(site: Site, cases: int, seed: int, only: tuple[str, str] | None, *, quiet: bool) -> Proof:
    """Prove every mapping in every direction that a grant uses; what became of the cases goes to standard error."""
    chosen = targets(site, only)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<48}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    parts: list[Proved] = []
    with Progress(*columns, console=console, transient=True, disable=quiet or not sys.stderr.isatty()) as progress:
        task = progress.add_task("", total=cases * len(chosen))
        for number, (dialect, direction) in enumerate(chosen):
            name = f"{dialect.agency.name}/{dialect.type.type} {direction}"
            progress.update(task, description=name)

            def shrinking(code: str, name: str = name) -> None:
                progress.update(task, description=f"{name}: {code}, made small")

            parts.append(prove(site, dialect, direction, cases, seed, lambda: progress.advance(task), shrinking))
            progress.update(task, completed=cases * (number + 1))
    if not quiet:
        print("\n".join([f"seed {seed}", *map(_told, parts)]), file=sys.stderr)
    return Proof(seed, parts)


def _told(part: Proved) -> str:
    outcomes = ", ".join(f"{number} {word}" for word, number in part.outcomes.most_common())
    return f"{part.agency}/{part.type} {part.direction}: {part.cases} cases: {outcomes or 'none'}"
