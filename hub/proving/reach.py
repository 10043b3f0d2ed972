"""Which lines of a mapping no example reaches, for each direction that a grant uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hub.errors import HubError
from hub.findings import Finding
from hub.mapping.explain_read import explain_read
from hub.mapping.mapping import WriteRecord
from hub.mapping.plan import Fields, Follow, Listed, Plan
from hub.proving.examples import Example
from hub.proving.run import project
from hub.site.site import Site

_WORDS = {"in": "reads", "out": "writes"}


def unreached(site: Site, examples: Sequence[Example]) -> list[Finding]:
    """A note for each mapping and direction that has examples and lines that none of them reaches."""
    grouped: dict[tuple[str, str, str], list[Example]] = {}
    for example in examples:
        grouped.setdefault((*example.key, example.direction), []).append(example)
    return [
        finding
        for (agency, type, direction), group in grouped.items()
        if (finding := _note(site, agency, type, direction, group)) is not None
    ]


def _note(site: Site, agency: str, type: str, direction: str, examples: Sequence[Example]) -> Finding | None:
    dialect = site.dialects[agency, type]
    wanted = lines_of(dialect.mapping.plan, direction)
    reached = set().union(*(reached_lines(site, example) for example in examples))
    missed = [line for line in wanted if line not in reached]
    if not missed:
        return None
    file = dialect.mapping.plan.written.file
    said = ", ".join(_runs(missed))
    text = (
        f"no example {_WORDS[direction]} {f'lines {said}' if len(missed) > 1 else f'line {said} ({wanted[missed[0]]})'}"
    )
    return Finding("unreached", file, missed[0], text, severity="note")


def _runs(lines: Sequence[int]) -> list[str]:
    """Line numbers in ascending order, neighbours as ``12-15``."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]


def reached_lines(site: Site, example: Example) -> set[int]:
    """The mapping lines that give something in one example; empty where it cannot be run."""
    dialect = site.dialects[example.key]
    try:
        if example.direction == "out":
            records = [WriteRecord(part.data, example.message) for part in project(site, example)]
            found = [item for record in records for item in dialect.mapping.explain(record, example.parcel)]
        else:
            path = example.file("input")
            tree = dialect.contract.parse(path.read_bytes() if path else b"", example.charset).tree
            plan = dialect.mapping.plan
            found = [item for record in dialect.mapping.read(tree) for item in explain_read(plan, tree, record)]
    except (HubError, OSError, ValueError):
        return set()
    return {item.line for item in found}


def lines_of(plan: Plan, direction: str) -> Mapping[int, str]:
    """Every line that gives a value in one direction, and its key as people know it."""
    return dict(sorted(_lines(plan.fields, direction == "in")))


def _lines(fields: Fields, reading: bool) -> Iterator[tuple[int, str]]:
    for value in fields.values:
        if value.spots and (reading or not value.partner):
            yield value.line, value.key
    for link in fields.links:
        if isinstance(link, Follow):
            yield from _lines(link.fields, reading)
        else:
            yield link.line, link.key
    for constant in fields.constants if not reading else ():
        yield constant.line, constant.place.text
    for repeat in fields.repeats:
        for branch in repeat.branches:
            for inner in (branch.fields,) if isinstance(branch, Listed) else branch.slots:
                yield from _lines(inner, reading)
