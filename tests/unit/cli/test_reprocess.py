"""``hub reprocess`` without a running hub: the command reads messages again by today's site, the store to itself."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.cli import dispatch
from hub.message import Outcome, Result, State
from hub.site.site import load_site
from hub.site.versions import SiteVersions
from hub.store.open import open_store
from hub.store.query import open_queries
from hub.store.views import DeliveryView
from tests.unit.pipeline.stage import RECEIVER, Stage, edit, staged
from tests.unit.pipeline.test_rules_at_delivery import ACCESS, NARROWER, OFFICER

NO = Outcome(Result.REFUSED, "partner-refused", "the officer's name is none of ours")


@pytest.fixture
def dead(tmp_path: Path, store: str) -> DeliveryView:
    """A message that the archive refused, in a store that nobody has open."""

    async def play() -> DeliveryView:
        async with staged(tmp_path, store) as stage:
            stage.answers = [NO]
            await stage.accept()
            await stage.deliver()
            (found,) = (await stage.queries.deliveries()).deliveries
            assert found.state is State.DEAD
            return found

    return asyncio.run(play())


def reprocess(folder: Path, capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> Any:
    where = ["--data", str(folder / "data"), "--site", str(folder / "site"), "--json"]
    assert dispatch(["reprocess", *words, "--reason", "their rule, our grant", *where]) == status
    return json.loads(capsys.readouterr().out)


def test_the_next_hub_sends_what_todays_site_makes_of_it(
    tmp_path: Path, store: str, dead: DeliveryView, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new id in the old place, by the narrower rule; the old one is superseded, and the ledger says who and why."""
    NARROWER(tmp_path / "site")
    done = reprocess(tmp_path, capsys, dead.id)["done"]
    new = done[dead.id]

    async def play() -> None:
        site = load_site(tmp_path / "site")
        opened, queries = open_store(store, tmp_path / "data"), await open_queries(store, tmp_path / "data")
        stage = Stage(tmp_path / "site", opened, queries, SiteVersions(site, opened.site_content))
        try:
            found = {each.id: each for each in (await queries.deliveries()).deliveries}
            assert (found[dead.id].state, found[dead.id].reason) == (State.SUPERSEDED, new)
            assert (found[new].state, found[new].generation, found[new].relates_to) == (State.PENDING, 2, dead.id)
            await stage.deliver()
            (sent,) = stage.sent
            assert (sent.id, OFFICER in sent.body) == (new, False)
            bodies = [entry.body for entry in await queries.entries(dead.message_id)]
            (act,) = [body for body in bodies if body["kind"] == "reprocess"]
            assert (act["justification"], act["relatesTo"]) == ("their rule, our grant", dead.id)
            assert act["site"] == site.digest
        finally:
            await queries.close()
            await opened.close()

    asyncio.run(play())


def test_a_dry_run_changes_nothing(
    tmp_path: Path, store: str, dead: DeliveryView, capsys: pytest.CaptureFixture[str]
) -> None:
    """It reads everything by today's site, and says what would be."""
    reprocess(tmp_path, capsys, "--agency", RECEIVER, "--dry-run")

    async def play() -> list[DeliveryView]:
        queries = await open_queries(store, tmp_path / "data")
        try:
            return list((await queries.deliveries()).deliveries)
        finally:
            await queries.close()

    (found,) = asyncio.run(play())
    assert replace(found, changed_at=0.0) == replace(dead, changed_at=0.0)


def test_what_todays_site_does_not_grant_stays_dead_with_the_reason(
    tmp_path: Path, dead: DeliveryView, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is superseded by nothing."""
    edit(ACCESS, "may: receive", "may: send")(tmp_path / "site")
    said = reprocess(tmp_path, capsys, dead.id, status=1)
    assert said["done"] == {}
    assert dead.id in said["left"]


def test_a_site_with_mistakes_is_not_used(
    tmp_path: Path, dead: DeliveryView, capsys: pytest.CaptureFixture[str]
) -> None:
    """The findings are told, and the message stays as it is."""
    edit(ACCESS, "officer.badge", "officer.bagde")(tmp_path / "site")
    where = ["--data", str(tmp_path / "data"), "--site", str(tmp_path / "site")]
    assert dispatch(["reprocess", dead.id, "--reason", "r", *where]) != 0
    assert "officer.bagde" in capsys.readouterr().err
