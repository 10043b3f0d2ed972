"""``python -m tests.fuzz``: make mutants for some minutes, print what became of them, exit 1 where a hole was found."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.bench import SITES, Bench
from tests.fuzz.judge import Verdict
from tests.fuzz.mutant import Mutant, difference, mutant, stands, tried

_SHOWN_EVERY_S = 10.0
_LOOKED_AT = 4  # of the refused mutants, every so many is proved all the same


@dataclass
class Tally:
    """Counts by mutation, and the holes, each kind once."""

    by_kind: dict[str, Counter[str]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    refused_for: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    holes: list[dict[str, Any]] = field(default_factory=list)
    looked_at: int = 0
    over_strict: int = 0
    cases: int = 0

    def add(self, made: Mutant, verdict: Verdict, bench: Bench) -> None:
        """One mutant's verdict."""
        self.outcomes[verdict.outcome] += 1
        self.cases += verdict.cases
        self.notes.update(verdict.notes)
        for kind in dict.fromkeys(made.kinds):
            self.by_kind.setdefault(kind, Counter())[verdict.outcome] += 1
        if verdict.outcome == "refused":
            self.refused_for.update(verdict.codes)
        if verdict.outcome in ("hole", "slow"):
            about = {"kinds": made.kinds, "difference": difference(made, bench), "repeat": made.command}
            shown = {key: value for key, value in asdict(verdict).items() if key in ("outcome", "codes", "text")}
            self.holes.append({**shown, **about})

    def look(self, stands: bool | None) -> None:
        """One refused mutant that was proved all the same."""
        self.looked_at += stands is not None
        self.over_strict += stands is True

    def as_json(self) -> dict[str, Any]:
        """Everything."""
        return asdict(self)


def main(arguments: Sequence[str]) -> int:
    """The command; 1 where a hole was found."""
    options = _options(arguments)
    names = [options.site] if options.site else list(SITES)
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        benches = [Bench(name, Path(folder) / name) for name in names]
        _run(benches, tally, options)
    if options.json:
        print(json.dumps(tally.as_json(), ensure_ascii=False, indent=1))
    else:
        _print(tally)
    return 1 if tally.holes else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long mutants are made")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same mutants")
    parser.add_argument("--site", choices=SITES, help="one site; without it, one after the other")
    parser.add_argument("--cases", type=int, default=30, help="generated cases for each mapping and direction")
    parser.add_argument("--only", type=int, help="the mutant of this number alone")
    parser.add_argument("--json", action="store_true", help="the whole tally as JSON")
    return parser.parse_args(arguments)


def _run(benches: Sequence[Bench], tally: Tally, options: argparse.Namespace) -> None:
    end, shown = time.monotonic() + options.minutes * 60, time.monotonic()
    number = options.only or 0
    while options.only is not None or time.monotonic() < end:
        for bench in benches:
            made, chance = mutant(bench, options.seed, number)
            if made.texts:
                verdict = tried(made, bench, chance, options.cases)
                tally.add(made, verdict, bench)
                if verdict.outcome == "refused" and number % _LOOKED_AT == 0:
                    tally.look(stands(made, bench, options.cases))
                if verdict.outcome in ("hole", "slow") and not options.json:
                    print(_hole(tally.holes[-1]), flush=True)
                if options.only is not None:
                    print(difference(made, bench), verdict.outcome, verdict.text, sep="\n")
        if time.monotonic() > shown + _SHOWN_EVERY_S:
            shown = time.monotonic()
            print(f"{number + 1} a site: {dict(tally.outcomes)}", file=sys.stderr, flush=True)
        if options.only is not None:
            return
        number += 1


def _hole(hole: dict[str, Any]) -> str:
    head = f"=== {hole['outcome']}: {', '.join(hole['codes'])} ({', '.join(hole['kinds'])})"
    return f"{head}\n{hole['difference']}\n{hole['text']}\nrepeat: {hole['repeat']}\n"


def _print(tally: Tally) -> None:
    columns = ("refused", "accepted", "unproven", "slow", "hole")
    print(f"{'mutation':<28} {'tried':>7}" + "".join(f"{column:>10}" for column in columns))
    for kind, counts in sorted(tally.by_kind.items()):
        print(f"{kind:<28} {counts.total():>7}" + "".join(f"{counts[column]:>10}" for column in columns))
    print(f"{'mutants':<28} {tally.outcomes.total():>7}" + "".join(f"{tally.outcomes[word]:>10}" for word in columns))
    print(f"over-strict? {tally.over_strict} of {tally.looked_at} refused mutants stood generated cases")
    print(f"{tally.cases} generated cases; notes of the prover: {dict(tally.notes)}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
