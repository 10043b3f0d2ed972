"""One matched value as a line of a mapping: its path or ports, its converter, its code table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.onboarding.convert import conversion_for, is_hijri
from hub.onboarding.match import Match, Matcher
from hub.onboarding.places import Leaf
from hub.onboarding.proposal import CodeDraft, Line, Options
from hub.schema.shape import ValueType

_PARTS = frozenset(("given", "father", "grandfather", "family"))
_CALENDARS = frozenset(("hijri", "gregorian"))


class Lines:
    """Makes lines; ``agency`` begins the names of code tables."""

    def __init__(self, matcher: Matcher, agency: str) -> None:
        self._matcher = matcher
        self._agency = agency

    def value(self, own: Leaf, theirs: Leaf, match: Match, leaves: Sequence[Leaf], inside: str) -> Line:
        """The line for one pair in the canonical list ``inside``; ``leaves`` may hold a date in the other calendar."""
        line = self._value(own, theirs, match, leaves, inside)
        if not theirs.last.repeats or own.last.repeats or len(line.uses) > 1:
            return line
        doubt = "; ".join(filter(None, (line.doubt, "it may repeat: is the first the one?")))
        return replace(line, options=(*line.options, ("pick", "first")), doubt=doubt)

    def _value(self, own: Leaf, theirs: Leaf, match: Match, leaves: Sequence[Leaf], inside: str) -> Line:
        value = own.last.value or ValueType()
        key, at = own.path("."), theirs.path("/")
        if value.base == "date" and (other := self._other_calendar(theirs, leaves)):
            return self._pair(key, theirs, other, match)
        table = self._table(own, theirs, inside)
        if table is not None:
            return self._coded(key, at, match, table)
        if own.last.name == "whole" and len(own.steps) > 1 and not self._has_parts(leaves):
            return Line(key.rpartition(".")[0], (("at", at), ("as", "name-whole")), match, (at,))
        conversion = conversion_for(value, theirs, self._matcher.glossary)
        return Line(key, (("at", at), *conversion.options), match, (at,), conversion.doubt)

    def _has_parts(self, leaves: Sequence[Leaf]) -> bool:
        """Whether the agency has parts of names too: a whole name is made of ours only where it has none."""
        return any(self._concepts(leaf) & _PARTS for leaf in leaves)

    def _coded(self, key: str, at: str, match: Match, table: CodeDraft) -> Line:
        doubt = "" if table.is_complete else f"code table {table.name}: {len(table.pairs)} codes are clear"
        return Line(key, (("at", at), ("codes", table.name)), match, (at,), doubt, table)

    def _table(self, own: Leaf, theirs: Leaf, inside: str) -> CodeDraft | None:
        """The code table that the two lists need; None where the codes are the same, or the canonical side has none."""
        mine = own.last.value.codes if own.last.value else None
        codes = (theirs.last.value.codes if theirs.last.value else None) or ()
        if not mine or (theirs.last.value and theirs.last.value.base == "boolean") or set(codes) == set(mine):
            return None
        if own.last.value and own.last.value.base == "boolean":
            return None
        pairs = self._matcher.same_codes(codes, mine)
        names = [name for name in (inside, *(step.name for step in own.steps)) if name]
        said = names[-2:] if self._matcher.glossary.meaning(names[-1]).is_general else names[-1:]
        name = "-".join((self._agency, *said))
        left = tuple(code for code in mine if code not in pairs.values())
        return CodeDraft(
            _kebab(name.replace("[]", "")), pairs, tuple(code for code in codes if code not in pairs), left
        )

    def _other_calendar(self, theirs: Leaf, leaves: Sequence[Leaf]) -> Leaf | None:
        concepts = self._concepts(theirs)
        for leaf in leaves:
            if leaf is theirs or leaf.steps[:-1] != theirs.steps[:-1]:
                continue
            other = self._concepts(leaf)
            if other - _CALENDARS == concepts - _CALENDARS and (other ^ concepts) and (other ^ concepts) <= _CALENDARS:
                return leaf
        return None

    def _concepts(self, leaf: Leaf) -> frozenset[str]:
        return self._matcher.glossary.meaning(leaf.last.name.rpartition(":")[2]).concepts

    def _pair(self, key: str, one: Leaf, other: Leaf, match: Match) -> Line:
        hijri, gregorian = (one, other) if is_hijri(one, self._matcher.glossary) else (other, one)
        paths = hijri.path("/"), gregorian.path("/")
        glossary = self._matcher.glossary
        formats: list[tuple[str, str]] = []
        for option, leaf in (("format", gregorian), ("hijri-format", hijri)):
            found = dict(conversion_for(ValueType("date"), leaf, glossary).options).get("format")
            if found:
                formats.append((option, found))
        ports: Options = (("hijri", paths[0]), ("gregorian", paths[1]))
        options: Options = (("at", ports), ("as", "date-pair"), *formats)
        return Line(key, options, match, paths, "the formats of both calendars")


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
