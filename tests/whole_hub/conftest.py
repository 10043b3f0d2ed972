"""The hubs that several modules share: starting one costs more than most tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.whole_hub.mistakes import three_way_site
from tests.whole_hub.running import Running, copy_site

MOST_BYTES = 1_000_000
HASTY = {"timeout-s": "0.4", "retry": {"first-s": "0.1", "longest-s": "0.2"}, "breaker": {"failures": "1000"}}
HASTY_SITE = {
    "emirate": {"delivers": HASTY},
    "public-prosecution": {"delivers": HASTY},
    "police-platform": {"delivers": {**HASTY, "retry": {"first-s": "0.05", "longest-s": "0.1", "attempts": "3"}}},
    "citizen-portal": {"delivers": {**HASTY, "breaker": {"failures": "3", "open-s": "1"}}},
    "public-security": {"delivers": {"batch": {"wait-s": "0.3"}}},
}


@pytest.fixture(scope="session")
def strict_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """``hub run`` as a process, one agency of whose site sends over REST, SOAP and files; it takes up to 1 MB."""
    folder = tmp_path_factory.mktemp("strict-hub")
    with Running(three_way_site(folder / "site"), folder / "data", as_process=True, max_body_bytes=MOST_BYTES) as hub:
        yield hub


@pytest.fixture(scope="session")
def hasty_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A hub in this process on the default site, whose agencies are given up on and tried again within moments.

    The police platform is given up on after three attempts; the portal has a breaker that opens after three failures.
    """
    folder = tmp_path_factory.mktemp("hasty-hub")
    with Running(copy_site(folder / "site", HASTY_SITE), folder / "data") as hub:
        yield hub
