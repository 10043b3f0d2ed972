"""The proxy does to connections what its weather says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.campaign.proxy import Proxy, Weather


@asynccontextmanager
async def echo() -> AsyncIterator[Proxy]:
    """A proxy before a server that sends back what it gets."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(100):
                writer.write(piece)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    proxy = Proxy(server.sockets[0].getsockname()[:2])
    async with proxy.listening():
        yield proxy
    server.close()


async def ask(proxy: Proxy, within_s: float = 1.0) -> bytes | None:
    """What comes back for a word; None where nothing does in time, empty where the connection ends."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"word")
        return await asyncio.wait_for(reader.read(100), within_s)
    except TimeoutError:
        return None
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("weather", "answer"),
    [
        (Weather.FAIR, b"word"),
        (Weather.SLOW, b"word"),
        (Weather.REFUSE, b""),
        (Weather.HALF, b""),
        (Weather.SWALLOW, None),
        (Weather.LOSE, None),
    ],
)
def test_weather(weather: Weather, answer: bytes | None) -> None:
    """Bad weather is counted, and is over when it is over."""

    async def play() -> None:
        async with echo() as proxy:
            proxy.turn(weather)
            assert await ask(proxy) == answer
            assert (proxy.touched > 0) == (weather is not Weather.FAIR)
            proxy.turn(Weather.FAIR)
            assert await ask(proxy) == b"word"

    asyncio.run(play())


def test_what_was_swallowed_comes_later_and_what_was_lost_never() -> None:
    """A firewall that drops packets lets them be sent again; a cut connection does not."""

    async def play(weather: Weather) -> bytes | None:
        async with echo() as proxy:
            proxy.turn(weather)
            waiting = asyncio.create_task(ask(proxy, 3.0))
            while proxy.touched == 0:  # noqa: ASYNC110 - seen from outside
                await asyncio.sleep(0.01)
            proxy.turn(Weather.FAIR)
            return await waiting

    assert asyncio.run(play(Weather.SWALLOW)) == b"word"
    assert asyncio.run(play(Weather.LOSE)) == b""
