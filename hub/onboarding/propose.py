"""Proposes a mapping: which agency value is which canonical one, scope by scope (record, item, followed person)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from hub.onboarding.lines import Lines
from hub.onboarding.match import NONE, SURE, WORTH_A_LOOK, Match, Matcher
from hub.onboarding.places import Leaf, Place, groups_below, lists_below, values_below
from hub.onboarding.proposal import Block, Line, Node

_LEAST_NAME = 0.55
_SAME = 0.02


@dataclass(frozen=True, slots=True)
class _Scope:
    """One canonical item (of the list ``inside``) against one place of the agency.

    ``flat`` and ``roles``: only values named after these lists count. Roles link to persons.
    """

    canonical: Place
    agency: Place
    flat: str = ""
    inside: str = ""
    roles: tuple[str, ...] = ()


class Proposer:
    """Proposes nodes. ``targets`` are the canonical lists that links point to, by their key."""

    def __init__(self, matcher: Matcher, lines: Lines, targets: dict[str, Place]) -> None:
        self._matcher = matcher
        self._lines = lines
        self._targets = targets
        self._identified: set[str] = set()
        self._roles: tuple[str, ...] = ()

    def record(self, canonical: Place, agency: Place) -> tuple[Node, ...]:
        """Nodes for one whole record."""
        used: set[str] = set()
        self._roles = tuple(
            steps[-1].name for steps in lists_below(canonical) if any(child.to for child in steps[-1].children)
        )
        return self._scope(_Scope(canonical, agency), used)

    def _scope(self, scope: _Scope, used: set[str]) -> tuple[Node, ...]:
        """Lists with a place of their own first, then sure values, flat lists, and what is only worth a look.

        ``used`` are the agency's paths that are taken.
        """
        lists = sorted(lists_below(scope.canonical), key=lambda steps: _key(steps) not in self._targets)
        blocks = {_key(steps): self._list(scope, steps, used) for steps in lists}
        values: list[Node] = self._values(scope, used, SURE)
        for steps in lists:
            key = _key(steps)
            if blocks[key] is None and key not in self._targets:
                blocks[key] = self._flat(scope, steps[-1], key, used)
        values += self._values(scope, used, WORTH_A_LOOK, {node.key for node in values})
        order = {leaf.path("."): number for number, leaf in enumerate(values_below(scope.canonical))}
        values.sort(key=lambda node: order[node.key if node.key in order else f"{node.key}.whole"])
        values += self._constants(scope, values) if scope.inside else []
        return (*values, *(block for block in blocks.values() if block is not None))

    def _values(self, scope: _Scope, used: set[str], least: float, known: Iterable[str] = ()) -> list[Node]:
        taken = set(known)
        leaves = self._leaves(scope, used)
        pairs = [
            (match, own, theirs)
            for own in values_below(scope.canonical)
            if own.path(".") not in taken and own.path(".") != "id"
            for theirs in leaves
            if (match := self._match(scope, own, theirs)).score >= least
        ]
        if least < SURE:
            pairs = [(self._alone(match, own, theirs, pairs), own, theirs) for match, own, theirs in pairs]
        pairs.sort(key=lambda pair: (-pair[0].score, not pair[1].required))
        lines: list[Node] = []
        for match, own, theirs in pairs:
            key, at = own.path("."), theirs.path("/")
            if key in taken or at in used:
                continue
            rivals = [
                other.path(".")
                for score, other, same in pairs
                if same is theirs and other is not own and match.score - score.score <= _SAME
                and other.path(".") not in taken
            ]  # fmt: skip
            line = self._lines.value(own, theirs, match, leaves, scope.inside)
            taken.add(key)
            used.update(line.uses)
            lines.append(replace(line, rival=rivals[0]) if rivals else line)
        return lines

    def _constants(self, scope: _Scope, values: Sequence[Node]) -> list[Line]:
        """Codes that an item must have and the agency has not: a person may say that they are always the same."""
        found = {node.key for node in values}
        return [
            Line(
                leaf.path("."),
                (("always", leaf.last.value.codes[0]),),
                Match(0.0, ("required",)),
                (),
                "one of its codes",
            )
            for leaf in values_below(scope.canonical)
            if leaf.required and leaf.path(".") not in found and leaf.last.value and leaf.last.value.codes and found
        ]

    def _leaves(self, scope: _Scope, used: set[str]) -> list[Leaf]:
        leaves = [
            leaf for leaf in values_below(scope.agency) if not _taken(leaf.steps, used) and not _links(leaf.last.name)
        ]
        glossary = self._matcher.glossary
        wanted = [glossary.meaning(name).concepts for name in (scope.flat, *scope.roles) if name]
        said = {leaf: glossary.meaning(*(_local(step.name) for step in leaf.steps)).concepts for leaf in leaves}
        return [leaf for leaf in leaves if all(concepts & said[leaf] for concepts in wanted)]

    def _alone(self, match: Match, own: Leaf, theirs: Leaf, pairs: Sequence[tuple[Match, Leaf, Leaf]]) -> Match:
        """Better where both are moments, and no other moment of either side fits."""
        bases = {leaf.last.value.base for leaf in (own, theirs) if leaf.last.value is not None}
        rivals = [pair for pair in pairs if (pair[1] is own) != (pair[2] is theirs)]
        unlike = own.last.repeats != theirs.last.repeats
        if bases not in ({"date-time"}, {"date"}) or rivals or unlike:
            return match
        return Match(min(1.0, round(match.score + 0.2, 2)), (*match.why, "the only one left"))

    def _match(self, scope: _Scope, own: Leaf, theirs: Leaf) -> Match:
        match = self._matcher.match(own, theirs, scope.flat, scope.roles)
        if not scope.inside and self._of_a_role(own, theirs):
            match = Match(round(match.score / 2, 2), match.why)
        unlike = own.last.repeats != theirs.last.repeats
        if unlike and "NIEM" in match.why and not own.last.repeats:
            return match  # NIEM lets every element repeat: one is picked
        return Match(min(match.score, SURE - 0.05), match.why) if unlike else match

    def _of_a_role(self, own: Leaf, theirs: Leaf) -> bool:
        """Whether the agency's name is about a complainant, an accused, ... and the canonical one is not."""
        meaning = self._matcher.glossary.meaning
        said = meaning(*(_local(step.name) for step in theirs.steps)).concepts
        meant = meaning(*(step.name for step in own.steps)).concepts
        return any(meaning(role).concepts & said - meant for role in self._roles)

    def _list(self, scope: _Scope, steps: tuple[Place, ...], used: set[str]) -> Block | None:
        """A canonical list in an agency's list, or in a single container."""
        own = steps[-1]
        key = _key(steps)
        place, match = self._container(scope, own, used)
        if place is None:
            return None
        at = "/".join(step.name for step in place)
        inner: set[str] = set()
        nodes = self._item(_Scope(own, place[-1], inside=own.name), inner)
        if not nodes:
            return None
        options: list[tuple[str, str]] = [("at", at)]
        has_id = any(child.name == "id" for child in own.children)
        if has_id and (identity := self._identity(place[-1], inner)):
            options.append(("id", identity))
            self._identified.add(key)
        if not any(step.repeats for step in place):
            options.append(("too-many", "refuse"))
        used.add(at)
        used.update(f"{at}/{path}" for path in inner)
        doubt = "the agency has room for one" if ("too-many", "refuse") in options else ""
        return Block(key, tuple(options), match, nodes, doubt)

    def _flat(self, scope: _Scope, own: Place, key: str, used: set[str]) -> Block | None:
        inner = set(used)
        role = any(child.to for child in own.children)
        flat, roles = ("", (*scope.roles, own.name)) if role else (own.name, scope.roles)
        nodes = self._item(_Scope(own, scope.agency, flat, own.name, roles), inner)
        sure = [node for node in nodes if isinstance(node, Block) or node.is_sure]
        if not sure:
            return None
        used |= inner
        scores = [node.match.score for node in sure]
        return Block(
            key, (("too-many", "refuse"),), Match(max(scores), ("name",)), nodes, "the agency has room for one"
        )

    def _item(self, scope: _Scope, used: set[str]) -> tuple[Node, ...]:
        """The fields of a list's item, its link to a person included."""
        nodes = self._scope(scope, used)
        for link in (child for child in scope.canonical.children if child.to):
            target = self._targets.get(link.to)
            if target is None:
                continue
            linked = self._link(scope, link, target, used)
            if linked is not None:
                nodes = (*nodes, linked)
                break
        return nodes

    def _link(self, scope: _Scope, link: Place, target: Place, used: set[str]) -> Node | None:
        """By reference where the target list has ids at this agency, else the person that is nested here."""
        if link.to in self._identified:
            reference = next((leaf for leaf in values_below(scope.agency) if self._is_reference(leaf)), None)
            if reference is not None:
                used.add(reference.path("/"))
                options = (("ref", reference.path("/")), ("to", link.to))
                return Line(link.name, options, Match(0.8, ("name",)), (reference.path("/"),))
        inner = set(used)
        nodes = self._scope(_Scope(target, scope.agency, scope.flat, link.to, scope.roles), inner)
        lines = [node for node in nodes if isinstance(node, Block) or node.is_sure]
        if not lines:
            return None
        used |= inner
        scores = [node.match.score for node in lines]
        options = (("follow", "."), ("to", link.to))
        doubt = "same: which fields show that it is the same person again"
        return Block(link.name, options, Match(max(scores), ("nested",)), nodes, doubt)

    def _container(self, scope: _Scope, own: Place, used: set[str]) -> tuple[tuple[Place, ...] | None, Match]:
        """The agency's list or single element that is named like a canonical list."""
        best: tuple[tuple[Place, ...] | None, Match] = None, NONE
        if scope.flat or scope.roles:
            return best
        for steps in (*lists_below(scope.agency), *groups_below(scope.agency)):
            if _taken(steps, used):
                continue
            score = self._matcher.name(own.name, _local(steps[-1].name))
            if len(steps) > 1 and steps[-1].repeats:
                score = max(score, 0.9 * self._matcher.name(own.name, _local(steps[-2].name)))
            niem = own.niem.rpartition(":")[2]
            why: tuple[str, ...] = ("name",)
            if niem and niem == _local(steps[-1].name):
                score, why = max(score, 0.9), ("NIEM",)
            if self._names_a_role(own, steps):
                score /= 2
            score = round(score + 0.02 * steps[-1].repeats, 2)
            if score > max(best[1].score, _LEAST_NAME):
                best = steps, Match(min(1.0, score), why)
        return best

    def _names_a_role(self, own: Place, steps: tuple[Place, ...]) -> bool:
        """Whether a place is about the accused, witnesses, ... and the canonical list is not."""
        meaning = self._matcher.glossary.meaning
        said, meant = meaning(_local(steps[-1].name)).concepts, meaning(own.name).concepts
        return any(meaning(role).concepts & said - meant for role in self._roles)

    def _identity(self, item: Place, used: set[str]) -> str:
        for child in item.children:
            concepts = self._matcher.glossary.meaning(_local(child.name)).concepts
            if child.value is not None and not child.repeats and concepts <= {"id", "person"} and "id" in concepts:
                used.add(child.name)
                return child.name
        return ""

    def _is_reference(self, leaf: Leaf) -> bool:
        concepts = self._matcher.glossary.meaning(_local(leaf.last.name)).concepts
        named = _local(leaf.last.name).casefold()
        return named.endswith(("ref", "idref")) or concepts == {"person", "id"}


def _taken(steps: tuple[Place, ...], used: set[str]) -> bool:
    """Whether this place, or one that it stands in, is taken."""
    names = [step.name for step in steps]
    return any("/".join(names[:length]) in used for length in range(1, len(names) + 1))


def _links(name: str) -> bool:
    """Whether an attribute only ties elements together: a reference, or an id of a namespace of its own (NIEM)."""
    local = _local(name).casefold()
    return name.startswith("@") and (local in ("ref", "idref", "idrefs") or (local == "id" and ":" in name))


def _key(steps: tuple[Place, ...]) -> str:
    return ".".join(step.name for step in steps)


def _local(name: str) -> str:
    return name.rpartition(":")[2].lstrip("@")


def _joined(one: str, other: str) -> str:
    return f"{one}; {other}" if one else other
