"""``refuses``: content that the agency's schema allows and the mapping does not accept, found by its path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from hub.mapping.globs import first_match, glob
from hub.mapping.paths import AgencyPaths
from hub.mapping.plan import Plan
from hub.mapping.uses import uses
from hub.schema.shape import Shape


def refused_places(plan: Plan) -> dict[tuple[str, ...], frozenset[str]]:
    """By the steps to each element that the mapping goes through: the names below it that are refused there."""
    if not plan.written.refuses:
        return {}
    used = {tuple(step.name for step in plan.root.steps)}
    for use in uses(plan.fields):
        used.add(tuple(step.name for step in use.steps))
    visited = {names[:length] for names in used for length in range(len(names) + 1)}
    globs = [glob(path.text, "/") for path, _ in plan.written.refuses]
    record = "/" + "/".join(step.shown for step in plan.root.steps)
    paths = AgencyPaths(plan.kind, plan.namespaces, plan.document)
    found: dict[tuple[str, ...], frozenset[str]] = {}
    for names in visited:
        refused = frozenset(_refused(plan.document, names, visited, globs, record, paths))
        if refused:
            found[names] = refused
    return found


def covers(globs: Sequence[Callable[[str], bool]], record: str, shown: str) -> int | None:
    """The index of the first glob that covers an agency path; globs are relative to the record, or absolute."""
    inside = [shown.removeprefix(record).lstrip("/")] if shown.startswith(f"{record}/") or record == "/" else []
    return next((index for path in (shown, *inside) if (index := first_match(globs, path)) is not None), None)


def _refused(
    document: Shape,
    names: tuple[str, ...],
    visited: set[tuple[str, ...]],
    globs: Sequence[Callable[[str], bool]],
    record: str,
    paths: AgencyPaths,
) -> Iterator[str]:
    shape, shown = document, ""
    for name in names:
        shape, shown = shape.by_name[name], f"{shown}/{paths.shown(name)}"
    for child in shape.children if names or paths.kind != "xml" else ():
        index = covers(globs, record, f"{shown}/{paths.shown(child.name)}")
        if index is not None and (*names, child.name) not in visited:
            yield child.name
