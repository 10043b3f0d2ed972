"""``hub deliver``: one of several processes that deliver what others took in."""

from __future__ import annotations

import typer

from hub.commands.process import register_process

HELP = """Deliver what hub intake took in, as one of several processes; its port serves /health and /metrics only.

All processes of a hub share one PostgreSQL (--store), one RabbitMQ (--queue) and one data folder (keys,
environment.yaml, drop folders). What a killed process had in hand is tried again when its lease ends (HUB_LEASE_S).

Example: HUB_STORE=postgresql://hub@db/hub HUB_QUEUE=amqp://hub:secret@mq/hub hub deliver --port 8081
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    register_process(app, HELP, frozenset({"deliver"}))
