"""The ways out: one open connector for every agency that receives, exchanged while sends go on."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from connectors.base import Connector, Partner
from connectors.registry import CONNECTORS
from hub.delivery.breaker import Breakers, Send
from hub.findings import Finding, Findings
from hub.message import Outbound, Outcome, Result
from hub.pipeline.deliver import SEND_MARGIN_S
from hub.site.agency import Agency
from hub.site.environment import Environment
from hub.site.site import Site

_PREPARING_S = 1.0  # what a lease must leave between claim and send
_GONE = Outcome(Result.FAILED, "not-deliverable", "the agency takes no messages any more")


@dataclass(frozen=True, slots=True)
class _Terms:
    """All that a connector is made from; equal terms need no new one. ``contracts`` is a digest of the files."""

    agency: Agency
    endpoint: str
    secrets: Mapping[str, str]
    contracts: str


@dataclass(slots=True)
class _OpenWay:
    """One open connector and how many sends it has under way."""

    terms: _Terms
    connector: Connector
    watched: Send
    under_way: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, outbound: Outbound, timeout_s: float) -> Outcome:
        self.under_way += 1
        try:
            return await self.watched(outbound, timeout_s)
        finally:
            self.under_way -= 1
            if not self.under_way:
                self.idle.set()

    async def retire(self) -> None:
        """Close once the sends under way have ended (each within its time limit)."""
        while self.under_way:
            self.idle.clear()
            await self.idle.wait()
        await self.connector.close()


@dataclass(frozen=True, slots=True)
class Opened:
    """The ways of a site that is not in force yet: those that stay, and the new ones, open."""

    kept: Mapping[str, _OpenWay]
    new: Mapping[str, _OpenWay]

    async def discard(self) -> None:
        """Close what was opened for nothing."""
        for way in self.new.values():
            await way.connector.close()


class Ways:
    """``get`` gives an agency's way out; it sends over whatever connector is in force when it is called."""

    def __init__(self, breakers: Breakers, lease_s: float) -> None:
        """``lease_s``: an agency whose attempts may take longer than a lease has room for is not opened."""
        self._breakers = breakers
        self._longest_s = lease_s - SEND_MARGIN_S - _PREPARING_S
        self._ways: dict[str, _OpenWay] = {}
        self._retiring: set[asyncio.Task[None]] = set()

    def get(self, agency: str) -> Send | None:
        """The way out to an agency, or None where it has none."""
        return partial(self._send, agency) if agency in self._ways else None

    async def open(self, site: Site, environment: Environment) -> Opened:
        """Connectors for every agency whose terms are new or changed; nothing is in force yet. Raises ``Findings``."""
        if too_long := [_too_long(each, self._longest_s) for each in _slower(site, self._longest_s)]:
            raise Findings(too_long)
        kept: dict[str, _OpenWay] = {}
        opened = Opened(kept, new := {})
        try:
            for agency in site.agencies.values():
                if agency.way is None or CONNECTORS[agency.way.transport].make is None:
                    continue
                terms = _terms(site, environment, agency)
                present = self._ways.get(agency.name)
                if present is not None and present.terms == terms:
                    kept[agency.name] = present
                else:
                    new[agency.name] = await self._open_one(site, terms)
        except BaseException:
            await opened.discard()
            raise
        return opened

    def switch(self, opened: Opened) -> None:
        """Send over these from now on; what they replace is closed when its sends have ended."""
        replaced = [way for name, way in self._ways.items() if name not in opened.kept]
        self._ways = {**opened.kept, **opened.new}
        for way in replaced:
            self._breakers.forget(way.terms.agency.name)
            task = asyncio.create_task(way.retire())
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def close(self) -> None:
        """Close all; sends have ended before."""
        self.switch(Opened({}, {}))
        await asyncio.gather(*self._retiring)

    async def _open_one(self, site: Site, terms: _Terms) -> _OpenWay:
        agency = terms.agency
        partner = Partner(agency, terms.endpoint, dict(terms.secrets), site.contracts_of(agency.name))
        make = CONNECTORS[partner.way.transport].make
        if make is None:
            raise ValueError(f"nothing is sent over {partner.way.transport}")
        connector = make(partner)
        await connector.open()
        return _OpenWay(terms, connector, self._breakers.watching(agency.name, connector.send))

    async def _send(self, agency: str, outbound: Outbound, timeout_s: float) -> Outcome:
        way = self._ways.get(agency)
        return await way.send(outbound, timeout_s) if way is not None else _GONE


def _slower(site: Site, longest_s: float) -> list[Agency]:
    return [each for each in site.agencies.values() if each.way is not None and each.way.timeout_s > longest_s]


def _too_long(agency: Agency, longest_s: float) -> Finding:
    """Nothing would ever be sent there: the lease left is checked before the first byte goes out."""
    text = f"delivers.timeout-s is more than the {longest_s:g} s that the lease of a claim leaves"
    file = f"connectors/agencies/{agency.name}/agency.yaml"
    return Finding("lease-too-short", file, 0, text, "shorten it, or set HUB_LEASE_S higher")


def _terms(site: Site, environment: Environment, agency: Agency) -> _Terms:
    folder, digest = site.contracts_of(agency.name), hashlib.sha256()
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return _Terms(agency, environment.endpoint(agency), environment.secrets(agency.name), digest.hexdigest())
