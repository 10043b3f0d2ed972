"""``hub reprocess``: deliveries are made anew by today's mapping and rules."""

from __future__ import annotations

import typer

from hub.commands.acting import Kind, command_of
from hub.message import State

_KIND = Kind("reprocess", (State.DEAD,), (State.DEAD, State.PENDING), "made anew")
_HELP = """Make deliveries anew from the stored document, by today's mapping and rules.

For when our mapping, contract or rule was wrong and is mended (hub reload first). Each gets a new id that relates to
the old one, in its place of the lane; the old one is superseded, nothing of it is overwritten, other receivers are not
touched. What today's site refuses stays as it is, with that reason. --lane takes what waits along.
--dry-run reads all of it by today's site and changes nothing.

Examples: hub reprocess --lane 0199a0b2-5c1e-7d3f-8a90-1b2c3d4e5f60 --reason "codes mended" --yes;
hub reprocess --agency court --code output-invalid --dry-run;
hub reprocess --agency court --state dead --state pending --limit 1 --reason "one to try" --yes
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reprocess", help=_HELP)(command_of(_KIND))
