"""The site in force, and the earlier ones that pending deliveries were accepted under."""

from __future__ import annotations

import asyncio
import tempfile
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path

from hub.errors import HubError
from hub.findings import Findings
from hub.site.site import Site, load_site, unpack_site

_KEPT = 4


class SiteVersions:
    """``current`` for new messages and for the rules of every delivery; ``version`` for the mapping of an old one.

    Used from the event loop. ``read`` gives the stored files of a site by digest.
    """

    def __init__(self, current: Site, read: Callable[[str], Awaitable[bytes | None]]) -> None:
        self.current = current
        self._read = read
        self._earlier: OrderedDict[str, Site] = OrderedDict()
        self._compiling: dict[str, asyncio.Task[Site]] = {}

    def switch(self, site: Site) -> None:
        """From now on ``site`` is in force; the one before is kept compiled for what was accepted under it."""
        if site.digest != self.current.digest:
            self._keep(self.current)
        self.current = site

    async def version(self, digest: str) -> Site:
        """The compiled site of that digest; raises ``HubError`` not-deliverable where it is not stored.

        One that has to be compiled again is compiled in a thread, once for all who wait for it.
        """
        if digest == self.current.digest:
            return self.current
        if digest in self._earlier:
            self._earlier.move_to_end(digest)
            return self._earlier[digest]
        compiling = self._compiling.get(digest)
        if compiling is None:
            compiling = self._compiling[digest] = asyncio.create_task(self._compile(digest))
            compiling.add_done_callback(lambda _: self._compiling.pop(digest))
        return await asyncio.shield(compiling)

    async def _compile(self, digest: str) -> Site:
        content = await self._read(digest)
        if content is None:
            raise HubError("not-deliverable", "the site version of this message's acceptance is not stored")
        try:
            site = await asyncio.to_thread(_compiled, content)
        except Findings as error:  # the form of its files is not known any more
            raise HubError("not-deliverable", "the site version of this message's acceptance cannot be used") from error
        self._keep(site)
        return site

    def _keep(self, site: Site) -> None:
        self._earlier[site.digest] = site
        self._earlier.move_to_end(site.digest)
        if len(self._earlier) > _KEPT:
            self._earlier.popitem(last=False)


def _compiled(content: bytes) -> Site:
    """Compile without proofs: the site was checked when it came into force, by whatever the hub could prove then."""
    with tempfile.TemporaryDirectory(prefix="hub-site-") as folder:
        unpack_site(content, Path(folder))
        return load_site(Path(folder), prove=False)
