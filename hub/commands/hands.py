"""Who carries an act out: the hub that runs on the data folder, or, where none does, this process on the store."""

from __future__ import annotations

import asyncio
import getpass
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.commands.asking import ask_hub
from hub.commands.start import Usage
from hub.message import Json
from hub.pipeline import entries
from hub.repair.repairing import Person, Repairing
from hub.site.site import Site, pack_site
from hub.store.open import open_store
from hub.store.query import Queries, open_queries
from hub.store.store import SqlStore
from hub.web.repairs import repair_handlers
from hub.wiring.checking import load_checked_site
from monitoring.observers import Observers

Hand = Callable[[str, Json], Json]


@contextmanager
def hand(store: str, data: Path, site: Path, why: str) -> Iterator[Hand]:
    """What asks for an act (``/resend`` ...). The store and the site are opened only where no hub answers."""
    if not why.strip():
        raise Usage("give --reason: it stands in the ledger")
    with asyncio.Runner() as runner:
        direct: list[_Direct] = []

        def ask(path: str, asked: Json) -> Json:
            if not direct:
                told = ask_hub(data, path, asked, why)
                if told is not None:
                    return told
                direct.append(runner.run(_Direct.opened(store, data, site)))
            return runner.run(direct[0].act(path, asked, why))

        try:
            yield ask
        finally:
            for each in direct:
                runner.run(each.close())


class _Direct:
    """This process on the store, while no hub runs (SQLite) or beside others (PostgreSQL)."""

    def __init__(self, store: SqlStore, queries: Queries, folder: Path) -> None:
        self._store = store
        self._queries = queries
        self._folder = folder
        self._site: Site | None = None

    @classmethod
    async def opened(cls, store: str, data: Path, site: Path) -> _Direct:
        """Opening fails where a hub has the store (SQLite)."""
        opened = open_store(store, data)
        return cls(opened, await open_queries(store, data), site)

    async def act(self, path: str, asked: Json, why: str) -> Json:
        """One act as the operating system's user."""
        who = getpass.getuser()
        if path == "/reprocess" and self._site is None:
            await self._load(Person(who, "os-user", why))
        repairing = Repairing(self._store, self._queries, self._in_force, _silent, Observers(), time.time)
        return await repair_handlers(repairing, "os-user")[path](asked, who, why)

    async def close(self) -> None:
        """Let go of the store."""
        await self._queries.close()
        await self._store.close()

    def _in_force(self) -> Site:
        if self._site is None:
            self._site = load_checked_site(self._folder)
        return self._site

    async def _load(self, person: Person) -> None:
        """New generations name the site that made them, so its files are kept and the ledger says who brought it."""
        site = await asyncio.to_thread(self._in_force)
        if await self._store.site_content(site.digest) is None:
            entry = entries.reloaded(site.digest, "", person.who, person.by, person.why, time.time())
            await self._store.remember_site(site.digest, pack_site(site.root), entry)


def _silent(_: object) -> None:
    """The sweep of the next hub finds what is due."""
