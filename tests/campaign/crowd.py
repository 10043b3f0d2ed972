"""Ten times more clients than a hub lets in: is its memory flat, and is everybody answered honestly?

python -m tests.campaign.crowd [--seconds 60] [--clients 5120] [--kilobytes 1]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import orjson

from hub.child import Child, free_port
from tests.campaign.clients import API_KEY
from tests.campaign.desks import Desks
from tests.campaign.history import History
from tests.campaign.hubs import SITE, write_environment

LOOK_S = 5.0


@dataclass
class Crowd:
    """Clients that post notes of ever new cases and come again when they are told to, but sooner than they should.

    ``taken`` are the cases whose note has a receipt.
    """

    url: str
    bytes: int
    answers: Counter[str] = field(default_factory=Counter)
    taken: set[str] = field(default_factory=set)
    ended: bool = False

    async def client(self, session: aiohttp.ClientSession, number: int) -> None:
        """One of them, until ``ended``."""
        turn = 0
        while not self.ended:
            turn += 1
            case = f"C-{number * 10_000 + turn}"
            body = orjson.dumps({"case": case, "number": "1", "text": "م" * (self.bytes // 2)})
            headers = {"X-Api-Key": API_KEY, "Idempotency-Key": case, "Content-Type": "application/json"}
            try:
                async with session.post(self.url, data=body, headers=headers) as answer:
                    await answer.read()
                    honest = answer.status != 503 or int(answer.headers.get("Retry-After", "0")) > 0
                    self.answers[f"{answer.status}" if honest else "503 without Retry-After"] += 1
                    if answer.status == 202:
                        self.taken.add(case)
                    else:
                        await asyncio.sleep(random.uniform(0.2, 1.0))
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                self.answers[type(error).__name__] += 1
                await asyncio.sleep(0.5)


def resident_mb(pid: int) -> float:
    """What the process holds in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def run(seconds: float, clients: int, size: int) -> int:
    """Print memory and answers as they come."""
    folder = Path(tempfile.mkdtemp(prefix="hub-crowd-"))
    history = History(folder)
    desks = Desks(history, folder / "from-hub", random.Random(1), calm=1.0)
    async with desks.open() as partners:
        write_environment(folder / "data", partners)
        child = Child(SITE, folder / "data", free_port())
        await child.start(60)
        crowd = Crowd(f"http://127.0.0.1:{child.port}/rest/sender/note", size)
        print(f"{clients} clients, bodies of {size} bytes; memory at the start {resident_mb(child.pid):.0f} MB")
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            going = [asyncio.create_task(crowd.client(session, number)) for number in range(clients)]
            began = time.monotonic()
            while time.monotonic() < began + seconds:
                before, at = Counter(crowd.answers), time.monotonic()
                await asyncio.sleep(LOOK_S)
                now = {word: count - before[word] for word, count in crowd.answers.items()}
                rates = ", ".join(f"{word} {count / (time.monotonic() - at):.0f}/s" for word, count in now.items())
                print(f"{time.monotonic() - began:5.0f} s  {resident_mb(child.pid):5.0f} MB  {rates}", flush=True)
            crowd.ended = True
            for task in going:
                task.cancel()
            await asyncio.gather(*going, return_exceptions=True)
        status = await child.stop(60)
        print(f"ended with {status}; {dict(crowd.answers)}; arrived {len(history.arrivals)}")
    return status


def main() -> int:
    """0 where the hub ended well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=5120, help="default: ten times HUB_MAX_IN_FLIGHT")
    parser.add_argument("--kilobytes", type=int, default=1, help="of text in a note (at most 3)")
    asked = parser.parse_args()
    return asyncio.run(run(asked.seconds, asked.clients, asked.kilobytes * 1024))


if __name__ == "__main__":
    sys.exit(main())
