"""``hub resume``: the end of a pause."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.commands.acting import ReasonOption
from hub.commands.hands import hand
from hub.commands.show import print_json
from hub.commands.start import DATA, SITE, STORE, DataOption, JsonOption, SiteOption, StoreOption


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(resume)


def resume(
    agency: Annotated[str, typer.Argument(help="The agency.")],
    type: Annotated[str, typer.Option(help="The type, where the pause was of one.")] = "",
    reason: ReasonOption = "",
    site: SiteOption = SITE,
    data: DataOption = DATA,
    store: StoreOption = STORE,
    as_json: JsonOption = False,
) -> None:
    """End a pause, named as it was made (hub pause lists them). Exits 1 where there is none.

    Examples: hub resume court --reason "they are back"; hub resume court --type case-status --reason "codes mended"
    """
    with hand(store, data, site, reason) as act:
        told = act("/resume", {"agency": agency, "type": type})
    if as_json:
        print_json(told)
    else:
        name = f"{agency} {type}".strip()
        typer.echo(f"{name} goes on" if told["resumed"] else f"{name} is not paused (hub pause lists what is)")
    raise typer.Exit(0 if told["resumed"] else 1)
