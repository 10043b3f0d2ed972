"""One message side by side: as it was sent, canonical, and as each agency got it, with what each was not shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.columns import Columns
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from hub.access.explain import withheld_by_rule
from hub.demo.director import Shown
from hub.demo.documents import readable
from hub.store.query import Queries
from hub.store.views import DeliveryView

NARROW = 110
LINES = 70
PLAIN_WIDTH = 120


@dataclass(frozen=True, slots=True)
class View:
    """One way in which the message stood somewhere; ``hidden`` tells by which rule what was kept back."""

    title: str
    document: bytes
    hidden: tuple[str, ...]


async def views_of(queries: Queries, shown: Shown) -> list[View]:
    """As sent, canonical, then a view for each agency that it was for, from the store and the ledger."""
    message = await queries.message(shown.message)
    canonical = await queries.canonical(shown.message)
    if message is None or canonical is None:
        return []
    views = [
        View(f"as {shown.agency} sent it", shown.document, ()),
        View("canonical: what the hub keeps", canonical, ()),
    ]
    return views + [await _received(queries, delivery) for delivery in message.deliveries]


async def _received(queries: Queries, delivery: DeliveryView) -> View:
    parcel, fields = await queries.parcel(delivery.id), await queries.fields(delivery.id)
    if parcel is None:
        reason = f"{delivery.state.value}: {delivery.reason} ({delivery.rule})"
        return View(f"{delivery.agency} got nothing", reason.encode(), ())
    by_rule = withheld_by_rule(fields.withheld, fields.disclosed) if fields else {}
    hidden = tuple(f"{rule}: {', '.join(paths)}" for rule, paths in by_rule.items())
    return View(f"as {delivery.agency} got it ({delivery.state.value})", parcel.body, hidden)


def show(console: Console, views: Sequence[View], whole: bool) -> None:
    """Panels beside each other on a wide terminal, else below each other; long documents are cut unless ``whole``."""
    if not console.is_terminal or console.width < NARROW:
        for view in views:
            console.print(Text(f"\n--- {view.title} ", style="bold"), soft_wrap=True)
            console.print(_laid_out(view.document, PLAIN_WIDTH, whole), markup=False, highlight=False, soft_wrap=True)
            for line in view.hidden:
                console.print(Text(f"not shown by {line}", style="yellow"), soft_wrap=True)
        return
    width = (console.width - 2) // 2
    console.print(Columns([_panel(view, width, whole) for view in views], padding=(0, 1)))


def _panel(view: View, width: int, whole: bool) -> Panel:
    hidden = [Text(f"\nnot shown by {line}", style="yellow") for line in view.hidden]
    return Panel(
        Text.assemble(_laid_out(view.document, width - 4, whole), *hidden),
        title=view.title,
        width=width,
        title_align="left",
    )


def _laid_out(document: bytes, width: int, whole: bool) -> str:
    lines = readable(document, width).splitlines()
    if whole or len(lines) <= LINES:
        return "\n".join(lines)
    return "\n".join([*lines[:LINES], f"... ({len(lines) - LINES} more lines)"])
