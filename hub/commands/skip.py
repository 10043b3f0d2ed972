"""``hub skip``: dead letters that their lanes no longer wait for."""

from __future__ import annotations

import typer

from hub.commands.acting import Kind, command_of
from hub.message import State

_KIND = Kind("skip", (State.DEAD,), (State.DEAD,), "skipped")
_HELP = """Let lanes go on past dead deliveries, with a recorded gap; the dead letters stay and can be resent later.

One that waits for its time can be skipped by its id: it becomes a dead letter.

Examples: hub skip 0199a0b2-5c1e-7d3f-8a90-1b2c3d4e5f60 --reason "the partner looks into it";
hub skip --agency court --older-than 1d --reason "newer events may go" --yes
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("skip", help=_HELP)(command_of(_KIND))
