"""Commands that only read the store: open it, ask, close it, whether or not a hub runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from hub.store.query import Queries, open_queries

R = TypeVar("R")


def ask(store: str, data: Path, question: Callable[[Queries], Awaitable[R]]) -> R:
    """The answer to ``question``; raises ``StoreUnusable`` where there is no store."""

    async def answer() -> R:
        queries = await open_queries(store, data)
        try:
            return await question(queries)
        finally:
            await queries.close()

    return asyncio.run(answer())
