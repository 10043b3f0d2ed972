"""What a mapping lets fall stands in the ledger, by place, and is counted: on the way in and on the way out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from prometheus_client import CollectorRegistry

from hub.message import Json
from tests.unit.pipeline.stage import RECEIVER, SENDER, TYPE, Stage, edit, received, staged

OPEN = edit(f"schemas/agencies/{SENDER}/{TYPE}.json", '"additionalProperties": false', '"additionalProperties": true')
ONE_CHARGE = edit(f"schemas/agencies/{RECEIVER}/{RECEIVER}.xsd", 'type="ca:Charge" maxOccurs="50"', 'type="ca:Charge"')
DROP = edit(
    f"mappings/{RECEIVER}/{TYPE}.yaml",
    "at: ca:CaseFile/ca:Charges/ca:Charge",
    "at: ca:CaseFile/ca:Charges/ca:Charge\n    too-many: drop",
)
EXTRA: Json = {"extra": 1, "n1048293177": 2, "n1048293178": 3, "سالم عوض": 4}


async def accept(stage: Stage, **more: Any) -> list[Json]:
    """One document with more in it than the mapping knows; the ledger's entries of its message."""
    document = received()
    body = orjson.dumps({**orjson.loads(document.body), **more})
    return await stage.ledger(await stage.accepting.accept(replace(document, body=body)))


def counted(registry: CollectorRegistry, agency: str, direction: str) -> float | None:
    return registry.get_sample_value("hub_dropped_total", {"agency": agency, "type": TYPE, "direction": direction})


def test_what_no_path_can_name_stands_in_the_ledger(tmp_path: Path) -> None:
    """By place, without names that could be an identifier; a duplicate counts nothing again."""

    async def play() -> None:
        async with staged(tmp_path) as stage:
            await stage.change_site(OPEN)
            (entry,) = await accept(stage, **EXTRA)
            assert entry["dropped"] == {"/extra": 1, "/*": 3}
            await accept(stage, **EXTRA)
            assert counted(stage.metrics.registry, SENDER, "in") == 4

    asyncio.run(play())


def test_places_in_the_ledger_are_bounded(tmp_path: Path) -> None:
    """Hundreds of invented names do not make hundreds of places; the count is of all."""

    async def play() -> None:
        async with staged(tmp_path) as stage:
            await stage.change_site(OPEN)
            (entry,) = await accept(stage, **{f"x{number}": 1 for number in range(300)})
            assert len(entry["dropped"]) == 21
            assert sum(entry["dropped"].values()) == 300

    asyncio.run(play())


def test_what_the_receiver_has_no_room_for_stands_with_its_disclosure(tmp_path: Path) -> None:
    """The entry that says what left also says what of it fell."""

    async def play() -> None:
        async with staged(tmp_path) as stage:
            await stage.change_site(lambda folder: (ONE_CHARGE(folder), DROP(folder)))
            answer = await stage.accept()
            await stage.deliver()
            accepted, started, ended = await stage.ledger(answer)
            assert ("dropped" in accepted, started.get("dropped"), "dropped" in ended) == (
                False,
                {"charges[]": 1},
                False,
            )
            assert counted(stage.metrics.registry, RECEIVER, "out") == 1

    asyncio.run(play())
