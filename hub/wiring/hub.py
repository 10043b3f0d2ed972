"""Where the parts meet: one running hub made of site, store, queue, connectors and monitoring. Nothing decides here."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any, Literal

from connectors.base import Accept
from connectors.mailbox import item
from hub.access.identify import Nonces, identify
from hub.delivery.breaker import Breakers
from hub.delivery.dispatcher import Dispatcher
from hub.errors import HubError
from hub.message import Json, Received, Sender, State
from hub.observe import Observer
from hub.pipeline import entries
from hub.pipeline.accept import Accepting, Ring
from hub.pipeline.acknowledge import Acknowledging
from hub.pipeline.deliver import Delivering
from hub.pipeline.large import LargeDocuments
from hub.pipeline.mailbox import Mailboxes
from hub.pipeline.pool import Pool
from hub.queue import Queue
from hub.repair.repairing import Repairing
from hub.settings import Settings
from hub.site.agency import Agency
from hub.site.environment import load_environment
from hub.site.site import Site, pack_site
from hub.site.versions import SiteVersions
from hub.store.base import Store
from hub.store.open import open_store
from hub.store.query import Queries, open_queries
from hub.subjects import load_subject_digests
from hub.web.app import create_app, create_health_app
from hub.web.guard import Inside
from hub.web.limits import LimitedApp, Limits
from hub.web.operator import NAME, bind_operator, operator_app, process_socket, unbind_operator
from hub.web.repairs import repair_handlers
from hub.web.server import WebServer
from hub.wiring.folders import Folders
from hub.wiring.in_force import InForce
from hub.wiring.places import acknowledgement_folders, intake_folders
from hub.wiring.reloading import Asked, Reloaded, Reloading
from hub.wiring.ways import Ways
from monitoring.metrics import CONTENT_TYPE, Backlog, Metrics

REFRESH_S = 5.0
# A store that does not answer is asked again so soon, and after so long the hub is not ready: a busy moment is none.
AGAIN_S, AWAY_S = 1.0, 5.0
Role = Literal["intake", "deliver"]
BOTH: frozenset[Role] = frozenset({"intake", "deliver"})


class Hub:
    """One hub process. ``start`` makes and joins everything, ``stop`` ends it in the order that loses nothing."""

    def __init__(
        self,
        settings: Settings,
        site: Site,
        observer: Observer,
        metrics: Metrics,
        roles: frozenset[Role] = BOTH,
        told: Callable[[Reloaded], None] = lambda _: None,
    ) -> None:
        """``told`` hears how every reload ended."""
        self._settings = settings
        self._site = site
        self._observer = observer
        self._metrics = metrics
        self._roles = roles
        self._told = told
        self._open = AsyncExitStack()
        self._busy: list[Callable[[], Awaitable[None]]] = []  # how what may be busy ends
        self._ready = False
        self._store_away = False
        self._reloading: Reloading
        self.port = 0

    async def start(self) -> None:
        """Everything up and answering when this returns; raises ``Findings`` for a deployment that does not fit."""
        settings, site = self._settings, self._site
        environment = load_environment(settings.data, site.agencies)
        store = open_store(settings.store, settings.data)
        self._open.push_async_callback(store.close)
        self._metrics.count_commits(lambda: store.commits)
        queries = await open_queries(settings.store, settings.data)
        self._open.push_async_callback(queries.close)
        in_force = InForce(SiteVersions(site, store.site_content), environment)
        await store.remember_site(site.digest, pack_site(site.root), entries.configured(site.digest, time.time()))
        pool = Pool(store.site_content, settings.translators, self._observer)
        self._open.push_async_callback(pool.close)
        queue, ways = await self._start_delivery(in_force, store, pool)

        def ring(heads: Ring) -> None:
            for agency, ids in heads.items():
                mailboxes.arrived(agency)
                if not _fetches(in_force.agencies().get(agency)):
                    queue.ring(agency, ids)

        worker = f"{socket.gethostname()}:{os.getpid()}:mailbox"
        mailboxes = Mailboxes(in_force.sites, store, ring, self._observer, worker, settings.lease_s, pool.pack)

        async def wake_who_waits() -> None:
            mailboxes.close()

        self._busy.append(wake_who_waits)
        acknowledging = Acknowledging(in_force.agencies, store, ring, self._observer)

        def switched(site: Site) -> None:
            queue.know(site.agencies)
            self._metrics.expect(pairs_of(site))

        folders: list[Folders[Any]] = []
        if "deliver" in self._roles:
            folders.append(acknowledgement_folders(acknowledging.acknowledge, self._observer, settings.max_body_bytes))
        if "intake" in self._roles:
            accept = await self._start_intake(in_force, store, queries, pool, ring, mailboxes, acknowledging)
            folders.append(intake_folders(accept, self._observer, settings.max_body_bytes))
        for each in folders:
            self._busy.append(each.close)
            each.watch(in_force.site(), in_force.environment)
        self._reloading = Reloading(
            settings.site, settings.data, in_force, store, ways, folders, switched, self._observer
        )  # fmt: skip
        await self._start_operator(in_force, store, queries, ring)
        if "intake" not in self._roles:
            await self._start_web(create_health_app(self._readiness, self._figures, self._limits()))
        refreshing = asyncio.create_task(self._refresh(in_force, store))
        self._open.push_async_callback(_cancelled, refreshing)
        self._ready = True

    async def stop(self) -> None:
        """Take nothing more in, finish or release what is under way, then close.

        Whatever may be busy ends side by side, each within the settings' grace; what they stand on is closed after.
        """
        self._ready = False
        ended = await asyncio.gather(*(end() for end in self._busy), return_exceptions=True)
        await self._open.aclose()
        for error in ended:
            if isinstance(error, BaseException):
                raise error

    async def reload(self, asked: Asked) -> Reloaded:
        """Put the site folder as it is now in force, or keep what is (``reloading``). Raises ``HubError``."""
        reloaded = await self._reloading.reload(asked)
        self._told(reloaded)
        return reloaded

    # --- delivery ----------------------------------------------------------------------------------------------------

    async def _start_delivery(self, in_force: InForce, store: Store, pool: Pool) -> tuple[Queue, Ways | None]:
        dispatcher: Dispatcher | None = None
        ways: Ways | None = None
        if "deliver" in self._roles:
            breakers = Breakers(in_force.agencies, self._observer, time.time)
            ways = Ways(breakers, self._settings.lease_s)
            self._open.push_async_callback(ways.close)
            ways.switch(await ways.open(in_force.site(), in_force.environment))
            delivering = Delivering(in_force.sites, store, ways.get, self._observer, pool=pool.pack)
            worker = f"{socket.gethostname()}:{os.getpid()}"
            dispatcher = Dispatcher(
                store, in_force.agencies, delivering.deliver, breakers, self._observer, worker,
                lease_s=self._settings.lease_s,
            )  # fmt: skip
        on_ring = dispatcher.ring if dispatcher else None
        queue = Queue(self._settings.queue, in_force.agencies(), on_ring, self._observer)
        queue.start()
        self._open.push_async_callback(queue.close)
        if dispatcher:
            task = asyncio.create_task(dispatcher.run())
            self._open.push_async_callback(_ended, task)
            self._busy.append(partial(dispatcher.stop, self._settings.grace_s))
        return queue, ways

    # --- intake ------------------------------------------------------------------------------------------------------

    async def _start_intake(
        self,
        in_force: InForce,
        store: Store,
        queries: Queries,
        pool: Pool,
        ring: Callable[[Ring], None],
        mailboxes: Mailboxes,
        acknowledging: Acknowledging,
    ) -> Accept:
        nonces, subjects = Nonces(), load_subject_digests(self._settings.data)

        def proven(received: Received) -> Sender:
            agency = in_force.agencies().get(received.agency)
            if agency is None:
                raise HubError("unknown-agency")
            return identify(agency, received, in_force.secrets(agency.name), nonces)

        async def fetch(agency: str, most: int, wait_s: float) -> list[Json]:
            return [item(outbound) for outbound in await mailboxes.fetch(agency, most, wait_s)]

        large = LargeDocuments(
            in_force.site, pool, store, queries.accepted_before, ring, self._observer, subjects, self._settings.data
        )
        self._open.push_async_callback(_cancelled, asyncio.create_task(large.watch()))
        accepting = Accepting(
            in_force.site, in_force.secrets, store, ring, self._observer, nonces, subjects, large.accept
        )  # fmt: skip
        inside = Inside(
            accept=accepting.accept,
            identify=proven,
            agencies=in_force.agencies,
            site_root=lambda: in_force.site().root,
            status=queries.status,
            metrics=self._figures,
            ready=self._readiness,
            fetch=fetch,
            acknowledge=acknowledging.acknowledge,
            observer=self._observer,
        )
        await self._start_web(create_app(inside, self._limits()))
        return accepting.accept

    def _limits(self) -> Limits:
        given = self._settings
        return Limits(given.max_body_bytes, given.body_deadline_s, given.max_in_flight, given.max_in_flight_bytes)

    async def _start_web(self, app: LimitedApp) -> None:
        server = WebServer(app, self._settings.host, self._settings.port, self._settings.grace_s)
        self.port = server.port
        await self._run_server(server)

    async def _start_operator(
        self, in_force: InForce, store: Store, queries: Queries, ring: Callable[[Ring], None]
    ) -> None:
        """The local API through which a person repairs while this process holds the store."""

        repairing = Repairing(store, queries, in_force.site, ring, self._observer, time.time)

        async def reload(_: Json, who: str, why: str) -> Json:
            return (await self.reload(Asked(who, "operator-socket", why))).as_json()

        name = NAME if self._settings.store == "sqlite" else process_socket(socket.gethostname(), os.getpid())
        bound = bind_operator(self._settings.data, name)
        self._open.callback(unbind_operator, self._settings.data, name)
        app = operator_app({**repair_handlers(repairing), "/reload": reload})
        await self._run_server(WebServer(app, "", 0, self._settings.grace_s, bound))

    async def _run_server(self, server: WebServer) -> None:
        task = asyncio.create_task(server.run())
        await server.started()

        async def end() -> None:
            server.stop()
            await _ended(task)

        self._busy.append(end)

    def _readiness(self) -> Json:
        if self._store_away:
            return {"ready": False, "missing": ["store"]}
        return {"ready": self._ready}

    def _figures(self) -> tuple[bytes, str]:
        return self._metrics.render(), CONTENT_TYPE

    async def _refresh(self, in_force: InForce, store: Store) -> None:
        """Gauges and readiness follow the store every few seconds; whoever asks for them costs the store nothing."""
        answered = time.monotonic()
        while True:
            try:
                totals = await store.totals()
            except HubError:
                self._store_away = time.monotonic() > answered + AWAY_S
                await asyncio.sleep(AGAIN_S)
                continue
            self._store_away, answered = False, time.monotonic()
            self._metrics.refresh({name: _backlog(totals.get(name)) for name in {*in_force.agencies(), *totals}})
            await asyncio.sleep(REFRESH_S)


def _fetches(agency: Agency | None) -> bool:
    return agency is not None and agency.way is not None and agency.way.mailbox is not None


def pairs_of(site: Site) -> Iterable[tuple[str, str]]:
    """Every agency of a site with each of its message types."""
    return ((agency.name, type) for agency in site.agencies.values() for type in agency.documents)


def _backlog(totals: Json | None) -> Backlog:
    if totals is None:
        return Backlog()
    states = totals["states"]
    return Backlog(
        pending=states.get(State.PENDING, 0),
        oldest_pending_s=totals["oldest_pending_s"] or 0.0,
        lanes_blocked=totals["blocked_lanes"],
        dead=states.get(State.DEAD, 0),
        paused=int(totals["paused"]),
    )


async def _ended(task: asyncio.Task[None]) -> None:
    with suppress(asyncio.CancelledError):
        await task


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await _ended(task)
