"""``hub pause``: nothing goes to an agency for a while."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hub.commands.acting import ReasonOption
from hub.commands.choosing import duration_s
from hub.commands.hands import hand
from hub.commands.reading import ask
from hub.commands.show import print_json, table
from hub.commands.start import DATA, SITE, STORE, DataOption, JsonOption, SiteOption, StoreOption
from hub.commands.trace import clock


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(pause)


def pause(
    agency: Annotated[str | None, typer.Argument(help="The agency; none: show the pauses that hold.")] = None,
    type: Annotated[str, typer.Option(help="Only this message type.")] = "",
    for_: Annotated[
        str | None, typer.Option("--for", help="So long: 90s, 30m, 2h, 7d. Without: until resumed.")
    ] = None,
    reason: ReasonOption = "",
    site: SiteOption = SITE,
    data: DataOption = DATA,
    store: StoreOption = STORE,
    as_json: JsonOption = False,
) -> None:
    """Send nothing to an agency until its time is over or hub resume; what comes for it is accepted and waits.

    What is under way ends. Kept in the store: it holds for every process and after a restart.

    Examples: hub pause; hub pause court --for 2h --reason "they migrate"; hub pause court --type case-status
    --reason "codes are wrong"
    """
    if agency is None:
        _show(store, data, as_json)
        return
    asked = {"agency": agency, "type": type, "forSeconds": None if for_ is None else duration_s(for_)}
    with hand(store, data, site, reason) as act:
        told = act("/pause", asked)
    until = f"until {clock(told['until'])}" if told["until"] else "until hub resume"
    print_json(told) if as_json else typer.echo(f"{agency} {type + ' ' if type else ''}is paused {until}")


def _show(store: str, data: DataOption, as_json: bool) -> None:
    pauses = ask(store, data, lambda queries: queries.pauses())
    if as_json:
        print_json([asdict(each) for each in pauses])
        return
    rows = [
        (each.agency, each.type or "all", clock(each.until) if each.until else "resumed", each.act.who, each.act.why)
        for each in pauses
    ]
    typer.echo(table(("agency", "type", "until", "by", "reason"), rows) if rows else "nothing is paused")
