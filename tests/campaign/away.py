"""PostgreSQL, RabbitMQ or both are away for minutes while clients go on: honest answers meanwhile, everything after.

python -m tests.campaign.away [--service postgresql|rabbitmq|both] [--seconds 120] [--seed 1] [--json]

A fleet of two intakes and two deliverers on services of the campaign's own. The service is killed and left dead for so
long; then it is started. It ends with 0 where nothing was broken, 1 where a promise was, 3 where it proves nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.campaign.campaign import aftermath_of, conclude, drain
from tests.campaign.checker import Verdict, check
from tests.campaign.clients import Clients
from tests.campaign.crowd import resident_mb
from tests.campaign.desks import AGENCIES, Desks
from tests.campaign.figures import figures_of
from tests.campaign.history import History, now
from tests.campaign.hubs import Hubs, Wanted, hubs
from tests.campaign.services import Impossible, Service
from tests.campaign.witness import Witness
from tests.campaign.world import World

BEFORE_S, AFTER_S, LOOK_S = 5.0, 10.0, 2.0
BACK_WITHIN_S = 30.0
# Answers may be late by no more than a request is given (tests/campaign/clients.py).
LONGEST_ANSWER_S = 5.0
GROWTH_MB = 150.0
WARNINGS_A_SECOND = 20.0


@dataclass
class Seen:
    """What was looked at while the service was away: memory by process, health, warnings logged."""

    memory_mb: dict[str, list[float]] = field(default_factory=dict)
    health: Counter[str] = field(default_factory=Counter)
    warnings: int = 0


async def run(service: str, seconds: float, seed: int, folder: Path) -> Verdict:
    """One absence, and the verdict; ``unknown`` where the machine lacks a service."""
    history, chance, witness = History(folder), random.Random(seed), Witness("")
    desks = Desks(history, folder / "from-hub", random.Random(chance.random()), disclosed=witness.disclosed)
    seen, odd = Seen(), []
    try:
        async with desks.open() as partners, hubs(Wanted(production=True), folder, partners, history) as made:
            witness.url = made.store
            clients = Clients(lambda: made.urls, history, random.Random(chance.random()))
            world = World(history, made, desks, clients, witness)
            await made.start_all()
            sending = asyncio.create_task(clients.run())
            await asyncio.sleep(BEFORE_S)
            window = await _absence(world, service, seconds, seen)
            odd += [
                f"ended: {made.name(child)} with {child.status}" for child in made.processes if child.status is not None
            ]
            back = await _back(history, window[1])
            await asyncio.sleep(AFTER_S)
            await _look(made, after := Seen())
            clients.stop()
            await asyncio.wait_for(sending, BACK_WITHIN_S)
            await drain(world)
            witness.look_away()
            odd += await aftermath_of(made)
            books = witness.read()
    except Impossible as lacking:
        return Verdict((), (f"not possible here: {lacking}",), {})
    finally:
        history.save()
    verdict = check(history, AGENCIES, clients.texts, books)
    answers = _answers(history, window)
    violations = (
        *verdict.violations,
        *odd,
        *world.odd,
        *_dishonest(service, answers, seen, seconds, back),
        *_unwell(service, seen, after),
    )
    figures = verdict.figures | figures_of(history) | _figures(seen, answers, back, history, window)
    return Verdict(violations, verdict.unknown, figures)


async def _absence(world: World, service: str, seconds: float, seen: Seen) -> tuple[float, float]:
    """Kill what is to be away, look at the fleet meanwhile, start it again; from when to when it was away."""
    services = [each for each in _services(world.hubs, service) if each is not None]
    before = _warnings(world.hubs)
    for each in services:
        world.strike("away", each.account)
        await each.kill()
    began = now()
    while now() < began + seconds:
        await asyncio.sleep(LOOK_S)
        await _look(world.hubs, seen)
    seen.warnings = _warnings(world.hubs) - before
    ended = now()
    await asyncio.gather(*(each.start() for each in services))
    return began, ended


def _services(made: Hubs, service: str) -> tuple[Service | None, ...]:
    known = {"postgresql": (made.postgres,), "rabbitmq": (made.rabbit,), "both": (made.postgres, made.rabbit)}
    return known[service]


async def _look(made: Hubs, seen: Seen) -> None:
    """Memory of every process, and what each says of its health."""
    timeout = aiohttp.ClientTimeout(total=LONGEST_ANSWER_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for child in made.processes:
            seen.memory_mb.setdefault(made.name(child), []).append(resident_mb(child.pid))
            for place in ("live", "ready"):
                try:
                    async with session.get(f"http://127.0.0.1:{child.port}/health/{place}") as answer:
                        seen.health[f"{place} {answer.status}"] += 1
                except (aiohttp.ClientError, TimeoutError) as error:
                    seen.health[f"{place} {type(error).__name__}"] += 1


def _warnings(made: Hubs) -> int:
    """Lines of the logs that are more than what happens all day."""
    lines = (line for path in made.data.glob("*.log") for line in path.read_bytes().splitlines())
    return sum(1 for line in lines if b'"level":"info"' not in line)


async def _back(history: History, since: float) -> dict[str, float]:
    """How long after its start was begun there was a receipt, and an arrival at a partner."""
    found: dict[str, float] = {}
    while now() < since + BACK_WITHIN_S and len(found) < 2:
        for one in reversed(history.operations):
            if one.began < since:
                break
            if one.outcome == "ok":
                found["receipt"] = min(one.ended - since, found.get("receipt", BACK_WITHIN_S))
        if history.arrivals and history.arrivals[-1].at > since:
            found.setdefault("arrival", history.arrivals[-1].at - since)
        await asyncio.sleep(0.02)
    return found


def _answers(history: History, window: tuple[float, float]) -> Counter[str]:
    """How requests that began while the service was away ended, well before it came back."""
    began, ended = window
    asked = [one for one in history.operations if began < one.began < ended - LONGEST_ANSWER_S]
    return Counter(one.outcome if one.outcome == "ok" else one.said.partition(" {")[0][:60] for one in asked)


def _dishonest(
    service: str, answers: Counter[str], seen: Seen, seconds: float, back: dict[str, float]
) -> Iterator[str]:  # fmt: skip
    """What a fleet must not do while a service is away, nor when it is back."""
    if not answers:
        yield "away: nobody asked for anything meanwhile"
    allowed = {"ok", "503"} if service != "rabbitmq" else {"ok"}
    for word, count in answers.items():
        if word not in allowed:
            yield f"answer: {count} requests were answered {word}"
    if service == "postgresql" and answers["ok"]:
        yield f"receipts: {answers['ok']} were given while there was no store"
    yield from (
        f"health: {word} {count} times"
        for word, count in seen.health.items()
        if word.startswith("live") and word != "live 200"
    )
    for name, memory in seen.memory_mb.items():
        if memory[-1] - memory[0] > GROWTH_MB:
            yield f"memory: {name} grew from {memory[0]:.0f} to {memory[-1]:.0f} MB"
    if seen.warnings > WARNINGS_A_SECOND * seconds:
        yield f"log: {seen.warnings} warnings in {seconds:.0f} s"
    yield from (f"back: no {what} within {BACK_WITHIN_S:.0f} s" for what in ("receipt", "arrival") if what not in back)


def _unwell(service: str, seen: Seen, after: Seen) -> Iterator[str]:
    """What a fleet says of its health: not ready without its store, and ready again by itself."""
    if service != "rabbitmq" and not seen.health["ready 503"]:
        yield "health: ready all the time while there was no store"
    if service == "rabbitmq" and set(seen.health) != {"live 200", "ready 200"}:
        yield f"health: {dict(seen.health)} while only the broker was away"
    if set(after.health) != {"live 200", "ready 200"}:
        yield f"health: {dict(after.health)} when all was back"


def _figures(
    seen: Seen, answers: Counter[str], back: dict[str, float], history: History, window: tuple[float, float]
) -> dict[str, int]:
    memory = [size for sizes in seen.memory_mb.values() for size in sizes]
    meanwhile = sum(1 for one in history.arrivals if window[0] + 1 < one.at < window[1])
    return {
        **{f"answered_{word.replace(' ', '_')}": count for word, count in answers.items()},
        **{f"health_{word.replace(' ', '_')}": count for word, count in seen.health.items()},
        **{f"back_after_ms_{what}": round(took * 1000) for what, took in back.items()},
        "arrivals_meanwhile": meanwhile,
        "memory_mb_least": round(min(memory)), "memory_mb_most": round(max(memory)),
        "warnings_logged_meanwhile": seen.warnings,
    }  # fmt: skip


def main() -> int:
    """0, 1 or 3; the histories of a run that did not pass are kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--service", choices=("postgresql", "rabbitmq", "both"), default="both")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="the verdict as JSON")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hub-away-"))
    verdict = asyncio.run(run(asked.service, asked.seconds, asked.seed, folder))
    return conclude(verdict, folder, as_json=asked.json)


if __name__ == "__main__":
    sys.exit(main())
