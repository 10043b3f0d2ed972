"""``hub run``: one hub process with both roles, until it is told to end."""

from __future__ import annotations

import typer

from hub.commands.process import register_process
from hub.wiring.hub import BOTH

HELP = """Run the hub: intake over REST, SOAP and folders, delivery, metrics. Ends on SIGTERM or Ctrl-C.

Every option is also an environment variable (in brackets); there are more settings as HUB_* (hub/settings.py).
Endpoints and secrets of this deployment stand in DATA/environment.yaml.

Examples: hub run; HUB_PORT=9000 hub run --site tests/sites/nibrs --data /var/lib/hub
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    register_process(app, HELP, BOTH)
