"""Work that changes no delivery: ledger entries of their own, and the sites by which messages were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.message import Json
from hub.store.work import Work

SITE = "SELECT digest FROM site WHERE digest = :digest"
ADD_SITE = "INSERT INTO site (digest, content, at) VALUES (:digest, :content, :at)"


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """A compiled site's files under their digest."""

    digest: str
    content: bytes
    entry: Json
    at: float


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
