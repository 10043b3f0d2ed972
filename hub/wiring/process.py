"""The process around a hub: its log, its signals, its memory."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from hub.errors import HubError
from hub.settings import Settings
from hub.wiring.collector import rest, settle
from hub.wiring.hub import BOTH, Hub, Role, pairs_of
from hub.wiring.reloading import Asked, Reloaded
from hub.wiring.snapshot import take_snapshot
from monitoring.lines import Lines
from monitoring.logs import Journal, StandardLibrary, open_log
from monitoring.metrics import Metrics
from monitoring.observers import Observers


async def run_hub(settings: Settings, roles: frozenset[Role] = BOTH) -> None:
    """One hub until SIGTERM or SIGINT; its log goes to standard error. Raises ``Findings`` where the site is wrong.

    SIGHUP reloads the site.
    """
    rest()
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    lines = Lines(sys.stderr.fileno())
    log = open_log(lines, logging.getLevelNamesMapping()[settings.log_level.upper()])
    logging.getLogger().addHandler(StandardLibrary(log))
    site = take_snapshot(settings.site, settings.data).site
    metrics = Metrics(pairs_of(site))

    def told(reloaded: Reloaded) -> None:
        for finding in reloaded.findings:
            log.error("reload refused", finding=str(finding))
        if not reloaded.findings:
            settle()
            log.warning("reloaded", site=reloaded.site, before=reloaded.before)

    hub = Hub(settings, site, Observers(metrics, Journal(log)), metrics, roles, told)
    for signalled in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signalled, ended.set)
    try:
        await hub.start()
        settle()
        lines.gather_on(loop.call_later)
        where = {"port": hub.port, "data": str(settings.data)}
        log.warning("ready", roles=sorted(roles), site=site.digest, notes=len(site.notes), **where)
        async with _reloaded_by_signal(hub):
            await ended.wait()
        log.warning("stopping")
    finally:
        await hub.stop()
        lines.flush()
    log.warning("stopped")
    lines.flush()


@asynccontextmanager
async def _reloaded_by_signal(hub: Hub) -> AsyncIterator[None]:
    """SIGHUP asks for a reload; a burst of signals asks for one more."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    async def serve() -> None:
        while True:
            await asked.wait()
            asked.clear()
            with suppress(HubError):  # told where it happened
                await hub.reload(Asked("unknown", "SIGHUP"))

    serving = asyncio.create_task(serve())
    loop.add_signal_handler(signal.SIGHUP, asked.set)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
