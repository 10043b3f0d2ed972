"""Planted bugs: each patch of ``bugs/`` is applied to a copy of the hub, and the campaign must turn red for it.

python -m tests.campaign.planted [NAME ...]

A patch begins with what the bug is (``Bug:``), how the campaign is run (``Run:``) and which promise must be found
broken (``Red:``, or one of several). A patch that does not apply any more is a failure: the code moved, and the patch
has to follow.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.campaign.campaign import plan_of, run
from tests.campaign.checker import Verdict

ROOT = Path(__file__).parents[2]
BUGS = Path(__file__).parent / "bugs"
PACKAGES = ("hub", "connectors", "monitoring")
SEEDS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Bug:
    """One patch: ``red`` names the violations of which the campaign has to find one."""

    path: Path
    says: str
    run: str
    red: tuple[str, ...]

    @property
    def name(self) -> str:
        """The patch's name."""
        return self.path.stem


class DoesNotApply(Exception):
    """The code moved; the text says where."""


def bugs() -> list[Bug]:
    """All of them, by name."""
    return [_read(path) for path in sorted(BUGS.glob("*.patch"))]


def plant(bug: Bug, folder: Path) -> Path:
    """A copy of the packages with the bug in it, below ``folder``; raises ``DoesNotApply``."""
    engine = folder / "engine"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, engine / package)
    applied = subprocess.run(
        ("git", "apply", "--unidiff-zero", str(bug.path)), cwd=engine, capture_output=True, text=True, check=False
    )
    if applied.returncode != 0:
        raise DoesNotApply(f"{bug.name}: {applied.stderr.strip()}")
    if subprocess.run((sys.executable, "-m", "compileall", "-q", *_changed(bug)), cwd=engine, check=False).returncode:
        raise DoesNotApply(f"{bug.name}: what it makes does not compile")
    return engine


async def hunt(bug: Bug, folder: Path, seed: int) -> Verdict:
    """One run against the hub with the bug. The campaign itself runs from this repository."""
    engine = await asyncio.to_thread(plant, bug, folder)
    plan = plan_of([*bug.run.split(), "--seed", str(seed), "--engine", str(engine)])
    played = folder / "run"
    played.mkdir()
    return await run(plan, played)


def found(bug: Bug) -> tuple[bool, str]:
    """Whether the campaign turned red as it must, with up to three seeds; and what it said."""
    said = []
    for seed in SEEDS:
        folder = Path(tempfile.mkdtemp(prefix="hub-planted-"))
        try:
            verdict = asyncio.run(hunt(bug, folder, seed))
        except DoesNotApply as error:
            return False, f"does not apply: {error}"
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        kinds = ", ".join(sorted(verdict.broken)) or verdict.word
        said.append(f"seed {seed}: {kinds}")
        if not verdict.broken.isdisjoint(bug.red):
            return True, "; ".join(said)
    return False, "; ".join(said)


def _changed(bug: Bug) -> list[str]:
    """The files that the patch changes."""
    lines = bug.path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("+++ b/") for line in lines if line.startswith("+++ b/")]


def _read(path: Path) -> Bug:
    head = dict(line.split(": ", 1) for line in path.read_text(encoding="utf-8").split("\n\n", 1)[0].splitlines())
    return Bug(path, head["Bug"], head["Run"], tuple(head["Red"].split(", ")))


def main() -> int:
    """0 where the campaign found all of them; a line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="some of them; default: all")
    names = parser.parse_args().names
    missed = 0
    for bug in bugs():
        if names and bug.name not in names:
            continue
        was_found, said = found(bug)
        missed += not was_found
        print(f"{'red' if was_found else 'MISSED'}  {bug.name}: {' or '.join(bug.red)} ({said})", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
