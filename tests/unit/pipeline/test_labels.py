"""Labels of metrics come from closed sets, whatever a message says."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hub.message import Canonical, State
from hub.pipeline import acceptance
from hub.store.base import Recipient
from tests.unit.pipeline.stage import staged


def test_agency_that_only_a_message_names_is_counted_as_unknown(tmp_path: Path, monkeypatch: object) -> None:
    """A sender could otherwise make as many time series as it likes."""

    async def play() -> None:
        async with staged(tmp_path) as stage:

            def to_nobody(site: object, message: Canonical) -> tuple[Recipient, ...]:
                return (Recipient(f"nobody-{message.id}", State.WITHHELD, "unknown-agency", "default deny"),)

            monkeypatch.setattr(acceptance, "route", to_nobody)  # type: ignore[attr-defined]
            await stage.accept()
            text = stage.metrics.render().decode()
            assert 'hub_deliveries_total{agency="unknown",state="withheld",type="case-record"} 1.0' in text
            assert "nobody" not in text

    asyncio.run(play())
