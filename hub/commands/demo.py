"""``hub demo``: the hub with simulated partner agencies on loopback."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hub.commands.start import SITE, SiteOption, Usage
from hub.demo.screen import Screen
from hub.demo.stage import perform


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    stay: Annotated[bool, typer.Option("--stay", help="Keep everything running; print curl commands to try.")] = False,
    site: SiteOption = SITE,
    data: Annotated[Path, typer.Option("--data", help="Folder for the demo's store; cleared first.")] = Path(
        "data/demo"
    ),
    port: Annotated[int, typer.Option(help="Port of the hub; 0 takes a free one.")] = 0,
) -> None:
    """Play a day of cases through a real hub: partners that are down, bad input, a refused disclosure.

    Every agency is a real server (or folder) on loopback, driven by its simulator.yaml. Ends by itself within a minute.
    Exits 1 where something did not happen as the site's files say it should.

    Examples: hub demo; hub demo --stay --port 8080
    """
    try:
        surprises = asyncio.run(perform(site, data, port, Screen(Console()), stay=stay))
    except FileExistsError as error:
        raise Usage(str(error)) from None
    raise typer.Exit(1 if surprises else 0)
