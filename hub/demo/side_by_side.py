"""One message side by side: as it was sent, canonical, and as each agency got it, with what each was not shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.columns import Columns
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from hub.demo.director import Shown
from hub.demo.documents import readable
from hub.store.query import Queries
from hub.store.views import DeliveryView

NARROW = 110
LINES = 60


@dataclass(frozen=True, slots=True)
class View:
    """One way in which the message stood somewhere; ``hidden`` tells by which rule what was kept back."""

    title: str
    document: str
    hidden: tuple[str, ...]


async def views_of(queries: Queries, shown: Shown) -> list[View]:
    """As sent, canonical, then a view for each agency that it was for, from the store and the ledger."""
    message = await queries.message(shown.message)
    canonical = await queries.canonical(shown.message)
    if message is None or canonical is None:
        return []
    views = [
        View(f"as {shown.agency} sent it", readable(shown.document), ()),
        View("canonical: what the hub keeps", readable(canonical), ()),
    ]
    return views + [await _received(queries, delivery) for delivery in message.deliveries]


async def _received(queries: Queries, delivery: DeliveryView) -> View:
    parcel, fields = await queries.parcel(delivery.id), await queries.fields(delivery.id)
    if parcel is None:
        reason = f"{delivery.state.value}: {delivery.reason} ({delivery.rule})"
        return View(f"{delivery.agency} got nothing", reason, ())
    hidden = hidden_by(fields.withheld, fields.disclosed) if fields else ()
    return View(f"as {delivery.agency} got it ({delivery.state.value})", readable(parcel.body), hidden)


def hidden_by(withheld: Mapping[str, str], disclosed: Sequence[str]) -> tuple[str, ...]:
    """A line a rule; where nothing of a part was shown, the part stands for its fields."""
    by_rule: dict[str, dict[str, None]] = {}
    for path, rule in withheld.items():
        by_rule.setdefault(rule, {})[_part(path, disclosed)] = None
    return tuple(f"{rule}: {', '.join(paths)}" for rule, paths in by_rule.items())


def _part(path: str, disclosed: Sequence[str]) -> str:
    """The largest part around a field of which nothing was disclosed."""
    steps = path.split(".")
    for length in range(1, len(steps)):
        part = ".".join(steps[:length])
        if not any(shown == part or shown.startswith(part + ".") for shown in disclosed):
            return part
    return path


def show(console: Console, views: Sequence[View], whole: bool) -> None:
    """Panels beside each other on a wide terminal, else below each other; long documents are cut unless ``whole``."""
    if not console.is_terminal or console.width < NARROW:
        for view in views:
            console.print(Text(f"\n--- {view.title} ", style="bold"), soft_wrap=True)
            console.print(_cut(view.document, whole), markup=False, highlight=False, soft_wrap=True)
            for line in view.hidden:
                console.print(Text(f"not shown by {line}", style="yellow"), soft_wrap=True)
        return
    width = (console.width - 2) // 2
    console.print(Columns([_panel(view, width, whole) for view in views], padding=(0, 1)))


def _panel(view: View, width: int, whole: bool) -> Panel:
    hidden = [Text(f"\nnot shown by {line}", style="yellow") for line in view.hidden]
    return Panel(Text.assemble(_cut(view.document, whole), *hidden), title=view.title, width=width, title_align="left")


def _cut(document: str, whole: bool) -> str:
    lines = document.splitlines()
    if whole or len(lines) <= LINES:
        return document
    return "\n".join([*lines[:LINES], f"... ({len(lines) - LINES} more lines)"])
