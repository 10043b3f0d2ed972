"""A commit is recognised in what psycopg really sends, and the connection is lost before or after it as asked."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from tests.campaign.commits import Commits
from tests.campaign.proxy import AtCommit, Proxy

STARTUP = (8 + 4).to_bytes(4, "big") + (196_608).to_bytes(4, "big") + b"u\0\0\0"


def message(kind: bytes, content: bytes) -> bytes:
    return kind + (len(content) + 4).to_bytes(4, "big") + content


@pytest.mark.parametrize(
    ("messages", "found"),
    [
        ([message(b"Q", b"COMMIT\0")], True),
        ([message(b"Q", b"INSERT INTO note VALUES ('COMMIT')\0")], False),
        ([message(b"P", b"\0commit\0\0\0"), message(b"B", b"\0\0\0\0\0\0\0\0")], True),
        (
            [message(b"P", b"s1\0COMMIT\0\0\0"), message(b"P", b"s2\0SELECT 1\0\0\0"), message(b"B", b"\0s2\0\0\0")],
            False,
        ),
        ([message(b"P", b"s1\0COMMIT\0\0\0"), message(b"B", b"\0s2\0\0\0"), message(b"B", b"\0s1\0\0\0")], True),
        ([message(b"P", b"s1\0COMMIT\0\0\0")], False),
    ],
)
@pytest.mark.parametrize("pieces", ["whole", "bytes"])
def test_commits_are_found_however_they_are_asked(messages: list[bytes], found: bool, pieces: str) -> None:
    """Simple or prepared, after a request for TLS, and wherever the network cuts the stream."""
    commits, sent = Commits(), [(8).to_bytes(4, "big") + (80_877_103).to_bytes(4, "big"), STARTUP, *messages]
    parts = sent if pieces == "whole" else [bytes([byte]) for each in sent for byte in each]
    assert any(commits.found_in(part) for part in parts) == found


@asynccontextmanager
async def before_postgres() -> AsyncIterator[Proxy]:
    proxy = Proxy(("127.0.0.1", 5432), reads_commits=True)
    async with proxy.listening():
        yield proxy


def told(port: int, *, prepared: bool) -> tuple[int, str, str]:
    """How many commits were made before the loss; what became of the last, by the server's word; what psycopg said."""
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    made = 0
    try:
        with psycopg.connect(url, autocommit=True, prepare_threshold=1 if prepared else None) as connection:
            while True:
                connection.execute("BEGIN")
                (number,) = connection.execute("SELECT pg_current_xact_id()::text").fetchone() or ("",)
                connection.execute("COMMIT")
                made += 1
    except psycopg.OperationalError as error:
        said = str(error)
    with psycopg.connect("postgresql://postgres@127.0.0.1:5432/postgres") as connection:
        for _ in range(500):
            (status,) = connection.execute("SELECT pg_xact_status(%s::xid8)", (number,)).fetchone() or ("",)
            if status != "in progress":
                break
            connection.execute("SELECT pg_sleep(0.01)")
    return made, status, said


@pytest.mark.parametrize("prepared", [False, True])
@pytest.mark.parametrize(("moment", "status"), [(AtCommit.BEFORE, "aborted"), (AtCommit.AFTER, "committed")])
def test_a_connection_is_lost_exactly_at_its_commit(moment: AtCommit, status: str, prepared: bool) -> None:
    """The client sees the same either way; only the server knows."""
    try:
        psycopg.connect("postgresql://postgres@127.0.0.1:5432/postgres", connect_timeout=2).close()
    except psycopg.OperationalError as error:
        if os.environ.get("HUB_TEST_SERVICES") == "required":
            raise
        pytest.skip(f"no PostgreSQL server: {error}")

    async def play() -> None:
        async with before_postgres() as proxy:
            asking = asyncio.create_task(asyncio.to_thread(told, proxy.port, prepared=prepared))
            await asyncio.sleep(0.3)
            proxy.at_commit = moment
            made, became, said = await asyncio.wait_for(asking, 30)
            assert made > 2
            assert became == status
            assert said
            assert proxy.cut_commits == 1

    asyncio.run(play())
