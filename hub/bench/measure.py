"""One run of the benchmark: start sink and hub, send at full speed, then at 50 a second, and count what arrived."""

from __future__ import annotations

import asyncio
import sys
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from hub.bench.figures import Figures, Load, Window, commits, figures, stages
from hub.bench.generator import Order
from hub.bench.plan import Plan
from hub.bench.record import read_moments
from hub.bench.sink import SinkOrder
from hub.bench.usage import usage
from hub.child import Child, free_port

SCRAPE_S = 5.0
DRAIN_S = 120.0
PACE_PER_S = 50.0
EMBEDDED = {"HUB_STORE": "sqlite", "HUB_QUEUE": "memory://"}


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how wide: seconds of warm-up, of full speed, of 50 a second; connections."""

    warmup_s: float
    seconds: float
    paced_s: float
    connections: int


@dataclass(frozen=True, slots=True)
class Run:
    """The figures of one run, how often and how long each stage of the hub ran, and how often the store committed."""

    figures: Figures
    stages: dict[str, dict[str, float]]
    commits: int


class SinkProcess:
    """The sink as a child process; each question is answered with the number of distinct messages so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def distinct(self) -> int:
        """How many have come."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the sink has no pipes")
        self._process.stdin.write(b"\n")
        return int(orjson.loads(await self._process.stdout.readline())["distinct"])

    async def finish(self) -> None:
        """Let it write its record."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()


async def measure(plan: Plan, data: Path, effort: Effort) -> Run:
    """Measure a fresh hub whose data folder is ``data`` (empty)."""
    sink_port, data_file = free_port(), data / "environment.yaml"
    data_file.write_text(plan.environment.replace("@SINK@", f"127.0.0.1:{sink_port}"), encoding="utf-8")
    data_file.chmod(0o600)
    sink = await start_sink(plan, sink_port, data)
    hub = Child(plan.site, data, free_port(), environment=EMBEDDED)
    try:
        ready_s = await hub.start()
        window, full = await _full_speed(plan, hub, sink, data, effort)
        paced = await send(plan, hub.port, data, len(full.rows) + 10_000_000, effort.paced_s, PACE_PER_S, effort)
        await drain(sink, accepted(full) + accepted(paced))
        exposition = await exposition_of(hub.port)
    finally:
        await sink.finish()
        await hub.stop()
    arrivals = {int(number): at for number, at in read_moments(data / "sink.moments", 2)}
    return Run(figures(ready_s, window, full, paced, arrivals), stages(exposition), commits(exposition))


async def _full_speed(plan: Plan, hub: Child, sink: SinkProcess, data: Path, effort: Effort) -> tuple[Window, Load]:
    async with _scraped(hub.port):
        sending = asyncio.create_task(send(plan, hub.port, data, 1, effort.warmup_s + effort.seconds, 0, effort))
        await asyncio.sleep(effort.warmup_s)
        begin = usage(hub.pid)
        await asyncio.sleep(effort.seconds)
        end = usage(hub.pid)
        load = await sending
        await drain(sink, accepted(load))
        return Window(begin, end, usage(hub.pid)), load


async def send(plan: Plan, port: int, data: Path, first: int, seconds: float, per_s: float, effort: Effort) -> Load:
    """Messages from number ``first`` on, in a closed loop (``per_s`` 0) or by the clock."""
    record = data / f"sent-{first}.moments"
    order = Order(
        "127.0.0.1", port, plan.path, plan.headers, plan.body, first, effort.connections, seconds, per_s, str(record)
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.bench.generator",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, _ = await process.communicate(orjson.dumps(asdict(order)))
    if process.returncode:
        raise RuntimeError(f"the generator ended with {process.returncode}")
    said = orjson.loads(printed)
    if said["failures"]:
        raise RuntimeError(f"the hub refused messages of the benchmark, by status: {said['failures']}")
    return Load(read_moments(record, 3), said["turned_away"])


async def start_sink(plan: Plan, port: int, data: Path) -> SinkProcess:
    """The sink, listening."""
    order = SinkOrder(port, plan.number, plan.answer, plan.answer_type, str(data / "sink.moments"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.bench.sink", orjson.dumps(asdict(order)).decode(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    if process.stdout is None or not await process.stdout.readline():
        raise RuntimeError("the sink did not start")
    return SinkProcess(process)


def accepted(load: Load) -> int:
    """How many were given a receipt."""
    return sum(1 for row in load.rows if row[2] > 0)


async def drain(sink: SinkProcess, expected: int) -> None:
    """Wait until everything has arrived, or nothing more has for a long time."""
    deadline, before = time.monotonic() + DRAIN_S, -1
    while (now := await sink.distinct()) < expected and time.monotonic() < deadline:
        if now != before:
            deadline, before = time.monotonic() + DRAIN_S, now
        await asyncio.sleep(0.02)


@asynccontextmanager
async def _scraped(port: int) -> AsyncIterator[None]:
    """Read ``/metrics`` every few seconds meanwhile, as Prometheus would."""

    async def scrape() -> None:
        while True:
            await asyncio.sleep(SCRAPE_S)
            await exposition_of(port)

    task = asyncio.create_task(scrape())
    try:
        yield
    finally:
        task.cancel()


async def exposition_of(port: int) -> str:
    """What Prometheus would scrape."""

    def read() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return str(answer.read().decode())

    return await asyncio.to_thread(read)
