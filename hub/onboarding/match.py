"""How well a value of an agency fits a canonical one: by name, annotation, NIEM name, type and code list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.onboarding.places import Leaf
from hub.onboarding.words import Glossary, Meaning
from hub.schema.shape import ValueType

# From here on a guess is written as a line; below, as a comment; below that, not at all.
SURE = 0.6
WORTH_A_LOOK = 0.4

_LONGEST_NOTE = 12
# What kind of thing a name promises: which one it is, what it is called, of what sort, when. A number is no name.
_KINDS = {
    "number": frozenset(("which",)), "id": frozenset(("which",)), "code": frozenset(("which", "sort")),
    "name": frozenset(("called",)), "type": frozenset(("sort",)), "year": frozenset(("when",)),
    "date": frozenset(("when",)), "moment": frozenset(("when",)), "time": frozenset(("when",)),
}  # fmt: skip
_OTHER_KIND = 0.6
_CLOSED = 0.8
_ODD = 0.4
_NUMBERS = frozenset(("integer", "decimal"))
_MOMENTS = frozenset(("date", "date-time", "time", "year", "year-month"))


@dataclass(frozen=True, slots=True)
class Match:
    """A score from 0 to 1, and what speaks for it."""

    score: float
    why: tuple[str, ...] = ()


NONE = Match(0.0)


class Matcher:
    """Compares leaves; ``glossary`` tells what their names mean."""

    def __init__(self, glossary: Glossary) -> None:
        self.glossary = glossary

    def match(self, canonical: Leaf, agency: Leaf, also: str = "", roles: tuple[str, ...] = ()) -> Match:
        """The canonical leaf against the agency's in a flat record.

        ``also`` names the list in which the canonical one stands, ``roles`` what the agency's name says beside it.
        """
        found = self._names(canonical, agency, also, roles)
        own, theirs = canonical.last.value, agency.last.value
        if found.score == 0 or own is None or theirs is None:
            return NONE
        score, why = found.score * _fit(own, theirs) * self._closed(canonical, agency), found.why
        if own.base == theirs.base and own.base != "string":
            score, why = score + 0.05, (*why, "type")
        if own.codes and theirs.codes and (shared := len(self.same_codes(theirs.codes, own.codes))):
            score, why = score + 0.2 * shared / min(len(own.codes), len(theirs.codes)), (*why, "codes")
        return Match(min(1.0, round(score, 2)), why)

    def same_codes(self, theirs: tuple[str, ...], own: tuple[str, ...]) -> dict[str, str]:
        """The agency's codes to canonical ones, where their spelling or meaning leaves one choice."""
        found: dict[str, str] = {}
        for code in theirs:
            meaning = self.glossary.meaning(code)
            alike = [other for other in own if code.casefold() == other.casefold()] or [
                other for other in own if meaning.concepts and self.glossary.meaning(other).concepts == meaning.concepts
            ]
            if len(alike) == 1 and alike[0] not in found.values():
                found[code] = alike[0]
        return found

    def name(self, canonical: str, agency: str) -> float:
        """Two names alone."""
        return self.glossary.likeness(self.glossary.meaning(canonical), self.glossary.meaning(agency))

    def _names(self, canonical: Leaf, agency: Leaf, also: str, roles: tuple[str, ...]) -> Match:
        names = [step.name.removesuffix("[]") for step in canonical.steps]
        theirs = [step.name.rpartition(":")[2].lstrip("@") for step in agency.steps]
        meaning, likeness = self.glossary.meaning, self.glossary.likeness
        own, near = meaning(names[-1]), meaning(*names[-2:], also)
        said = meaning(*roles).concepts
        their_own, their_near = (self.glossary.without(meaning(*theirs[-size:]), said) for size in (1, 2))
        scores = [likeness(near, their_own), likeness(near, their_near)]
        if not own.is_general or len(names) == 1 or len(theirs) > 1 or also:  # "description" alone is not a place's
            scores.append(likeness(own, their_near))
        if not own.is_general and not their_own.is_general:
            scores.append(likeness(own, their_own))
        whole = likeness(meaning(*names, also), self.glossary.without(meaning(*theirs), said))
        score = 0.97 * max(*scores, whole) + 0.03 * whole
        if self._other_kind(names, theirs):
            score *= _OTHER_KIND
        why: tuple[str, ...] = ("name",)
        if (noted := self._noted(near if own.is_general else own, agency.last.note)) > score:
            score, why = noted, ("annotation",)
        niem = canonical.last.niem.rpartition(":")[2]
        inside = niem == theirs[-2:-1][0] and meaning(theirs[-1]).is_general if len(theirs) > 1 else False
        if niem and (niem in (theirs[-1], theirs[-1].removesuffix("Code").removesuffix("Text")) or inside):
            score, why = max(score + 0.15, 0.7), (*why, "NIEM")
        return Match(score, why) if score > 0 else NONE

    def _closed(self, canonical: Leaf, agency: Leaf) -> float:
        """Less where the agency has a closed list for what may be any text here; a list of codes is no number."""
        own, theirs = canonical.last.value, agency.last.value
        if own is None or theirs is None or own.codes or not theirs.codes or own.base != "string":
            return 1.0
        return _ODD if self._kinds([step.name for step in canonical.steps]) == {"which"} else _CLOSED

    def _other_kind(self, names: Sequence[str], theirs: Sequence[str]) -> bool:
        own, other = self._kinds(names), self._kinds(theirs)
        return bool(own and other and not own & other)

    def _kinds(self, names: Sequence[str]) -> frozenset[str]:
        """What the last name promises, or where it promises nothing the one before it."""
        for name in reversed(names[-2:]):
            said = [_KINDS[each] for each in self.glossary.meaning(name).concepts if each in _KINDS]
            if said:
                return frozenset[str]().union(*said)
        return frozenset()

    def _noted(self, wanted: Meaning, note: str) -> float:
        """How much of a meaning a short annotation names."""
        if not note or len(note.split()) > _LONGEST_NOTE or wanted.is_general:
            return 0.0
        shared = wanted.concepts & self.glossary.meaning(note).concepts
        return 0.8 if shared == wanted.concepts else 0.0


def _fit(own: ValueType, theirs: ValueType) -> float:
    """1 where the agency's type can hold the canonical one, less where that would be odd."""
    if own.base == theirs.base:
        return 0.95 if own.codes and not theirs.codes else 1.0
    if "binary" in (own.base, theirs.base):
        return _ODD
    pair = {own.base, theirs.base}
    if pair <= _NUMBERS or pair == {"date", "date-time"}:
        return 0.95
    if own.base in _MOMENTS:
        return 0.9 if theirs.base == "string" and not theirs.codes else _ODD
    if theirs.base in _MOMENTS:
        return 0.6 if own.base == "string" and not own.codes else _ODD
    return 0.95 if "string" in pair else _ODD
