"""How the benchmark's notes become figures."""

from __future__ import annotations

from hub.bench.figures import Load, Window, figures, median, stages
from hub.bench.record import NEVER, percentile
from hub.bench.usage import Usage

WINDOW = Window(Usage(1.0, 100.0, 10.0), Usage(2.0, 120.0, 20.0), Usage(2.5, 121.0, 21.0))
NOTHING = Load([], 0)


def test_rates_count_what_fell_into_the_measured_time() -> None:
    """Two of three receipts, and one of three arrivals, are inside the ten seconds."""
    full = Load([(1, 8, 9), (2, 11, 12), (3, 18, 19)], 0)
    found = figures(0.5, WINDOW, full, NOTHING, {1: 9.5, 2: 13.0, 3: 20.5})
    assert found.accepted_per_s == 0.2
    assert found.delivered_per_s == 0.1


def test_cpu_is_shared_by_what_was_handled_until_everything_had_arrived() -> None:
    """A backlog that is delivered after the measured time is paid for as well."""
    found = figures(0.5, WINDOW, Load([(1, 11, 12), (2, 11, 12)], 0), NOTHING, {1: 13.0, 2: 20.5})
    assert found.hub_cpu_us_per_message == 750_000.0


def test_a_receipt_whose_message_never_arrived_is_lost() -> None:
    """Refused messages are not."""
    full = Load([(1, 11, 12), (2, 11, 12), (3, 11, NEVER)], 4)
    found = figures(0.5, WINDOW, full, NOTHING, {1: 13.0})
    assert (found.sent, found.distinct_at_sink, found.lost, found.turned_away) == (2, 1, 1, 4)


def test_a_message_at_the_sink_that_nobody_was_given_a_receipt_for_does_not_hide_a_loss() -> None:
    """Counts alone would agree here."""
    found = figures(0.5, WINDOW, Load([(1, 11, 12), (3, 11, NEVER)], 0), NOTHING, {3: 13.0})
    assert found.lost == 1


def test_latencies_count_from_the_moment_a_message_was_due() -> None:
    """A generator that falls behind does not make the hub look quick."""
    paced = Load([(7, 30.0, 30.004)], 0)
    found = figures(0.5, WINDOW, NOTHING, paced, {7: 30.010})
    assert found.accept_p50_ms == 4.0
    assert found.accept_to_sink_p99_ms == 10.0


def test_median_adds_up_counts_and_takes_the_middle_of_the_rest() -> None:
    """A loss in any run shows in the result."""
    runs = [
        figures(ready, WINDOW, Load([(1, 11, 12)], 0), NOTHING, arrivals)
        for ready, arrivals in ((1.0, {1: 13.0}), (3.0, {}), (2.0, {1: 13.0}))
    ]
    found = median(runs)
    assert (found.ready_s, found.sent, found.lost) == (2.0, 3, 1)


def test_percentile_of_nothing_is_zero_and_of_one_is_itself() -> None:
    """The edges."""
    assert percentile([], 0.99) == 0.0
    assert percentile([5.0], 0.5) == 5.0
    assert percentile([float(value) for value in range(1, 101)], 0.99) == 100.0


def test_stages_are_read_from_the_exposition() -> None:
    """The mean of each stage in microseconds."""
    text = (
        "# TYPE hub_stage_seconds histogram\n"
        'hub_stage_seconds_bucket{stage="send",le="+Inf"} 4\n'
        'hub_stage_seconds_sum{stage="send"} 0.002\n'
        'hub_stage_seconds_count{stage="send"} 4\n'
    )
    assert stages(text) == {"send": {"count": 4.0, "mean_us": 500.0}}
