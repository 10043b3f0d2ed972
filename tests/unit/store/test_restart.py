"""What an embedded store does with the claims of a process that ended without a word."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from hub.site.agency import Agency
from hub.store.open import open_store
from tests.unit.delivery.playing import Play, Watcher, delivered


def test_claims_of_an_earlier_process_end_when_the_store_is_opened(tmp_path: Path) -> None:
    """Nobody else can hold them, so nothing waits for a lease; the crash counts, the old token does not."""

    async def play() -> None:
        site: dict[str, Agency] = {}
        store = open_store("sqlite", tmp_path)
        id = await Play(store, site, delivered, Watcher()).accept("north", ring=False)
        (before,) = await store.claim([id], "dead", 3600.0, time.time())
        await store.close()
        store = open_store("sqlite", tmp_path)
        try:
            assert await store.due(time.time(), 10) == {"north": [id]}
            assert (await store.release([id], [before.token])).stale == (id,)
            (after,) = await store.claim([id], "alive", 60.0, time.time())
            assert (after.crashes, after.attempt) == (1, 2)
        finally:
            await store.close()

    asyncio.run(play())
