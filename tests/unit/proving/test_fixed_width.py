"""Proofs of mappings to records of fixed width: every kind of line, both ways, and what is lost is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.proving.prove import prove, targets
from hub.site.site import load_site
from tests.unit.proving.small import add, small_site
from tests.unit.proving.test_prove import Direction, Proved, with_defect

LAYOUT = """format: fixed-width
encoding: windows-1256
fold: [digits]
code: 1-1
header: {code: H, columns: [{name: From, at: 2-9, required: true, codes: [HUB]}, {at: 10-137, filler: none}]}
rows:
  code: N
  columns:
    - {name: No, at: 2-6, required: true, pattern: "N-[0-9]{3}"}
    - {name: Stage, at: 7, required: true, codes: ["1", "2"]}
    - {name: Sealed, at: 8, codes: [Y, N]}
    - {name: Place, at: 9-72, align: right, pad: "*"}
    - {name: Text, at: 73-137}
  lists:
    people: {code: P, columns: [{name: Key, at: 2-65}, {name: Name, at: 66-130}, {at: 131-137, filler: none}]}
    accused:
      code: A
      columns:
        - {name: Key, at: 2-65, required: true}
        - {name: Count, at: 66-69, align: right, pad: "0", required: true, type: integer}
        - {at: 70-137, filler: none}
trailer: {code: T, columns: [{at: 2-9, counts: lines, align: right, pad: "0"}, {at: 10-137, filler: none}]}
"""
MAPPING = """message: note
agency: lines
root: rows[]
fields:
  number: "No"
  stage: {at: Stage, codes: archive-stage}
  place.name: {at: Place, unfit: refuse}
  place.sealed: {at: Sealed, as: boolean, true: Y, false: N}
  persons[]: {at: people, id: Key, fields: {name: {at: Name, unfit: refuse}}}
  accused[]: {at: accused, fields: {personId: {ref: Key, to: "persons[]"}, count: {at: Count, else: {read: "1"}}}}
  text: {at: Text, unfit: refuse}
constants: {/header/From: HUB}
drops: {"persons[].sex": "nobody asks"}
"""
AGENCY = """agency: lines
name: {en: Lines}
ceiling: SECRET
documents:
  note: {format: fixed-width, schema: note.layout.yaml}
accepts:
  rest: {credential: key, types: [note]}
delivers: {transport: memory, endpoint: here}
"""
GRANTS = """agency: lines
grants:
  - {rule: L-1, may: send, type: note}
  - {rule: L-2, may: receive, type: note, fields: ["*"], purpose: test}
"""


def site_with_lines(folder: Path) -> Path:
    site = small_site(folder)
    add(site, "connectors/agencies/lines/agency.yaml", AGENCY)
    add(site, "connectors/agencies/lines/access.yaml", GRANTS)
    add(site, "schemas/agencies/lines/note.layout.yaml", LAYOUT)
    add(site, "mappings/lines/note.yaml", MAPPING)
    return site


def proved(site: Path, direction: Direction, cases: int = 100) -> Proved:
    loaded = load_site(site)
    (dialect,) = [dialect for dialect, way in targets(loaded, ("lines", "note")) if way == direction]
    return prove(loaded, dialect, direction, cases, 1, lambda: None)


@pytest.mark.parametrize("direction", ["read", "write"])
def test_a_sound_mapping_stands(tmp_path: Path, direction: Direction) -> None:
    """Digits that the layout folds count as kept; random files are read too."""
    part = proved(site_with_lines(tmp_path), direction)
    assert [finding.text for finding in part.findings] == []
    assert part.outcomes["equal"] > 20
    if direction == "read":
        assert part.outcomes["read"] + part.outcomes["refused: dangling-reference"] > 5


def test_what_comes_back_as_another_is_found(tmp_path: Path) -> None:
    """With the line of the file that shows it."""
    loaded = load_site(site_with_lines(tmp_path))
    (dialect,) = [dialect for dialect, way in targets(loaded, ("lines", "note")) if way == "write"]
    findings = prove(loaded, with_defect(dialect), "write", 60, 1, lambda: None).findings
    assert "law-broken" in {finding.code for finding in findings}
