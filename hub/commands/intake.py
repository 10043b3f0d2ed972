"""``hub intake``: one of several processes that take messages in and deliver none."""

from __future__ import annotations

import typer

from hub.commands.process import register_process

HELP = """Take messages in over REST, SOAP and folders, as one of several processes; hub deliver sends them on.

All processes of a hub share one PostgreSQL (--store), one RabbitMQ (--queue) and one data folder (keys,
environment.yaml, drop folders). A dropped file is taken by whichever process holds its folder.

Example: HUB_STORE=postgresql://hub@db/hub HUB_QUEUE=amqp://hub:secret@mq/hub hub intake --data /var/lib/hub
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    register_process(app, HELP, frozenset({"intake"}))
