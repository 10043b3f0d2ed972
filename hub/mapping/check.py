"""What must hold of a plan before it runs: nothing lost silently, nothing required left out, codes one-to-one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from hub.findings import Finding, few, nearest
from hub.mapping.check_agency import check_agency
from hub.mapping.check_canonical import check_canonical
from hub.mapping.check_defaults import check_defaults
from hub.mapping.check_demands import check_demands
from hub.mapping.check_limits import check_limits
from hub.mapping.check_presence import check_presence
from hub.mapping.check_record import check_record
from hub.mapping.check_unlinked import check_unlinked, check_withheld
from hub.mapping.check_values import ValueCheck
from hub.mapping.codes import Codes, CodeTable
from hub.mapping.facts import MessageFacts
from hub.mapping.hatches import check_hatches
from hub.mapping.keeping import check_keeping
from hub.mapping.plan import Fields, Follow, Listed, Plan, Slotted, Spot, Value, Via, every_fields
from hub.mapping.presence import View


def check_plan(
    plan: Plan,
    directions: frozenset[str],
    codes: Codes,
    granted: Collection[str] | None = None,
    facts: MessageFacts | None = None,
    *,
    prove: bool = True,
    views: Sequence[View] = (),
) -> list[Finding]:
    """Every finding for the directions that a grant uses, sorted by line.

    ``granted``: the canonical scalar paths that some grant lets the agency receive; the others need not be written.
    ``views``: what each of its grants lets through. Without ``prove``, only the structure is checked.
    """
    found = [*check_agency(plan, directions), *check_canonical(plan, directions, granted)]
    values = ValueCheck(plan, codes, facts or MessageFacts(plan.written.message.text))
    for fields in every_fields(plan.fields):
        if prove:
            found += values.fields(fields, directions)
            found += check_limits(plan, fields, directions)
        for value in fields.values:
            found += _codes(plan, value, directions, codes)
            found += _one_way(plan, value, directions)
        found += check_defaults(plan, fields, directions)
        found += _links(plan, fields)
        if "write" in directions:
            found += _unlisted(plan, fields)
    found += values.refusals()
    found += check_hatches(plan, directions)
    if prove and "write" in directions:
        found += check_presence(plan, views)
        found += check_demands(plan, codes, values.inclusions)
        found += check_withheld(plan, views)
        found += check_record(plan)
    found += _identity(plan)
    if "read" in directions:
        found += check_keeping(plan)
    if "write" in directions:
        found += check_unlinked(plan, granted)
    return sorted(set(found), key=lambda finding: (finding.line, finding.code, finding.text))


def _codes(plan: Plan, value: Value, directions: frozenset[str], codes: Codes) -> Iterator[Finding]:
    for spot in value.spots:
        table = codes.get(spot.codes) if spot.codes else None
        if table is None:
            continue
        if "write" in directions:
            yield from table.doubles
        if {"read", "write"} <= directions and spot.otherwise_read is None and spot.otherwise_write is None:
            yield from _unread(plan, value, spot, table)
        if value.shape is not None and value.shape.value is not None and value.shape.value.codes is not None:
            known = set(value.shape.value.codes)
            for (_, canonical), line in table.lines.items():
                if canonical not in known:
                    text = f"{canonical!r} is not a code of {value.key} in the canonical schema"
                    yield Finding("unknown-code", table.file, line, text)


def _unread(plan: Plan, value: Value, spot: Spot, table: CodeTable) -> Iterator[Finding]:
    """Codes that are written and that the same table cannot read."""
    codes = value.shape.value.codes if value.shape is not None and value.shape.value is not None else None
    written = [table.writing[code] for code in codes if code in table.writing] if codes else table.writing.values()
    if lost := [code for code in written if code not in table.reading]:
        text = f"{value.key}: the table {table.name} writes {few(lost)} and does not read it"
        hint = "a row without `write only`, or else: {read: ...}"
        yield Finding("code-gap", plan.written.file, spot.line, text, hint)


def _one_way(plan: Plan, value: Value, directions: frozenset[str]) -> Iterator[Finding]:
    for spot in value.spots:
        if not spot.reads_back and {"read", "write"} <= directions:
            text = f"{spot.converter} does not read back what it writes"
            yield Finding("one-way", plan.written.file, spot.line, text, severity="note")


def _links(plan: Plan, fields: Fields) -> Iterator[Finding]:
    known = set(_lists_with_ids(plan.fields))
    for link in fields.links:
        if isinstance(link, Follow):
            continue
        if link.to.key not in known:
            text = f"nothing here gives the items of {link.to.key} their ids, so {link.key} can point to none"
            yield Finding("bad-link", plan.written.file, link.line, text, "id: on that list, or follow:")
        if isinstance(link, Via) and not any(link in inner.links for inner in _with_ids(plan.fields)):
            text = f"the list that holds {link.key} needs id: for its association"
            yield Finding("bad-link", plan.written.file, link.line, text)


def _unlisted(plan: Plan, fields: Fields) -> Iterator[Finding]:
    """Writing: a reference to items that stand only inside what nests them may point to one that is not written."""
    listed = {repeat.key for inner in every_fields(plan.fields) for repeat in inner.repeats}
    for link in fields.links:
        if not isinstance(link, Follow) and link.to.key not in listed:
            text = f"{link.key} may point to an item of {link.to.key} that no link nests, and so is not written"
            yield Finding("bad-link", plan.written.file, link.line, text, "write the list itself, or nest it here too")


def _identity(plan: Plan) -> Iterator[Finding]:
    known = {value.key for value in plan.fields.values if value.partner}
    for path in plan.written.identity:
        if path.text.startswith("$partner.") and path.text not in known:
            text = f"{path.text!r} is not read by this mapping"
            yield Finding("unknown-path", plan.written.file, path.line, text, nearest(path.text, known))


def _lists_with_ids(fields: Fields) -> Iterator[str]:
    for inner in every_fields(fields):
        for repeat in inner.repeats:
            if any(_has_id(branch) for branch in repeat.branches):
                yield repeat.key
        for link in inner.links:
            if isinstance(link, Follow):
                yield link.to.key


def _with_ids(fields: Fields) -> Iterator[Fields]:
    for inner in every_fields(fields):
        for repeat in inner.repeats:
            for branch in repeat.branches:
                if _has_id(branch):
                    yield branch.fields if isinstance(branch, Listed) else branch.slots[0]


def _has_id(branch: Listed | Slotted) -> bool:
    return branch.id is not None if isinstance(branch, Listed) else branch.ids[0] is not None
