"""The faults of the world around the hub: partners, networks, senders of files, and too many clients at once."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from random import Random

import orjson

from tests.campaign.desks import ILLNESSES
from tests.campaign.history import Operation, now
from tests.campaign.hubs import is_running
from tests.campaign.proxy import AtCommit, Proxy, Weather
from tests.campaign.services import Impossible
from tests.campaign.world import World

BAD = tuple(weather for weather in Weather if weather is not Weather.FAIR)
REPORTED_WITHIN_S = 45.0
NOTES_PER_FILE = 3


async def partner(world: World, chance: Random) -> None:
    """One partner is away, slow, hangs, resets, talks nonsense, faults or refuses; or its folder is gone."""
    agency = chance.choice(("rest-desk", "soap-desk", "file-desk"))
    lasting_s = chance.uniform(1.0, 3.0)
    await world.live(chance)
    if agency == "file-desk":
        world.strike("partner", "file-desk: folder gone")
        away = world.desks.folder.with_name("away")
        world.desks.folder.rename(away)
        await asyncio.sleep(lasting_s)
        away.rename(world.desks.folder)
        return
    trouble = chance.choice((*BAD, *ILLNESSES))
    world.strike("partner", f"{agency}: {trouble}")
    way, met = world.desks.ways[agency], world.desks.treated
    if isinstance(trouble, Weather):
        await _bad_weather(way, trouble, lasting_s, world)
        return
    world.desks.ill[agency] = trouble
    await asyncio.sleep(lasting_s)
    del world.desks.ill[agency]
    world.bit(world.desks.treated > met)


async def refusal(world: World, chance: Random) -> None:
    """A partner that has just hung refuses what piled up for good, and a deliverer dies among the dead letters.

    In the drain a person has them sent again.
    """
    agency, child = chance.choice(("rest-desk", "soap-desk")), chance.choice(world.hubs.deliverers)
    world.desks.ill[agency] = "hanging"
    await world.live(chance)
    met = world.desks.treated
    world.desks.ill[agency] = "refusing"
    await asyncio.sleep(chance.uniform(0.05, 2.3))  # what hangs is given up after two seconds
    world.strike("refusal", f"{agency}, {world.hubs.name(child)} killed")
    await child.kill()
    world.bit(world.desks.treated > met)
    del world.desks.ill[agency]
    await world.restart(child)


async def network(world: World, chance: Random) -> None:
    """The network between the hub and its store or its broker is cut, swallows, is slow, or closes one way."""
    name, proxy = chance.choice((("store", world.hubs.to_store), ("queue", world.hubs.to_queue)))
    if proxy is None:
        raise Impossible("the run has no services of its own")
    trouble = chance.choice(BAD)
    await world.live(chance)
    world.strike("network", f"{name}: {trouble}")
    await _bad_weather(proxy, trouble, chance.uniform(0.3, 4.0), world)
    await world.live(chance)


async def commit(world: World, chance: Random) -> None:
    """Connections to the store are lost exactly at their commit: before it arrives there, or with the answer to it.

    Either looks the same to the hub, which has to find out what became of the transaction.
    """
    proxy = world.hubs.to_store
    if proxy is None:
        raise Impossible("the run has no services of its own")
    moment = chance.choice(tuple(AtCommit))
    await world.live(chance)
    world.strike("commit", moment)
    before, proxy.at_commit = proxy.cut_commits, moment
    await asyncio.sleep(chance.uniform(0.1, 1.5))
    proxy.at_commit = None
    world.bit(proxy.cut_commits > before)
    await world.live(chance)


async def _bad_weather(proxy: Proxy, weather: Weather, lasting_s: float, world: World) -> None:
    met = proxy.touched
    proxy.turn(weather)
    await asyncio.sleep(lasting_s)
    proxy.turn(Weather.FAIR)
    world.bit(proxy.touched > met)


async def overload(world: World, chance: Random) -> None:
    """Many more clients than are let in at once; some must be turned away before anything of theirs is taken."""
    await world.live(chance)
    world.strike("overload", "150 clients")
    turned_away = await world.clients.crowd(150, chance.uniform(0.5, 1.5))
    world.bit(turned_away > 0)


async def file(world: World, chance: Random) -> None:
    """A file is dropped half-written, and later whole and twice, with or without a kill in between."""
    folder = world.hubs.data / "files" / "dropper" / "to-hub"
    folder.mkdir(parents=True, exist_ok=True)
    notes = [(f"C-{world.case + number}", f"ملف {world.case + number}") for number in range(NOTES_PER_FILE)]
    world.case += NOTES_PER_FILE
    whole = "Case;Number;Text\r\n" + "".join(f"{case};1;{text}\r\n" for case, text in notes)
    content = whole.encode("windows-1256")
    world.clients.texts.update({(case, 1): text for case, text in notes})
    first, second = f"{world.case}-a.csv", f"{world.case}-b.csv"
    (folder / first).write_bytes(content[: chance.randint(1, len(content) - 1)])
    await world.live(chance)
    untouched = (folder / first).exists()
    world.strike("file", first)
    (folder / second).write_bytes(content)
    (folder / first).write_bytes(content)
    for name in (first, second):
        (folder / f"{name}.done").touch()
    if chance.random() < 0.5:
        child = chance.choice(world.hubs.intakes)
        await asyncio.sleep(chance.uniform(0.0, 0.4))
        await child.kill()
        await world.restart(child)
    began = now()
    again = [await _reported(world, folder, name, notes, began) for name in (first, second)]
    world.bit(untouched and any(again))


async def _reported(world: World, folder: Path, name: str, notes: list[tuple[str, str]], began: float) -> bool:
    """Wait for the file's report and note its receipts down; whether some were given before."""
    report, until = folder / "accepted" / f"{name}.receipt.json", time.monotonic() + REPORTED_WITHIN_S
    while not report.exists():
        if time.monotonic() > until:
            rejected = (folder / "rejected" / f"{name}.rejected.json").exists()
            world.odd.append(f"file: {name} has no receipt ({'rejected' if rejected else 'nothing'})")
            return False
        for child in world.hubs.intakes:
            if not is_running(child):
                await world.restart(child)
        await asyncio.sleep(0.05)
    receipts = orjson.loads(report.read_bytes())["receipts"]
    for (case, text), receipt in zip(notes, receipts, strict=True):
        duplicate = bool(receipt["duplicate"])
        world.history.operated(Operation(case, 1, "ok", began, now(), receipt["id"], duplicate, text=text))
    return any(receipt["duplicate"] for receipt in receipts)
