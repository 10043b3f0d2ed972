"""What one partner that hangs does to the others: their latency before and while it takes everything and never answers.

python -m tests.campaign.hanging [--seconds 15] [--seed 1]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from pathlib import Path

import orjson

from tests.campaign.checker import first_arrivals
from tests.campaign.clients import Clients
from tests.campaign.desks import AGENCIES, Desks
from tests.campaign.history import History, now
from tests.campaign.hubs import Wanted, hubs
from tests.campaign.proxy import Weather

HANGING = "rest-desk"
SETTLED_S = 3.0


async def measure(folder: Path, seconds: float, seed: int) -> dict[str, float]:
    """Milliseconds from receipt to first arrival at the partners that are well: median and 95th percentile, both times.

    The embedded hub far below what it can carry: six clients, some 15 notes a second in both phases.
    """
    history, chance = History(folder), random.Random(seed)
    desks = Desks(history, folder / "from-hub", chance, calm=1.0)
    async with desks.open() as partners, hubs(Wanted(), folder, partners, history) as made:
        clients = Clients(lambda: made.urls, history, chance, count=6, pause_s=0.3)
        await made.start_all()
        sending = asyncio.create_task(clients.run())
        await asyncio.sleep(SETTLED_S)
        well = now()
        await asyncio.sleep(seconds)
        ill = now()
        desks.ways[HANGING].turn(Weather.SWALLOW)
        await asyncio.sleep(seconds)
        end = now()
        desks.ways[HANGING].turn(Weather.FAIR)
        clients.stop()
        await sending
        await asyncio.sleep(1.0)
        await made.stop()
    before, during = _latencies(history, well, ill), _latencies(history, ill, end)
    return {**_spread("before", before), **_spread("during", during), "p95_ratio": round(_at(during) / _at(before), 2)}


def _latencies(history: History, begins: float, ends: float) -> list[float]:
    """Seconds to each partner that is well, of the notes that got their receipt in this time."""
    accepted = {
        (one.case, one.number): one.ended
        for one in history.operations
        if one.outcome == "ok" and begins <= one.ended < ends
    }
    others = [one for one in first_arrivals(history.arrivals) if one.agency in AGENCIES and one.agency != HANGING]
    return sorted(
        max(0.0, one.at - accepted[one.case, one.number]) for one in others if (one.case, one.number) in accepted
    )


def _spread(name: str, ordered: list[float]) -> dict[str, float]:
    return {
        f"{name}_arrivals": len(ordered),
        f"{name}_p50_ms": round(_at(ordered, 0.5) * 1000, 1),
        f"{name}_p95_ms": round(_at(ordered) * 1000, 1),
    }


def _at(ordered: list[float], share: float = 0.95) -> float:
    return ordered[int(len(ordered) * share)]


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hub-hanging-") as folder:
        print(orjson.dumps(asyncio.run(measure(Path(folder), asked.seconds, asked.seed))).decode())


if __name__ == "__main__":
    main()
