"""Work that changes no delivery: ledger entries of their own, and the sites by which messages were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.message import Json
from hub.store.content import opened
from hub.store.work import Work

SITE = "SELECT digest FROM site WHERE digest = :digest"
READ_SITE = """
SELECT content.key_id, content.digest, content.body FROM site JOIN content ON content.n = site.content
WHERE site.digest = :digest
"""
ADD_SITE = "INSERT INTO site (digest, content, at) VALUES (:digest, :content, :at)"


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """A compiled site's files under their digest."""

    digest: str
    content: bytes
    entry: Json
    at: float


def site_content(work: Work, digests: Sequence[str]) -> list[bytes | None]:
    """The files of each remembered site, or None."""
    found: list[bytes | None] = []
    for digest in digests:
        rows = work.ask(READ_SITE, digest=digest)
        found.append(opened(*rows[0]) if rows else None)
    return found


def record(work: Work, groups: Sequence[Sequence[Json]]) -> list[None]:
    """Ledger entries that belong to no other change."""
    for entries in groups:
        for body in entries:
            work.entry(body, None)
    return [None] * len(groups)


def remember_site(work: Work, sites: Sequence[SiteFiles]) -> list[None]:
    """The files once, the entry every time."""
    for each in sites:
        if not work.ask(SITE, digest=each.digest):
            work.ask(ADD_SITE, digest=each.digest, content=work.content(each.content), at=each.at)
        work.entry(each.entry, None)
    return [None] * len(sites)
