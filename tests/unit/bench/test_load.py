"""Generator and sink as real processes."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import asdict
from pathlib import Path

import orjson
import pytest

from hub.bench.generator import Order
from hub.bench.record import NEVER, read_moments
from hub.bench.sink import SinkOrder
from hub.bench.usage import fsync_ms, usage
from hub.child import free_port


async def generate(order: Order) -> dict[str, object]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.bench.generator", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate(orjson.dumps(asdict(order)))
    found: dict[str, object] = orjson.loads(printed)
    return found


def order(port: int, record: Path, per_s: float) -> Order:
    return Order(
        "127.0.0.1", port, "/in", {"X": "y"}, "<n>@NUMBER@</n><again>@NUMBER@</again>", 1, 4, 0.5, per_s, str(record)
    )


@pytest.mark.parametrize("per_s", [0.0, 40.0])
def test_everything_that_was_accepted_arrived_once(tmp_path: Path, per_s: float) -> None:
    """The generator's record and the sink's hold the same numbers, none twice."""

    async def run() -> None:
        port, record = free_port(), tmp_path / "sink"
        told = SinkOrder(port, "<n>([0-9]+)</n>", "<ok/>", "text/xml", str(record))
        sink = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub.bench.sink", orjson.dumps(asdict(told)).decode(),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert sink.stdout is not None
        assert sink.stdin is not None
        await sink.stdout.readline()
        said = await generate(order(port, tmp_path / "sent", per_s))
        sink.stdin.close()
        await sink.wait()
        sent = [row[0] for row in read_moments(tmp_path / "sent", 3) if row[2] != NEVER]
        arrived = [row[0] for row in read_moments(record, 2)]
        assert said["failures"] == {}
        assert len(sent) == len(set(sent)) > 10
        assert sorted(sent) == sorted(arrived)

    asyncio.run(run())


def test_an_answer_503_is_sent_again_and_a_400_is_a_failure(tmp_path: Path) -> None:
    """Overload is not a loss, and a refusal is not a receipt."""
    answers = [b"503 Busy", b"400 Bad", b"202 Taken"]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"</again>"):
            status = answers.pop(0) if answers else b"202 Taken"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")

    async def run() -> None:
        port = free_port()
        server = await asyncio.start_server(serve, "127.0.0.1", port)
        said = await generate(order(port, tmp_path / "sent", 0))
        server.close()
        assert said["turned_away"] == 1
        assert said["failures"] == {"400": 1}

    asyncio.run(run())


def test_usage_counts_this_process() -> None:
    """CPU time grows when something is computed."""
    before = usage(os.getpid())
    sum(number * number for number in range(2_000_000))
    after = usage(os.getpid())
    assert after.cpu_s > before.cpu_s
    assert after.rss_mb > 5


def test_fsync_is_measured_and_leaves_nothing(tmp_path: Path) -> None:
    """The context of every durable commit."""
    assert len(fsync_ms(tmp_path, 3)) == 3
    assert list(tmp_path.iterdir()) == []
