"""A hub surface on a real socket for tests: two agencies, and an accept step that remembers what it was given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.errors import HubError
from hub.message import Acknowledgement, Answer, Classification, Json, Receipt, Received, Sender, State
from hub.site.agency import Agency, DocumentDefinition, RestIntake, SoapIntake
from hub.web.app import create_app
from hub.web.guard import Inside
from hub.web.limits import Limits
from hub.web.server import WebServer

SITE = Path(__file__).parent / "site"
COURT = "urn:example:court:1"
KEY = "station-key"
ACCEPTED_AT = "2024-05-01T08:00:00Z"

STATION = Agency(
    name="station",
    titles={"en": "Station"},
    ceiling=Classification.SECRET,
    unlabelled=Classification.TOP_SECRET,
    namespaces={},
    documents={
        "report": DocumentDefinition("report", "json", "report.json", "all", 1),
        "status": DocumentDefinition("status", "delimited", "status.layout.yaml", "each", 1),
    },
    rest=RestIntake("api-key", ("report", "status")),
    soap=None,
    file=None,
    way=None,
    file_name="connectors/agencies/station/agency.yaml",
)
COURT_AGENCY = Agency(
    name="court",
    titles={"en": "Court"},
    ceiling=Classification.SECRET,
    unlabelled=Classification.TOP_SECRET,
    namespaces={"ct": COURT},
    documents={"decision": DocumentDefinition("decision", "xml", "parts/decision.xsd", "all", 1)},
    rest=None,
    soap=SoapIntake(
        wsdl="intake.wsdl",
        operations={f"{{{COURT}}}SubmitDecision": "decision"},
        replies={
            f"{{{COURT}}}SubmitDecision": (
                f"{{{COURT}}}SubmitDecisionResponse",
                (
                    (f"{{{COURT}}}ReceiptNumber", "$receipt.id"),
                    (f"{{{COURT}}}ReceivedAt", "$receipt.acceptedAt"),
                ),
            )
        },
        user="court-system",
        credential="soap-password",
    ),
    file=None,
    way=None,
    file_name="connectors/agencies/court/agency.yaml",
)

AGENCIES = {"station": STATION, "court": COURT_AGENCY}


def receipt(number: int = 1) -> Receipt:
    return Receipt(f"id-{number}", "report", "12/34", f"given-{number}", "ab" * 32, ACCEPTED_AT, number - 1)


@dataclass
class Hub:
    """Stands for everything behind the surface, observer included."""

    answers: Callable[[Received], Answer] = lambda received: Answer((receipt(),))
    taken: list[Received] = field(default_factory=list)
    problems: list[Received] = field(default_factory=list)
    fetched: list[tuple[str, int, float]] = field(default_factory=list)
    words: list[Acknowledgement] = field(default_factory=list)
    states: dict[str, State] = field(default_factory=dict)
    refusals: list[tuple[str, str, str, str]] = field(default_factory=list)
    faults: list[tuple[str, BaseException]] = field(default_factory=list)
    is_ready: bool = True
    agencies: Mapping[str, Agency] = field(default_factory=lambda: AGENCIES)
    gate: asyncio.Event | None = None

    async def accept(self, received: Received) -> Answer:
        if received.problem is not None:  # the pipeline identifies, records, counts and raises
            self.problems.append(received)
            type = received.type if received.type in self.agencies[received.agency].documents else "unknown"
            self.refused(received.agency, type, received.transport, received.problem.code.name)
            raise received.problem
        self.taken.append(received)
        if self.gate is not None:
            await self.gate.wait()
        return self.answers(received)

    def identify(self, received: Received) -> Sender:
        if received.credential is None or received.credential.secret != KEY:
            raise HubError("unauthenticated")
        return Sender(received.agency, "api-key:api-key")

    async def status(self, agency: str, id: str) -> Json | None:
        return {"id": id, "sender": agency} if id == "id-1" else None

    async def fetch(self, agency: str, most: int, wait_s: float) -> list[Json]:
        self.fetched.append((agency, most, wait_s))
        return [{"id": f"d-{number}"} for number in range(min(most, 2))]

    async def acknowledge(self, word: Acknowledgement) -> Mapping[str, State]:
        self.words.append(word)
        state = State.DELIVERED if word.taken else State.DEAD
        return {id: self.states.get(id, state) for id in word.ids if id != "d-9"}

    def metrics(self) -> tuple[bytes, str]:
        return b"hub_up 1\n", "text/plain; version=0.0.4; charset=utf-8"

    def ready(self) -> Mapping[str, Any]:
        return {"ready": self.is_ready, "store": "ok"}

    def refused(self, agency: str, type: str, transport: str, code: str) -> None:
        self.refusals.append((agency, type, transport, code))

    def faulted(self, where: str, error: BaseException) -> None:
        self.faults.append((where, error))

    def received(self, agency: str, type: str, transport: str, message_id: str, duplicate: bool) -> None: ...

    def attempted(self, agency: str, type: str, delivery_id: str, result: str, code: str, seconds: float) -> None: ...

    def entered(self, agency: str, type: str, delivery_id: str, state: State, code: str) -> None: ...

    def delivered_after(self, agency: str, type: str, seconds: float) -> None: ...

    def stage(self, name: str, seconds: float) -> None: ...

    def breaker(self, agency: str, state: str) -> None: ...

    def inside(self) -> Inside:
        return Inside(
            self.accept, self.identify, lambda: self.agencies, lambda: SITE, self.status, self.metrics, self.ready,
            self.fetch, self.acknowledge, self
        )  # fmt: skip


@asynccontextmanager
async def serving(hub: Hub, limits: Limits | None = None) -> AsyncIterator[str]:
    """The surface's base URL while it runs."""
    server = WebServer(create_app(hub.inside(), limits or Limits()), "127.0.0.1", 0, grace_s=2)
    running = asyncio.create_task(server.run())
    async with asyncio.timeout(5):
        await server.started()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop()
        await running


async def until(condition: Callable[[], bool], within_s: float = 5.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 (the condition has no event)
            await asyncio.sleep(0.005)
