"""The simulated partner is a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from aiohttp import ClientConnectorError, ClientSession

from hub.child import free_port
from hub.demo.cast import AnswerPart, Role
from hub.demo.partner import Delivered, Partner
from hub.site.agency_file import load_agency

FOLDER = next((Path(__file__).parents[3] / "connectors" / "agencies").glob("*/agency.yaml")).parent
ROLE = Role(
    agency=load_agency(FOLDER, FOLDER.name),
    secrets={},
    wants="the-key",
    answers={
        "/v1/things": AnswerPart(201, '{"n": @COUNT@}', ""),
        "Submit": AnswerPart(200, "<ok>@COUNT@</ok>", ""),
    },
    plays=(),
)
KEY = {"X-Api-Key": "the-key"}


def play(act: Callable[[Partner, ClientSession, list[Delivered]], Awaitable[None]], role: Role = ROLE) -> None:
    async def whole() -> None:
        seen: list[Delivered] = []
        partner = Partner(role, free_port(), seen.append)
        await partner.open()
        try:
            async with ClientSession(f"http://127.0.0.1:{partner.port}") as session:
                await act(partner, session, seen)
        finally:
            await partner.close()

    asyncio.run(whole())


def test_a_path_gets_its_answer_and_is_counted() -> None:
    """The second request gets the second number."""

    async def act(partner: Partner, session: ClientSession, seen: list[Delivered]) -> None:
        for number in (1, 2):
            async with session.post("/base/v1/things", data=b"{}", headers=KEY) as answer:
                assert answer.status == 201
                assert await answer.json() == {"n": number}
        assert [delivered.what for delivered in seen] == ["/base/v1/things"] * 2

    play(act)


def test_a_soap_request_is_answered_by_its_body_element_in_its_version() -> None:
    """A SOAP 1.1 request gets a SOAP 1.1 answer."""
    namespace = "http://schemas.xmlsoap.org/soap/envelope/"
    body = (
        f'<e:Envelope xmlns:e="{namespace}"><e:Body><x:Submit xmlns:x="urn:x">the-key</x:Submit></e:Body></e:Envelope>'
    )

    async def act(partner: Partner, session: ClientSession, seen: list[Delivered]) -> None:
        async with session.post("/service", data=body.encode()) as answer:
            text = await answer.text()
        assert namespace in text
        assert "<ok>1</ok>" in text
        assert partner.reached("Submit").is_set()

    play(act)


def test_a_request_without_the_key_is_refused() -> None:
    """A real partner would refuse it too; whatever waits for the delivery goes on waiting."""

    async def act(partner: Partner, session: ClientSession, seen: list[Delivered]) -> None:
        async with session.post("/v1/things", data=b"{}") as answer:
            assert answer.status == 401
        assert not partner.reached("/v1/things").is_set()

    play(act)


def test_away_means_no_connection_and_back_means_the_same_address() -> None:
    """An outage as the hub sees one."""

    async def act(partner: Partner, session: ClientSession, seen: list[Delivered]) -> None:
        await partner.close()
        try:
            await session.post("/v1/things", data=b"{}")
        except ClientConnectorError:
            await partner.open()
        async with session.post("/v1/things", data=b"{}", headers=KEY) as answer:
            assert answer.status == 201

    play(act)


def test_an_agency_without_answers_takes_everything() -> None:
    """A role need not say more than it has to."""

    async def act(partner: Partner, session: ClientSession, seen: list[Delivered]) -> None:
        async with session.post("/anything", data=b"{}") as answer:
            assert answer.status == 202

    play(act, replace(ROLE, wants="", answers={}))
