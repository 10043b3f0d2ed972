"""``hub bench``: what one hub carries on this machine, and what a message costs it."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

import hub
from hub.bench.figures import Figures, median
from hub.bench.measure import Effort, Run, measure
from hub.bench.plan import Plan, load_plan
from hub.bench.production import compare
from hub.bench.record import percentile
from hub.bench.usage import fsync_ms
from hub.commands.process import require_shared
from hub.commands.show import print_json, table
from hub.commands.start import JsonOption, Usage
from hub.settings import Settings

BENCH_SITE = Path(hub.__file__).parents[1] / "tests" / "bench" / "site"
WARMUP_S = 15.0
SECONDS = 60.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bench)


def bench(
    seconds: Annotated[float | None, typer.Option(min=1, help="Measured seconds of each run; default 60.")] = None,
    connections: Annotated[int, typer.Option(min=1, help="Connections of the generator.")] = 32,
    runs: Annotated[int | None, typer.Option(min=1, help="Runs, of which the median counts; default 3.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where the hubs' data goes; its disk is what counts.")] = None,
    site: Annotated[Path, typer.Option(help="Site with a bench/ folder.")] = BENCH_SITE,
    production: Annotated[
        bool, typer.Option("--production", help="Two intakes and two deliverers on HUB_STORE and HUB_QUEUE as well.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure: JSON case messages in over HTTP, durable, translated, out as SOAP to a sink that counts them.

    Each run starts a fresh hub, warms it up for 15 s, measures at full speed (closed loop), then latency at 50
    messages a second. With --seconds only one run is made, warmed up for a quarter of that. Exits 1 where a message
    is lost.

    --production takes turns between one embedded hub and a fleet on the PostgreSQL server that HUB_STORE names (a
    database of its own is made there and dropped) and the RabbitMQ of HUB_QUEUE, at full speed, and shows both.

    Examples: hub bench; hub bench --seconds 10 --json
    """
    try:
        plan = load_plan(site)
    except (OSError, KeyError) as error:
        raise Usage(f"{site} is no site with a benchmark: {error}") from None
    effort = _effort(seconds, connections)
    count = runs or (3 if seconds is None else 1)
    if production:
        raise typer.Exit(_production(plan, data_dir, effort, count, as_json))
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-", dir=data_dir))
    try:
        disk = fsync_ms(folder)
        measured = [
            _one(plan, folder / str(number), effort, as_json, f"{number}/{count}") for number in range(1, count + 1)
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    figures = median([run.figures for run in measured])
    if as_json:
        print_json({**asdict(figures), "context": _context(measured, disk, effort)})
    else:
        typer.echo(_report(figures, measured, disk))
    raise typer.Exit(1 if figures.lost else 0)


def _production(plan: Plan, data_dir: Path | None, effort: Effort, count: int, as_json: bool) -> int:
    settings = Settings()
    require_shared(settings)
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-", dir=data_dir))
    try:
        found = compare(plan, folder, effort, count, settings.store, settings.queue)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        print_json({"embedded": asdict(found.embedded), "production": asdict(found.production), **found.ratios()})
    else:
        embedded, fleet = asdict(found.embedded), asdict(found.production)
        rows = [(name, f"{embedded.get(name, ''):}", f"{value:,}") for name, value in fleet.items()]
        ratios = [(name, "1", f"{value}") for name, value in found.ratios().items()]
        typer.echo(table(("figure, median of the runs", "embedded", "production"), [*rows, *ratios]))
    return 1 if found.production.lost or found.embedded.lost else 0


def _effort(seconds: float | None, connections: int) -> Effort:
    if seconds is None:
        return Effort(WARMUP_S, SECONDS, SECONDS / 3, connections)
    return Effort(min(WARMUP_S, seconds / 4), seconds, min(SECONDS / 3, max(2.0, seconds / 2)), connections)


def _one(plan: Plan, data: Path, effort: Effort, as_json: bool, name: str) -> Run:
    if not as_json:
        typer.echo(f"run {name} ...", err=True)
    data.mkdir()
    run = asyncio.run(measure(plan, data, effort))
    shutil.rmtree(data)
    return run


def _context(runs: list[Run], disk: list[float], effort: Effort) -> dict[str, object]:
    return {
        "runs": [asdict(run.figures) for run in runs],
        "stages": runs[-1].stages,
        "commits": [run.commits for run in runs],
        "effort": asdict(effort),
        "fdatasync_p50_ms": round(percentile(disk, 0.5), 3),
        "fdatasync_p99_ms": round(percentile(disk, 0.99), 3),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def _report(figures: Figures, runs: list[Run], disk: list[float]) -> str:
    rows = [(name, f"{value:,}", _MEANING.get(name, "")) for name, value in asdict(figures).items()]
    stages = [
        (name, f"{stage['count']:,.0f}", f"{stage['mean_us']:,.0f}") for name, stage in sorted(runs[-1].stages.items())
    ]
    return "\n".join(
        [
            f"{len(runs)} runs (median), Python {platform.python_version()}, {os.cpu_count()} cores shared by hub,"
            " generator and sink",
            f"this disk: fdatasync of 4 KB p50 {percentile(disk, 0.5):.2f} ms, p99 {percentile(disk, 0.99):.2f} ms",
            "",
            table(("figure", "value", "means"), rows),
            "",
            f"the last run committed {runs[-1].commits:,} transactions for {runs[-1].figures.sent:,} messages, each of"
            " which takes part in four (accept, claim, freeze, finish)",
            "",
            table(("stage", "times", "mean us, waiting included"), stages),
        ]
    )


_MEANING = {
    "accepted_per_s": "receipts a second at full speed, each after a durable commit",
    "delivered_per_s": "distinct messages a second that reached the sink meanwhile",
    "hub_cpu_us_per_message": "CPU time of the hub process, all threads, for a message's whole way",
    "accept_p99_ms": "from the moment a message was due to its receipt, at 50/s",
    "accept_to_sink_p99_ms": "from the moment a message was due to its arrival at the sink, at 50/s",
    "rss_mb": "resident memory of the hub at the end of full speed",
    "ready_s": "from starting the process to /health/ready",
    "sent": "receipts given, all runs and phases",
    "lost": "receipts whose message never reached the sink",
    "turned_away": "answers 429 or 503, sent again by the generator",
    "hub_cores": "CPU cores that the hub used at full speed",
}
