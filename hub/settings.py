"""The settings of one hub process: command line options over ``HUB_*`` environment variables over defaults."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """``store``: ``sqlite`` or a ``postgresql://`` URL; ``queue``: ``memory://`` or an ``amqp://`` URL.

    ``translators``: at most so many processes for large documents, made when one comes.
    ``site`` and ``data`` are folders; sizes are bytes, times seconds. ``port`` 0 takes a free one.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_", frozen=True)

    site: Path = Path()
    data: Path = Path("data")
    store: str = "sqlite"
    queue: str = "memory://"
    host: str = "127.0.0.1"
    port: int = 8080
    max_body_bytes: int = 16 * 1024 * 1024
    body_deadline_s: float = 30.0
    max_in_flight: int = 512
    max_in_flight_bytes: int = 256 * 1024 * 1024
    translators: int = 2
    lease_s: float = 60.0
    grace_s: float = 22.0
    log_level: str = "info"
