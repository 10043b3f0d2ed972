"""``hub resend``: dead letters go out again, with the same bytes and the same id."""

from __future__ import annotations

import typer

from hub.commands.acting import Kind, command_of
from hub.message import State

_KIND = Kind("resend", (State.DEAD,), (State.DEAD,), "pending again")
_HELP = """Send dead deliveries again: same id, same bytes (one that waits for its time goes now).

For when the partner is mended. Where our mapping or rules were wrong: hub reprocess. While a hub runs on DATA it is
asked over its socket; else the store is changed here. Many at once are counted first, by agency and age, and confirmed.
Exits 1 where a delivery was left as it is. Run again after a stop, it goes on with the rest.

Examples: hub resend 0199a0b2-5c1e-7d3f-8a90-1b2c3d4e5f60 --reason "service repaired";
hub resend --agency court --code gave-up --per-second 5 --reason "back again" --yes
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("resend", help=_HELP)(command_of(_KIND))
