"""Reload: another site comes into force while messages flow, whole and at once, or the old one stays and says why.

Everything that can fail comes first: files are read, checked and compiled in a thread, changed connectors are opened,
the site is stored under its digest. Then the switch, in which nothing waits. A message is read, translated in and
routed by the site that was in force when it came; its deliveries keep that site's mappings and obey today's rules.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hub.errors import HubError
from hub.findings import Finding, Findings
from hub.message import Json
from hub.observe import Observer
from hub.pipeline import entries
from hub.site.environment import Environment, load_environment
from hub.site.site import Site
from hub.store.base import Store
from hub.wiring.folders import Folders
from hub.wiring.in_force import InForce
from hub.wiring.snapshot import Snapshot, take_snapshot
from hub.wiring.ways import Opened, Ways


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants a reload, what proves it (``operator-socket``, ``SIGHUP``), and why."""

    who: str
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """``site`` is in force now and ``before`` was until then (digests); with ``findings`` nothing has changed."""

    site: str
    before: str
    findings: Sequence[Finding] = ()

    def as_json(self) -> Json:
        """As ``hub reload --json`` shows it."""
        findings = [asdict(finding) for finding in self.findings]
        return {"reloaded": not findings, "site": self.site, "before": self.before, "findings": findings}


@dataclass(frozen=True, slots=True)
class _Next:
    """All of the next site, ready and not yet in force."""

    snapshot: Snapshot
    environment: Environment
    ways: Opened | None


class Reloading:
    """``ways`` is None in a process without that role; ``switched`` hears of every site put in force.

    One reload at a time; another one waits.
    """

    def __init__(
        self,
        folder: Path,
        data: Path,
        in_force: InForce,
        store: Store,
        ways: Ways | None,
        folders: Sequence[Folders[Any]],
        switched: Callable[[Site], None],
        observer: Observer,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._data = data
        self._in_force = in_force
        self._store = store
        self._ways = ways
        self._folders = folders
        self._switched = switched
        self._observer = observer
        self._clock = clock
        self._one = asyncio.Lock()

    async def reload(self, asked: Asked) -> Reloaded:
        """Read the site folder and ``environment.yaml`` again. Raises ``HubError`` where the hub itself cannot."""
        async with self._one:
            before = self._in_force.site().digest
            try:
                following = await self._prepare()
            except Findings as error:
                return Reloaded(before, before, error.findings)
            except Exception as error:  # whatever a site does to the reader, the one in force goes on
                self._observer.faulted("reload", error)
                raise HubError("internal", "the site could not be read; the one in force goes on") from error
            await self._remember(following, before, asked)
            await self._put_in_force(following)
            return Reloaded(following.snapshot.site.digest, before)

    async def _prepare(self) -> _Next:
        snapshot, environment = await asyncio.to_thread(self._read)
        ways = await self._ways.open(snapshot.site, environment) if self._ways is not None else None
        return _Next(snapshot, environment, ways)

    def _read(self) -> tuple[Snapshot, Environment]:
        snapshot = take_snapshot(self._folder, self._data)
        return snapshot, load_environment(self._data, snapshot.site.agencies)

    async def _remember(self, following: _Next, before: str, asked: Asked) -> None:
        digest = following.snapshot.site.digest
        entry = entries.reloaded(digest, before, asked.who, asked.by, asked.why, self._clock())
        try:
            await self._store.remember_site(digest, following.snapshot.content, entry)
        except BaseException:
            if following.ways is not None:
                await following.ways.discard()
            raise

    async def _put_in_force(self, following: _Next) -> None:
        site, environment = following.snapshot.site, following.environment
        for folders in self._folders:
            await folders.leave(site, environment)
        # Nothing waits from here on: no message sees one part of the old site and another of the new.
        self._in_force.switch(site, environment)
        if self._ways is not None and following.ways is not None:
            self._ways.switch(following.ways)
        self._switched(site)
        for folders in self._folders:
            folders.watch(site, environment)
