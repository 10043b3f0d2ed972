"""One message side by side: as it was sent, canonical, and as each agency got it, with what each was not shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from xml.dom import minidom
from xml.parsers.expat import ExpatError

from rich.columns import Columns
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from hub.demo.director import Shown
from hub.store.query import Queries
from hub.store.views import DeliveryView

NARROW = 110
LINES = 46


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
        View(f"as {shown.agency} sent it", pretty(shown.document), ()),
        View("canonical: what the hub keeps", pretty(canonical), ()),
    ]
    return views + [await _received(queries, delivery) for delivery in message.deliveries]


async def _received(queries: Queries, delivery: DeliveryView) -> View:
    parcel, fields = await queries.parcel(delivery.id), await queries.fields(delivery.id)
    if parcel is None:
        reason = f"{delivery.state.value}: {delivery.reason} ({delivery.rule})"
        return View(f"{delivery.agency} got nothing", reason, ())
    by_rule: dict[str, list[str]] = {}
    for path, rule in (fields.withheld if fields else {}).items():
        by_rule.setdefault(rule, []).append(path)
    hidden = tuple(f"{rule}: {', '.join(paths)}" for rule, paths in by_rule.items())
    return View(f"as {delivery.agency} got it ({delivery.state.value})", pretty(parcel.body), hidden)


def pretty(document: bytes) -> str:
    """JSON or XML indented; anything else as text."""
    text = document.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        pass
    try:
        # The hub's own valid output, or what it has accepted: it holds no document type declaration.
        whole = minidom.parseString(text.encode()).toprettyxml(indent="  ")
        return "\n".join(line for line in whole.splitlines()[1:] if line.strip())
    except ExpatError:
        return text


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
