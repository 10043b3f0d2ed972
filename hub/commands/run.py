"""``hub run``: one hub process, until it is told to end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from hub.settings import Settings
from hub.wiring import run_hub


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(run)


def run(
    site: Annotated[Path | None, typer.Option("--site", help="Site folder (HUB_SITE; default: here).")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder (HUB_DATA; default: ./data).")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (HUB_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (HUB_PORT; default 8080).")] = None,
    store: Annotated[str | None, typer.Option(help="sqlite, or postgresql://... (HUB_STORE).")] = None,
    queue: Annotated[str | None, typer.Option(help="memory://, or amqp://... (HUB_QUEUE).")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error (HUB_LOG_LEVEL).")] = None,
) -> None:
    """Run the hub: intake over REST, SOAP and folders, delivery, metrics. Ends on SIGTERM or Ctrl-C.

    Every option is also an environment variable (in brackets); there are more settings as HUB_* (hub/settings.py).
    Endpoints and secrets of this deployment stand in DATA/environment.yaml.

    Examples: hub run; HUB_PORT=9000 hub run --site tests/sites/nibrs --data /var/lib/hub
    """
    given: dict[str, Any] = {
        "site": site, "data": data, "host": host, "port": port, "store": store, "queue": queue, "log_level": log_level,
    }  # fmt: skip
    uvloop.run(run_hub(Settings(**{name: value for name, value in given.items() if value is not None})))
