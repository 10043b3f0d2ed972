"""``hub deliveries``: what is under way, stuck, withheld or done."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hub.commands.reading import ask
from hub.commands.show import print_json, table
from hub.commands.start import DATA, STORE, DataOption, JsonOption, StoreOption
from hub.commands.trace import clock, reason_of
from hub.message import State


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(deliveries)


def deliveries(
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    agency: Annotated[str | None, typer.Option(help="Only those to this agency.")] = None,
    type: Annotated[str | None, typer.Option(help="Only those of this message type.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most, oldest first.")] = 100,
    cursor: Annotated[int | None, typer.Option(help="Those after the cursor that the last call printed.")] = None,
    data: DataOption = DATA,
    store: StoreOption = STORE,
    as_json: JsonOption = False,
) -> None:
    """List deliveries with their state and its reason.

    Examples: hub deliveries --state dead; hub deliveries --state pending --agency court --json
    """
    page = ask(store, data, lambda queries: queries.deliveries(state, agency, type, limit, cursor))
    if as_json:
        print_json({"deliveries": [asdict(each) for each in page.deliveries], "cursor": page.cursor})
        return
    rows = [
        (each.id, each.agency, each.type, each.subject, clock(each.changed_at), f"{each.state.value}{reason_of(each)}")
        for each in page.deliveries
    ]
    typer.echo(table(("delivery", "agency", "type", "subject", "since", "state"), rows) if rows else "none")
    if page.cursor is not None:
        typer.echo(f"more: --cursor {page.cursor}", err=True)
