"""Our XSD reader against the xmlschema library: the same steps, attributes and codes in every reachable type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xmlschema

from hub.formats.xml import XmlContract
from hub.schema.shape import Shape

ROOT = Path(__file__).parents[3]
NIBRS = ROOT / "tests/sites/nibrs/schemas/agencies/nibrs-sender"
CASES = [
    (NIBRS / "nibrs/2019/nibrs.xsd", NIBRS),
    *((path, path.parent) for path in sorted((ROOT / "schemas/agencies").glob("*/*[!s].xsd"))),
]


def substitutes(library: Any, head: str) -> list[Any]:
    """The members of a substitution group, and of theirs (the library lists the direct ones)."""
    direct = list(library.maps.substitution_groups.get(head, ()))
    return direct + [member for one in direct for member in substitutes(library, one.name)]


def compare(library: Any, element: Any, shape: Shape, seen: set[Any], wrong: list[str]) -> None:
    """One element of the library's against one step of ours, and below."""
    type = element.type
    if id(type) in seen:
        return
    seen.add(id(type))
    declared = {} if type.is_simple() else type.attributes
    attributes = {f"@{name}": use.use == "required" for name, use in declared.items() if name is not None}
    ours = {child.name: child.minimum == 1 for child in shape.children if child.name.startswith("@")}
    if attributes != ours:
        wrong.append(f"{shape.name}: attributes {attributes} {ours}")
    simple = type if type.is_simple() else type.content if type.has_simple_content() else None
    if (simple is None) != (shape.value is None):
        wrong.append(f"{shape.name}: value {simple} {shape.value}")
    codes = tuple(map(str, simple.enumeration)) if simple is not None and simple.enumeration else None
    if codes and shape.value is not None and shape.value.codes != codes:
        wrong.append(f"{shape.name}: codes {codes} {shape.value.codes}")
    if not type.has_complex_content():
        return
    theirs: dict[str, Any] = {}
    for particle in type.content.iter_elements():
        if particle.name is None:
            continue
        members = substitutes(library, particle.name) if particle.ref is not None else []
        for member in (particle, *members):
            if not (member.abstract or (particle.ref is not None and library.maps.elements[member.name].abstract)):
                theirs.setdefault(member.name, member)
    names = [child.name for child in shape.children if not child.name.startswith("@")]
    if set(names) != set(theirs):
        wrong.append(f"{shape.name}: {sorted(theirs)} {sorted(names)}")
    for name in set(names) & set(theirs):
        compare(library, theirs[name], shape.by_name[name], seen, wrong)


@pytest.mark.parametrize(("path", "folder"), CASES, ids=lambda value: value.name if isinstance(value, Path) else "")
def test_our_reader_sees_what_xmlschema_sees(path: Path, folder: Path) -> None:
    """The library is the authority; ours is fast enough to start a hub."""
    library = xmlschema.XMLSchema(str(path), validation="lax")
    shape = XmlContract(path, {}, folder=folder).shape
    wrong: list[str] = []
    seen: set[Any] = set()
    for child in shape.children:
        compare(library, library.maps.elements[child.name], child, seen, wrong)
    assert not wrong
    assert len(seen) > 5
