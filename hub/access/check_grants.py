"""Whether every grant of a site can apply: its senders exist and may send, and no grant before it takes everything."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hub.access.rules import Grant, Grants
from hub.findings import Finding, nearest


def check_grants(grants: Grants, agencies: Collection[str]) -> Iterator[Finding]:
    """Grants that can never apply."""
    for grant in grants.all:
        yield from _sources(grant, grants, agencies)
        for earlier in grants.of(grant.may, grant.agency, grant.type):
            if earlier is grant:
                break
            if not earlier.conditions:
                text = f"the rule {grant.rule} never applies: {earlier.rule} on line {earlier.line} takes every message"
                yield Finding("unreachable", grant.file, grant.line, text, "put the rule with conditions first")
                break


def senders_of(grants: Grants, agency: str, type: str) -> list[str]:
    """The agencies whose messages of a type may reach another one."""
    senders = [grant.agency for grant in grants.all if grant.may == "send" and grant.type == type]
    wanted = [grant.sources for grant in grants.of("receive", agency, type)]
    if None in wanted:
        return senders
    named = {source for sources in wanted for source in sources or ()}
    return [sender for sender in senders if sender in named]


def _sources(grant: Grant, grants: Grants, agencies: Collection[str]) -> Iterator[Finding]:
    for source in grant.sources or ():
        if source not in agencies:
            text = f"source is never {source!r}: there is no such agency"
            yield Finding("unreachable", grant.file, grant.line, text, nearest(source, agencies))
        elif grant.may == "receive" and not grants.of("send", source, grant.type):
            text = f"source is never {source!r}: it may not send {grant.type}"
            yield Finding("unreachable", grant.file, grant.line, text, "a send grant there, or another source here")
