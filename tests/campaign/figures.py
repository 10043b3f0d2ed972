"""Figures of a run beside its verdict: how soon a hub flows again after a process is back."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from tests.campaign.history import History

FLOWS_WITHIN_S = 5.0


def figures_of(history: History) -> dict[str, int]:
    """Milliseconds from a process's start to its readiness, and from there to the next receipt and the next arrival.

    Lives that the next fault ended before anything flowed count only where they were longer than ``FLOWS_WITHIN_S``.
    """
    receipts = sorted(one.ended for one in history.operations if one.outcome == "ok")
    arrivals = sorted(one.at for one in history.arrivals)
    strikes = sorted(strike.at for strike in history.strikes)
    figures = _spread("start_to_ready_ms", [start.after_s for start in history.starts])
    for name, moments in (("ready_to_receipt_ms", receipts), ("ready_to_arrival_ms", arrivals)):
        waits = [wait for start in history.starts if (wait := _wait(start.at, moments, strikes)) is not None]
        figures |= _spread(name, waits)
    return figures


def _wait(since: float, moments: list[float], strikes: list[float]) -> float | None:
    """Seconds until the next of ``moments``; None where a fault came first, and soon."""
    ends = next(iter(strikes[bisect_right(strikes, since) :][:1]), float("inf"))
    found = next(iter(moments[bisect_left(moments, since) :][:1]), None)
    if found is not None and found <= ends:
        return found - since
    last = moments[-1] if moments else since
    over = min(ends, last) - since
    return over if over > FLOWS_WITHIN_S else None


def _spread(name: str, seconds: list[float]) -> dict[str, int]:
    """Median and longest."""
    if not seconds:
        return {}
    ordered = sorted(seconds)
    return {f"{name}_median": round(ordered[len(ordered) // 2] * 1000), f"{name}_longest": round(ordered[-1] * 1000)}
