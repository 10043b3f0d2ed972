"""Readiness follows the store: a hub whose store does not answer says so, and is ready again by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

from hub.errors import HubError
from hub.wiring.hub import Hub


class Store:
    """Answers for the totals only, while it is not ``away``."""

    away = False

    async def totals(self) -> Mapping[str, Any]:
        """Of no agency."""
        if self.away:
            raise HubError("busy", retry_after_s=1.0)
        return {}


def test_a_hub_without_its_store_is_not_ready(monkeypatch: Any) -> None:
    """``missing`` names the store as long as it does not answer."""
    monkeypatch.setattr("hub.wiring.hub.REFRESH_S", 0.01)
    monkeypatch.setattr("hub.wiring.hub.AGAIN_S", 0.01)
    monkeypatch.setattr("hub.wiring.hub.AWAY_S", 0.05)
    metrics = SimpleNamespace(refresh=lambda _backlogs: None)
    hub, store = Hub(*cast("Any", (None, None, None, metrics, frozenset()))), Store()
    hub._ready = True

    async def play() -> None:
        refreshing = asyncio.create_task(hub._refresh(cast("Any", SimpleNamespace(agencies=dict)), cast("Any", store)))
        for store.away in (True, False):
            wanted = {"ready": False, "missing": ["store"]} if store.away else {"ready": True}
            async with asyncio.timeout(20):
                while hub._readiness() != wanted:  # noqa: ASYNC110 - seen from outside
                    await asyncio.sleep(0.01)
        refreshing.cancel()

    asyncio.run(play())
