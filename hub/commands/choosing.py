"""Options by which deliveries are chosen, the same for every command."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated

import typer

from hub.commands.show import table
from hub.commands.start import Usage
from hub.message import State
from hub.store.choice import Choice
from hub.store.views import CountView

StatesOption = Annotated[list[State] | None, typer.Option("--state", help="Only in this state; may be repeated.")]
AgencyOption = Annotated[str | None, typer.Option(help="Only to this agency.")]
TypeOption = Annotated[str | None, typer.Option(help="Only of this message type.")]
CodeOption = Annotated[str | None, typer.Option(help="Only with this reason or last error, as partner-refused.")]
ErrorOption = Annotated[str | None, typer.Option(help="Only with this in the text of the last error.")]
CaseOption = Annotated[str | None, typer.Option(help="Only of the case with this number, ours or a partner's.")]
LaneOption = Annotated[str | None, typer.Option("--lane", metavar="ID", help="Only of this delivery's lane.")]
OlderOption = Annotated[str | None, typer.Option("--older-than", help="Accepted longer ago: 90s, 30m, 2h, 7d.")]
YoungerOption = Annotated[str | None, typer.Option("--younger-than", help="Accepted since then: 90s, 30m, 2h, 7d.")]

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def duration_s(written: str) -> float:
    """``90s``, ``30m``, ``2h``, ``7d`` in seconds; raises ``Usage``."""
    number, unit = written[:-1], written[-1:]
    try:
        return float(number) * _UNITS[unit]
    except (KeyError, ValueError):
        raise Usage(f"{written!r} is no time: write 90s, 30m, 2h or 7d") from None


def choice_of(
    states: Sequence[State] | None,
    agency: str | None,
    type: str | None,
    code: str | None,
    error: str | None,
    case: str | None,
    lane: str | None,
    older: str | None,
    younger: str | None,
) -> Choice:
    """The options as one choice."""
    now = time.time()
    before = None if older is None else now - duration_s(older)
    after = None if younger is None else now - duration_s(younger)
    return Choice(tuple(states or ()), agency, type, code, error, case, lane, before, after)


def count_table(counts: Sequence[CountView]) -> str:
    """Counts by agency, state and reason, and how old they are."""
    heads = ("agency", "state", "reason", "count", "lanes", "<1h", "<1d", "<7d", "older", "oldest", "perhaps sent")
    now = time.time()
    rows = [
        (each.agency, each.state.value, each.reason or "-", str(each.count), str(each.lanes), *map(str, each.ages),
         ago(now - each.oldest_at), str(each.perhaps_sent))
        for each in counts
    ]  # fmt: skip
    return table(heads, rows) if rows else "none"


def ago(seconds: float) -> str:
    """A length of time in its largest unit."""
    for unit, size in (("d", 86_400.0), ("h", 3600.0), ("m", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.0f}{unit}"
    return f"{max(0.0, seconds):.0f}s"
