"""What the demo shows while it runs: a line for each thing that happens, and on a terminal a table that follows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Tally:
    """How one agency stands: what it sent and was refused; what for it is delivered, waiting, dead, withheld."""

    agency: str
    sent: int = 0
    refused: int = 0
    delivered: int = 0
    pending: int = 0
    dead: int = 0
    withheld: int = 0


class Screen:
    """Lines on a terminal (with colours and a live table), or plain lines where output goes elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._live: Live | None = None

    def begin(self) -> None:
        """From now on a table stands below the lines (terminals only)."""
        if self.console.is_terminal:
            self._live = Live(console=self.console, refresh_per_second=5, transient=True)
            self._live.start()

    def end(self) -> None:
        """Take the table away; may be called twice."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def heading(self, text: str) -> None:
        """A line that begins a part."""
        self.console.print()
        self.console.print(Text(text, style="bold"), soft_wrap=True)

    def scene(self, clock: str, agency: str, text: str) -> None:
        """Something that an agency does."""
        line = Text.assemble((f"{clock}  ", "bold"), (f"{agency}: ", "cyan"), text)
        self.console.print(line, soft_wrap=True)

    def told(self, good: bool, outcome: str, detail: str) -> None:
        """What the hub answered to it."""
        style = "green" if good else "yellow"
        self.console.print(Text.assemble("       hub answers ", (outcome, style), f"  {detail}"), soft_wrap=True)

    def arrived(self, agency: str, what: str, size: int, status: int) -> None:
        """A request or a file that reached a partner."""
        style = "green" if status < 300 else "red"
        line = Text.assemble("       → ", (agency, "cyan"), f"  {what}  {size} bytes  ", (str(status), style))
        self.console.print(line, soft_wrap=True)

    def withheld(self, agency: str, reason: str, rule: str) -> None:
        """An agency that a message does not go to although it was named, or although a grant is there."""
        line = Text.assemble("       not for ", (agency, "cyan"), f": {reason} ({rule})")
        line.stylize("yellow")
        self.console.print(line, soft_wrap=True)

    def waiting(self, agency: str, count: int) -> None:
        """A partner that cannot be reached."""
        text = f"       {agency} cannot be reached: {count} deliveries wait, the hub probes and tries again"
        self.console.print(Text(text, style="red"), soft_wrap=True)

    def wrong(self, text: str) -> None:
        """Something that the demo did not expect."""
        self.console.print(Text(f"       unexpected: {text}", style="bold red"), soft_wrap=True)

    def text(self, text: str) -> None:
        """A plain line."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def follow(self, tallies: Sequence[Tally]) -> None:
        """Bring the live table up to date."""
        if self._live is not None:
            self._live.update(tally_table(tallies))


def tally_table(tallies: Sequence[Tally]) -> Table:
    """One row an agency."""
    table = Table(title="sent by and delivered to", title_justify="left", box=None, pad_edge=False)
    table.add_column("agency", style="cyan", no_wrap=True)
    for name in ("sent", "refused", "delivered", "waiting", "dead", "withheld"):
        table.add_column(name, justify="right")
    for tally in tallies:
        counts = (tally.sent, tally.refused, tally.delivered, tally.pending, tally.dead, tally.withheld)
        table.add_row(tally.agency, *(str(count or "-") for count in counts))
    return table


def tallies_of(agencies: Sequence[str], counts: Mapping[tuple[str, str], int]) -> list[Tally]:
    """Tallies from counts by (agency, name of the count)."""
    names = ("sent", "refused", "delivered", "pending", "dead", "withheld")
    return [Tally(agency, *(counts.get((agency, name), 0) for name in names)) for agency in agencies]
