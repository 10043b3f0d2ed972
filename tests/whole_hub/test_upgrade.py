"""An upgrade under load: the hub of before goes on while the new one migrates its tables and takes over, one by one."""

from __future__ import annotations

import asyncio
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from hub.store.audit import verify_store
from hub.store.migrate import HEAD, MIGRATIONS, VERSION_TABLE
from tests.campaign.checker import check
from tests.campaign.desks import AGENCIES, Desks
from tests.campaign.history import History
from tests.campaign.hubs import write_environment
from tests.whole_hub.production import Fleet, Senders, Services, services
from tests.whole_hub.test_production import drained, until

ROOT = Path(__file__).parents[2]
NOTES = 5  # a case
WITHOUT_END = 1_000_000
FEW = 50


@pytest.fixture
def both() -> Iterator[Services]:
    """PostgreSQL and RabbitMQ."""
    with services() as found:
        yield found


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def engine(tmp_path: Path) -> dict[str, str]:
    """The packages as they were before the newest migration, as an environment that runs them."""
    (newest,) = (MIGRATIONS / "versions").glob(f"{HEAD}_*.py")
    try:
        added = git("log", "--diff-filter=A", "-1", "--format=%H", "--", str(newest.relative_to(ROOT)))
        before = git("rev-parse", "--verify", f"{added}^" if added else "HEAD")
    except (subprocess.CalledProcessError, FileNotFoundError):
        pytest.skip("no history of the repository here: the version before cannot be had")
    folder = tmp_path / "before"
    folder.mkdir()
    archive = subprocess.run(
        ["git", "archive", before, "hub", "connectors", "monitoring"], cwd=ROOT, check=True, capture_output=True
    )
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    assert not list((folder / "hub/store/migrations/versions").glob(f"{HEAD}_*.py"))
    return {"PYTHONSAFEPATH": "1", "PYTHONPATH": str(folder)}


def version(both: Services) -> str:
    with psycopg.connect(both.store) as connection:
        (found,) = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone() or ("",)
    return str(found)


def test_nothing_is_lost_while_the_new_version_takes_over(
    both: Services, tmp_path: Path, engine: dict[str, str]
) -> None:
    """Notes without pause through both versions: each is everywhere, once by id, with its bytes, in order; nobody is
    turned away but honestly, and every process ends well."""
    history = History(tmp_path)

    async def more() -> None:
        """Some more notes than now."""
        wanted = len(history.accepted()) + FEW
        await until(lambda: len(history.accepted()) >= wanted)

    async def play() -> Senders:
        desks = Desks(history, tmp_path / "from-hub", random.Random(6))
        async with desks.open() as partners:
            write_environment(tmp_path / "data", partners)
            old, new = (Fleet(both, tmp_path / "data") for _ in range(2))
            async with old.running(HUB_LEASE_S="10", **engine):
                assert version(both) < HEAD
                ports = [each.port for each in old.intakes]
                senders = Senders(ports, history, random.Random(7), WITHOUT_END, NOTES, at_once=3, pause_s=0.05)
                sending = asyncio.create_task(senders.run())
                await more()
                async with new.running(HUB_LEASE_S="10", PYTHONPATH=str(ROOT)):
                    assert version(both) == HEAD
                    assert [each.status for each in (*old.intakes, *old.deliverers)] == [None] * 4
                    ports += [each.port for each in new.intakes]
                    await more()
                    for intake, deliverer in zip(old.intakes, old.deliverers, strict=True):
                        ports.remove(intake.port)
                        assert await asyncio.gather(intake.stop(), deliverer.stop()) == [0, 0]
                    await more()
                    senders.enough = True
                    await sending
                    await drained(both, new.data, len(history.accepted()))
                assert [each.status for each in (*new.intakes, *new.deliverers)] == [0] * 4
                return senders

    senders = asyncio.run(play())
    history.save()
    verdict = check(history, AGENCIES, senders.texts)
    assert verdict.violations == ()
    assert verdict.figures["accepted"] == len(senders.texts) > 3 * FEW
    assert verdict.figures["distinct_id_and_digest"] == len(senders.texts) * len(AGENCIES)
    assert senders.odd == []
    audit = verify_store(both.store, tmp_path / "data")
    assert (audit.fault, audit.waiting) == (None, 0)
