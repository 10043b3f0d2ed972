"""Several processes on one PostgreSQL: nothing is claimed twice, numbered twice or left out of the ledger."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from hub.errors import HubError
from hub.message import CaseNumber, Receipt
from hub.store.audit import verify_store
from hub.store.base import Claimed
from hub.store.open import open_store
from hub.store.postgres import PostgresSession
from hub.store.query import open_queries
from hub.store.session import Busy, StoreUnusable
from hub.store.store import SqlStore
from tests.unit.store.making import LATER, Opening, acceptance, ending, freezing, intake


@pytest.fixture
def shared(empty_database: str, tmp_path: Path) -> Opening:
    """An empty store on the server."""
    return Opening(empty_database, tmp_path)


def run_two(shared: Opening, steps: Callable[[SqlStore, SqlStore], Awaitable[None]]) -> None:
    """Open the store twice, as two processes with the same ledger key do."""
    other = shared.data / "other"

    async def go() -> None:
        one = open_store(shared.url, shared.data)
        other.mkdir()
        shutil.copy(shared.data / "ledger.key", other)
        two = open_store(shared.url, other)
        try:
            await steps(one, two)
        finally:
            await one.close()
            await two.close()

    asyncio.run(go())


def test_one_lane_is_numbered_without_holes_by_two_processes(shared: Opening) -> None:
    """Both append to the same case at the same time; the numbers are 1 to n in the order of delivery."""

    async def steps(one: SqlStore, two: SqlStore) -> None:
        await asyncio.gather(*(store.accept(intake(acceptance("a"))) for _ in range(20) for store in (one, two)))
        seen: list[int] = []
        while True:
            due = await one.due(LATER, 10)
            if not due:
                break
            (claimed,) = await two.claim(due["court"], "w", 30, LATER)
            seen.append(claimed.envelope.sequence)
            await two.finish(ending(claimed))
        assert seen == list(range(1, 41))

    run_two(shared, steps)


def test_two_processes_accept_the_same_message_once(shared: Opening) -> None:
    """Whoever is second gives the first one's receipt."""

    async def steps(one: SqlStore, two: SqlStore) -> None:
        for n in range(10):
            message = [acceptance("a", identity=f"x{n}") for _ in range(2)]
            stored = await asyncio.gather(one.accept(intake(message[0])), two.accept(intake(message[1])))
            receipts = [each.results[0] for each in stored]
            assert all(isinstance(each, Receipt) for each in receipts)
            assert len({each.id for each in receipts if isinstance(each, Receipt)}) == 1

    run_two(shared, steps)


def test_a_delivery_is_claimed_by_one_process(shared: Opening) -> None:
    """Both ask for the same ids at the same time."""

    async def steps(one: SqlStore, two: SqlStore) -> None:
        stored = await one.accept(intake(*(acceptance(str(n)) for n in range(50))))
        ids = stored.ring["court"]
        got = await asyncio.gather(*(store.claim(ids, "w", 30, LATER) for store in (one, two)))
        claimed = [each.id for group in got for each in group]
        assert sorted(claimed) == sorted(ids)

    run_two(shared, steps)


def test_work_side_by_side_leaves_a_sound_ledger(shared: Opening) -> None:
    """Both deliver, merge cases and sequence; every delivery ends, and the ledger verifies as a whole."""

    async def deliver(store: SqlStore, claimed: Claimed) -> None:
        assert await store.freeze(freezing(claimed))
        assert (await store.finish(ending(claimed))).stale == ()

    async def work(store: SqlStore, first: int) -> None:
        for n in range(first, first + 30):
            numbers = [CaseNumber("case", str(n % 7)), CaseNumber("report", str(n % 5))]
            await store.accept(intake(acceptance(numbers=numbers, to=["court", "emirate"])))
            for ids in (await store.due(LATER, 5)).values():
                for claimed in await store.claim(ids, "w", 30, LATER):
                    await deliver(store, claimed)

    async def steps(one: SqlStore, two: SqlStore) -> None:
        await asyncio.gather(work(one, 0), work(two, 1))
        while due := await one.due(LATER, 50):
            for ids in due.values():
                for claimed in await one.claim(ids, "w", 30, LATER):
                    await deliver(one, claimed)
        totals = await two.totals()
        assert {each: totals[each]["states"] for each in totals} == {
            "court": {"pending": 0, "delivered": 60},
            "emirate": {"pending": 0, "delivered": 60},
        }
        queries = await open_queries(shared.url, shared.data)
        (case,) = await queries.cases("3")
        assert len(case.messages) == 60
        await queries.close()

    run_two(shared, steps)
    verdict = verify_store(shared.url, shared.data)
    assert (verdict.entries, verdict.waiting, verdict.fault) == (60 + 120 * 2, 0, None)


def test_a_lost_connection_is_busy_and_comes_back(shared: Opening) -> None:
    """While the server is away nothing is taken; afterwards everything goes on by itself."""

    async def steps(store: SqlStore) -> None:
        await store.accept(intake(acceptance("a")))
        with psycopg.connect(shared.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        results = [await asyncio.gather(store.due(LATER, 1), return_exceptions=True) for _ in range(2)]
        assert isinstance(results[1][0], dict)
        await store.accept(intake(acceptance("b")))

    shared.run(steps)


def terminate_at_commit(monkeypatch: pytest.MonkeyPatch, url: str, *, after: bool) -> list[str]:
    """The server cuts the next commit's connection, before or after it has done it; gives what happened."""
    plain, happened = PostgresSession.commit, list[str]()

    def commit(session: PostgresSession) -> None:
        if happened:
            plain(session)
            return
        connection = session._connection
        if after:
            connection.execute("COMMIT")
        with psycopg.connect(url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,))
        happened.append("cut")
        plain(session)

    monkeypatch.setattr(PostgresSession, "commit", commit)
    return happened


@pytest.mark.parametrize("after", [False, True])
def test_a_commit_whose_answer_was_lost_is_looked_up(
    after: bool, shared: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server did not commit is refused as busy, what it did has its receipt, and the process lives on."""

    async def steps(store: SqlStore) -> None:
        await store.accept(intake(acceptance("a")))
        message = acceptance("a", identity="twice")
        happened = terminate_at_commit(monkeypatch, shared.url, after=after)
        (first,) = await asyncio.gather(store.accept(intake(message)), return_exceptions=True)
        assert happened == ["cut"]
        again = (await store.accept(intake(replace(message, id="other", delivery_ids=("other-court",))))).results[0]
        assert isinstance(again, Receipt)
        if after:
            assert not isinstance(first, BaseException)
            (receipt,) = first.results
            assert isinstance(receipt, Receipt)
            assert (again.id, again.duplicate) == (receipt.id, True)
        else:
            assert isinstance(first, HubError)
            assert first.code.name == "busy"
            assert (again.id, again.duplicate) == ("other", False)

    shared.run(steps)
    assert verify_store(shared.url, shared.data).fault is None


def test_a_process_that_stands_still_holds_nobody_up(shared: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a transaction it loses its locks; when it goes on, what it wanted to commit surely was not."""
    monkeypatch.setattr("hub.store.postgres.STANDSTILL_MS", 200)

    async def steps(store: SqlStore) -> None:
        still = PostgresSession(shared.url)
        still.begin()
        still.ask("LOCK TABLE message", {})
        stored = await store.accept(intake(acceptance("1448-1")))
        assert isinstance(stored.results[0], Receipt)
        with pytest.raises(Busy):
            still.commit()
        still.close()

    shared.run(steps)


def test_a_server_that_does_not_answer_is_told_plainly(tmp_path: Path) -> None:
    """Whoever starts a hub reads what is missing, not a stack."""
    with pytest.raises(StoreUnusable, match="does not answer"):
        open_store("postgresql://postgres@127.0.0.1:9/none", tmp_path)


def test_a_database_that_would_garble_texts_is_refused(server: str, tmp_path: Path) -> None:
    """SQL_ASCII is what initdb makes without a locale; no table is made in it, and the error says what to do."""
    name = f"hub_test_{uuid.uuid4().hex[:12]}"
    url = server.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
        try:
            with pytest.raises(StoreUnusable, match=r"SQL_ASCII.*UTF8"):
                open_store(url, tmp_path)
            with psycopg.connect(url) as made:
                assert made.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'").fetchone() is None
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
