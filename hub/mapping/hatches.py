"""The escape hatches of a mapping, told by every check: what runs in it that is not the language's own."""

from __future__ import annotations

from collections.abc import Iterator

from hub.findings import Finding
from hub.mapping.plan import Fields, Plan, every_fields
from hub.mapping.stylesheets import STYLESHEET, check_stylesheets

INSTALLED = "installed-converter"
HATCHES = (INSTALLED, STYLESHEET)


def check_hatches(plan: Plan, directions: frozenset[str]) -> Iterator[Finding]:
    """A note for each line that uses an installed converter or a stylesheet, and what these have to answer."""
    yield from check_stylesheets(plan.written, directions)
    found = {each for fields in every_fields(plan.fields) for each in _installed(fields)}
    for line, name, package in sorted(found):
        text = (
            f"{name} comes from the package {package}: what it makes is held to what it declares, and proved by nobody"
        )
        yield Finding(INSTALLED, plan.written.file, line, text, severity="note")


def _installed(fields: Fields) -> Iterator[tuple[int, str, str]]:
    for value in fields.values:
        for spot in value.spots:
            if spot.by is not None and spot.by.package:
                yield spot.line, spot.converter, spot.by.package
    for constant in fields.constants:
        if constant.by is not None and constant.by.package:
            yield constant.line, constant.converter, constant.by.package
