"""``python -m tests.fuzz``: changes a site at random for some minutes and tells what the check wrongly let pass."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.fuzz import Fuzz, Outcome
from tests.unit.proving.small import small_site

_ROOT = Path(__file__).parents[2]
SITES = {
    "default": _ROOT, "nibrs": _ROOT / "tests/sites/nibrs", "forensics": _ROOT / "tests/sites/forensics",
    "bench": _ROOT / "tests/bench/site", "small": None,
}  # fmt: skip


def main() -> int:
    """Returns 0 where nothing was found, 1 where a hole or a crash was."""
    chosen = _arguments()
    with tempfile.TemporaryDirectory() as scratch:
        fuzz = open_fuzz(chosen.site, Path(scratch), chosen.seed, chosen.cases)
        outcomes = [fuzz.run(chosen.only)] if chosen.only is not None else list(_play(fuzz, chosen))
    bad = [outcome for outcome in outcomes if outcome.end in ("hole", "crash")]
    if chosen.json:
        print(json.dumps({"ends": Counter(each.end for each in outcomes), "found": [_as_json(each) for each in bad]}))
    else:
        for each in bad:
            print(_told(each, chosen.site, chosen.seed))
        print(_summary(outcomes))
    return 1 if bad else 0


def open_fuzz(site: str, scratch: Path, seed: int, cases: int) -> Fuzz:
    """The named site, ready to be changed."""
    return Fuzz(SITES[site] or small_site(scratch), scratch / "copy", seed, cases)


def _play(fuzz: Fuzz, chosen: argparse.Namespace) -> Iterator[Outcome]:
    end, number = time.monotonic() + chosen.minutes * 60, 0
    ends: Counter[str] = Counter()
    while time.monotonic() < end and number < chosen.most:
        outcome = fuzz.run(number)
        ends[outcome.end] += 1
        number += 1
        if number % 20 == 0:
            print(f"\r{number} sites: {dict(ends)}", end="", file=sys.stderr, flush=True)
        yield outcome
    print(file=sys.stderr)


def _told(outcome: Outcome, site: str, seed: int) -> str:
    again = f"python -m tests.fuzz --site {site} --seed {seed} --only {outcome.number}"
    return f"== {outcome.end}: {again}\n{outcome.diff}{outcome.told}\n"


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {"number": outcome.number, "end": outcome.end, "diff": outcome.diff, "told": outcome.told}


def _summary(outcomes: list[Outcome]) -> str:
    kinds: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        for mutation in outcome.mutations:
            kinds.setdefault(mutation.kind, Counter())[outcome.end] += 1
    heads = ("refused", "accepted", "hole", "crash")
    rows = [f"{kind:40}" + "".join(f"{ends[head]:10}" for head in heads) for kind, ends in sorted(kinds.items())]
    total = Counter(outcome.end for outcome in outcomes)
    return "\n".join(
        [f"{'change':40}" + "".join(f"{head:>10}" for head in heads), *rows,
         f"{'sites':40}" + "".join(f"{total[head]:10}" for head in heads)]
    )  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--site", choices=sorted(SITES), default="default")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--most", type=int, default=10**9, help="end after so many changed sites")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=25, help="generated messages for each mapping and direction")
    parser.add_argument("--only", type=int, metavar="N", help="one changed site again")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
