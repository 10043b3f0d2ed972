"""Who may see what of a message type, and why: the rules of a site put into a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.access.project import Projection
from hub.access.rules import Grant
from hub.message import Json, Projected


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """One canonical field under one grant; ``rule`` says what decided."""

    path: str
    disclosed: bool
    rule: str


def explain_grant(projection: Projection) -> list[FieldVerdict]:
    """Every field of the type, whether the grant discloses it, and by which part of the rule."""
    return [FieldVerdict(path, granted, rule) for path, (granted, rule) in projection.fields().items()]


def explain_message(projected: Projected) -> list[FieldVerdict]:
    """The fields that one message really has, as they were disclosed or withheld."""
    shown = [FieldVerdict(path, True, projected.rule) for path in projected.disclosed]
    hidden = [FieldVerdict(path, False, rule) for path, rule in projected.withheld.items()]
    return sorted(shown + hidden, key=lambda verdict: verdict.path)


def withheld_by_rule(withheld: Mapping[str, str], disclosed: Sequence[str]) -> dict[str, list[str]]:
    """What each rule kept back, for people: where nothing of a part was disclosed, the part stands for its fields."""
    by_rule: dict[str, dict[str, None]] = {}
    for path, rule in withheld.items():
        by_rule.setdefault(rule, {})[_part(path, disclosed)] = None
    return {rule: list(paths) for rule, paths in by_rule.items()}


def _part(path: str, disclosed: Sequence[str]) -> str:
    """The largest part around a field of which nothing was disclosed."""
    steps = path.split(".")
    for length in range(1, len(steps)):
        part = ".".join(steps[:length])
        if not any(shown == part or shown.startswith(f"{part}.") for shown in disclosed):
            return part
    return path


def describe_grant(grant: Grant) -> Json:
    """A grant as data, for ``hub explain --json``."""
    return {
        "rule": grant.rule,
        "agency": grant.agency,
        "may": grant.may,
        "type": grant.type,
        "fields": list(grant.fields),
        "except": list(grant.exceptions),
        "purpose": grant.purpose,
        "conditional": bool(grant.conditions),
        "at": f"{grant.file}:{grant.line}",
    }
