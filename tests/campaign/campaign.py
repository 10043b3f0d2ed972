"""One run: clients, partners, and a nemesis; then the drain, and the verdict.

python -m tests.campaign.campaign --kills 300 --seed 7 [--production] [--faults kill,syscall,...]

It ends with 0 where nothing was broken, 1 where a promise was, 3 where the run proves nothing (*unknown*).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from hub.child import NotReady
from tests.campaign import faults, outside
from tests.campaign.checker import Verdict, check
from tests.campaign.clients import Clients
from tests.campaign.desks import AGENCIES, Desks
from tests.campaign.figures import figures_of
from tests.campaign.history import History, now
from tests.campaign.hubs import Hubs, Wanted, hubs
from tests.campaign.services import Impossible
from tests.campaign.witness import Books, Witness
from tests.campaign.world import Fault, World

STALLED_S = 30.0
UNKNOWN = 3

EVERYWHERE: Mapping[str, Fault] = {
    "kill": faults.kill, "syscall": faults.syscall, "stop": faults.stop, "clock": faults.clock,
    "partner": outside.partner, "refusal": outside.refusal, "file": outside.file, "overload": outside.overload,
}  # fmt: skip
EMBEDDED: Mapping[str, Fault] = {"eio": faults.eio, "enospc": faults.enospc, "disk": faults.disk}
PRODUCTION: Mapping[str, Fault] = {
    "store": faults.store, "broker": faults.broker, "network": outside.network, "commit": outside.commit,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """How many faults of which kinds, and the seed from which every choice is made (moments, moods, texts)."""

    kills: int
    seed: int
    production: bool = False
    faults: tuple[str, ...] = ("kill",)
    engine: Path | None = None
    clients: int = 24
    odd: float = 0.05
    stopped_s: float = 0.0


async def run(plan: Plan, folder: Path, *, progress: bool = False) -> Verdict:
    """Play the plan in ``folder`` (empty) and judge it. A machine that lacks what it needs makes it unknown."""
    history = History(folder)
    chance = random.Random(plan.seed)
    wanted = Wanted(plan.production, plan.engine, "clock" in plan.faults, "disk" in plan.faults)
    witness = Witness("")
    desks = Desks(history, folder / "from-hub", random.Random(chance.random()), disclosed=witness.disclosed)
    try:
        async with desks.open() as partners, hubs(wanted, folder, partners, history) as made:
            witness.url = made.store
            clients = Clients(
                lambda: made.urls, history, random.Random(chance.random()), count=plan.clients, odd=plan.odd
            )
            world = World(history, made, desks, clients, witness, stopped_s=plan.stopped_s)
            aftermath, books = await _play(plan, world, random.Random(chance.random()), progress=progress)
    except Impossible as lacking:
        return Verdict((), (f"not possible here: {lacking}",), {})
    finally:
        history.save()
    verdict = check(history, AGENCIES, clients.texts, books)
    found = (*verdict.violations, *world.odd, *aftermath)
    return Verdict(found, verdict.unknown, verdict.figures | figures_of(history))


async def _play(plan: Plan, world: World, chance: random.Random, *, progress: bool) -> tuple[list[str], Books | None]:
    """All faults, the drain, the end; what the hub leaves behind, and the store's books where they can be read."""
    try:
        await world.hubs.start_all()
    except NotReady as error:
        return [f"start: {error}"], None
    sending = asyncio.create_task(world.clients.run())
    try:
        await _strike_often(plan, world, chance, progress=progress)
        world.clients.stop()
        await asyncio.wait_for(sending, 3 * STALLED_S)
        await drain(world)
    except (NotReady, TimeoutError) as error:
        world.odd.append(f"stuck: {type(error).__name__} {error}")
    finally:
        sending.cancel()
        await asyncio.wait({sending})
    world.witness.look_away()
    aftermath = await aftermath_of(world.hubs)
    return aftermath, world.witness.read()


async def _strike_often(plan: Plan, world: World, chance: random.Random, *, progress: bool) -> None:
    """One fault after the other, each drawn from those that were asked for and that this machine allows."""
    known = {**EVERYWHERE, **(PRODUCTION if plan.production else EMBEDDED)}
    possible = [name for name in plan.faults if name in known]
    world.history.impossible |= dict.fromkeys(set(plan.faults) - set(known), "not in this mode")
    deck: list[str] = []
    for number in range(plan.kills):
        if not deck:
            deck = chance.sample(possible, len(possible))
        name = deck.pop()
        try:
            await known[name](world, chance)
        except Impossible as lacking:
            world.history.impossible[name] = str(lacking)
            possible.remove(name)
            if not possible:
                return
        finally:
            await world.heal()
        if progress and (number + 1) % 10 == 0:
            left, accepted, arrived = world.owed.count(), len(world.owed.accepted), len(world.history.arrivals)
            told = f"{number + 1} of {plan.kills}: {accepted} accepted, {arrived} arrivals, {left} to come"
            print(told, file=sys.stderr, flush=True)


async def drain(world: World) -> None:
    """Until every note is everywhere and the hub knows it, or nothing changes for a while (then the checker tells)."""
    progress, before = now(), -1
    while now() < progress + STALLED_S:
        left = world.owed.count()
        standing = world.witness.standing() or {"pending": 1}  # a store that cannot be asked is not at rest
        left = left or standing.get("pending", 0)
        if standing.get("dead"):
            await _hub(
                world.hubs, "resend", "--all", "--yes", "--per-second", "0", "--why", "the partner is well again"
            )
        elif left == 0:
            return
        if left != before:
            progress, before = now(), left
        await asyncio.sleep(0.1)


async def aftermath_of(made: Hubs) -> list[str]:
    """What the hub itself leaves behind: a clean end, no dead or pending delivery, a ledger that verifies."""
    found = [f"end: {line}" for line in await made.stop()]
    verified, said = await _hub(made, "ledger", "verify")
    if verified != 0:
        found.append(f"ledger: verify says {said}")
    for state in ("dead", "pending", "withheld"):
        status, said = await _hub(made, "deliveries", "--state", state, "--json")
        listed = json.loads(said)["deliveries"] if status == 0 else []
        if status != 0:
            found.append(f"deliveries: ended with {status}: {said[-500:]}")
        if listed:
            found.append(f"stuck: {len(listed)} deliveries are {state}, such as {listed[0]}")
    return found


async def _hub(made: Hubs, *words: str) -> tuple[int, str]:
    environment = {**os.environ, "HUB_DATA": str(made.data)}
    if made.postgres is not None:
        environment["HUB_STORE"] = made.postgres.url()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli", *words, env=environment, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode(errors="replace")


def main() -> int:
    """The long form; the histories of a run that did not pass are kept."""
    asked = _parser().parse_args()
    plan = plan_of(sys.argv[1:])
    folder = Path(tempfile.mkdtemp(prefix="hub-campaign-"))
    return conclude(asyncio.run(run(plan, folder, progress=True)), folder, as_json=asked.json)


def conclude(verdict: Verdict, folder: Path, *, as_json: bool) -> int:
    """Print the verdict; the histories of a run that did not pass are kept. 0, 1 or 3."""
    print(orjson.dumps({"verdict": verdict.word, **asdict(verdict)}).decode() if as_json else verdict)
    if verdict.passed:
        shutil.rmtree(folder)
        return 0
    print(f"histories: {folder}", file=sys.stderr)
    return 1 if verdict.violations else UNKNOWN


def plan_of(arguments: Sequence[str]) -> Plan:
    """The plan that these words of a command line ask for."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    names = {**EVERYWHERE, **(PRODUCTION if asked.production else EMBEDDED)}
    chosen = tuple(names) if asked.faults == "all" else tuple(asked.faults.split(","))
    if unknown := set(chosen) - {*EVERYWHERE, *EMBEDDED, *PRODUCTION}:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    return Plan(asked.kills, asked.seed, asked.production, chosen, asked.engine, stopped_s=asked.stopped_s)


def _parser() -> argparse.ArgumentParser:
    every = (*EVERYWHERE, *EMBEDDED, *PRODUCTION)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300, help="how many faults")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--production", action="store_true", help="two intakes, two deliverers, PostgreSQL, RabbitMQ")
    parser.add_argument("--faults", default="kill", help=f"some of {', '.join(every)}, or all")
    parser.add_argument("--engine", type=Path, help="a folder with the packages to run instead of this repository's")
    parser.add_argument(
        "--stopped-s", type=float, default=0.0, help="`stop`: at least so long (default: past the lease)"
    )
    parser.add_argument("--json", action="store_true", help="the verdict as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
