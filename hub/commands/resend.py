"""``hub resend``: dead letters go out again, with the same bytes and the same id."""

from __future__ import annotations

import asyncio
import getpass
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.asking import ask_hub
from hub.commands.reading import ask
from hub.commands.show import print_json
from hub.commands.start import DATA, STORE, DataOption, JsonOption, StoreOption, Usage
from hub.message import Json, State
from hub.pipeline import entries
from hub.store.open import open_store

MOST = 10_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(resend)


def resend(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of dead deliveries.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All dead deliveries (of --agency).")] = False,
    agency: Annotated[str | None, typer.Option(help="With --all: only those to this agency.")] = None,
    why: Annotated[str, typer.Option(help="The reason, for the ledger.")] = "",
    data: DataOption = DATA,
    store: StoreOption = STORE,
    as_json: JsonOption = False,
) -> None:
    """Make dead deliveries pending again. They keep their id and their bytes; the ledger notes who and why.

    While a hub runs it is asked over its socket in DATA; else the store is changed directly, and the next hub sends.
    Exits 1 where a delivery is not dead.

    Examples: hub resend 0199a0b2-5c1e-7d3f-8a90-1b2c3d4e5f60 --why "service repaired"; hub resend --all --agency court
    """
    if bool(ids) == every:
        raise Usage("give ids, or --all")
    chosen = list(ids or ()) or _dead(store, data, agency)
    told = ask_hub(data, "/resend", {"ids": chosen}, why) or asyncio.run(_change(store, data, chosen, why))
    if as_json:
        print_json(told)
    else:
        typer.echo(f"{len(told['done'])} pending again")
        for id, why_not in told["left"].items():
            typer.echo(f"{id} was left: {why_not}", err=True)
    raise typer.Exit(1 if told["left"] else 0)


def _dead(store: str, data: Path, agency: str | None) -> list[str]:
    page = ask(store, data, lambda queries: queries.deliveries(State.DEAD, agency, None, MOST))
    return [each.id for each in page.deliveries]


async def _change(store: str, data: Path, ids: Sequence[str], why: str) -> Json:
    """Change the store here; opening it fails where a hub has it (SQLite)."""
    opened = open_store(store, data)
    try:
        now = time.time()
        acted = await opened.resend(ids, entries.act("resend", getpass.getuser(), "os-user", why, now))
    finally:
        await opened.close()
    return {"done": dict(acted.done), "left": dict(acted.left)}
