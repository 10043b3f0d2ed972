"""Persons that the agency nests inside roles: what the file says of those without a role holds in the proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.findings import Findings
from hub.proving.prove import prove, targets
from hub.site.site import Site, load_site
from tests.unit.proving.small import READS, add, change, small_site

NESTED = """\
  accused[]:
    at: accused
    fields:
      personId: {follow: ., id: key, to: "persons[]", fields: {name: name, sex: {at: sex, codes: office-sex}}}
      count: count
"""
SENT = 'unlinked: {"persons[]": {drops: "the office knows the accused"}}\n'


def site(folder: Path, unlinked: str) -> Site:
    """The office nests persons; a message also names a witness, and the office is not told which person it is."""
    site = small_site(folder)
    canonical, agency = (site / f"schemas/{name}.json" for name in ("canonical/note.v1", "agencies/office/note"))
    ours: Any = json.loads(canonical.read_text(encoding="utf-8"))
    ours["properties"]["witnessId"] = ours["properties"]["accused"]["items"]["properties"]["personId"]
    canonical.write_text(json.dumps(ours), encoding="utf-8")
    theirs: Any = json.loads(agency.read_text(encoding="utf-8"))
    people = theirs["properties"].pop("people")["items"]["properties"]
    theirs["properties"]["accused"]["items"]["properties"] |= {"name": people["name"], "sex": people["sex"]}
    agency.write_text(json.dumps(theirs), encoding="utf-8")
    old = (site / READS).read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in old if not line.startswith(("  persons[]", "  accused[]"))]
    add(site, READS, "".join(kept) + NESTED + unlinked + "drops: {witnessId: no place}\n")
    change(site, "mappings/archive/note.yaml", '{"persons[].sex"', '{witnessId: no place, "persons[].sex"')
    return load_site(site)


def outcomes(site: Site) -> tuple[list[str], dict[str, int]]:
    ((dialect, way),) = [found for found in targets(site, ("office", "note")) if found[1] == "write"]
    part = prove(site, dialect, way, 80, 1, lambda: None)
    return [str(found) for found in part.findings], dict(part.outcomes)


def test_dropped_items_are_taken_away_before_what_comes_back_is_compared(tmp_path: Path) -> None:
    """Also a person whom only a link names that is itself dropped."""
    found, told = outcomes(site(tmp_path, SENT))
    assert found == []
    assert told["equal"] == told["valid"] > 40


def test_refused_items_are_a_refusal_that_the_file_declares(tmp_path: Path) -> None:
    """Cases with such persons are among those that are made, and so are cases without."""
    found, told = outcomes(site(tmp_path, 'unlinked: {"persons[]": refuse}\n'))
    assert found == []
    assert told["refused as declared (unlinked: refuse)"] > 10
    assert told["equal"] > 10


def test_without_an_answer_the_site_is_none(tmp_path: Path) -> None:
    """The generated cases would lose persons in silence."""
    with pytest.raises(Findings, match="items of persons"):
        site(tmp_path, "")
