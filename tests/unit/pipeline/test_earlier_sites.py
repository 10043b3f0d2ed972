"""A message is delivered by the site of its acceptance, also where today's checks would not let that site in."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.findings import Findings
from hub.message import State
from hub.pipeline import entries
from hub.site.site import Site, load_site, pack_site
from tests.unit.pipeline.stage import RECEIVER, edit, staged

XSD = f"schemas/agencies/{RECEIVER}/case-archive.xsd"
ACCESS = f"connectors/agencies/{RECEIVER}/access.yaml"
# The canonical texts may be longer than this, and nobody sends by that name: both are only found by proving.
LONGER, SHORTER = '<xs:maxLength value="250"/>', '<xs:maxLength value="200"/>'
NOBODY = """  - rule: never
    may: receive
    type: case-record
    when: {source: [nobody]}
    fields: [caseNumber]
    purpose: archive
"""


def loose(folder: Path) -> Site:
    """The site as an earlier hub took it."""
    edit(XSD, LONGER, SHORTER)(folder)
    edit(ACCESS, "grants:\n", f"grants:\n{NOBODY}")(folder)
    with pytest.raises(Findings) as refused:
        load_site(folder)
    assert {"length-gap", "unreachable"} <= {each.code for each in refused.value.findings}
    return load_site(folder, prove=False)


def test_a_stored_site_that_todays_checks_refuse_still_delivers(tmp_path: Path) -> None:
    """An upgrade to a hub that proves more leaves nothing behind that was accepted before."""

    async def play() -> None:
        async with staged(tmp_path) as stage:
            today = stage.sites.current
            earlier = loose(stage.folder)
            content = pack_site(stage.folder)
            await stage.store.remember_site(earlier.digest, content, entries.configured(earlier.digest, 0.0))
            stage.sites.current = earlier
            await stage.accept()
            stage.sites.current = today
            await stage.deliver()
            assert len(stage.sent) == 1
            (delivery,) = (await stage.queries.deliveries()).deliveries
            assert (delivery.state, delivery.reason) == (State.DELIVERED, "")

    asyncio.run(play())
