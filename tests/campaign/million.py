"""A million pending deliveries for a partner that is down: do they slow acceptance, the sweep, or a start?

python -m tests.campaign.million [--pending 1000000] [--store sqlite|postgresql] [--seconds 10]

A hub on a filled store and one on an empty store take turns under the same load, so that whatever else the machine does
meets both. Ends with 1 where the filled one is not ready within 10 s or accepts less than three quarters of the other.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from uuid import uuid4

import orjson
import psycopg

from hub.bench.generator import Order
from hub.bench.plan import Plan, load_plan
from hub.bench.record import percentile, read_moments
from hub.bench.usage import usage
from hub.child import Child, free_port
from hub.commands.bench import BENCH_SITE
from hub.store.open import open_store
from tests.campaign.filling import fill

SERVER = "postgresql://postgres@127.0.0.1:5432"
CONNECTIONS = 16
ROUNDS = 3
READY_WITHIN_S = 10.0
AGENCY, TYPE = "case-archive", "case-record"


@dataclass
class Side:
    """One hub and what was measured of it; ``name`` is ``empty`` or ``filled``."""

    name: str
    hub: Child
    ready_s: list[float] = field(default_factory=list)
    accepted_per_s: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    rss_mb: float = 0.0
    idle_cores: float = 0.0
    sweep_ms: dict[str, float] = field(default_factory=dict)

    def figures(self) -> dict[str, object]:
        """Medians of the rounds."""
        kept = {key: value for key, value in vars(self).items() if key not in ("name", "hub")}
        return {key: round(median(value), 3) if isinstance(value, list) else value for key, value in kept.items()}


async def measure(plan: Plan, url: Callable[[str], str], folder: Path, pending: int, seconds: float) -> list[Side]:
    """Both hubs, started, loaded in turns, idle for a while, stopped; then the questions of the sweep one by one."""
    sides = []
    for name in ("empty", "filled"):
        data = folder / name
        data.mkdir()
        environment = plan.environment.replace("@SINK@", f"127.0.0.1:{free_port()}")  # nobody listens there
        (data / "environment.yaml").write_text(environment, encoding="utf-8")
        (data / "environment.yaml").chmod(0o600)
        settings = {"HUB_STORE": url(name), "HUB_QUEUE": "memory://"}
        sides.append(Side(name, Child(plan.site, data, free_port(), environment=settings)))
    for side in sides:
        await side.hub.start()
        await send(plan, side, folder, 90, 0.01)
        await side.hub.stop()
        del side.accepted_per_s[:], side.p50_ms[:], side.p99_ms[:]
    await asyncio.to_thread(fill, url("filled"), folder / "filled", pending, time.time() - 3600)
    for side in (*sides, *sides):  # the second start finds a hub that was stopped
        side.ready_s.append(await side.hub.start())
        await side.hub.stop()
    for side in sides:
        await side.hub.start()
    try:
        for number in range(ROUNDS):
            for side in sides:
                await send(plan, side, folder, number, seconds)
        for side in sides:
            before = usage(side.hub.pid)
            await asyncio.sleep(seconds / 2)
            after = usage(side.hub.pid)
            side.rss_mb, side.idle_cores = after.rss_mb, round((after.cpu_s - before.cpu_s) / (after.at - before.at), 3)
    finally:
        for side in sides:
            await side.hub.stop()
    for side in sides:
        side.sweep_ms = await questions(url(side.name), folder / side.name)
    return sides


async def send(plan: Plan, side: Side, folder: Path, number: int, seconds: float) -> None:
    """Distinct messages in a closed loop; notes throughput and latencies."""
    record, first = folder / "sent.moments", 1 + 1_000_000 * number
    order = Order(
        "127.0.0.1", side.hub.port, plan.path, plan.headers, plan.body, first, CONNECTIONS, seconds, 0, str(record)
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.bench.generator", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate(orjson.dumps(asdict(order)))
    if orjson.loads(said)["failures"]:
        raise RuntimeError(f"refused: {said.decode()}")
    took_ms = [(taken - due) * 1000 for _, due, taken in read_moments(record, 3) if taken > 0]
    side.accepted_per_s.append(len(took_ms) / seconds)
    side.p50_ms.append(percentile(took_ms, 0.5))
    side.p99_ms.append(percentile(took_ms, 0.99))


async def questions(url: str, data: Path) -> dict[str, float]:
    """Each piece of work that looks at what is pending, the median of seven, in milliseconds."""
    store = open_store(url, data)
    now = time.time()
    await store.forget(AGENCY)
    ids = (await store.due(now, 128)).get(AGENCY, [])
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "due (2,000 heads)": lambda: store.due(now, 2_000),
        "next due": store.next_due_at,
        "standings": store.standings,
        "totals": store.totals,
        "claim of 128": lambda: store.claim(ids, "w", 0.0, now),
        "claim of a batch of 100": lambda: store.claim_batch(AGENCY, TYPE, 100, "w", 0.0, now),
    }
    found = {}
    try:
        for name, ask in asked.items():
            times = []
            for _ in range(7):
                began = time.perf_counter()
                await ask()
                times.append((time.perf_counter() - began) * 1000)
            found[name] = round(median(times), 2)
    finally:
        await store.close()
    return found


@contextmanager
def databases(store: str) -> Iterator[Callable[[str], str]]:
    """Where the store of each side is; databases of this run's own are dropped afterwards."""
    if store == "sqlite":
        yield lambda _: "sqlite"
        return
    prefix = f"hub_million_{uuid4().hex[:8]}_"
    with ExitStack() as stack, psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
        for name in ("empty", "filled"):
            server.execute(f"CREATE DATABASE {prefix}{name} ENCODING 'UTF8' TEMPLATE template0")
            stack.callback(server.execute, f"DROP DATABASE {prefix}{name} WITH (FORCE)")
        yield lambda name: f"{SERVER}/{prefix}{name}"
        stack.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pending", type=int, default=1_000_000)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each of the rounds")
    parser.add_argument("--data-dir", type=Path, help="where the stores go; about 1 GB for a million")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hub-million-", dir=given.data_dir))
    try:
        with databases(given.store) as url:
            empty, filled = asyncio.run(measure(load_plan(BENCH_SITE), url, folder, given.pending, given.seconds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ratio = median(filled.accepted_per_s) / median(empty.accepted_per_s)
    shown = {"empty": empty.figures(), "filled": filled.figures(), "accepted_filled_to_empty": round(ratio, 3)}
    print(json.dumps(shown, indent=1))
    sys.exit(0 if max(filled.ready_s) <= READY_WITHIN_S and ratio >= 0.75 else 1)


if __name__ == "__main__":
    main()
