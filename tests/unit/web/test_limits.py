"""What a request must keep to before the hub looks at it, shown with raw sockets."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import aiohttp
import pytest

from hub.web import server
from hub.web.limits import Limits
from tests.unit.web.serving import AGENCIES, KEY, STATION, Hub, serving, until

POST = "POST /rest/station/report HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"


async def raw(base: str, *parts: bytes | float, within_s: float = 5.0) -> bytes:
    """Send the parts (numbers are pauses) and read until the server closes or an answer's body is there."""
    host, port = base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for part in parts:
            if isinstance(part, bytes):
                writer.write(part)
                await writer.drain()
            else:
                await asyncio.sleep(part)
        async with asyncio.timeout(within_s):
            return await reader.read(65536)
    finally:
        writer.close()


def test_a_body_over_the_limit_is_refused_before_it_is_read() -> None:
    """Content-Length alone is enough to say no, and the sender still reads the answer."""

    async def play() -> None:
        hub = Hub()
        async with serving(hub, Limits(max_body_bytes=1000)) as base, aiohttp.ClientSession() as client:
            headers = {"Content-Type": "application/json"}
            async with client.post(f"{base}/rest/station/report", data=b"x" * 5_000_000, headers=headers) as answer:
                assert answer.status == 413
                assert (await answer.json(content_type=None))["code"] == "too-large"
        assert hub.taken == []
        assert [each.credential for each in hub.problems] == [None]
        assert hub.refusals == [("station", "report", "rest", "too-large")]

    asyncio.run(play())


def test_a_chunked_body_over_the_limit_is_refused() -> None:
    """Without a declared length the bytes are counted."""

    async def play() -> None:
        async with serving(Hub(), Limits(max_body_bytes=1000)) as base:
            chunk = b"400\r\n" + b"x" * 0x400 + b"\r\n"
            answer = await raw(base, POST.encode() + b"Transfer-Encoding: chunked\r\n\r\n", chunk, chunk, b"0\r\n\r\n")
            assert b" 413 " in answer.split(b"\r\n")[0]

    asyncio.run(play())


def test_a_body_that_never_ends_is_given_up() -> None:
    """A sender that stops half-way costs a connection for the deadline, not for ever."""

    async def play() -> None:
        hub = Hub()
        async with serving(hub, Limits(body_deadline_s=0.2)) as base:
            answer = await raw(base, POST.encode() + b"Content-Length: 100\r\n\r\n{")
            assert b" 408 " in answer.split(b"\r\n")[0]
            assert b'"incomplete"' in answer
        assert hub.taken == []

    asyncio.run(play())


def test_headers_that_never_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """uvicorn itself would wait for ever."""
    monkeypatch.setattr(server, "_HEADER_DEADLINE_S", 0.2)

    async def play() -> None:
        async with serving(Hub()) as base:
            assert await raw(base, b"POST /rest/stat") == b""
            assert await raw(base) == b""

    asyncio.run(play())


def test_two_ways_to_tell_the_length_are_refused() -> None:
    """Content-Length with Transfer-Encoding is how requests are smuggled (RFC 9112, 6.3)."""

    async def play() -> None:
        hub = Hub()
        async with serving(hub) as base:
            both = b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
            assert b" 400 " in (await raw(base, POST.encode() + both)).split(b"\r\n")[0]
        assert hub.taken == []

    asyncio.run(play())


def test_a_sender_that_goes_away_leaves_nothing() -> None:
    """A half-sent body is not a message."""

    async def play() -> None:
        hub = Hub()
        async with serving(hub) as base:
            host, port = base.removeprefix("http://").split(":")
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(POST.encode() + b"Content-Length: 100\r\n\r\n{")
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            async with aiohttp.ClientSession() as client, client.get(f"{base}/health/live") as answer:
                assert answer.status == 200
        assert hub.taken == []
        assert hub.faults == []

    asyncio.run(play())


def test_too_many_at_once_are_told_to_come_again() -> None:
    """503 with Retry-After before anything is accepted (P8); health still answers, and room comes back."""

    async def play() -> None:
        hub = Hub(gate=asyncio.Event())
        headers = {"Content-Type": "application/json"}
        async with serving(hub, Limits(max_in_flight=2)) as base, aiohttp.ClientSession() as client:
            url = f"{base}/rest/station/report"
            under_way = [asyncio.create_task(client.post(url, data=b"{}", headers=headers)) for _ in range(2)]
            await until(lambda: len(hub.taken) == 2)
            async with client.post(url, data=b"{}", headers=headers) as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
            async with client.get(f"{base}/health/live") as answer:
                assert answer.status == 200
            assert hub.gate is not None
            hub.gate.set()
            assert [(await task).status for task in under_way] == [202, 202]
            async with client.post(url, data=b"{}", headers=headers) as answer:
                assert answer.status == 202

    asyncio.run(play())


def test_too_many_bytes_at_once_are_told_to_come_again() -> None:
    """Memory is bounded by what bodies hold together, not by how many there are; one alone always has room."""

    async def play() -> None:
        hub = Hub(gate=asyncio.Event())
        headers = {"Content-Type": "application/json"}
        large, small = b'"' + b"x" * 3_000 + b'"', b"{}"
        limits = Limits(max_in_flight_bytes=2_000)
        async with serving(hub, limits) as base, aiohttp.ClientSession() as client:
            url = f"{base}/rest/station/report"
            first = asyncio.create_task(client.post(url, data=large, headers=headers))
            await until(lambda: len(hub.taken) == 1)
            async with client.post(url, data=small, headers=headers) as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
            assert hub.gate is not None
            hub.gate.set()
            assert (await first).status == 202
            both = [await client.post(url, data=small, headers=headers) for _ in range(2)]
            assert [answer.status for answer in both] == [202, 202]

    asyncio.run(play())


def test_stopping_lets_requests_under_way_finish() -> None:
    """A message that is being made durable still gets its receipt."""

    async def play() -> None:
        hub = Hub(gate=asyncio.Event())
        async with aiohttp.ClientSession() as client:
            async with serving(hub) as base:
                headers = {"Content-Type": "application/json"}
                task = asyncio.create_task(client.post(f"{base}/rest/station/report", data=b"{}", headers=headers))
                await until(lambda: len(hub.taken) == 1)
                assert hub.gate is not None
                asyncio.get_running_loop().call_later(0.3, hub.gate.set)
            assert (await task).status == 202

    asyncio.run(play())


@pytest.mark.parametrize("over", [0, 1])
def test_an_agency_may_have_a_limit_of_its_own(over: int) -> None:
    """It counts for that agency alone, above or below the deployment's, to the byte."""

    async def play() -> None:
        hub = Hub(agencies={**AGENCIES, "station": replace(STATION, max_bytes=1000)})
        async with serving(hub, Limits(max_body_bytes=10)) as base, aiohttp.ClientSession() as client:
            headers = {"Content-Type": "application/json", "X-Api-Key": KEY}
            url = f"{base}/rest/station/report"
            async with client.post(url, data=b"x" * (1000 + over), headers=headers) as answer:
                assert answer.status == (413 if over else 202)
            async with client.post(f"{base}/soap/court", data=b"x" * 11, headers=headers) as answer:
                assert answer.status == 413
        assert [each.credential and each.credential.secret for each in hub.problems] == [KEY] * over
        assert ("court", "unknown", "soap", "too-large") in hub.refusals

    asyncio.run(play())
