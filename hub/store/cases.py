"""Case keys: all numbers that a message gives join to one case, and cases found to be the same one are merged."""

from __future__ import annotations

from collections.abc import Sequence, Set

from hub.message import CaseNumber
from hub.store.base import Acceptance
from hub.store.batch import Row
from hub.store.lanes import LaneName
from hub.store.session import Collision
from hub.store.work import Work

OWN_NUMBER = "caseNumber"

HELD_LANES = "SELECT agency FROM lane WHERE case_key = :absorbed ORDER BY agency"
LAST = "SELECT last FROM lane WHERE case_key = :case_key AND agency = :agency"
OPEN = """
SELECT n FROM delivery WHERE case_key = :absorbed AND agency = :agency AND place IS NOT NULL ORDER BY place
"""
LINKS = "UPDATE case_link SET case_key = :survivor WHERE case_key = :absorbed"
MESSAGES = "UPDATE message SET case_key = :survivor WHERE case_key = :absorbed"
ABSORB = "UPDATE case_key SET merged_into = :survivor WHERE n = :absorbed"


class _Joined:
    """Case keys that turned out to be one; the lowest stored one survives."""

    def __init__(self, existing: Set[int]) -> None:
        """``existing`` are stored already; a key made in this transaction never survives one of them."""
        self._into: dict[int, int] = {}
        self._existing = existing

    def survivor(self, key: int) -> int:
        """The key that stands for ``key``."""
        while key in self._into:
            key = self._into[key]
        return key

    def join(self, keys: Sequence[int]) -> int:
        """Make all of ``keys`` one; gives the survivor."""
        roots = sorted({self.survivor(key) for key in keys}, key=lambda root: (root not in self._existing, root))
        for root in roots[1:]:
            self._into[root] = roots[0]
        return roots[0]

    def absorbed(self) -> list[int]:
        """The keys that no longer stand for themselves."""
        return sorted(self._into)


def case_keys(work: Work, fresh: Sequence[tuple[Acceptance, int]]) -> tuple[list[int], set[int]]:
    """The case key of each new message (given with its number), and those of them that are made here.

    Numbers not seen before are linked; existing cases that a message names together are merged.
    """
    numbers = [_numbers(acceptance) for acceptance, _ in fresh]
    wanted = sorted({(each.scheme, each.number) for group in numbers for each in group})
    links = {(scheme, number): key for scheme, number, key in work.run(work.statements.links, wanted)}
    existing = set(links.values())
    _lock(work, existing)
    joined = _Joined(existing)
    new_links: dict[tuple[str, str], int] = {}
    keys: list[int] = []
    for (_, message), group in zip(fresh, numbers, strict=True):
        named = [(each.scheme, each.number) for each in group]
        found = [links[each] for each in named if each in links]
        key = joined.join(found) if found else work.number()
        for each in named:
            if each not in links:
                links[each] = key
                new_links[each] = message
        keys.append(key)
    for absorbed in joined.absorbed():
        if absorbed in existing:
            merge(work, absorbed, joined.survivor(absorbed))
    keys = [joined.survivor(key) for key in keys]
    made = set(keys) - existing
    work.run(work.statements.insert_case, [(key, fresh[0][0].accepted_at) for key in sorted(made)])
    work.run(
        work.statements.insert_link,
        [(*name, joined.survivor(links[name]), message) for name, message in sorted(new_links.items())],
    )
    return keys, made


def merge(work: Work, absorbed: int, survivor: int) -> None:
    """Move everything open of ``absorbed`` behind what is open in ``survivor``'s lanes, its order kept (P4)."""
    changed: set[LaneName] = set()
    agencies = [agency for (agency,) in work.ask(HELD_LANES, absorbed=absorbed)]
    work.lock(work.statements.lock_lanes, sorted((key, agency) for key in (absorbed, survivor) for agency in agencies))
    for agency in agencies:
        moved = work.ask(OPEN, absorbed=absorbed, agency=agency)
        before = work.ask(LAST, case_key=survivor, agency=agency)
        base = before[0][0] if before else 0
        rows: list[Row] = [(n, survivor, base + place) for place, (n,) in enumerate(moved, start=1)]
        work.run(work.statements.move, rows)
        target: Row = (survivor, agency, base + len(moved))
        work.run(work.statements.set_last if before else work.statements.insert_lane, [target])
        changed.add((survivor, agency))
    for written in (LINKS, MESSAGES, ABSORB):
        work.ask(written, survivor=survivor, absorbed=absorbed)
    work.run(work.statements.demote, sorted(changed))


def _numbers(acceptance: Acceptance) -> list[CaseNumber]:
    """The numbers that a message gives, the sender's own number among them."""
    numbers = list(dict.fromkeys(acceptance.numbers))
    own = acceptance.partner.get(OWN_NUMBER)
    if own and all(each.scheme != acceptance.sender for each in numbers):
        numbers.append(CaseNumber(acceptance.sender, own))
    return numbers


def _lock(work: Work, keys: set[int]) -> None:
    """Hold the existing cases; one that was merged since its link was read makes this work run again."""
    for _, merged_into in work.lock(work.statements.lock_cases, [(key,) for key in sorted(keys)]):
        if merged_into is not None:
            raise Collision("a case was merged by another process")
