"""One round of the NIBRS site: a real hub, three receivers on loopback and in a folder, samples in, deliveries out."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from hub.settings import Settings
from hub.wiring.checking import load_checked_site
from hub.wiring.hub import Hub
from monitoring.metrics import Metrics

SITE = Path(__file__).parents[1] / "sites" / "nibrs"
RECEIVERS = ("state-records", "analysis-center", "statistics-office")
KEY = "nibrs-sender-key"
FILED = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    '<FileReportResponse xmlns="urn:example:state-records:v1"><Status>FILED</Status><FileNumber>F-1</FileNumber>'
    "</FileReportResponse></e:Body></e:Envelope>"
)


@dataclass
class Round:
    """What the hub answered each time a sample was sent (status, body), and what each receiver got of it."""

    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    arrived: dict[tuple[str, str], bytes] = field(default_factory=dict)


async def play(data: Path, samples: Sequence[str]) -> Round:
    """Post each sample, and wait for its deliveries before the next where it was accepted anew."""
    played = Round()
    async with _running(data) as (hub, got), aiohttp.ClientSession(f"http://127.0.0.1:{hub.port}") as session:
        for name in samples:
            status, body = await _post(session, file_of(name).read_bytes())
            played.answers.setdefault(name, []).append((status, body))
            if status == 202 and not body["duplicate"]:
                await _until(lambda: got.has_all(len(played.arrived) // len(RECEIVERS) + 1))
                played.arrived.update({(name, agency): got.bodies(agency)[-1] for agency in RECEIVERS})
    return played


async def drop(data: Path, samples: Sequence[str]) -> dict[str, tuple[str, Any]]:
    """Drop each sample into the sender's folder: where each ended (accepted, rejected), and the report beside it."""
    folder = data / "files" / "nibrs-sender" / "submissions"
    folder.mkdir(parents=True)
    for name in samples:
        shutil.copyfile(file_of(name), folder / f"{name}.part")
        (folder / f"{name}.part").rename(folder / f"{name}.xml")
    async with _running(data):
        await _until(lambda: len(list(folder.glob("*ed/*.xml"))) == len(samples))
    reports = {"accepted": ".receipt.json", "rejected": ".rejected.json"}
    return {
        path.stem: (end, json.loads(path.with_name(path.name + ending).read_bytes()))
        for end, ending in reports.items()
        for path in (folder / end).glob("*.xml")
    }


def file_of(name: str) -> Path:
    """The file of one sample."""
    return SITE / "samples" / f"nibrs_{name}.xml"


@asynccontextmanager
async def _running(data: Path) -> AsyncIterator[tuple[Hub, _Receivers]]:
    got = _Receivers(data / "files" / "statistics-office" / "from-hub")
    await got.open()
    (data / "environment.yaml").write_text(
        f"nibrs-sender: {{secrets: {{api-key: {KEY}}}}}\n"
        f"state-records: {{endpoint: {got.url}}}\n"
        f"analysis-center: {{endpoint: {got.url}, secrets: {{api-key: center-key}}}}\n"
    )
    metrics = Metrics()
    hub = Hub(Settings(site=SITE, data=data, port=0), load_checked_site(SITE), metrics, metrics)
    try:
        await hub.start()
        yield hub, got
    finally:
        await hub.stop()
        await got.close()


async def _post(session: aiohttp.ClientSession, body: bytes) -> tuple[int, Any]:
    headers = {"X-Api-Key": KEY, "Content-Type": "application/xml"}
    async with session.post("/rest/nibrs-sender/crime-report", data=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def _until(happened: Callable[[], bool], deadline_s: float = 20.0) -> None:
    ends = time.monotonic() + deadline_s
    while not happened():
        assert time.monotonic() < ends, "not everything arrived in time"
        await asyncio.sleep(0.01)


class _Receivers:
    """A SOAP service and a REST service on one port, and a folder."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self._folder = folder
        self._posted: dict[str, list[bytes]] = {"state-records": [], "analysis-center": []}
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        app = web.Application()
        app.router.add_post("/v2/reports", self._report)
        app.router.add_post("/", self._file)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    def bodies(self, agency: str) -> list[bytes]:
        """Everything that one agency got, in the order of arrival."""
        if agency in self._posted:
            return self._posted[agency]
        files = sorted(self._folder.glob("*.csv"), key=lambda path: path.stat().st_mtime_ns)
        return [path.read_bytes() for path in files]

    def has_all(self, count: int) -> bool:
        return all(len(self.bodies(agency)) == count for agency in RECEIVERS)

    async def _file(self, request: web.Request) -> web.Response:
        self._posted["state-records"].append(await request.read())
        return web.Response(text=FILED, content_type="text/xml")

    async def _report(self, request: web.Request) -> web.Response:
        assert request.headers["X-Api-Key"] == "center-key"
        self._posted["analysis-center"].append(await request.read())
        return web.json_response({"ticket": "T-1"}, status=201)
