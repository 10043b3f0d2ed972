"""The pipeline without sockets: a real site and a real store; the partner is a function that the test hands in."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from hub.access.identify import Nonces
from hub.message import Answer, Credential, Json, Outbound, Outcome, Received, Result
from hub.pipeline import entries
from hub.pipeline.accept import Accepting, Ring
from hub.pipeline.deliver import Delivering
from hub.site.site import load_site, pack_site
from hub.site.versions import SiteVersions
from hub.store.base import Claimed
from hub.store.open import open_store
from hub.store.query import Queries, open_queries
from hub.store.store import SqlStore
from hub.subjects import SubjectDigests
from monitoring.metrics import Metrics

BENCH = Path(__file__).parents[2] / "bench" / "site"
SENDER, RECEIVER, TYPE, KEY = "case-source", "case-archive", "case-record", "k"


@dataclass
class Stage:
    """One hub's steps on one store. ``answers`` are the partner's next outcomes; ``sent`` is what left."""

    folder: Path
    store: SqlStore
    queries: Queries
    sites: SiteVersions
    sent: list[Outbound] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)
    rung: list[Ring] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.metrics = metrics = Metrics()
        self.accepting = Accepting(
            lambda: self.sites.current,
            lambda agency: {"api-key": KEY},
            self.store,
            self.rung.append,
            metrics,
            Nonces(),
            SubjectDigests(b"key"),
        )
        self.delivering = Delivering(self.sites, self.store, lambda agency: self._send, metrics)

    async def accept(self, number: int = 1, message_id: str | None = None, label: str = "RESTRICTED") -> Answer:
        return await self.accepting.accept(received(number, message_id, label))

    async def claim(self) -> list[Claimed]:
        """Everything that is due, claimed."""
        now = time.time() + 1000
        due = await self.store.due(now, 100)
        return await self.store.claim(due.get(RECEIVER, ()), "w", 60.0, now)

    async def deliver(self) -> None:
        """One attempt of everything that is due."""
        for item in await self.claim():
            await self.delivering.deliver(RECEIVER, [item])

    async def change_site(self, change: Callable[[Path], None]) -> None:
        """The next version of the site comes into force, as after a restart with other files."""
        change(self.folder)
        site = load_site(self.folder)
        await self.store.remember_site(site.digest, pack_site(site.root), entries.configured(site.digest, 0.0))
        self.sites.current = site

    async def ledger(self, answer: Answer) -> list[Json]:
        return [entry.body for entry in await self.queries.entries(answer.receipts[0].id)]

    async def _send(self, outbound: Outbound, timeout_s: float) -> Outcome:
        self.sent.append(outbound)
        return self.answers.pop(0) if self.answers else Outcome(Result.DELIVERED)


def received(number: int = 1, message_id: str | None = None, label: str = "RESTRICTED") -> Received:
    """A document as the sender posts it."""
    document = orjson.loads((BENCH / "bench" / "case.json").read_text().replace("@NUMBER@", f"{number:08}"))
    document["case"]["label"] = label
    credential = Credential("api-key", secret=KEY)
    return Received(SENDER, TYPE, "rest", orjson.dumps(document), time.time(), credential, message_id=message_id)


@asynccontextmanager
async def staged(folder: Path, url: str = "sqlite") -> AsyncIterator[Stage]:
    site_folder = folder / "site"
    shutil.copytree(BENCH, site_folder)
    site = load_site(site_folder)
    store = open_store(url, folder / "data")
    queries = await open_queries(url, folder / "data")
    await store.remember_site(site.digest, pack_site(site.root), entries.configured(site.digest, 0.0))
    try:
        yield Stage(site_folder, store, queries, SiteVersions(site, store.site_content))
    finally:
        await queries.close()
        await store.close()


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Replace a text in a file of the site."""

    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text()
        if old not in text:
            raise ValueError(f"{name} does not hold {old!r}")
        path.write_text(text.replace(old, new))

    return change
