"""What the prover once took for a mistake: refusals that the file declares, and losses that it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest

from hub.proving.cases import Proved
from hub.proving.prove import prove, targets
from hub.site.site import load_site
from tests.unit.proving.small import READS, WRITES, change, small_site

OFFICE = "schemas/agencies/office/note.json"
CANONICAL = "schemas/canonical/note.v1.json"
ARCHIVE = "schemas/agencies/archive/note.xsd"


def proved(site: Path, agency: str, direction: Literal["read", "write"] = "write", cases: int = 60) -> Proved:
    loaded = load_site(site)
    (dialect,) = [dialect for dialect, way in targets(loaded, (agency, "note")) if way == direction]
    return prove(loaded, dialect, direction, cases, 1, lambda: None)


def change_json(site: Path, file: str, name: str, **more: Any) -> None:
    schema = json.loads((site / file).read_text(encoding="utf-8"))
    schema["properties"][name].update(more)
    (site / file).write_text(json.dumps(schema), encoding="utf-8")


def test_xsd_tells_what_is_missing_at_the_next_element(tmp_path: Path) -> None:
    """``missing: refuse`` on a required place: libxml2 complains of its neighbour."""
    site = small_site(tmp_path)
    change(site, ARCHIVE, 'name="PlaceName" minOccurs="0" type="Text"', 'name="PlaceName" type="Text"')
    change(site, WRITES, "place.name: a:PlaceName", "place.name: {at: a:PlaceName, missing: refuse}")
    part = proved(site, "archive")
    assert part.findings == []
    assert part.outcomes["refused as declared (missing: refuse)"] > 0


def test_a_required_container_of_xml_that_stays_empty_is_declared_by_what_is_in_it(tmp_path: Path) -> None:
    """The same where the place stands in an element of its own."""
    site = small_site(tmp_path)
    old = '<xs:element name="PlaceName" minOccurs="0" type="Text"/>'
    inner = '<xs:element name="Name" type="Text"/>'
    new = f'<xs:element name="Place"><xs:complexType><xs:sequence>{inner}</xs:sequence></xs:complexType></xs:element>'
    change(site, ARCHIVE, old, new)
    change(site, WRITES, "place.name: a:PlaceName", "place.name: {at: a:Place/a:Name, missing: refuse}")
    part = proved(site, "archive")
    assert part.findings == []
    assert part.outcomes["refused as declared (missing: refuse)"] > 0


def test_another_required_element_is_not_excused(tmp_path: Path) -> None:
    """Nothing beside it says ``missing: refuse``."""
    site = small_site(tmp_path)
    change(site, ARCHIVE, 'name="PlaceName" minOccurs="0" type="Text"', 'name="PlaceName" type="Text"')
    loaded = load_site(site, prove=False)
    (dialect,) = [dialect for dialect, _ in targets(loaded, ("archive", "note"))]
    part = prove(loaded, dialect, "write", 60, 1, lambda: None)
    assert {finding.code for finding in part.findings} == {"output-invalid"}


def test_lines_that_share_a_place_all_count(tmp_path: Path) -> None:
    """The answer may stand on the second of two lines for one place."""
    site = small_site(tmp_path)
    change(site, ARCHIVE, 'name="Sealed" minOccurs="0" type="xs:boolean"', 'name="Sealed" minOccurs="0" type="Stage"')
    change(
        site, WRITES, "  place.sealed: a:Sealed\n", '  place.sealed: {at: a:Sealed, unfit: refuse, unless: "text"}\n'
    )
    change(site, WRITES, "  text: a:Text\n", "  text: {at: a:Sealed, unfit: refuse}\n")
    part = proved(site, "archive")
    assert part.findings == []
    assert part.outcomes["refused as declared (unfit: refuse)"] > 0


def test_a_link_may_say_that_what_lacks_it_is_refused(tmp_path: Path) -> None:
    """``missing: refuse`` on a ``ref`` whose target a grant withholds."""
    site = small_site(tmp_path)
    access = "connectors/agencies/office/access.yaml"
    change(site, access, 'fields: ["*"]', 'fields: ["*"], except: ["persons[]"]')
    change(site, READS, "personId: {ref: key,", "personId: {dangling: prune, missing: refuse, ref: key,")
    part = proved(site, "office")
    assert part.findings == []
    assert part.outcomes["refused as declared (missing: refuse)"] > 0


def test_what_does_not_fit_is_written_as_else(tmp_path: Path) -> None:
    """``else`` where the agency's type, and no code table, refuses the value: a loss that the file says."""
    site = small_site(tmp_path)
    change_json(site, OFFICE, "text", pattern="^[a-z]+$")
    change(site, READS, "  text: text\n", '  text: {at: text, else: {write: "other"}}\n')
    part = proved(site, "office")
    assert part.findings == []
    assert part.outcomes["equal"] > 0


@pytest.mark.parametrize(("name", "demand"), [("text", {"maxLength": 0, "minLength": 1}), ("accused", {"maxItems": 0})])
def test_a_schema_that_allows_nothing_does_not_stop_the_prover(
    tmp_path: Path, name: str, demand: dict[str, int]
) -> None:
    """No document has that property; the others are tried."""
    site = small_site(tmp_path)
    change_json(site, OFFICE, name, **demand)
    change(site, READS, "  text: text\n", "  text: {at: text, unfit: refuse}\n")
    change(site, READS, "accused[]: {at: accused,", "accused[]: {at: accused, too-many: refuse,")
    part = proved(site, "office", "read")
    assert [finding for finding in part.findings if finding.severity == "error"] == []
    assert part.cases == 60


def test_texts_of_a_list_that_have_no_room_are_gone(tmp_path: Path) -> None:
    """``too-many: drop`` on a list of scalars: the first ones come back."""
    site = small_site(tmp_path)
    change_json(site, CANONICAL, "text", type="array", items={"type": "string", "pattern": "^[a-z]{1,5}$"})
    change_json(site, OFFICE, "text", type="array", maxItems=1, items={"type": "string"})
    change(site, READS, "  text: text\n", '  "text[]": {at: text, too-many: drop}\n')
    change(site, WRITES, "  text: a:Text\n", "")
    change(site, WRITES, "drops: {", 'drops: {text: "no place", ')
    part = proved(site, "office")
    assert part.findings == []
    assert part.outcomes["equal"] > 0
