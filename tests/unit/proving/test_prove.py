"""Proving: sound mappings stand, planted mistakes are found, small and with their seed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import strategies

from hub.mapping.mapping import Mapping
from hub.message import Json
from hub.pipeline.translate import Dialect
from hub.proving.cases import Draw, Proved
from hub.proving.prove import failures, prove, targets
from hub.proving.shrink import smallest
from hub.proving.writing import Writing
from hub.site.site import load_site
from tests.unit.proving.small import READS, WRITES, change, small_site

Direction = Literal["read", "write"]


def proved(
    site: Path,
    direction: Direction,
    agency: str = "office",
    cases: int = 60,
    *,
    defect: bool = False,
    checked: bool = True,
) -> Proved:
    loaded = load_site(site, prove=checked)
    (dialect,) = [dialect for dialect, way in targets(loaded, (agency, "note")) if way == direction]
    return prove(loaded, with_defect(dialect) if defect else dialect, direction, cases, 1, lambda: None)


def with_defect(dialect: Dialect) -> Dialect:
    """The same with a converter at ``text`` whose reading is not the inverse of its writing: it loses every x."""
    plan = dialect.mapping.plan
    values = [
        replace(value, spots=(replace(value.spots[0], read=lambda raw: raw.replace("x", "")),))
        if value.key == "text"
        else value
        for value in plan.fields.values
    ]
    worse = replace(plan, fields=replace(plan.fields, values=tuple(values)))
    return replace(dialect, mapping=Mapping(worse, frozenset({"read", "write"})))


@pytest.mark.parametrize(("agency", "direction"), [("office", "read"), ("office", "write"), ("archive", "write")])
def test_a_sound_mapping_stands(tmp_path: Path, agency: str, direction: Direction) -> None:
    """Nothing is found, and cases came through to the end."""
    part = proved(small_site(tmp_path), direction, agency)
    assert part.findings == []
    assert part.cases == 60
    assert part.outcomes["equal"] > 10


def test_random_documents_are_read_or_refused_with_a_place(tmp_path: Path) -> None:
    """Both happen: a document may name a person whom it does not hold."""
    outcomes = proved(small_site(tmp_path), "read", cases=150).outcomes
    assert outcomes["read"] > 0
    assert outcomes["refused: dangling-reference"] > 0


def broken(site: Path, direction: Direction, agency: str) -> tuple[str, str, str, Any]:
    finding = proved(site, direction, agency, defect=True).findings[0]
    text, _, document = finding.text.partition("smallest case (seed 1): ")
    return finding.code, finding.severity, text, json.loads(document)


def test_a_value_that_comes_back_as_another_is_found_small(tmp_path: Path) -> None:
    """A converter that changes what it reads: the case holds that value and what every message must have."""
    code, severity, text, document = broken(small_site(tmp_path), "write", "office")
    assert (code, severity) == ("law-broken", "error")
    assert "read(write(c)) is not c: text: " in text
    assert document.keys() == {"number", "stage", "text"}


def test_a_file_that_is_used_one_way_is_not_held_to_the_law(tmp_path: Path) -> None:
    """It is told as a note: nobody reads what the archive would send."""
    code, severity, _, _ = broken(small_site(tmp_path), "write", "archive")
    assert (code, severity) == ("law-broken", "note")


def test_a_document_that_breaks_the_receivers_schema_is_found_with_its_line(tmp_path: Path) -> None:
    """A rule of the receiver in a site that was not proved first."""
    site = small_site(tmp_path)
    unique = '<xs:unique name="once"><xs:selector xpath="a:Accused"/><xs:field xpath="@ref"/></xs:unique>'
    end = "</xs:sequence></xs:complexType></xs:element>\n</xs:schema>"
    change(site, "schemas/agencies/archive/note.xsd", end, end.replace("</xs:element>", f"{unique}</xs:element>"))
    change(site, "schemas/agencies/archive/note.xsd", 'xmlns="urn:a"', 'xmlns="urn:a" xmlns:a="urn:a"')
    part = proved(site, "write", "archive", 120, checked=False)
    assert [finding.code for finding in part.findings] == ["output-invalid"]
    assert "accused[]" in (site / WRITES).read_text(encoding="utf-8").splitlines()[part.findings[0].line - 1]


def test_a_place_that_the_file_answers_for_is_no_failure(tmp_path: Path) -> None:
    """``unproven`` says that what breaks the receiver's rule is a dead letter; it is counted."""
    site = small_site(tmp_path)
    agency = "schemas/agencies/office/note.json"
    change(site, agency, '"people": {\n   "type": "array",', '"people": {\n   "type": "array", "minItems": 2,')
    change(site, READS, "  text: text\n", '  text: text\nunproven: {people: "they come in pairs"}\n')
    part = proved(site, "write", "office", 100)
    assert part.findings == []
    assert part.outcomes["refused as declared (unproven)"] > 0


def test_a_refusal_that_the_file_declares_is_no_failure(tmp_path: Path) -> None:
    """``too-many: refuse`` says what happens; it is counted."""
    site = small_site(tmp_path)
    xsd = "schemas/agencies/archive/note.xsd"
    change(site, xsd, 'name="Accused" minOccurs="0" maxOccurs="unbounded"', 'name="Accused" minOccurs="0"')
    change(site, WRITES, "accused[]: {at: a:Accused,", "accused[]: {at: a:Accused, too-many: refuse,")
    part = proved(site, "write", "archive", 100)
    assert part.findings == []
    assert part.outcomes["refused as declared (too-many: refuse)"] > 0


def test_a_required_container_that_stays_empty_is_declared_by_what_is_missing_in_it(tmp_path: Path) -> None:
    """``missing: refuse`` on what could fill it: the schema names the container, the file its content."""
    site = small_site(tmp_path)
    path = site / "schemas/agencies/office/note.json"
    schema = json.loads(path.read_text())
    schema["required"].append("place")
    schema["properties"]["place"]["required"] = ["name"]
    path.write_text(json.dumps(schema))
    change(site, READS, "place.name: place/name", "place.name: {at: place/name, missing: refuse}")
    part = proved(site, "write", "office", 100)
    assert part.findings == []
    assert part.outcomes["refused as declared (missing: refuse)"] > 0


def test_the_same_seed_makes_the_same_cases(tmp_path: Path) -> None:
    """A failure can be shown again; another seed tries others."""
    loaded = load_site(small_site(tmp_path))
    (dialect,) = [dialect for dialect, way in targets(loaded, ("office", "note")) if way == "read"]
    one, again, other = (prove(loaded, dialect, "read", 80, seed, lambda: None).outcomes for seed in (3, 3, 4))
    assert one == again
    assert one != other


def test_cases_are_counted_once_and_shrinking_is_none_of_them(tmp_path: Path) -> None:
    """What was tried to make a failure small tells nothing of the mapping."""
    part = proved(small_site(tmp_path), "write", "office", 40, defect=True)
    assert part.findings
    assert part.cases == 40
    assert part.outcomes["valid"] <= 40


def test_full_messages_are_among_the_cases(tmp_path: Path) -> None:
    """hypothesis's own limit on chance would throw nearly all of them away."""
    site, sizes = load_site(small_site(tmp_path)), []
    (dialect,) = [dialect for dialect, way in targets(site, ("archive", "note")) if way == "write"]
    attempt = Writing(site, dialect)
    many = {"persons": [{"id": f"p{number}", "name": "x" * 60} for number in range(200)]}

    def canonical(draw: Draw) -> Json:
        texts = [draw(strategies.text("ab", min_size=60, max_size=60)) for _ in range(200)]
        sizes.append(len(texts))
        return {"number": "N-001", "stage": "open", **many}

    attempt.canonical = canonical
    assert failures(attempt, 10, 1, lambda: None, Proved("archive", "note", "write")) == []
    assert sizes.count(200) >= 9


def test_shrinking_ends_when_its_time_is_spent() -> None:
    """What was found until then is told."""
    looks = iter([False] * 3 + [True] * 1000)
    data = {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}
    assert len(smallest(data, lambda case: "e" in case, lambda: next(looks))) == 2


def test_shrinking_keeps_only_what_fails() -> None:
    """Parts go for as long as the failure stays."""
    data = {"a": {"b": [1, 2, 3], "c": "x"}, "d": [{"e": 1}, {"e": 2, "f": 3}]}
    found = smallest(data, lambda case: any(item.get("e") == 2 for item in case.get("d", ())))
    assert found == {"d": [{"e": 2}]}


def test_shrinking_shortens_texts() -> None:
    """A text of the greatest length is no longer than it must be to fail."""
    assert len(smallest({"a": "x" * 1000}, lambda case: len(case.get("a", "")) > 60)["a"]) < 130
