"""``hub ledger verify``: has anything in the ledger been changed, taken out or put in?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.show import print_json
from hub.commands.start import DATA, STORE, DataOption, JsonOption, StoreOption, Usage
from hub.store.audit import Verdict, verify_store


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.callback()(ledger)
    app.command()(verify)


def ledger() -> None:
    """The ledger of acceptances, disclosures, refusals and changes.

    Example: hub ledger verify --data data
    """


def verify(
    public_key: Annotated[
        Path | None, typer.Option(help="The ledger's public key, kept elsewhere; default: DATA/ledger.pub.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint kept elsewhere (a copy of DATA/ledger.checkpoint).")
    ] = None,
    data: DataOption = DATA,
    store: StoreOption = STORE,
    as_json: JsonOption = False,
) -> None:
    """Verify every entry against the signed tree; works while a hub runs, and needs no secret.

    A public key and checkpoints that were kept elsewhere prove more than those beside the store: only they show that
    the end of the ledger was cut off. Exits 1 at the first fault.

    Examples: hub ledger verify; hub ledger verify --public-key /safe/ledger.pub --checkpoint /safe/june.checkpoint
    """
    try:
        public = public_key.read_text(encoding="utf-8") if public_key else None
        notes = [path.read_text(encoding="utf-8") for path in checkpoint or ()]
        verdict = verify_store(store, data, public, notes)
    except OSError as error:
        raise Usage(f"{error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise Usage(f"the public key cannot be read: {error}") from None
    if as_json:
        print_json({"ok": verdict.fault is None, **asdict(verdict)})
    else:
        typer.echo(_words(verdict))
    raise typer.Exit(0 if verdict.fault is None else 1)


def _words(verdict: Verdict) -> str:
    if verdict.fault is not None:
        return f"FAULT at {verdict.fault.index}: {verdict.fault.why} ({verdict.entries} entries before it are sound)"
    waiting = f", {verdict.waiting} not yet in the tree" if verdict.waiting else ""
    return f"ok: {verdict.entries} entries are sound, {verdict.checkpoints} signed checkpoints agree{waiting}"
