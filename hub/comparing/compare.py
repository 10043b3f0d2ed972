"""Two sites' verdicts on one record, put into differences: outcome, fields, recipients, disclosure, documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from hub.comparing.judge import Handed, Judged
from hub.comparing.trees import differing, readable
from hub.message import Canonical
from hub.site.site import Site

_POSITION = re.compile(r"(?<=[/\[ ])[0-9]+")
Kind = Literal["outcome", "fact", "field", "recipient", "disclosure", "document"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that would be otherwise. ``change`` and ``path`` hold no personal data; ``before`` and ``after`` may.

    ``recipient`` is empty where it concerns the message itself; ``at`` is ``path`` with positions.
    """

    kind: Kind
    recipient: str
    path: str
    change: str
    at: str = ""
    before: Any = None
    after: Any = None


def compare(today: Site, other: Site, before: Judged, after: Judged) -> Iterator[Difference]:
    """Everything that ``other`` would do differently with one record."""
    if before.message is None or after.message is None:
        yield from _outcomes(before, after)
        return
    yield from _facts(before.message, after.message)
    for leaf in differing(before.message.data, after.message.data):
        yield Difference("field", "", leaf.path, leaf.change, leaf.at, leaf.before, leaf.after)
    for agency in dict.fromkeys((*before.handed, *after.handed)):
        ours, theirs = before.handed.get(agency), after.handed.get(agency)
        if _state(ours) != _state(theirs):
            yield Difference("recipient", agency, "", f"{_state(ours)} -> {_state(theirs)}")
        elif ours is not None and theirs is not None and ours.rule != theirs.rule:
            yield Difference("recipient", agency, "", f"by {ours.rule} -> by {theirs.rule}")
        if ours is not None and theirs is not None:
            yield from _disclosures(agency, ours, theirs)
            yield from _documents(today, other, agency, before.message, ours, theirs)


def _outcomes(before: Judged, after: Judged) -> Iterator[Difference]:
    ours, theirs = _outcome(before), _outcome(after)
    places = [_places(each) for each in (before, after)]
    if (ours, places[0]) == (theirs, places[1]):
        return
    texts = [None if each.error is None else each.error.text for each in (before, after)]
    yield Difference("outcome", "", " | ".join(dict.fromkeys(filter(None, places))), f"{ours} -> {theirs}", "", *texts)


def _outcome(judged: Judged) -> str:
    if judged.message is None and judged.error is None:
        return "no such record"
    return "accepted" if judged.error is None else f"refused: {judged.error.code.name}"


def _places(judged: Judged) -> str:
    """Where the sender's document is wrong, and by which rule: the first place."""
    if judged.error is None or not judged.error.problems:
        return ""
    first = judged.error.problems[0]
    path = _POSITION.sub("*", first.path or "")
    return " ".join(filter(None, (path, f"[{first.rule}]" if first.rule else "")))


def _facts(before: Canonical, after: Canonical) -> Iterator[Difference]:
    """What travels beside the data: label, subject, time, identity, numbers, named recipients."""
    if before.classification is not after.classification:
        change = f"{before.classification.name} -> {after.classification.name}"
        yield Difference("fact", "", "classification", change)
    by_content = before.identity.startswith("sha256:") and after.identity.startswith("sha256:")
    for name in ("subject", "time", *(() if by_content else ("identity",))):
        ours, theirs = getattr(before, name), getattr(after, name)
        if ours != theirs:
            yield Difference("fact", "", name, "changed", name, ours, theirs)
    pairs: dict[str, tuple[Any, Any]] = {
        "numbers": (_numbers(before), _numbers(after)),
        "partner": (dict(before.partner), dict(after.partner)),
        "recipients": (list(before.recipients or ()), list(after.recipients or ())),
    }
    for name, (one, other) in pairs.items():
        for leaf in differing(one, other):
            path = f"{name}.{leaf.path}" if isinstance(one, dict) else f"{name}{leaf.path}"
            yield Difference("fact", "", path, leaf.change, path, leaf.before, leaf.after)


def _numbers(message: Canonical) -> dict[str, str]:
    return {each.scheme: each.number for each in message.numbers}


def _state(handed: Handed | None) -> str:
    if handed is None:
        return "nothing"
    if not handed.stopped:
        return "delivered"
    return f"withheld: {handed.stopped}" if handed.withheld else f"dead letter: {handed.stopped}"


def _disclosures(agency: str, before: Handed, after: Handed) -> Iterator[Difference]:
    """Fields that would be shown or kept back otherwise, with the rule that keeps them back."""
    if before.projected is None or after.projected is None:
        return
    ours, theirs = set(before.projected.disclosed), set(after.projected.disclosed)
    for path in sorted(ours - theirs):
        rule = after.projected.withheld.get(path)
        yield Difference("disclosure", agency, path, f"shown -> withheld by {rule}" if rule else "shown -> absent")
    for path in sorted(theirs - ours):
        rule = before.projected.withheld.get(path)
        yield Difference("disclosure", agency, path, f"withheld by {rule} -> shown" if rule else "absent -> shown")


def _documents(
    today: Site, other: Site, agency: str, message: Canonical, before: Handed, after: Handed
) -> Iterator[Difference]:
    if before.stopped or after.stopped or before.body == after.body:
        return
    sites, bodies = (today, other), (before.body, after.body)
    formats = [site.dialects[agency, message.type].definition.format for site in sites]
    if formats[0] != formats[1]:
        yield Difference("document", agency, "", f"{formats[0]} -> {formats[1]}")
        return
    trees = [_tree(site, agency, message.type, body) for site, body in zip(sites, bodies, strict=True)]
    found = False
    for leaf in differing(*trees, between="/" if formats[0] == "xml" else "."):
        found = True
        yield Difference("document", agency, leaf.path, leaf.change, leaf.at, leaf.before, leaf.after)
    if not found:
        yield Difference("document", agency, "", "the same values, other bytes (order or layout)")


def _tree(site: Site, agency: str, type: str, body: bytes) -> Any:
    dialect = site.dialects[agency, type]
    tree = dialect.contract.parse(body).tree
    if dialect.definition.format != "xml":
        return tree
    return readable(tree, {namespace: prefix for prefix, namespace in dialect.agency.namespaces.items()})
