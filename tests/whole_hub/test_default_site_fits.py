"""The default site never paints itself into a corner: whatever is accepted can be written for whoever may have it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from hub.access.rules import Grant
from hub.message import Classification, Envelope
from hub.pipeline.translate import translate_out
from hub.site.site import Site, load_site
from tests.whole_hub.generated import Generator

ROOT = Path(__file__).parents[2]
AGENCIES = sorted(path.name for path in (ROOT / "connectors" / "agencies").iterdir() if path.is_dir())
PARCEL = {
    "id": "0" * 36,
    "count": "1",
    "time": "2026-06-22T10:06:00.123456+00:00",
    "classification": "SECRET",
}
MESSAGES = 40


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(ROOT)


def envelope(grant: Grant) -> Envelope:
    return Envelope(
        id="0" * 36,
        message_id="example",
        source="police-platform",
        type=grant.type,
        subject="1448-MK-0001234",
        time="2026-06-22T10:05:00.123456+00:00",
        classification=Classification.SECRET,
        case_key="example",
        sequence=1,
    )


@pytest.mark.parametrize("agency", AGENCIES)
def test_every_valid_message_can_be_written_for_its_receiver(site: Site, agency: str) -> None:
    """Random canonical messages, cut by each of a receiver's grants, become documents that satisfy its own schema."""
    generator = Generator(ROOT / "schemas" / "canonical", seed=1)
    for grant in site.grants.all:
        if grant.agency != agency or grant.may != "receive":
            continue
        dialect, projection = site.dialects[agency, grant.type], site.projections[agency, grant.rule]
        for data in valid_messages(site, generator, grant.type):
            assert translate_out(dialect, [projection.apply(agency, envelope(grant), data)], PARCEL).body


def valid_messages(site: Site, generator: Generator, type: str) -> Iterator[dict[str, Any]]:
    made = (generator.message(type) for _ in range(MESSAGES * 20))
    return islice((data for data in made if not site.types[type].problems(data)), MESSAGES)
