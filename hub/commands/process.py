"""What the commands that run a hub share: one set of options, and which of a hub's roles the process has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from hub.commands.start import Usage
from hub.settings import Settings
from hub.wiring.hub import BOTH, Role
from hub.wiring.process import run_hub


def register_process(app: typer.Typer, help: str, roles: frozenset[Role]) -> None:
    """Add a command that is one hub process with these roles; it needs shared services unless it has all of them."""

    def process(
        site: Annotated[Path | None, typer.Option("--site", help="Site folder (HUB_SITE; default: here).")] = None,
        data: Annotated[Path | None, typer.Option("--data", help="Data folder (HUB_DATA; default: ./data).")] = None,
        host: Annotated[str | None, typer.Option(help="Address to listen on (HUB_HOST).")] = None,
        port: Annotated[int | None, typer.Option(help="Port to listen on (HUB_PORT; default 8080).")] = None,
        store: Annotated[str | None, typer.Option(help="sqlite, or postgresql://... (HUB_STORE).")] = None,
        queue: Annotated[str | None, typer.Option(help="memory://, or amqp://... (HUB_QUEUE).")] = None,
        log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error (HUB_LOG_LEVEL).")] = None,
    ) -> None:
        given: dict[str, Any] = {
            "site": site, "data": data, "host": host, "port": port, "store": store, "queue": queue,
            "log_level": log_level,
        }  # fmt: skip
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
        if roles != BOTH:
            require_shared(settings)
        uvloop.run(run_hub(settings, roles))

    app.command(help=help)(process)


def require_shared(settings: Settings) -> None:
    """Raise ``Usage`` where the store or the queue could serve only one process."""
    if settings.store == "sqlite":
        raise Usage(
            "only one process can write to SQLite: give --store postgresql://... (HUB_STORE), or use hub run for both"
        )
    if settings.queue.startswith("memory:"):
        raise Usage(
            "memory:// rings inside one process only: give --queue amqp://... (HUB_QUEUE), or use hub run for both"
        )
