"""The ledger in a store: it is complete, follows the order of commits, and shows whoever tampers with it (P7)."""

from __future__ import annotations

import asyncio
import stat
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from hub.ledger import ORIGIN
from hub.store.audit import verify_store
from hub.store.migrate import engine_url
from hub.store.open import open_store
from hub.store.query import open_queries
from hub.store.session import StoreUnusable
from hub.store.store import SqlStore
from tests.unit.store.making import Opening, acceptance, ending, freezing, put, take


async def deliver(store: SqlStore, *cases: str) -> None:
    """Take messages all the way, which writes three entries each."""
    for case in cases:
        (id,) = await put(store, acceptance(case))
        (claimed,) = await take(store, id)
        await store.freeze(freezing(claimed))
        await store.finish(ending(claimed))


def tamper(opening: Opening, *statements: str) -> None:
    """Change the database as somebody with full access would."""
    engine = create_engine(engine_url(opening.url, opening.data / "hub.db"))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_every_entry_is_in_the_tree_and_signed_at_close(opening: Opening) -> None:
    """Closing sequences and signs what is left; the entries of a message are in the order of their commits."""
    message = acceptance("a")

    async def steps(store: SqlStore) -> None:
        await put(store, message)
        await deliver(store, "b", "c")
        await store.record([{"kind": "refuse"}])
        (claimed,) = await take(store, message.delivery_ids[0])
        await store.freeze(freezing(claimed))
        await store.finish(ending(claimed))

    opening.run(steps)
    verdict = verify_store(opening.url, opening.data)
    assert (verdict.entries, verdict.waiting, verdict.fault) == (10, 0, None)
    assert verdict.checkpoints >= 1

    async def ask() -> list[tuple[int | None, str]]:
        queries = await open_queries(opening.url, opening.data)
        entries = await queries.entries(message.id)
        await queries.close()
        return [(each.index, each.body["kind"]) for each in entries]

    assert asyncio.run(ask()) == [(0, "accept"), (8, "disclose"), (9, "disclose")]


def test_entries_are_sequenced_and_signed_while_the_hub_runs(opening: Opening) -> None:
    """Within a second or so, without anybody waiting for it."""

    async def steps(store: SqlStore) -> None:
        await deliver(store, "a")
        deadline = time.monotonic() + 10
        while True:
            verdict = await asyncio.to_thread(verify_store, opening.url, opening.data)
            assert verdict.fault is None
            if verdict.entries == 3 and (opening.data / "ledger.checkpoint").exists():
                break
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)

    opening.run(steps)
    assert (opening.data / "ledger.checkpoint").read_text().startswith(f"{ORIGIN}\n3\n")


def test_the_tree_grows_on_after_a_restart(opening: Opening) -> None:
    """The next process continues where the last one ended."""
    opening.run(lambda store: deliver(store, "a"))
    opening.run(lambda store: deliver(store, "b"))
    verdict = verify_store(opening.url, opening.data)
    assert (verdict.entries, verdict.fault) == (6, None)


def test_a_killed_process_leaves_entries_for_the_next(opening: Opening) -> None:
    """Entries that were committed but not sequenced are sequenced when the store is opened again."""
    opening.run(lambda store: deliver(store, "a"))
    tamper(opening, "DELETE FROM page", "DELETE FROM checkpoint")
    if opening.url != "sqlite":
        tamper(opening, "INSERT INTO unsequenced SELECT n FROM entry")

    async def nothing(_: SqlStore) -> None:
        return None

    opening.run(nothing)
    verdict = verify_store(opening.url, opening.data)
    assert (verdict.entries, verdict.fault) == (3, None)


BODY_OF = "(SELECT n FROM entry ORDER BY n LIMIT 1 OFFSET {})"


@pytest.mark.parametrize(
    ("statements", "index", "why"),
    [
        (
            ["UPDATE entry SET body = (SELECT body FROM entry ORDER BY n LIMIT 1) WHERE n = " + BODY_OF.format(2)],
            2,
            "the entry was changed",
        ),
        (["DELETE FROM entry WHERE n = " + BODY_OF.format(2)], 2, "the entry is missing"),
        (["DELETE FROM page", "DELETE FROM checkpoint"], 0, "truncated: a checkpoint of 6 entries is signed"),
        (["UPDATE checkpoint SET note = replace(note, 'hub', 'bub')"], 6, "a checkpoint has a bad signature"),
    ],
)
def test_tampering_is_found(opening: Opening, statements: list[str], index: int, why: str) -> None:
    """A changed, a removed, a cut off entry, and a forged checkpoint."""
    opening.run(lambda store: deliver(store, "a", "b"))
    tamper(opening, *statements)
    fault = verify_store(opening.url, opening.data).fault
    assert fault is not None
    assert (fault.index, fault.why) == (index, why)


def test_swapped_entries_are_found(opening: Opening) -> None:
    """Two entries that changed places."""
    opening.run(lambda store: deliver(store, "a", "b"))
    one, two = BODY_OF.format(1), BODY_OF.format(3)
    tamper(
        opening,
        f"CREATE TABLE swap AS SELECT n, body FROM entry WHERE n IN ({one}, {two})",
        "UPDATE entry SET body = (SELECT body FROM swap WHERE swap.n <> entry.n) WHERE n IN (SELECT n FROM swap)",
    )
    fault = verify_store(opening.url, opening.data).fault
    assert fault is not None
    assert (fault.index, fault.why) == (1, "the entries were reordered")


def test_an_entry_put_in_afterwards_is_found(tmp_path: Path) -> None:
    """An entry among sequenced ones that the tree does not know."""
    opening = Opening("sqlite", tmp_path)
    opening.run(lambda store: deliver(store, "a"))
    tamper(opening, "INSERT INTO entry (n, body) VALUES (-5, '{}')")
    fault = verify_store("sqlite", tmp_path).fault
    assert fault is not None
    assert fault.why == "an entry was added behind the tree's back"


def test_the_key_is_the_owners_alone(tmp_path: Path) -> None:
    """The private key is made once with mode 0600; the public one can be given away."""
    opening = Opening("sqlite", tmp_path)
    opening.run(lambda store: deliver(store, "a"))
    key = tmp_path / "ledger.key"
    before = key.read_text()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    opening.run(lambda store: deliver(store, "b"))
    assert key.read_text() == before
    assert (tmp_path / "ledger.pub").read_text().startswith(f"{ORIGIN}+")


def test_another_key_is_refused(tmp_path: Path) -> None:
    """A store whose key was lost is not continued with a new one in silence."""
    opening = Opening("sqlite", tmp_path)
    opening.run(lambda store: deliver(store, "a"))
    (tmp_path / "ledger.key").unlink()
    with pytest.raises(StoreUnusable, match="another key"):
        open_store("sqlite", tmp_path)


@pytest.mark.parametrize("body", ["'{}'", "17", "NULL || ''", "zeroblob(0)"])
def test_an_entry_of_another_storage_class_is_found(tmp_path: Path, body: str) -> None:
    """SQLite keeps whatever is written: a text or a number where bytes were is a changed entry, not a crash."""
    opening = Opening("sqlite", tmp_path)
    opening.run(lambda store: deliver(store, "a", "b"))
    tamper(opening, f"UPDATE entry SET body = coalesce({body}, '') WHERE n = {BODY_OF.format(2)}")
    fault = verify_store(opening.url, opening.data).fault
    assert fault is not None
    assert (fault.index, fault.why) == (2, "the entry was changed")
