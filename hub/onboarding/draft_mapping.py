"""One message type of one agency: the record that fits, the proposal for it, its constants, and what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hub.onboarding.left_over import left_over
from hub.onboarding.lines import Lines
from hub.onboarding.match import SURE, Match, Matcher
from hub.onboarding.places import Leaf, Place, lists_below, values_below
from hub.onboarding.proposal import Block, Line, Node, Proposal
from hub.onboarding.propose import Proposer
from hub.schema.shape import WHOLE

# What an envelope may be asked for, in the words of a field that wants it.
_SOURCES = {
    "$message.id": ("message id", "message number", "correlation id"),
    "$message.time": ("message date time", "sent at", "sent date", "message time"),
    "$message.source": ("message sender",),
    "$message.classification": ("classification",),
}
_LEAST_RECORD = 5
_LEAST_CONSTANT = 0.55


@dataclass(frozen=True, slots=True)
class MappingDraft:
    """``root`` as a mapping writes it; empty where the document is the record."""

    root: str
    proposal: Proposal

    @property
    def sure(self) -> int:
        """How many lines are filled in."""
        return sum(1 for _, line in self.proposal.lines() if line.is_sure)


def draft_mapping(matcher: Matcher, agency: str, canonical: Place, document: Place, is_root: bool) -> MappingDraft:
    """The best of the records that the document may hold; ``document`` is its root (``is_root``) or the whole tree."""
    start = _unwrapped((document,) if is_root else (), document)
    inner = start[-1] if start else document
    records = [start, *((*start, *steps) for steps in lists_below(inner))]
    bare = not is_root and not any(True for _ in values_below(inner))  # a table: everything stands in its rows
    drafts = [
        _draft(matcher, agency, canonical, document, steps)
        for steps in records
        if steps == start or bare or sum(1 for _ in values_below(steps[-1])) >= _LEAST_RECORD
    ]
    if bare and len(drafts) > 1:
        drafts = drafts[1:]
    best = max(drafts, key=lambda draft: draft.sure)
    return best if best.sure > 1.5 * drafts[0].sure else drafts[0]


def _unwrapped(start: tuple[Place, ...], place: Place) -> tuple[Place, ...]:
    """The way to the record where everything stands in one element (an operation's only parameter, a JSON list)."""
    while len(place.children) == 1 and place.children[0].children:
        if place.children[0].repeats and place.children[0].name != WHOLE:
            break
        place = place.children[0]
        start = (*start, place)
    return start


def _draft(matcher: Matcher, agency: str, canonical: Place, document: Place, steps: tuple[Place, ...]) -> MappingDraft:
    record = steps[-1] if steps else document
    targets = {place.name: place for place in canonical.children if place.name in set(_targets(canonical))}
    nodes = Proposer(matcher, Lines(matcher, agency), targets).record(canonical, record)
    used = set(_used(nodes, ""))
    left = [leaf for leaf in values_below(record) if leaf.path("/") not in used]
    constants = tuple(_constants(matcher, left))
    used |= {line.key for line in constants if line.is_sure}
    unread = left_over(record, used)
    root = "/".join(f"{step.name}[]" if step.repeats and step.name != WHOLE else step.name for step in steps)
    return MappingDraft(root, Proposal(nodes, constants, _unmapped(canonical, nodes), unread))


def _targets(place: Place, depth: int = 4) -> Iterator[str]:
    """The lists that links point to."""
    for child in place.children:
        if child.to:
            yield child.to
        if depth:
            yield from _targets(child, depth - 1)


def _used(nodes: tuple[Node, ...], above: str) -> Iterator[str]:
    """The agency's paths that sure lines use, from the record."""
    for node in nodes:
        options = dict(node.options)
        if isinstance(node, Line):
            yield from (above + path for path in node.uses if node.is_sure)
            continue
        step = options.get("at") or options.get("follow")
        inner = above if step in (None, ".") else f"{above}{step}/"
        if isinstance(identity := options.get("id"), str):
            yield inner + identity
        yield from _used(node.nodes, inner)


def _constants(matcher: Matcher, left: list[Leaf]) -> Iterator[Line]:
    """Values of the envelope for places that nothing canonical was found for."""
    meaning, likeness = matcher.glossary.meaning, matcher.glossary.likeness
    free = {leaf.path("/"): leaf for leaf in left if not leaf.last.repeats and not _is_remark(leaf)}
    for source, words in _SOURCES.items():
        scores = {
            path: max(
                likeness(meaning(phrase), meaning(*(step.name.rpartition(":")[2] for step in leaf.steps[-size:])))
                for size in (1, 2)
                for phrase in words
            )
            for path, leaf in free.items()
            if _holds(leaf, source)
        }
        path = max(scores, key=lambda path: scores[path], default="")
        if not path or scores[path] < _LEAST_CONSTANT:
            continue
        match = Match(round(min(scores[path], 1.0), 2), ("name",))
        if source == "$message.time":
            options: tuple[tuple[str, str], ...] = (("from", source), ("as", "date-time"))
        else:
            options = (("at", source),)
        yield Line(path, options, match, (path,), "" if match.score >= SURE else "writing only")
        del free[path]


def _holds(leaf: Leaf, source: str) -> bool:
    """Whether a place of this type can hold what the source says."""
    base = leaf.last.value.base if leaf.last.value is not None else "string"
    return base in ("string", "date-time") if source == "$message.time" else base == "string"


def _is_remark(leaf: Leaf) -> bool:
    """Whether it is an attribute that says something about an element with a value of its own (its xs:ID, ...)."""
    return leaf.last.name.startswith("@") and len(leaf.steps) > 1 and leaf.steps[-2].value is not None


def _unmapped(canonical: Place, nodes: tuple[Node, ...]) -> tuple[tuple[str, bool], ...]:
    """Canonical paths without a sure line, containers where nothing below them has one."""
    mapped = {path for path, line in Proposal(nodes, (), (), ()).lines() if line.is_sure}
    mapped |= {f"{list_}.id" for list_ in _lists(nodes, "")}
    return tuple(_missing(canonical, "", mapped, True))


def _lists(nodes: tuple[Node, ...], above: str) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Block):
            target = dict(node.options).get("to")
            path = str(target) if target else above + node.key
            yield path
            if target:
                yield above + node.key
            yield from _lists(node.nodes, f"{path}.")


def _missing(place: Place, above: str, mapped: set[str], required: bool) -> Iterator[tuple[str, bool]]:
    for child in place.children:
        path = above + child.name
        needed = required and child.required
        below = any(each.startswith((f"{path}.", f"{path}[")) for each in mapped)
        if path in mapped or (child.to and any(each.startswith(f"{child.to}.") for each in mapped) and path in mapped):
            continue
        if not below:
            yield path.removesuffix("[]"), needed
        elif child.children:
            yield from _missing(child, f"{path}.", mapped, needed)
