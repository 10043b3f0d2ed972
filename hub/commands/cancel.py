"""``hub cancel``: deliveries that are never to be sent."""

from __future__ import annotations

import typer

from hub.commands.acting import Kind, command_of
from hub.message import State

_KIND = Kind("cancel", (State.DEAD,), (State.DEAD, State.PENDING), "cancelled")
_HELP = """Cancel deliveries for good: they are never sent, and their lanes go on with a recorded gap.

Dead ones by default; --state pending for those that wait. What is under way is left as it is.

Examples: hub cancel 0199a0b2-5c1e-7d3f-8a90-1b2c3d4e5f60 --reason "case sealed by the court";
hub cancel --agency court --case 1448-MK-0001234 --state dead --state pending --reason "sent in error" --yes
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("cancel", help=_HELP)(command_of(_KIND))
