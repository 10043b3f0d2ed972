"""What the hub's counters say."""

from prometheus_client.parser import text_string_to_metric_families

from hub.message import State
from monitoring.metrics import Backlog, Metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(metrics.render().decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return None


def test_received_counts_by_agency_and_type() -> None:
    """Two acceptances of one pair add up; a duplicate is counted apart."""
    metrics = Metrics()
    metrics.received("court", "decision", "rest", "m1", False)
    metrics.received("court", "decision", "rest", "m2", False)
    metrics.received("court", "decision", "rest", "m2", True)
    assert value(metrics, "hub_messages_received_total", agency="court", type="decision") == 2
    assert value(metrics, "hub_duplicates_total", agency="court", type="decision") == 1


def test_refused_counts_by_code() -> None:
    """A refusal is counted under its code."""
    metrics = Metrics()
    metrics.refused("court", "decision", "soap", "malformed")
    assert value(metrics, "hub_messages_refused_total", agency="court", type="decision", code="malformed") == 1


def test_deliveries_count_by_state() -> None:
    """Delivered, dead and withheld are three counters."""
    metrics = Metrics()
    metrics.entered("court", "decision", "d1", State.DELIVERED, "")
    metrics.entered("court", "decision", "d2", State.DEAD, "gave-up")
    metrics.entered("court", "decision", "d3", State.WITHHELD, "not-granted")
    for state in ("delivered", "dead", "withheld"):
        assert value(metrics, "hub_deliveries_total", agency="court", type="decision", state=state) == 1


def test_stage_and_delivery_times_fall_into_buckets() -> None:
    """An observation counts in its own bucket and every larger one."""
    metrics = Metrics()
    metrics.stage("commit", 0.004)
    metrics.delivered_after("court", "decision", 0.02)
    assert value(metrics, "hub_stage_seconds_bucket", stage="commit", le="0.0025") == 0
    assert value(metrics, "hub_stage_seconds_bucket", stage="commit", le="0.005") == 1
    assert value(metrics, "hub_delivery_seconds_count", agency="court") == 1


def test_breaker_is_in_one_state_at_a_time() -> None:
    """When a breaker closes again, open goes back to zero."""
    metrics = Metrics()
    metrics.breaker("court", "open")
    metrics.breaker("court", "closed")
    assert value(metrics, "hub_breaker_state", agency="court", state="open") == 0
    assert value(metrics, "hub_breaker_state", agency="court", state="closed") == 1


def test_backlog_follows_the_store() -> None:
    """A refresh replaces what the gauges said before."""
    metrics = Metrics()
    metrics.refresh({"court": Backlog(pending=3, oldest_pending_s=12.5, lanes_blocked=1, dead=2)})
    metrics.refresh({"court": Backlog(pending=1, oldest_pending_s=1.5)})
    assert value(metrics, "hub_pending", agency="court") == 1
    assert value(metrics, "hub_oldest_pending_seconds", agency="court") == 1.5
    assert value(metrics, "hub_lanes_blocked", agency="court") == 0
    assert value(metrics, "hub_dead", agency="court") == 0


def test_expected_counters_stand_at_zero_before_the_first_event() -> None:
    """Prometheus sees the first refusal as an increase because it saw the zero before."""
    metrics = Metrics([("court", "decision")])
    assert value(metrics, "hub_attempts_total", agency="court", type="decision", result="refused") == 0


def test_two_hubs_in_one_process_do_not_share_counters() -> None:
    """Each has a registry of its own."""
    first, second = Metrics(), Metrics()
    first.received("court", "decision", "rest", "m1", False)
    assert value(second, "hub_messages_received_total", agency="court", type="decision") is None


def test_commits_are_read_when_somebody_scrapes() -> None:
    """The figure is that of the moment, not of the last refresh."""
    metrics, commits = Metrics(), [3]
    metrics.count_commits(lambda: commits[0])
    assert value(metrics, "hub_store_commits_total") == 3
    commits[0] = 7
    assert value(metrics, "hub_store_commits_total") == 7


def test_counters_have_no_second_series_for_their_creation() -> None:
    """Nobody looks at ``_created``, and it would double what Prometheus keeps."""
    metrics = Metrics([("court", "decision")])
    metrics.stage("commit", 0.004)
    assert "_created" not in metrics.render().decode()


def test_states_at_rest_are_counted_from_zero() -> None:
    """The first dead letter is an increase."""
    metrics = Metrics([("court", "decision")])
    for state in ("delivered", "dead", "withheld"):
        assert value(metrics, "hub_deliveries_total", agency="court", type="decision", state=state) == 0
