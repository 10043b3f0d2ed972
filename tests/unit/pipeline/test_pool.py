"""The pool of processes: it does what the hub's own process would, and ends what takes too long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hub.access.identify import identify
from hub.errors import HubError
from hub.message import Sender
from hub.pipeline.pool import MOST_WAITING, Pool
from hub.pipeline.render import Pack, Stopped, pack
from hub.pipeline.take import Take
from hub.store.base import Claimed
from monitoring.metrics import Metrics
from tests.unit.pipeline.stage import KEY, RECEIVER, SENDER, Stage, edit, received, staged

ACCESS = f"connectors/agencies/{RECEIVER}/access.yaml"
AS_IT_IS = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="@*|node()"><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy></xsl:template>
</xsl:stylesheet>"""
NOW = 1_800_000_000.0


@asynccontextmanager
async def pooled(folder: Path, **settings: float) -> AsyncIterator[tuple[Stage, Pool]]:
    async with staged(folder) as stage:
        pool = Pool(stage.store.site_content, 2, Metrics(), **settings)  # type: ignore[arg-type]
        try:
            yield stage, pool
        finally:
            await pool.close()


def job(stage: Stage, claimed: list[Claimed]) -> Pack:
    return Pack(claimed[0].site, stage.sites.current.digest, tuple(claimed), NOW)


async def until(happened: Callable[[], object]) -> None:
    ends = time.monotonic() + 15
    while not happened():
        assert time.monotonic() < ends
        await asyncio.sleep(0.01)


def sender(stage: Stage) -> Sender:
    agency = stage.sites.current.agencies[SENDER]
    return identify(agency, received(), {"api-key": KEY}, stage.accepting.nonces)


def test_parcel_is_the_same_by_the_sites_of_each_message(tmp_path: Path) -> None:
    """The mapping of the acceptance and the rules of today, whichever process packs."""

    async def play() -> None:
        async with pooled(tmp_path) as (stage, pool):
            await stage.accept()
            claimed = await stage.claim()
            before = stage.sites.current
            assert await pool.pack(job(stage, claimed)) == pack(before, before, claimed, NOW)
            await stage.change_site(edit(ACCESS, "purpose: ", "purpose: other-"))
            today = stage.sites.current
            assert today.digest != before.digest
            assert await pool.pack(job(stage, claimed)) == pack(before, today, claimed, NOW)

    asyncio.run(play())


def test_what_stops_a_parcel_comes_back_as_it_is(tmp_path: Path) -> None:
    """The reason, and that it is withheld and not dead."""

    async def play() -> None:
        async with pooled(tmp_path) as (stage, pool):
            await stage.accept()
            claimed = await stage.claim()
            await stage.change_site(edit(ACCESS, "at-most: SECRET", "at-most: PUBLIC"))
            with pytest.raises(Stopped) as stopped:
                await pool.pack(job(stage, claimed))
            found = stopped.value
            assert (found.error.code.name, found.withheld, found.rule) == ("not-granted", True, "default deny")

    asyncio.run(play())


def test_site_that_is_not_stored_stops_the_delivery(tmp_path: Path) -> None:
    """There is nothing to translate by."""

    async def play() -> None:
        async with pooled(tmp_path) as (stage, pool):
            await stage.accept()
            claimed = await stage.claim()
            with pytest.raises(HubError, match="not-deliverable"):
                await pool.pack(Pack("0" * 64, stage.sites.current.digest, tuple(claimed), NOW))

    asyncio.run(play())


def test_process_that_nobody_needs_ends(tmp_path: Path) -> None:
    """Its memory is given back; the next document gets another one."""

    async def play() -> None:
        async with pooled(tmp_path, idle_s=0.05) as (stage, pool):
            await stage.accept()
            claimed = await stage.claim()
            for _ in range(2):
                await pool.pack(job(stage, claimed))
                await until(lambda: not pool.pids)

    asyncio.run(play())


def test_translation_without_end_is_ended(tmp_path: Path) -> None:
    """With a clear word, and without its process."""

    async def play() -> None:
        async with pooled(tmp_path, most_s=0.01) as (stage, pool):
            await stage.accept()
            claimed = await stage.claim()
            with pytest.raises(HubError, match="took longer"):
                await pool.pack(job(stage, claimed))
            assert pool.pids == []

    asyncio.run(play())


def test_too_many_waiting_are_turned_away(tmp_path: Path) -> None:
    """P8: before anything of them is accepted, with a time to come again; the others are taken by two processes."""

    async def play() -> None:
        async with pooled(tmp_path) as (stage, pool):
            jobs = [
                Take(stage.sites.current.digest, sender(stage), received(), stage.accepting.subjects, tmp_path / str(n))
                for n in range(MOST_WAITING + 1)
            ]
            taking = [asyncio.create_task(pool.take(each)) for each in jobs[:-1]]
            await until(lambda: len(pool.pids) == 2)
            with pytest.raises(HubError, match="busy") as refused:
                await pool.take(jobs[-1])
            assert refused.value.retry_after_s
            await asyncio.gather(*taking)
            assert len({(tmp_path / str(n)).read_bytes().count(b"\n") for n in range(MOST_WAITING)}) == 1
            assert len(pool.pids) == 2

    asyncio.run(play())


def test_nothing_begins_in_a_pool_that_is_closed(tmp_path: Path) -> None:
    """A delivery that waits is left to whoever comes next."""

    async def play() -> None:
        async with pooled(tmp_path) as (stage, pool):
            await stage.accept()
            claimed = await stage.claim()
            await pool.close()
            with pytest.raises(HubError, match="stopping"):
                await pool.pack(job(stage, claimed))

    asyncio.run(play())


def test_what_stylesheets_write_is_packed_by_the_pool(tmp_path: Path) -> None:
    """However small it is: a stylesheet may take its time. Without one the hub's own process packs it."""

    async def play() -> None:
        async with pooled(tmp_path) as (stage, pool):
            delivering = replace(stage.delivering, pool=pool.pack)
            await stage.accept(1)
            await delivering.deliver(RECEIVER, await stage.claim())
            assert pool.pids == []
            await stage.change_site(styled)
            await stage.accept(2)
            await delivering.deliver(RECEIVER, await stage.claim())
            assert len(pool.pids) == 1
            assert len(stage.sent) == 2

    asyncio.run(play())


def styled(folder: Path) -> None:
    (folder / "mappings" / RECEIVER / "as-it-is.xslt").write_text(AS_IT_IS)
    options = "{write: as-it-is.xslt, schema: case-archive.xsd, unfit: refuse}"
    edit(f"mappings/{RECEIVER}/case-record.yaml", "root: ", f"xslt: {options}\nroot: ")(folder)
