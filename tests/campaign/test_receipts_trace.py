"""No receipt leaves before the sync that covers it: the reader of traces, and the hub under strace."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import sys
from pathlib import Path

import pytest

from hub.child import free_port
from tests.campaign.clients import Clients
from tests.campaign.history import History
from tests.campaign.hubs import SITE, write_environment
from tests.campaign.receipts_trace import CALLS, read

ID = "0198f0aa-0000-7000-8000-000000000001"
PAGE = f'7 pwrite64(9</data/hub.db-wal>, "\\r\\0{ID}\\0", 8192, 24) = 8192'
BODY = f'{{\\"id\\":\\"{ID}\\",\\"status\\":\\"accepted\\"'
ANSWER = f'5 write(12<socket:[1]>, "HTTP/1.1 202 Accepted\\r\\n\\r\\n{BODY}", 99) = 99'
BEGUN = "7 fdatasync(9</data/hub.db-wal> <unfinished ...>"
RETURNED = "7 <... fdatasync resumed>) = 0"
RECEIPTS = 1000


def test_a_receipt_after_its_sync_is_in_order() -> None:
    """Written, synced, answered."""
    traced = read([PAGE, BEGUN, RETURNED, ANSWER])
    assert (traced.receipts, traced.early) == ({ID}, set())


@pytest.mark.parametrize(
    "lines",
    [
        [PAGE, ANSWER, BEGUN, RETURNED],
        [PAGE, BEGUN, ANSWER, RETURNED],
        [BEGUN, PAGE, RETURNED, ANSWER],
        [PAGE, BEGUN, RETURNED.replace("= 0", "= -1 EIO (Input/output error)"), ANSWER],
        [PAGE, BEGUN.replace("hub.db-wal", "hub.log"), RETURNED, ANSWER],
        [ANSWER],
    ],
    ids=["no sync", "sync not over", "sync begun before the write", "sync failed", "another file", "never written"],
)
def test_a_receipt_before_its_sync_is_seen(lines: list[str]) -> None:
    """Each way of answering too early."""
    assert read(lines).early == {ID}


def _can_trace() -> bool:
    return shutil.which("strace") is not None and os.system("strace -f -o /dev/null true") == 0


@pytest.mark.skipif(not _can_trace(), reason="strace cannot trace here")
def test_a_thousand_receipts_leave_after_their_syncs(tmp_path: Path) -> None:
    """The hub as it runs, seen from the kernel."""
    trace = tmp_path / "trace"
    asyncio.run(_thousand_receipts(tmp_path, trace))
    with trace.open(encoding="ascii", errors="replace") as lines:
        traced = read(lines)
    assert len(traced.receipts) >= RECEIPTS
    assert traced.syncs > 0
    assert traced.early == set()
    trace.unlink()  # some 80 MB


async def _thousand_receipts(folder: Path, trace: Path) -> None:
    data, port = folder / "data", free_port()
    write_environment(data, {"file-desk": str(folder / "from-hub")})
    hub = await asyncio.create_subprocess_exec(
        "strace", "-f", "-y", "--seccomp-bpf", "-s", "65536", "-e", f"trace={CALLS}", "-o", str(trace),
        sys.executable, "-m", "hub.cli", "run", "--site", str(SITE), "--data", str(data), "--port", str(port),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    history = History(folder)
    url = f"http://127.0.0.1:{port}/rest/sender/note"
    clients = Clients(lambda: [url], history, random.Random(1), count=16, pause_s=0.0)
    sending = asyncio.create_task(clients.run())
    try:
        async with asyncio.timeout(90):
            while len(history.accepted()) < RECEIPTS:  # noqa: ASYNC110 - the clients do not know of the goal
                await asyncio.sleep(0.05)
            clients.stop()
            await sending
    finally:
        sending.cancel()
        os.killpg(hub.pid, signal.SIGTERM)
        await hub.wait()
