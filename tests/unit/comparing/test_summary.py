"""Counting differences: exact in number, bounded in memory, silent about content unless asked."""

from __future__ import annotations

import tracemalloc

from hub.comparing.compare import Difference
from hub.comparing.summary import MOST_KINDS, Summary

CHANGED = Difference("field", "", "name", "changed", "name", "Sara", "Nora")


def test_a_message_counts_once_however_often_a_path_differs_in_it() -> None:
    """Two persons with a changed name are one message."""
    summary = Summary(5)
    summary.add("police", "report", "m1", [CHANGED, CHANGED])
    summary.add("police", "report", "m2", [])
    assert (summary.messages, summary.different) == (2, 1)
    (group,) = summary.as_json(values=False)["groups"]
    (found,) = group["differences"]
    assert (found["messages"], len(found["examples"])) == (1, 1)


def test_values_are_told_only_when_asked() -> None:
    """A path is no personal data, what stands there may be."""
    summary = Summary(1)
    summary.add("police", "report", "m1", [CHANGED])
    assert "Sara" not in str(summary.as_json(values=False))
    assert "Sara" in str(summary.as_json(values=True))


def test_memory_does_not_grow_with_messages() -> None:
    """Fifty thousand messages that all differ cost no more than a thousand."""
    summary = Summary(3)

    def add(first: int, last: int) -> int:
        for number in range(first, last):
            summary.add("police", "report", f"m{number}", [Difference("field", "", "a", "changed", "a", number, 0)])
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        early = add(0, 1_000)
        late = add(1_000, 50_000)
    finally:
        tracemalloc.stop()
    assert late - early < 20_000
    assert summary.different == 50_000


def test_kinds_of_differences_are_bounded() -> None:
    """Paths of unforeseen content come from senders: what is beyond the bound is only counted."""
    summary = Summary(1)
    for number in range(MOST_KINDS + 7):
        summary.add("police", "report", f"m{number}", [Difference("field", "", f"x{number}", "added")])
    (group,) = summary.groups.values()
    assert (len(group.kinds), group.unlisted, group.different) == (MOST_KINDS, 7, MOST_KINDS + 7)
