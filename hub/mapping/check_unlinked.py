"""Items that an agency nests under what links to them: what becomes of those that nothing links to is to be said."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hub.findings import Finding, nearest
from hub.mapping.plan import Plan, nested_lists


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


def _granted(key: str, granted: Collection[str] | None) -> bool:
    return granted is None or any(path.startswith(f"{key}.") for path in granted)
