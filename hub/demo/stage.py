"""The whole demo: set the stage, play the day, wait until everything is at rest, show what came of it."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from hub.child import Child, free_port
from hub.demo.cast import Role, load_cast
from hub.demo.deployment import fresh_folder, write_environment
from hub.demo.director import Director
from hub.demo.figures import counts_of
from hub.demo.folders import take_files
from hub.demo.partner import Delivered, Partner
from hub.demo.screen import Screen, tallies_of, tally_table
from hub.demo.side_by_side import show, views_of
from hub.demo.visit import invitations, look_further
from hub.message import State
from hub.site.site import load_site
from hub.store.choice import Choice
from hub.store.query import Queries, open_queries

SETTLED_WITHIN_S = 45.0
FOLLOW_EVERY_S = 0.3


async def perform(site: Path, data: Path, port: int, screen: Screen, *, stay: bool) -> int:
    """Play the demo of a site; returns how many things did not happen as its files say they should.

    ``data`` is cleared first. Raises ``Findings`` for a broken site, ``NotReady`` where the hub does not start.
    """
    began = time.monotonic()
    loaded = load_site(site)
    cast = load_cast(site, loaded.agencies)
    fresh_folder(data)
    async with AsyncExitStack() as stack:
        stack.callback(screen.end)
        partners = await _open_partners(stack, cast, data, screen)
        write_environment(data, cast, {name: partner.port for name, partner in partners.items()})
        hub = Child(site, data, port or free_port())
        stack.push_async_callback(hub.stop)
        ready_s = await hub.start()
        queries = await open_queries("sqlite", data)
        stack.push_async_callback(queries.close)
        _announce(screen, hub.port, ready_s, cast, partners)
        director = Director(f"http://127.0.0.1:{hub.port}", data / "files", cast, partners, screen, queries)
        await _play(stack, director, queries, hub.port)
        unsettled = await _unsettled(queries)
        screen.end()
        await _show_results(screen, queries, director, hub.port, list(cast), whole=False)
        screen.text(f"\n{time.monotonic() - began:.0f} s in all. {_verdict(director.surprises, unsettled)}")
        screen.text(look_further(data, director.shown))
        if stay:
            screen.text(invitations(f"http://127.0.0.1:{hub.port}", data, cast))
            await asyncio.Event().wait()
        return director.surprises + unsettled


async def _open_partners(
    stack: AsyncExitStack, cast: Mapping[str, Role], data: Path, screen: Screen
) -> dict[str, Partner]:
    """A server for each agency that is reached over HTTP, a reader for each that takes files."""

    def seen(delivered: Delivered) -> None:
        if not delivered.what.endswith(".meta.json"):
            screen.arrived(delivered.agency, delivered.what, len(delivered.body), delivered.status)

    partners = {}
    for name, role in cast.items():
        way = role.agency.way
        if way is not None and way.transport == "file":
            reader = asyncio.create_task(take_files(name, data / "files" / name / way.endpoint, seen))
            stack.callback(reader.cancel)
        elif way is not None:
            partners[name] = Partner(role, free_port(), seen)
            await partners[name].open()
            stack.push_async_callback(partners[name].close)
    return partners


def _announce(
    screen: Screen, port: int, ready_s: float, cast: Mapping[str, Role], partners: Mapping[str, Partner]
) -> None:
    screen.heading(f"The hub listens on 127.0.0.1:{port}, ready after {ready_s:.1f} s. Its partners, simulated:")
    for name, role in cast.items():
        ways_in = [kind for kind in ("rest", "soap", "file") if getattr(role.agency, kind) is not None]
        way = role.agency.way
        where = f" at 127.0.0.1:{partners[name].port}" if name in partners else ""
        out = f"receives over {way.transport}{where}" if way is not None else "receives nothing"
        title = role.agency.titles.get("en", name)
        screen.text(f"  {name:<20} {title}: sends over {' and '.join(ways_in) or 'nothing'}, {out}")
    screen.heading("The day")


async def _play(stack: AsyncExitStack, director: Director, queries: Queries, port: int) -> None:
    """The plays, and then as long as deliveries are still under way."""
    following = asyncio.create_task(_follow(director, port))
    stack.callback(following.cancel)
    deadline = time.monotonic() + SETTLED_WITHIN_S
    try:
        async with asyncio.timeout_at(asyncio.get_running_loop().time() + SETTLED_WITHIN_S):
            await director.play_all()
    except TimeoutError:
        director.surprises += 1
        director.screen.wrong("the plays did not end in time")
    while time.monotonic() < deadline:
        if not await _unsettled(queries):
            break
        await asyncio.sleep(FOLLOW_EVERY_S)


async def _unsettled(queries: Queries) -> int:
    """Deliveries that are still pending, and dead ones (in a demo none should be)."""
    pending = await queries.deliveries(Choice((State.PENDING,)))
    dead = await queries.deliveries(Choice((State.DEAD,)))
    return len(pending.deliveries) + len(dead.deliveries)


async def _follow(director: Director, port: int) -> None:
    """Keep the table up to date, and say when a partner becomes unreachable."""
    away: set[str] = set()
    while True:
        counts = counts_of(await exposition(port))
        director.screen.follow(tallies_of(list(director.cast), counts))
        open_now = {agency for agency in director.cast if counts[agency, "open"]}
        for agency in open_now - away:
            waiting = await director.queries.deliveries(Choice((State.PENDING,), agency))
            director.screen.waiting(agency, len(waiting.deliveries))
        away = open_now
        await asyncio.sleep(FOLLOW_EVERY_S)


async def exposition(port: int) -> str:
    """What the hub says at ``/metrics``; empty where it does not answer."""

    def read() -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""

    return await asyncio.to_thread(read)


async def _show_results(
    screen: Screen, queries: Queries, director: Director, port: int, agencies: Sequence[str], *, whole: bool
) -> None:
    for shown in director.shown:
        screen.heading(f"One {shown.type}, side by side (message {shown.message})")
        show(screen.console, await views_of(queries, shown), whole)
    screen.heading("Totals")
    counts = counts_of(await exposition(port))
    for agency in agencies:  # the gauge lags behind by some seconds
        counts[agency, "pending"] = len((await queries.deliveries(Choice((State.PENDING,), agency))).deliveries)
    screen.console.print(tally_table(tallies_of(agencies, counts)))


def _verdict(surprises: int, unsettled: int) -> str:
    if not surprises and not unsettled:
        return "Everything happened as the site's files say it should; nothing is left waiting."
    return f"{surprises} surprises, {unsettled} deliveries not at rest."
