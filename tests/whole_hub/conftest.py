"""The hubs that several modules share: starting one costs more than most tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.whole_hub.mistakes import three_way_site
from tests.whole_hub.running import Running

MOST_BYTES = 1_000_000


@pytest.fixture(scope="session")
def strict_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """``hub run`` as a process, one agency of whose site sends over REST, SOAP and files; it takes up to 1 MB."""
    folder = tmp_path_factory.mktemp("strict-hub")
    with Running(three_way_site(folder / "site"), folder / "data", as_process=True, max_body_bytes=MOST_BYTES) as hub:
        yield hub
