"""One HTTP POST to a partner, and the certainty whether any of its body left: the way under REST and SOAP.

One session an agency with kept-alive connections and one TLS context. Redirects are not followed, cookies not kept.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    ServerDisconnectedError,
    TCPConnector,
)
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential
from yarl import URL

from connectors.verdict import retry_after
from hub.message import Outcome, Result

MOST_ANSWER_BYTES = 1_048_576
_IDLE_S = 30.0
_NO_TIMEOUT = ClientTimeout(total=None)


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """A whole HTTP answer; ``body`` is None where it was larger than ``MOST_ANSWER_BYTES``."""

    status: int
    charset: str | None
    retry_after_s: float | None
    body: bytes | None


class Poster:
    """Keeps one agency's connections. ``open`` before use, ``close`` after the last ``post`` has ended."""

    def __init__(self, secure: bool) -> None:
        self._secure = secure
        self._session: ClientSession | None = None

    async def open(self) -> None:
        """Make the session; reaches nobody."""
        context = ssl.create_default_context() if self._secure else True
        self._session = ClientSession(
            connector=TCPConnector(limit=0, ssl=context, keepalive_timeout=_IDLE_S),
            cookie_jar=DummyCookieJar(),
            timeout=_NO_TIMEOUT,
            skip_auto_headers=("User-Agent", "Accept-Encoding"),
            auto_decompress=True,
        )

    async def close(self) -> None:
        """Close every connection; may be called twice."""
        if self._session is not None:
            await self._session.close()

    async def post(self, url: URL, body: bytes, headers: Mapping[str, str], timeout_s: float) -> PostAnswer | Outcome:
        """The partner's answer, or the outcome where there is none; over within ``timeout_s``.

        ``failed`` while no byte of the body was handed to the network, ``unknown`` from then on. Only a connection that
        could not be made is tried again within the attempt.
        """
        payload = _Body(body)
        try:
            async with asyncio.timeout(timeout_s):
                try:
                    return await self._once(url, payload, headers)
                except ClientConnectorError:
                    return await self._again(url, payload, headers)
        except TimeoutError:
            return _ended(payload, "partner-timeout", f"no whole answer within {timeout_s:g} s")
        except ClientConnectorError:
            return _ended(payload, "partner-unreachable", "no connection could be made")
        except (ServerDisconnectedError, ClientPayloadError, OSError):
            return _ended(payload, "partner-failed", "the connection broke before the whole answer was there")
        except (ClientError, ValueError):
            return _ended(payload, "partner-garbled", "the answer is not readable HTTP")

    async def _again(self, url: URL, payload: _Body, headers: Mapping[str, str]) -> PostAnswer:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(ClientConnectorError),
            wait=wait_random_exponential(multiplier=0.1, max=0.5),
            stop=stop_after_attempt(2),
            reraise=True,
        )
        await asyncio.sleep(0.05)
        return await retrying(self._once, url, payload, headers)

    async def _once(self, url: URL, payload: _Body, headers: Mapping[str, str]) -> PostAnswer:
        if self._session is None:
            raise RuntimeError("post before open")
        async with self._session.post(url, data=payload, headers=headers, allow_redirects=False) as response:
            body = await _read(response)
            wait_s = retry_after(response.headers.get("Retry-After"))
            return PostAnswer(response.status, response.charset, wait_s, body)


class _Body(Payload):
    """A request's body that remembers whether any of it was handed to the network."""

    def __init__(self, value: bytes) -> None:
        super().__init__(value)
        self._size = len(value)
        self.begun = False

    async def write(self, writer: AbstractStreamWriter) -> None:
        self.begun = True
        await writer.write(self._value)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        await self.write(writer)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> Any:
        raise TypeError("a parcel's body is bytes")


def _ended(payload: _Body, code: str, text: str) -> Outcome:
    if payload.begun:
        return Outcome(Result.UNKNOWN, code, text)
    return Outcome(Result.FAILED, "partner-unreachable", "no connection could be made")


async def _read(response: ClientResponse) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    while part := await response.content.readany():
        size += len(part)
        if size > MOST_ANSWER_BYTES:
            response.close()
            return None
        parts.append(part)
    return b"".join(parts)
