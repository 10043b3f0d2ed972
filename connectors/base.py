"""What every transport promises, both ways; ``connectors.conformance`` holds each of them to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hub.message import Answer, Outbound, Outcome, Received
from hub.site.agency import Agency, Way

# The pipeline's accept step: returns only after the commit; raises HubError where nothing was accepted.
Accept = Callable[[Received], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Features:
    """What a connector can do, so that the conformance suite knows what to ask of it.

    ``batches``: one parcel may hold many deliveries. ``tells_refusal``: it can tell ``refused`` from ``failed``.
    ``carries_headers``: id, sequence and label travel beside the body.
    """

    batches: bool = False
    tells_refusal: bool = True
    carries_headers: bool = True


@dataclass(frozen=True, slots=True)
class Partner:
    """One agency as a connector needs it: its configuration, and what only this deployment knows.

    ``endpoint`` is the URL or folder that applies here; ``secrets`` the resolved secrets by name (never logged).
    ``contracts`` is the folder where the agency's published contracts lie (WSDL), None where it has none.
    """

    agency: Agency
    endpoint: str
    secrets: dict[str, str] = field(repr=False)
    contracts: Path | None = None

    @property
    def way(self) -> Way:
        """How messages reach the agency; a connector is made only for an agency that receives."""
        if self.agency.way is None:
            raise ValueError(f"the agency {self.agency.name} receives nothing")
        return self.agency.way


class Connector(Protocol):
    """The way out to one agency. One instance an agency, used from the event loop, many sends at once."""

    features: Features

    async def open(self) -> None:
        """Make what is long-lived (sessions, TLS contexts, parsed contracts); cheap, reaches no partner."""
        ...

    async def send(self, outbound: Outbound, timeout_s: float) -> Outcome:
        """One attempt, over within ``timeout_s``. Never raises for anything that the partner or network does.

        ``failed`` only where the partner surely has not taken the parcel (no connection, or its clear word); once bytes
        may have reached it and no clear answer came, ``unknown``. The same parcel may be sent again at any time.
        """
        ...

    async def close(self) -> None:
        """Release what ``open`` made; sends under way have ended before."""
        ...


class Listener(Protocol):
    """The way in for agencies that drop files (HTTP intake lives in ``hub.web``)."""

    async def run(self) -> None:
        """Watch until cancelled; what is half done at that moment is found again at the next start."""
        ...
