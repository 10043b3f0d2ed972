"""The site in force, and the earlier ones that pending deliveries were accepted under."""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path

from hub.errors import HubError
from hub.site import Site, load_site, unpack_site

_KEPT = 4


class SiteVersions:
    """``current`` for new messages and for the rules of every delivery; ``version`` for the mapping of an old one.

    Used from the event loop. ``read`` gives the stored files of a site by digest.
    """

    def __init__(self, current: Site, read: Callable[[str], Awaitable[bytes | None]]) -> None:
        self.current = current
        self._read = read
        self._earlier: OrderedDict[str, Site] = OrderedDict()

    async def version(self, digest: str) -> Site:
        """The compiled site of that digest; raises ``HubError`` not-deliverable where it is not stored."""
        if digest == self.current.digest:
            return self.current
        site = self._earlier.get(digest)
        if site is None:
            content = await self._read(digest)
            if content is None:
                raise HubError("not-deliverable", "the site version of this message's acceptance is not stored")
            with tempfile.TemporaryDirectory(prefix="hub-site-") as folder:
                unpack_site(content, Path(folder))
                site = load_site(Path(folder))
            self._earlier[digest] = site
            if len(self._earlier) > _KEPT:
                self._earlier.popitem(last=False)
        self._earlier.move_to_end(digest)
        return site
