"""The benchmark of production mode: two intakes and two deliverers on one PostgreSQL and one RabbitMQ, all here."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg

from hub.bench.figures import ADDED_UP, Figures, Load, commits
from hub.bench.figures import median as median_of
from hub.bench.measure import Effort, accepted, drain, exposition_of, measure, send, start_sink
from hub.bench.plan import Plan
from hub.bench.record import NEVER, percentile, read_moments
from hub.bench.usage import Usage, usage
from hub.child import Child, free_port

EACH = 2
APART = 100_000_000 // 4  # numbers of one generator; a number has eight digits

LOGGED = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"


@dataclass(frozen=True, slots=True)
class ProductionFigures:
    """One run at full speed. CPU in microseconds a message, of hub processes, database and broker apart.

    Latencies are those at full speed. ``commits_per_message``: transactions of the four processes; many messages share
    one. ``log_bytes_per_message``: what the database wrote ahead. A broker elsewhere counts nothing.
    """

    accepted_per_s: float
    delivered_per_s: float
    intake_cpu_us: float
    deliver_cpu_us: float
    database_cpu_us: float
    broker_cpu_us: float
    accept_p50_ms: float
    accept_p99_ms: float
    commits_per_message: float
    log_bytes_per_message: float
    sent: int
    lost: int
    rss_mb: float


@dataclass(frozen=True, slots=True)
class _Moment:
    """What everybody had used at a moment."""

    intake: Sequence[Usage]
    deliver: Sequence[Usage]
    database: Usage
    broker: Usage | None
    log_bytes: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Medians over runs that took turns on the same machine."""

    embedded: Figures
    production: ProductionFigures

    def ratios(self) -> dict[str, float]:
        """Throughput of production to embedded."""
        one, other = self.production, self.embedded
        return {
            "accepted_to_embedded": round(one.accepted_per_s / other.accepted_per_s, 2),
            "delivered_to_embedded": round(one.delivered_per_s / other.delivered_per_s, 2),
        }


def compare(plan: Plan, folder: Path, effort: Effort, runs: int, server: str, queue: str) -> Comparison:
    """An embedded hub and a fleet by turns, each fresh; ``server`` names any database of the server to use."""
    embedded, fleet = [], []
    for number in range(runs):
        alone, together = folder / f"{number}-embedded", folder / f"{number}-production"
        alone.mkdir()
        together.mkdir()
        embedded.append(asyncio.run(measure(plan, alone, effort)).figures)
        with own_database(server) as store:
            fleet.append(asyncio.run(measure_production(plan, together, effort, store, queue)))
    values = [asdict(each) for each in fleet]
    middle = {name: (sum if name in ADDED_UP else median)([each[name] for each in values]) for name in values[0]}
    return Comparison(median_of(embedded), ProductionFigures(**middle))


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """An empty database beside the one that ``server`` names, dropped afterwards."""
    name = f"hub_bench_{uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def measure_production(plan: Plan, data: Path, effort: Effort, store: str, queue: str) -> ProductionFigures:
    """Measure a fresh fleet on the empty database ``store``, with the data folder ``data`` (empty)."""
    sink_port = free_port()
    environment = data / "environment.yaml"
    environment.write_text(plan.environment.replace("@SINK@", f"127.0.0.1:{sink_port}"), encoding="utf-8")
    environment.chmod(0o600)
    sink = await start_sink(plan, sink_port, data)
    settings = {"HUB_STORE": store, "HUB_QUEUE": queue}
    intakes, deliverers = (
        [Child(plan.site, data, free_port(), environment=settings, command=command) for _ in range(EACH)]
        for command in ("intake", "deliver")
    )
    try:
        for each in (*intakes, *deliverers):
            await each.start()
        sending = asyncio.gather(*(
            send(plan, each.port, data, 1 + APART * number, effort.warmup_s + effort.seconds, 0,
                 Effort(0, 0, 0, effort.connections // EACH))
            for number, each in enumerate(intakes)
        ))  # fmt: skip
        await asyncio.sleep(effort.warmup_s)
        begin = await asyncio.to_thread(_moment, store, queue, intakes, deliverers)
        await asyncio.sleep(effort.seconds)
        end_at = time.monotonic()
        loads = await sending
        await drain(sink, sum(accepted(load) for load in loads))
        drained = await asyncio.to_thread(_moment, store, queue, intakes, deliverers)
        done = sum([commits(await exposition_of(each.port)) for each in (*intakes, *deliverers)])
    finally:
        await sink.finish()
        for each in (*intakes, *deliverers):
            await each.stop()
    arrivals = {int(number): at for number, at in read_moments(data / "sink.moments", 2)}
    return _figures(loads, arrivals, begin, drained, end_at, done)


def _figures(
    loads: Sequence[Load], arrivals: Mapping[int, float], begin: _Moment, drained: _Moment, end_at: float, done: int
) -> ProductionFigures:
    begin_at = begin.database.at
    rows = [row for load in loads for row in load.rows if row[2] != NEVER]
    inside = [row for row in rows if begin_at <= row[2] < end_at]
    handled = max(1, sum(1 for at in arrivals.values() if at >= begin_at))
    waits = [(at - due) * 1000 for _, due, at in inside]
    seconds = end_at - begin_at

    def cpu_us(before: Sequence[Usage], after: Sequence[Usage]) -> float:
        used_s = sum(each.cpu_s for each in after) - sum(each.cpu_s for each in before)
        return round(used_s / handled * 1_000_000, 1)

    broker = ([begin.broker], [drained.broker]) if begin.broker and drained.broker else ((), ())
    return ProductionFigures(
        accepted_per_s=round(len(inside) / seconds, 1),
        delivered_per_s=round(sum(1 for at in arrivals.values() if begin_at <= at < end_at) / seconds, 1),
        intake_cpu_us=cpu_us(begin.intake, drained.intake),
        deliver_cpu_us=cpu_us(begin.deliver, drained.deliver),
        database_cpu_us=cpu_us([begin.database], [drained.database]),
        broker_cpu_us=cpu_us(*broker),
        accept_p50_ms=round(percentile(waits, 0.5), 2),
        accept_p99_ms=round(percentile(waits, 0.99), 2),
        commits_per_message=round(done / max(1, len(rows)), 3),
        log_bytes_per_message=round((drained.log_bytes - begin.log_bytes) / handled),
        sent=len(rows),
        lost=sum(1 for row in rows if int(row[0]) not in arrivals),
        rss_mb=round(sum(each.rss_mb for each in (*drained.intake, *drained.deliver)), 1),
    )


def _moment(store: str, queue: str, intakes: Sequence[Child], deliverers: Sequence[Child]) -> _Moment:
    with psycopg.connect(store, autocommit=True) as connection:
        ((backend,),) = connection.execute("SELECT pg_backend_pid()").fetchall()
        ((log_bytes,),) = connection.execute(LOGGED).fetchall()
        database = usage(_parent(backend))
    broker = _listener(urlsplit(queue).port or 5672)
    return _Moment(
        [usage(each.pid) for each in intakes],
        [usage(each.pid) for each in deliverers],
        database,
        usage(broker) if broker is not None else None,
        int(log_bytes),
    )


def _parent(pid: int) -> int:
    """The process that started ``pid``: of a database connection, the server."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _listener(port: int) -> int | None:
    """The process on this machine that listens on a TCP port, if this account may see it."""
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    wanted = {f"socket:[{line[9]}]" for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "0A"}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                if any(os.readlink(descriptor) in wanted for descriptor in (entry / "fd").iterdir()):
                    return int(entry.name)
    return None
