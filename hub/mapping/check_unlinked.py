"""Items that an agency nests under what links to them: what becomes of those that nothing links to is to be said."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from hub.findings import Finding, nearest
from hub.mapping.plan import Follow, Plan, every_fields, nested_lists
from hub.mapping.presence import View


def check_unlinked(plan: Plan, granted: Collection[str] | None) -> Iterator[Finding]:
    """Writing: every such list of which something is granted has its answer, and every answer its list."""
    nested = nested_lists(plan)
    answered = {spec.path.text for spec in plan.written.unlinked}
    file = plan.written.file
    for key, link in nested.items():
        if key not in answered and _granted(key, granted):
            hint = f"unlinked: {{{key}: refuse}}, or {{drops: why}}"
            text = f"items of {key} that nothing links to are not written"
            yield Finding("unlinked", file, link.line, text, hint)
    for spec in plan.written.unlinked:
        if spec.path.text not in nested:
            text = f"{spec.path.text!r} is no list that is written only under what links to it"
            hint = nearest(spec.path.text, nested) or "take the entry away"
            yield Finding("unknown-path", file, spec.path.line, text, hint)


def check_withheld(plan: Plan, views: Sequence[View]) -> Iterator[Finding]:
    """Writing: a list that is refused without links, of which a grant discloses fields and every link that nests it
    withholds: each message with such an item would be a dead letter."""
    nested = nested_lists(plan)
    for spec in plan.written.unlinked:
        key = spec.path.text
        links = [link.key.removesuffix("[]") for link in _nesting(plan, key)]
        for view in views:
            if spec.refuse and key in nested and view.shows(key) and not any(map(view.shows, links)):
                text = f"every message with {key} is refused under the grant {view.rule}: it withholds what links there"
                hint = f"grant {links[0]}, or withhold {key}"
                yield Finding("unlinked", plan.written.file, spec.path.line, text, hint)


def _nesting(plan: Plan, key: str) -> Iterator[Follow]:
    for fields in every_fields(plan.fields):
        yield from (link for link in fields.links if isinstance(link, Follow) and link.to.key == key)


def _granted(key: str, granted: Collection[str] | None) -> bool:
    return granted is None or any(path.startswith(f"{key}.") for path in granted)
