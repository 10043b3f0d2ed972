"""From what generator, sink and ``/proc`` noted to the figures that a benchmark reports."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from prometheus_client.parser import text_string_to_metric_families

from hub.bench.record import NEVER, percentile
from hub.bench.usage import Usage

ADDED_UP = ("sent", "distinct_at_sink", "lost", "turned_away")


@dataclass(frozen=True, slots=True)
class Figures:
    """One run. Latencies count from the moment a message was due to be sent, at 50 a second; ``sent`` are receipts.

    ``lost`` is the number of receipts whose message never reached the sink.
    """

    accepted_per_s: float
    delivered_per_s: float
    hub_cpu_us_per_message: float
    accept_p50_ms: float
    accept_p99_ms: float
    accept_to_sink_p50_ms: float
    accept_to_sink_p99_ms: float
    rss_mb: float
    ready_s: float
    sent: int
    distinct_at_sink: int
    lost: int
    turned_away: int
    hub_cores: float


@dataclass(frozen=True, slots=True)
class Load:
    """What one phase of sending left behind: rows (number, due, accepted at)."""

    rows: Sequence[tuple[float, ...]]
    turned_away: int


@dataclass(frozen=True, slots=True)
class Window:
    """Usage when the measured time began, when it ended, and when everything accepted had arrived."""

    begin: Usage
    end: Usage
    drained: Usage


def figures(ready_s: float, window: Window, full: Load, paced: Load, arrivals: Mapping[int, float]) -> Figures:
    """Put one run's notes together."""
    begin, end = window.begin.at, window.end.at
    seconds = end - begin
    arrived = [at for at in arrivals.values() if begin <= at]
    accepted = {int(number) for load in (full, paced) for number, _, at in load.rows if at != NEVER}
    taken = sum(1 for _, _, at in full.rows if begin <= at < end)
    handled = sum(1 for at in arrived if at < window.drained.at)
    waits = [(at - due) * 1000 for _, due, at in paced.rows if at != NEVER]
    whole = [(arrivals[int(number)] - due) * 1000 for number, due, _ in paced.rows if int(number) in arrivals]
    return Figures(
        accepted_per_s=round(taken / seconds, 1),
        delivered_per_s=round(sum(1 for at in arrived if at < end) / seconds, 1),
        hub_cpu_us_per_message=round((window.drained.cpu_s - window.begin.cpu_s) / max(handled, 1) * 1_000_000, 1),
        accept_p50_ms=round(percentile(waits, 0.5), 2),
        accept_p99_ms=round(percentile(waits, 0.99), 2),
        accept_to_sink_p50_ms=round(percentile(whole, 0.5), 2),
        accept_to_sink_p99_ms=round(percentile(whole, 0.99), 2),
        rss_mb=round(window.end.rss_mb, 1),
        ready_s=round(ready_s, 2),
        sent=len(accepted),
        distinct_at_sink=len(accepted & set(arrivals)),
        lost=len(accepted - set(arrivals)),
        turned_away=full.turned_away + paced.turned_away,
        hub_cores=round((window.end.cpu_s - window.begin.cpu_s) / seconds, 2),
    )


def median(runs: Sequence[Figures]) -> Figures:
    """The median of each figure over the runs; counts of messages are added up."""
    values = [asdict(run) for run in runs]
    middle = {
        field.name: (sum if field.name in ADDED_UP else statistics.median)([value[field.name] for value in values])
        for field in fields(Figures)
    }
    return Figures(**middle)


def stages(exposition: str) -> dict[str, dict[str, float]]:
    """From ``/metrics``: how often each stage ran and its mean time in microseconds (waiting included)."""
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(exposition):
        if family.name != "hub_stage_seconds":
            continue
        for sample in family.samples:
            kind = sample.name.rpartition("_")[2]
            if kind in ("count", "sum"):
                found.setdefault(sample.labels["stage"], {})[kind] = sample.value
    return {
        name: {"count": parts["count"], "mean_us": round(parts["sum"] / parts["count"] * 1_000_000, 1)}
        for name, parts in found.items()
        if parts.get("count")
    }


def commits(exposition: str) -> int:
    """From ``/metrics``: transactions that the store has committed."""
    samples = [
        sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
        if sample.name == "hub_store_commits_total"
    ]
    return int(samples[0]) if samples else 0
