"""Which of a contract's documents carries which message type: as asked for, else by name and by how much fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hub.findings import nearest
from hub.onboarding.contract import Offer, Unusable
from hub.onboarding.draft_mapping import MappingDraft
from hub.onboarding.match import Matcher

_LEAST = 0.45
_MANY_FIT = 10
_MANY_OFFERS, _MOST_DRAFTED = 12, 4


@dataclass(frozen=True, slots=True)
class Assignment:
    """One type and the document that it is drafted for."""

    type: str
    offer: Offer
    draft: MappingDraft
    score: float


def assign(
    drafts: Mapping[tuple[str, str], MappingDraft], offers: Sequence[Offer], wanted: Mapping[str, str], matcher: Matcher
) -> list[Assignment]:
    """``drafts`` by (type, offer's name); ``wanted``: type to the name of its document, or to an empty text.

    Without ``wanted``, every type that clearly fits a document. Raises ``Unusable``.
    """
    by_name = {offer.name: offer for offer in offers}
    found: list[Assignment] = []
    for type, name in wanted.items():
        if name and name not in by_name:
            hint = nearest(name, by_name)
            raise Unusable(f"the contract offers no document {name!r} (it has: {', '.join(by_name)}) {hint}".strip())
        if name:
            found.append(Assignment(type, by_name[name], drafts[type, name], 1.0))
    pairs = [
        Assignment(type, offer, drafts[type, offer.name], fit(type, offer, drafts[type, offer.name], matcher))
        for type, name in {type: wanted.get(type, "") for type, _ in drafts}.items()
        for offer in offers
        if not name and (type, offer.name) in drafts
    ]
    for pair in sorted(pairs, key=lambda pair: -pair.score):
        free = all(pair.type != each.type and pair.offer.name != each.offer.name for each in found)
        if free and (pair.type in wanted or pair.score >= _LEAST):
            found.append(pair)
    for type in wanted:
        if all(type != each.type for each in found):
            raise Unusable(
                f"the contract has fewer documents ({len(offers)}) than the types asked for; {type} has none"
            )
    return found


def worth_drafting(
    types: Iterable[str], offers: Sequence[Offer], wanted: Mapping[str, str], matcher: Matcher
) -> set[tuple[str, str]]:
    """The pairs (type, offer's name) that are drafted and compared: all, but of many offers those named alike."""
    found = set()
    for type in types:
        named = sorted(offers, key=lambda offer: -_named(type, offer, matcher))
        fits = [offer for offer in offers if offer.name == wanted.get(type)] or named
        found |= {(type, offer.name) for offer in (fits if len(offers) <= _MANY_OFFERS else fits[:_MOST_DRAFTED])}
    return found


def fit(type: str, offer: Offer, draft: MappingDraft, matcher: Matcher) -> float:
    """0 to 1: half for the name, half for the lines that are sure."""
    return round(0.5 * _named(type, offer, matcher) + 0.5 * min(1.0, draft.sure / _MANY_FIT), 2)


def _named(type: str, offer: Offer, matcher: Matcher) -> float:
    names = (offer.name, offer.root.rpartition("}")[2], offer.note if len(offer.note.split()) < 12 else "")
    return max((matcher.name(type, each) for each in names if each), default=0.0)
