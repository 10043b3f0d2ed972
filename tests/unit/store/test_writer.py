"""The writer: group commit, isolation of failures, back-pressure, and what ends the process."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from hub.errors import HubError
from hub.message import Receipt
from hub.store.base import Intake, Stored
from hub.store.open import open_store
from hub.store.session import StoreUnusable
from hub.store.store import SqlStore
from tests.unit.store.making import Opening, acceptance, ending, freezing, intake, put, take


def test_a_delivery_costs_four_commits(opening: Opening) -> None:
    """Accept, claim, freeze, finish: one commit each, even when it is alone."""

    async def steps(store: SqlStore) -> None:
        before = store.commits
        (id,) = await put(store, acceptance("a"))
        (claimed,) = await take(store, id)
        await store.freeze(freezing(claimed))
        await store.finish(ending(claimed))
        assert store.commits - before == 4

    opening.run(steps)


def test_concurrent_calls_share_commits(opening: Opening) -> None:
    """A hundred messages handed in at the same moment take a few commits."""

    async def steps(store: SqlStore) -> None:
        before = store.commits
        stored = await asyncio.gather(*(store.accept(intake(acceptance(str(n)))) for n in range(100)))
        assert len({each.results[0] for each in stored}) == 100
        assert store.commits - before <= 5

    opening.run(steps)


def test_a_failing_operation_does_not_sink_its_neighbours(opening: Opening) -> None:
    """An intake that cannot be written fails alone, with its own error; those beside it are stored."""
    bad = acceptance("x", entry={"kind": {1, 2}})

    async def steps(store: SqlStore) -> None:
        waiting = [store.accept(intake(each)) for each in (acceptance("a"), bad, acceptance("b"))]
        good, failed, also_good = await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(failed, TypeError)
        assert isinstance(good, Stored)
        assert isinstance(also_good, Stored)
        assert (await store.totals())["court"]["states"] == {"pending": 2}

    opening.run(steps)


def test_too_much_waiting_is_refused_before_it_is_taken(tmp_path: Path) -> None:
    """A full queue answers busy with a time to wait; what was taken is stored."""
    opening = Opening("sqlite", tmp_path)

    async def steps(store: SqlStore) -> None:
        calls = [store.accept(intake(acceptance(str(n)))) for n in range(20)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        refused = [each for each in results if isinstance(each, HubError)]
        assert refused
        assert {(each.code.name, each.retry_after_s) for each in refused} == {("busy", 1.0)}
        assert (await store.totals())["court"]["states"] == {"pending": 20 - len(refused)}

    opening.run(steps, most_waiting=5)


def test_too_many_bytes_waiting_are_refused(tmp_path: Path) -> None:
    """The queue is bounded in bytes as well."""
    opening = Opening("sqlite", tmp_path)

    async def steps(store: SqlStore) -> None:
        large = Intake(raw=b"x" * 1000, acceptances=(acceptance("a"),))
        results = await asyncio.gather(store.accept(large), store.accept(large), return_exceptions=True)
        assert isinstance(results[0], Stored)
        assert isinstance(results[1], HubError)

    opening.run(steps, most_waiting_bytes=1000)


def test_a_full_disk_refuses_and_recovers(tmp_path: Path) -> None:
    """SQLite without room: store-full, nothing is written; with room again everything goes on."""
    opening = Opening("sqlite", tmp_path)

    async def steps(store: SqlStore) -> None:
        await put(store, acceptance("a"))
        connection: sqlite3.Connection = store._writer._session._connection  # type: ignore[attr-defined]
        connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(HubError) as caught:
            await store.accept(Intake(raw=b"x" * 100_000, acceptances=(acceptance("b"),)))
        assert caught.value.code.name == "store-full"
        connection.execute("PRAGMA max_page_count = 1000000")
        await put(store, acceptance("b"))
        assert (await store.totals())["court"]["states"] == {"pending": 2}

    opening.run(steps)


def test_a_locked_database_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process holds the write lock, callers are told to come again."""
    monkeypatch.setattr("hub.store.sqlite.BUSY_AFTER_S", 0.05)
    opening = Opening("sqlite", tmp_path)

    async def steps(store: SqlStore) -> None:
        await put(store, acceptance("a"))
        other = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HubError) as caught:
            await put(store, acceptance("b"))
        assert caught.value.code.name == "busy"
        other.execute("ROLLBACK")
        other.close()
        await put(store, acceptance("b"))

    opening.run(steps)


def test_two_hubs_cannot_write_one_folder(tmp_path: Path) -> None:
    """The second is told so at once."""
    opening = Opening("sqlite", tmp_path)

    async def steps(_: SqlStore) -> None:
        with pytest.raises(StoreUnusable, match="another hub"):
            open_store("sqlite", tmp_path)

    opening.run(steps)


def test_nothing_is_taken_after_closing(tmp_path: Path) -> None:
    """A closed store says that it is stopping; closing twice is harmless."""

    async def go() -> None:
        store = open_store("sqlite", tmp_path)
        await store.close()
        await store.close()
        with pytest.raises(HubError) as caught:
            await store.due(0.0, 1)
        assert caught.value.code.name == "stopping"

    asyncio.run(go())


FAILING = """
    import asyncio, resource, signal, sys
    from pathlib import Path
    from hub.store.open import open_store
    from hub.store.base import Intake
    from tests.unit.store.making import acceptance, intake

    async def go():
        store = open_store("sqlite", Path(sys.argv[1]))
        await store.accept(intake(acceptance("a")))
        print("accepted", flush=True)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        await store.accept(Intake(b"x" * 1_000_000, (acceptance("b"),)))
        print("answered", flush=True)

    asyncio.run(go())
"""


def run_child(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own."""
    command = [sys.executable, "-c", textwrap.dedent(program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_failed_write_ends_the_process_unanswered(tmp_path: Path) -> None:
    """After an I/O error nothing is answered any more; what was acknowledged before is there."""
    ended = run_child(FAILING, str(tmp_path))
    assert (ended.returncode, ended.stdout) == (70, "accepted\n")
    assert "store-failed" in ended.stderr
    totals = Opening("sqlite", tmp_path).run(lambda store: store.totals())
    assert totals["court"]["states"] == {"pending": 1}


ACCEPTING = """
    import asyncio, sys
    from pathlib import Path
    from hub.store.open import open_store
    from tests.unit.store.making import acceptance, intake

    async def client(store, first):
        for n in range(first, 10**9, 8):
            stored = await store.accept(intake(acceptance(f"c{n % 50}", identity=f"i{n}")))
            print(stored.results[0].identity, flush=True)

    async def go():
        store = open_store(sys.argv[1], Path(sys.argv[2]))
        await asyncio.gather(*(client(store, first) for first in range(8)))

    asyncio.run(go())
"""


def test_a_killed_process_keeps_what_it_acknowledged(opening: Opening) -> None:
    """SIGKILL in the middle of many accepts: every receipt printed before is given again as a duplicate."""
    command = [sys.executable, "-u", "-c", textwrap.dedent(ACCEPTING), opening.url, str(opening.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        printed = [child.stdout.readline().strip() for _ in range(200)]
        child.kill()
        printed += [line.strip() for line in child.stdout.read().splitlines()[:-1]]

    async def steps(store: SqlStore) -> Sequence[Receipt]:
        repeated = [await store.accept(intake(acceptance("c", identity=identity))) for identity in printed]
        return [each.results[0] for each in repeated if isinstance(each.results[0], Receipt)]

    receipts = opening.run(steps)
    assert len(receipts) == len(printed) >= 200
    assert all(each.duplicate for each in receipts)


def test_waiting_for_the_store_does_not_block_the_loop(opening: Opening) -> None:
    """Other tasks run while a commit is under way; everything of the store happens in its own thread."""

    async def steps(store: SqlStore) -> None:
        ticks = 0
        ended = asyncio.create_task(store.accept(intake(acceptance("a"))))
        deadline = time.monotonic() + 10
        while not ended.done() and time.monotonic() < deadline:
            await asyncio.sleep(0)
            ticks += 1
        assert ticks > 1
        assert any(each.name == "store-writer" for each in threading.enumerate())

    opening.run(steps)
