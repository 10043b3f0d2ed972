"""What the hub counts, as Prometheus metrics in a registry of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from hub.message import Result, State

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
STAGE_BUCKETS = (0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
DELIVERY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, 86_400.0)
TURNED_AWAY = ("busy", "store-full")
AT_REST = (State.DELIVERED, State.DEAD, State.WITHHELD)
DIRECTIONS = ("in", "out")
BREAKER_STATES = ("closed", "half-open", "open")


@dataclass(frozen=True, slots=True)
class Backlog:
    """What one agency's deliveries look like in the store at one moment."""

    pending: int = 0
    oldest_pending_s: float = 0.0
    lanes_blocked: int = 0
    dead: int = 0
    paused: int = 0


class Count(Protocol):
    """Adds to the counter with these label values."""

    def __call__(self, values: tuple[str, ...], amount: float = 1) -> None:
        """Add ``amount``; zero makes the counter appear."""


class Metrics:
    """An ``Observer`` that counts; used from the event loop, rendered from it as well.

    A labelled child is looked up once for each combination and then kept in a plain dict: an increment costs 0.7 us
    instead of 2.3. The combinations are bounded, because every label comes from a closed set (``hub.observe``).
    ``expected`` names the pairs of agency and type whose counters stand at zero from the start: a counter that
    appears only with its first event shows Prometheus no increase.
    """

    def __init__(self, expected: Iterable[tuple[str, str]] = ()) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # one series more a counter, for nobody
        self.registry = CollectorRegistry(auto_describe=True)
        self._received = _counter(self.registry, "hub_messages_received", "Messages made durable", "agency", "type")
        self._duplicates = _counter(self.registry, "hub_duplicates", "Messages that had come before", "agency", "type")
        self._refused = _counter(
            self.registry, "hub_messages_refused", "Documents or records not accepted", "agency", "type", "code"
        )
        self._dropped = _counter(
            self.registry, "hub_dropped", "Pieces of content that a mapping let fall", "agency", "type", "direction"
        )
        self._deliveries = _counter(
            self.registry, "hub_deliveries", "Deliveries that came into a final state", "agency", "type", "state"
        )
        self._attempts = _counter(
            self.registry, "hub_attempts", "Attempts to send, by result", "agency", "type", "result"
        )
        self._faults = _counter(self.registry, "hub_faults", "Failures that no message can be blamed for", "where")
        self._stages = _histogram(
            self.registry, "hub_stage_seconds", "Time that one stage of the pipeline took", STAGE_BUCKETS, "stage"
        )
        self._delivery = _histogram(
            self.registry, "hub_delivery_seconds", "From acceptance to delivery", DELIVERY_BUCKETS, "agency"
        )
        self._breakers = Gauge(
            "hub_breaker_state", "1 for the state in which the breaker is", ["agency", "state"], registry=self.registry
        )
        self._backlog = {
            "pending": _gauge(self.registry, "hub_pending", "Deliveries pending"),
            "oldest_pending_s": _gauge(self.registry, "hub_oldest_pending_seconds", "Age of the oldest pending one"),
            "lanes_blocked": _gauge(self.registry, "hub_lanes_blocked", "Lanes that a dead letter blocks"),
            "dead": _gauge(self.registry, "hub_dead", "Dead letters that wait for a person"),
            "paused": _gauge(self.registry, "hub_paused", "1 while a person holds back all or a type of what is sent"),
        }
        self.expect(expected)

    def received(self, agency: str, type: str, transport: str, message_id: str, duplicate: bool) -> None:
        """Count an acceptance; a duplicate is counted apart."""
        (self._duplicates if duplicate else self._received)((agency, type))

    def refused(self, agency: str, type: str, transport: str, code: str) -> None:
        """Count a refusal by its code."""
        self._refused((agency, type, code))

    def dropped(self, agency: str, type: str, direction: str, id: str, count: int) -> None:
        """Count what fell."""
        self._dropped((agency, type, direction), count)

    def attempted(self, agency: str, type: str, delivery_id: str, result: str, code: str, seconds: float) -> None:
        """Count an attempt by its result."""
        self._attempts((agency, type, result))

    def entered(self, agency: str, type: str, delivery_id: str, state: State, code: str) -> None:
        """Count a delivery's new state."""
        self._deliveries((agency, type, state.value))

    def delivered_after(self, agency: str, type: str, seconds: float) -> None:
        """Observe how long a delivery took from acceptance on."""
        self._delivery(agency, seconds)

    def stage(self, name: str, seconds: float) -> None:
        """Observe how long a stage took."""
        self._stages(name, seconds)

    def breaker(self, agency: str, state: str) -> None:
        """Show the one state in which an agency's breaker is."""
        for each in BREAKER_STATES:
            self._breakers.labels(agency, each).set(1 if each == state else 0)

    def faulted(self, where: str, error: BaseException) -> None:
        """Count a failure of the hub itself."""
        self._faults((where,))

    def expect(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Let the counters of these pairs of agency and type stand at zero, where they do not count yet."""
        for agency, type in pairs:
            self._received((agency, type), 0)
            for direction in DIRECTIONS:
                self._dropped((agency, type, direction), 0)
            for code in TURNED_AWAY:
                self._refused((agency, type, code), 0)
            for result in Result:
                self._attempts((agency, type, result.value), 0)
            for state in AT_REST:
                self._deliveries((agency, type, state.value), 0)

    def refresh(self, backlogs: Mapping[str, Backlog]) -> None:
        """Take over what the store says now, for every agency of the site."""
        for agency, backlog in backlogs.items():
            for name, gauge in self._backlog.items():
                gauge.labels(agency).set(getattr(backlog, name))

    def count_commits(self, read: Callable[[], float]) -> None:
        """``read`` gives the number of commits so far, whenever somebody scrapes; to be told once."""
        self.registry.register(_Commits(read))

    def render(self) -> bytes:
        """Everything, in the Prometheus text format (``CONTENT_TYPE``)."""
        return generate_latest(self.registry)


class _Commits(Collector):
    """A counter that is kept elsewhere."""

    def __init__(self, read: Callable[[], float]) -> None:
        self._read = read

    def collect(self) -> Iterable[CounterMetricFamily]:
        text = "Transactions that the store has committed since the start"
        yield CounterMetricFamily("hub_store_commits", text, value=self._read())


def _counter(registry: CollectorRegistry, name: str, text: str, *labels: str) -> Count:
    counter = Counter(name, text, list(labels), registry=registry)
    bound: dict[tuple[str, ...], Callable[[float], None]] = {}

    def count(values: tuple[str, ...], amount: float = 1) -> None:
        increment = bound.get(values)
        if increment is None:
            increment = bound[values] = counter.labels(*values).inc
        increment(amount)

    return count


def _histogram(
    registry: CollectorRegistry, name: str, text: str, buckets: tuple[float, ...], label: str
) -> Callable[[str, float], None]:
    histogram = Histogram(name, text, [label], registry=registry, buckets=buckets)
    bound: dict[str, Callable[[float], None]] = {}

    def observe(value: str, seconds: float) -> None:
        record = bound.get(value)
        if record is None:
            record = bound[value] = histogram.labels(value).observe
        record(seconds)

    return observe


def _gauge(registry: CollectorRegistry, name: str, text: str) -> Gauge:
    return Gauge(name, text, ["agency"], registry=registry)
