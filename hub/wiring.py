"""Where the parts meet: one running hub made of site, store, queue, connectors and monitoring. Nothing decides here."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Literal

from connectors.base import Listener, Partner
from connectors.folder import FolderListener
from connectors.registry import CONNECTORS
from hub import entries
from hub.access.identify import Nonces, identify
from hub.agency import Agency
from hub.breaker import Breakers, Send
from hub.checking import load_checked_site
from hub.delivery import Dispatcher
from hub.environment import Environment, load_environment
from hub.errors import HubError
from hub.message import Json, Received, Sender, State
from hub.observe import Observer
from hub.pipeline.accept import Accepting, Ring
from hub.pipeline.deliver import Delivering
from hub.queue import Queue
from hub.settings import Settings
from hub.site import Site, pack_site
from hub.site_versions import SiteVersions
from hub.store.base import Store
from hub.store.open import open_store
from hub.store.query import Queries, open_queries
from hub.subjects import load_subject_digests
from hub.web.app import create_app
from hub.web.guard import Inside
from hub.web.limits import Limits
from hub.web.operator import bind_operator, operator_app
from hub.web.server import WebServer
from monitoring.lines import Lines
from monitoring.logs import Journal, StandardLibrary, open_log
from monitoring.metrics import CONTENT_TYPE, Backlog, Metrics
from monitoring.observers import Observers

REFRESH_S = 5.0
Role = Literal["intake", "deliver"]
BOTH: frozenset[Role] = frozenset({"intake", "deliver"})


class Hub:
    """One hub process. ``start`` makes and joins everything, ``stop`` ends it in the order that loses nothing."""

    def __init__(
        self, settings: Settings, site: Site, observer: Observer, metrics: Metrics, roles: frozenset[Role] = BOTH
    ) -> None:
        self._settings = settings
        self._site = site
        self._observer = observer
        self._metrics = metrics
        self._roles = roles
        self._open = AsyncExitStack()
        self._ready = False
        self.port = 0

    async def start(self) -> None:
        """Everything up and answering when this returns; raises ``Findings`` for a deployment that does not fit."""
        site, environment = self._site, load_environment(self._settings.data, self._site.agencies)
        store = open_store(self._settings.store, self._settings.data)
        self._open.push_async_callback(store.close)
        queries = await open_queries(self._settings.store, self._settings.data)
        self._open.push_async_callback(queries.close)
        sites = SiteVersions(site, store.site_content)
        await store.remember_site(site.digest, pack_site(site.root), entries.configured(site.digest, time.time()))
        queue = await self._start_delivery(sites, environment, store)

        def ring(heads: Ring) -> None:
            for agency, ids in heads.items():
                queue.ring(agency, ids)

        await self._start_operator(store, ring)
        if "intake" in self._roles:
            await self._start_intake(sites, environment, store, queries, ring)
        refreshing = asyncio.create_task(self._refresh(sites, store))
        self._open.push_async_callback(_cancelled, refreshing)
        self._ready = True

    async def stop(self) -> None:
        """Take nothing more in, finish or release what is under way, then close; within the settings' grace."""
        self._ready = False
        await self._open.aclose()

    # --- delivery ----------------------------------------------------------------------------------------------------

    async def _start_delivery(self, sites: SiteVersions, environment: Environment, store: Store) -> Queue:
        def agencies() -> Mapping[str, Agency]:
            return sites.current.agencies

        dispatcher: Dispatcher | None = None
        if "deliver" in self._roles:
            breakers = Breakers(agencies, self._observer, time.time)
            ways = await self._open_ways(sites.current, environment, breakers)
            delivering = Delivering(sites, store, ways.get, self._observer)
            worker = f"{socket.gethostname()}:{os.getpid()}"
            dispatcher = Dispatcher(
                store, agencies, delivering.deliver, breakers, self._observer, worker, lease_s=self._settings.lease_s
            )
        on_ring = dispatcher.ring if dispatcher else None
        queue = Queue(self._settings.queue, agencies(), on_ring, self._observer)
        queue.start()
        self._open.push_async_callback(queue.close)
        if dispatcher:
            task = asyncio.create_task(dispatcher.run())
            self._open.push_async_callback(_ended, task)
            self._open.push_async_callback(dispatcher.stop, self._settings.grace_s)
        return queue

    async def _open_ways(self, site: Site, environment: Environment, breakers: Breakers) -> dict[str, Send]:
        """An open connector for every agency that receives, each watched by its breaker."""
        ways: dict[str, Send] = {}
        for agency in site.agencies.values():
            if agency.way is None:
                continue
            secrets = dict(environment.secrets(agency.name))
            contracts = site.contracts_of(agency.name)
            partner = Partner(agency, environment.endpoint(agency), secrets, contracts)
            connector = CONNECTORS[agency.way.transport].make(partner)
            await connector.open()
            self._open.push_async_callback(connector.close)
            ways[agency.name] = breakers.watching(agency.name, connector.send)
        return ways

    # --- intake ------------------------------------------------------------------------------------------------------

    async def _start_intake(
        self,
        sites: SiteVersions,
        environment: Environment,
        store: Store,
        queries: Queries,
        ring: Callable[[Ring], None],
    ) -> None:
        nonces, subjects = Nonces(), load_subject_digests(self._settings.data)

        def proven(received: Received) -> Sender:
            agency = sites.current.agencies.get(received.agency)
            if agency is None:
                raise HubError("unknown-agency")
            return identify(agency, received, environment.secrets(agency.name), nonces)

        accepting = Accepting(lambda: sites.current, environment.secrets, store, ring, self._observer, nonces, subjects)
        for agency in sites.current.agencies.values():
            if agency.file is not None:
                folder = environment.intake_folder(agency)
                self._serve(FolderListener(agency.name, agency.file, folder, accepting.accept, self._observer))
        inside = Inside(
            accept=accepting.accept,
            identify=proven,
            agencies=lambda: sites.current.agencies,
            site_root=sites.current.root,
            status=queries.status,
            metrics=lambda: (self._metrics.render(), CONTENT_TYPE),
            ready=self._readiness,
            observer=self._observer,
        )
        await self._start_web(inside)

    def _serve(self, listener: Listener) -> None:
        task = asyncio.create_task(listener.run())
        self._open.push_async_callback(_cancelled, task)

    async def _start_web(self, inside: Inside) -> None:
        settings = self._settings
        limits = Limits(settings.max_body_bytes, settings.body_deadline_s, settings.max_in_flight)
        server = WebServer(create_app(inside, limits), settings.host, settings.port, settings.grace_s)
        self.port = server.port
        await self._run_server(server)

    async def _start_operator(self, store: Store, ring: Callable[[Ring], None]) -> None:
        """The local API through which a person repairs while this process holds the store."""

        async def resend(ids: Sequence[str], who: str, why: str) -> Json:
            now = time.time()
            finished = await store.resend(ids, entries.resent(who, why, now), now)
            ring(finished.ring)
            return {"resent": [id for id in ids if id not in finished.stale], "stale": list(finished.stale)}

        bound = bind_operator(self._settings.data)
        await self._run_server(WebServer(operator_app(resend), "", 0, self._settings.grace_s, bound))

    async def _run_server(self, server: WebServer) -> None:
        task = asyncio.create_task(server.run())
        await server.started()

        async def end() -> None:
            server.stop()
            await _ended(task)

        self._open.push_async_callback(end)

    def _readiness(self) -> Json:
        return {"ready": self._ready}

    async def _refresh(self, sites: SiteVersions, store: Store) -> None:
        """Gauges follow the store every few seconds; whoever scrapes costs the store nothing."""
        while True:
            with suppress(HubError):
                totals = await store.totals()
                self._metrics.refresh({name: _backlog(totals.get(name)) for name in sites.current.agencies})
            await asyncio.sleep(REFRESH_S)


async def run_hub(settings: Settings) -> None:
    """One hub until SIGTERM or SIGINT; its log goes to standard error. Raises ``Findings`` where the site is wrong."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    lines = Lines(sys.stderr.fileno())
    log = open_log(lines, logging.getLevelNamesMapping()[settings.log_level.upper()])
    logging.getLogger().addHandler(StandardLibrary(log))
    site = load_checked_site(settings.site)
    metrics = Metrics((agency.name, type) for agency in site.agencies.values() for type in agency.documents)
    hub = Hub(settings, site, Observers(metrics, Journal(log)), metrics)
    for signalled in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signalled, ended.set)
    try:
        await hub.start()
        lines.gather_on(loop.call_later)
        log.warning("ready", port=hub.port, site=site.digest, data=str(settings.data), notes=len(site.notes))
        await ended.wait()
        log.warning("stopping")
    finally:
        await hub.stop()
        lines.flush()
    log.warning("stopped")
    lines.flush()


def _backlog(totals: Json | None) -> Backlog:
    if totals is None:
        return Backlog()
    states = totals["states"]
    return Backlog(
        pending=states.get(State.PENDING, 0),
        oldest_pending_s=totals["oldest_pending_s"] or 0.0,
        lanes_blocked=totals["blocked_lanes"],
        dead=states.get(State.DEAD, 0),
    )


async def _ended(task: asyncio.Task[None]) -> None:
    with suppress(asyncio.CancelledError):
        await task


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await _ended(task)
