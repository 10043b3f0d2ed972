"""One run: clients, partners, and a nemesis that kills the hub; then the drain, and the verdict.

python -m tests.campaign.campaign --kills 300 --seed 7
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hub.child import Child, NotReady, free_port
from tests.campaign.checker import Verdict, check
from tests.campaign.clients import API_KEY, Clients
from tests.campaign.desks import Desks
from tests.campaign.history import History, Kill, now

SITE = Path(__file__).parent / "site"
AGENCIES = ("rest-desk", "soap-desk", "file-desk")
STALLED_S = 30.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How often to kill, and the seed from which every choice is made (moments, moods, texts)."""

    kills: int
    seed: int
    longest_life_s: float = 1.8
    before_ready: float = 0.15


async def run(plan: Plan, folder: Path) -> Verdict:
    """Play the plan in ``folder`` (empty) and judge it. Raises ``NotReady`` where the hub does not come back."""
    history = History(folder)
    chance = random.Random(plan.seed)
    data, port = folder / "data", free_port()
    desks = Desks(history, folder / "from-hub", random.Random(chance.random()))
    async with desks.open() as partners:
        write_environment(data, partners, desks.folder)
        hub = Child(SITE, data, port, environment={"HUB_LEASE_S": "9"})
        clients = Clients(f"http://127.0.0.1:{port}/rest/sender/note", history, random.Random(chance.random()))
        try:
            sending = asyncio.create_task(clients.run())
            await _kill_often(plan, hub, history, clients, random.Random(chance.random()))
            clients.stop()
            await sending
            await _drain(history, data)
        finally:
            status = await hub.stop()
            history.save()
    verdict = check(history, AGENCIES, clients.texts)
    aftermath = await _aftermath(data, status)
    return Verdict((*verdict.violations, *aftermath), verdict.unknown, verdict.figures)


def write_environment(data: Path, partners: str, from_hub: Path) -> None:
    """The deployment: where the partners are, and the sender's key."""
    data.mkdir(parents=True)
    environment = {
        "sender": {"secrets": {"api-key": {"value": API_KEY}}},
        "rest-desk": {"endpoint": f"{partners}/rest"},
        "soap-desk": {"endpoint": f"{partners}/soap"},
        "file-desk": {"endpoint": str(from_hub)},
    }
    path = data / "environment.yaml"
    path.write_text(json.dumps(environment, indent=1), encoding="utf-8")
    path.chmod(0o600)


async def _kill_often(plan: Plan, hub: Child, history: History, clients: Clients, chance: random.Random) -> None:
    """Kill it at a random moment of its life, now and then while it is still starting; in the end it runs."""
    for _ in range(plan.kills):
        early = chance.random() < plan.before_ready
        starting = asyncio.create_task(hub.start())
        if not early:
            await starting
        await asyncio.sleep(chance.uniform(0.2, plan.longest_life_s))
        history.killed(_kill_now(starting.done(), history, clients))
        await hub.kill()
        with suppress(NotReady):
            await starting
    await hub.start()


def _kill_now(ready: bool, history: History, clients: Clients) -> Kill:
    arrived = {(one.agency, one.case, one.number) for one in history.arrivals}
    accepted = history.accepted()
    on_their_way = sum(1 for agency in AGENCIES for note in accepted if (agency, *note) not in arrived)
    return Kill(now(), ready, clients.open_requests, on_their_way)


async def _drain(history: History, data: Path) -> None:
    """Until every note is everywhere and the hub knows it, or nothing changes for a while (then the checker tells)."""
    wanted = {(agency, *note) for agency in AGENCIES for note in history.accepted()}
    progress, before = now(), -1
    while now() < progress + STALLED_S:
        left = len(wanted - {(one.agency, one.case, one.number) for one in history.arrivals})
        if left == 0:
            left = len(await _listed(data, "pending"))
            if left == 0:
                return
        if left != before:
            progress, before = now(), left
        await asyncio.sleep(0.1)


async def _aftermath(data: Path, status: int) -> list[str]:
    """What the hub itself leaves behind: a clean end, no dead or pending delivery, a ledger that verifies."""
    found = [] if status == 0 else [f"the hub ended with {status} on SIGTERM"]
    verified, said = await _hub("ledger", "verify", data)
    if verified != 0:
        found.append(f"ledger verify says {said}")
    for state in ("dead", "pending", "withheld"):
        listed = await _listed(data, state)
        if listed:
            found.append(f"deliveries: {len(listed)} are {state}, such as {listed[0]}")
    return found


async def _listed(data: Path, state: str) -> list[dict[str, object]]:
    """What ``hub deliveries`` shows (its first page)."""
    status, said = await _hub("deliveries", data, "--state", state, "--json")
    if status != 0:
        raise RuntimeError(f"hub deliveries ended with {status}: {said}")
    found: list[dict[str, object]] = json.loads(said)["deliveries"]
    return found


async def _hub(*words: str | Path) -> tuple[int, str]:
    arguments = [word if isinstance(word, str) else f"--data={word}" for word in words]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode(errors="replace")


def main() -> int:
    """The long form; the histories of a run that did not pass are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hub-campaign-"))
    verdict = asyncio.run(run(Plan(asked.kills, asked.seed), folder))
    print(verdict)
    if verdict.passed:
        shutil.rmtree(folder)
        return 0
    print(f"histories: {folder}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
