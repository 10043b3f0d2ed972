"""What the running hub says of itself at ``/metrics``, as counts by agency."""

from __future__ import annotations

from collections import Counter

from prometheus_client.parser import text_string_to_metric_families

_STATES = frozenset({"delivered", "dead", "withheld"})


def counts_of(exposition: str) -> Counter[tuple[str, str]]:
    """Counts by (agency, what): sent, refused, delivered, dead, withheld, pending, open (its breaker)."""
    counts: Counter[tuple[str, str]] = Counter()
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            agency = sample.labels.get("agency", "")
            if sample.name == "hub_messages_received_total":
                counts[agency, "sent"] += int(sample.value)
            elif sample.name == "hub_messages_refused_total":
                counts[agency, "refused"] += int(sample.value)
            elif sample.name == "hub_deliveries_total" and sample.labels["state"] in _STATES:
                counts[agency, sample.labels["state"]] += int(sample.value)
            elif sample.name == "hub_breaker_state" and sample.labels["state"] == "open":
                counts[agency, "open"] = int(sample.value)
            elif sample.name == "hub_pending":
                counts[agency, "pending"] = int(sample.value)
    return counts
