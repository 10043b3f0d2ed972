"""What mutants of sound sites refuted: each let a message become an invalid document, and is told by the check now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.findings import Findings
from hub.site.site import load_site
from tests.unit.proving.small import READS, WRITES, change, small_site

OFFICE = "schemas/agencies/office/note.json"
ARCHIVE = "schemas/agencies/archive/note.xsd"
CANONICAL = "schemas/canonical/note.v1.json"


def errors(site: Path) -> list[tuple[str, str, int]]:
    """(code, file, line) of every error; none where the site is sound."""
    try:
        load_site(site)
    except Findings as found:
        return [(one.code, one.file, one.line) for one in found.findings if one.severity == "error"]
    return []


def narrowed(site: Path, *path: str, file: str = OFFICE, **more: Any) -> None:
    """One more demand on what stands at a path of a JSON Schema; None takes a keyword away."""
    schema = json.loads((site / file).read_text(encoding="utf-8"))
    node = schema
    for step in path:
        node = node["properties"][step] if "properties" in node else node["items"]["properties"][step]
    for key, value in more.items():
        node.update({key: value}) if value is not None else node.pop(key, None)
    (site / file).write_text(json.dumps(schema), encoding="utf-8")


def line_of(site: Path, file: str, text: str) -> int:
    lines = (site / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(
    ("demand", "code"),
    [
        ({"minLength": 65, "maxLength": 80}, "length-gap"),
        ({"pattern": "^[0-9]+$"}, "pattern-gap"),
        ({"enum": ["a", "b"], "pattern": None}, "code-gap"),
        ({"type": "integer", "pattern": None, "maxLength": None}, "type-gap"),
        ({"format": "email"}, "unproven"),
    ],
)
@pytest.mark.parametrize(("place", "text"), [("people", "persons[]:"), ("accused", "accused[]:")])
def test_an_id_or_a_link_that_may_not_fit_is_told(
    tmp_path: Path, demand: dict[str, Any], code: str, place: str, text: str
) -> None:
    """Nothing converts ids on the way, so what the canonical schema allows must fit."""
    site = small_site(tmp_path)
    narrowed(site, place, "key", **demand)
    assert (code, READS, line_of(site, READS, text)) in errors(site)


def test_ids_of_xml_are_made_legal_names(tmp_path: Path) -> None:
    """A canonical id that is no xs:ID is no mistake: it is written as another that is one."""
    site = small_site(tmp_path)
    for path in (("persons", "id"), ("accused", "personId")):
        narrowed(site, *path, file=CANONICAL, pattern="^[0-9A-Z/]{1,9}$")
    for place in ("people", "accused"):
        narrowed(site, place, "key", pattern="^[0-9A-Z/]{1,9}$")
    assert errors(site) == []


def test_a_link_into_an_id_attribute_is_told(tmp_path: Path) -> None:
    """An xs:ID stands once in a document, and the item has it already."""
    site = small_site(tmp_path)
    change(site, ARCHIVE, 'name="ref" type="xs:IDREF"', 'name="ref" type="xs:ID"')
    assert errors(site) == [("unproven", WRITES, line_of(site, WRITES, "accused[]:"))]


def test_facets_beside_an_enum_are_held(tmp_path: Path) -> None:
    """A closed list does not make the pattern beside it go away."""
    site = small_site(tmp_path)
    narrowed(site, "state", pattern="^[0-9]$")
    assert ("pattern-gap", READS, line_of(site, READS, "stage:")) in errors(site)


def test_a_const_beside_an_enum_leaves_one_code(tmp_path: Path) -> None:
    """Both hold."""
    site = small_site(tmp_path)
    narrowed(site, "state", const="C")
    assert ("code-gap", READS, line_of(site, READS, "stage:")) in errors(site)


def test_both_bounds_of_one_side_are_held(tmp_path: Path) -> None:
    """``maximum`` and ``exclusiveMaximum`` together: the tighter one counts."""
    site = small_site(tmp_path)
    narrowed(site, "accused", "count", exclusiveMaximum=8)
    assert ("range-gap", READS, line_of(site, READS, "accused[]:")) in errors(site)


def test_a_format_is_proved_by_the_same_format_only(tmp_path: Path) -> None:
    """What the validator looks at and no pattern says."""
    site = small_site(tmp_path)
    narrowed(site, "text", format="email")
    assert errors(site) == [("unproven", READS, line_of(site, READS, "text:"))]
    narrowed(site, "text", file=CANONICAL, format="email")
    assert errors(site) == []


def test_what_does_not_keep_a_format_is_dropped(tmp_path: Path) -> None:
    """``unfit: drop`` asks the validator's own test."""
    site = small_site(tmp_path)
    narrowed(site, "text", format="ipv4")
    change(site, READS, "  text: text\n", "  text: {at: text, unfit: drop}\n")
    (spot,) = next(
        value for value in load_site(site).dialects["office", "note"].mapping.plan.fields.values if value.key == "text"
    ).spots
    assert (spot.fits[""]("10.0.0.1"), spot.fits[""]("10.0.0")) == (True, False)


def test_a_drop_that_nothing_can_decide_is_told(tmp_path: Path) -> None:
    """An xs:anyURI: libxml2 alone tells which texts are one."""
    site = small_site(tmp_path)
    change(site, ARCHIVE, 'name="Text" minOccurs="0" type="Text"', 'name="Text" minOccurs="0" type="xs:anyURI"')
    change(site, WRITES, "  text: a:Text\n", "  text: {at: a:Text, unfit: drop}\n")
    assert errors(site) == [("unproven", WRITES, line_of(site, WRITES, "text:"))]
    change(site, WRITES, "unfit: drop", "unfit: refuse")
    assert errors(site) == []


def test_a_list_that_may_be_too_short_is_told(tmp_path: Path) -> None:
    """``minItems`` of an optional list counts as soon as one item comes."""
    site = small_site(tmp_path)
    narrowed(site, "people", minItems=2)
    assert ("missing-required", READS, line_of(site, READS, "persons[]:")) in errors(site)
    narrowed(site, "persons", file=CANONICAL, minItems=2)
    assert errors(site) == []


def test_an_element_that_has_to_stand_twice_is_told(tmp_path: Path) -> None:
    """One value cannot fill two places."""
    site = small_site(tmp_path)
    old = '<xs:element name="Text" minOccurs="0" type="Text"/>'
    change(site, ARCHIVE, old, '<xs:element name="Text" minOccurs="2" maxOccurs="2" type="Text"/>')
    change(site, WRITES, "  text: a:Text\n", "  text: {at: a:Text, pick: first, missing: refuse}\n")
    assert ("missing-required", WRITES, line_of(site, WRITES, "text:")) in errors(site)


@pytest.mark.parametrize("minimum", [0, 1])
def test_content_that_has_no_name_cannot_be_required(tmp_path: Path, minimum: int) -> None:
    """An ``xs:any`` that must be there is a place that no mapping can fill."""
    site = small_site(tmp_path)
    end = "</xs:sequence></xs:complexType></xs:element>\n</xs:schema>"
    wildcard = f'<xs:any namespace="##other" minOccurs="{minimum}" processContents="lax"/>'
    change(site, ARCHIVE, end, wildcard + end)
    assert [code for code, _, _ in errors(site)] == ["missing-required"] * minimum


def test_a_required_name_without_a_schema_is_a_place(tmp_path: Path) -> None:
    """``required`` may name what ``properties`` does not."""
    site = small_site(tmp_path)
    narrowed(site, additionalProperties=True, required=["no", "state", "seal"])
    assert ("missing-required", READS, 1) in errors(site)


@pytest.mark.parametrize("written", ["empty", "nil"])
def test_how_nothing_is_written_has_to_be_legal(tmp_path: Path, written: str) -> None:
    """``""`` where one character is needed, ``null`` where a text is."""
    site = small_site(tmp_path)
    change(site, READS, "  text: text\n", f'  text: {{at: text, absent: {{read: ["", nil], write: {written}}}}}\n')
    assert errors(site) == [("bad-value", READS, line_of(site, READS, "text:"))]


@pytest.mark.parametrize(
    ("spelling", "json_type", "told"),
    [("^[0-9]{3}$", "integer", True), ("^[1-9][0-9]{2}$", "integer", False), ("^[01]$", "boolean", True)],
)
def test_a_text_that_json_would_spell_otherwise_is_told(
    tmp_path: Path, spelling: str, json_type: str, told: bool
) -> None:
    """``007`` becomes 7 and comes back as ``7``."""
    site = small_site(tmp_path)
    narrowed(site, "number", file=CANONICAL, pattern=spelling)
    narrowed(site, "no", type=json_type, pattern=None)
    change(site, ARCHIVE, '<xs:pattern value="N-[0-9]{3}"/>', "")
    assert [code for code, file, _ in errors(site) if file == READS] == ["type-gap"] * told


def test_a_code_that_is_written_and_not_read_is_told(tmp_path: Path) -> None:
    """Where a file goes both ways, what we write has to be read again."""
    site = small_site(tmp_path)
    change(site, "mappings/codes/office-stage.csv", "C,closed,", "C,closed,write only")
    assert errors(site) == [("code-gap", READS, line_of(site, READS, "stage:"))]


def test_what_the_whole_document_lacks_is_told_at_a_line(tmp_path: Path) -> None:
    """The file's first key stands for the document."""
    site = small_site(tmp_path)
    change(site, READS, '  number: "no"\n', "")
    assert ("missing-required", READS, 1) in errors(site)


def test_a_pattern_of_names_holds_for_named_properties_too(tmp_path: Path) -> None:
    """``patternProperties`` and ``properties`` apply together."""
    site = small_site(tmp_path)
    narrowed(site, patternProperties={"^te": {"type": "string", "maxLength": 3}})
    assert errors(site) == [("length-gap", READS, line_of(site, READS, "text:"))]


def test_two_types_at_once_leave_no_value(tmp_path: Path) -> None:
    """A boolean that a pattern of names wants as a text."""
    site = small_site(tmp_path)
    narrowed(site, "place", patternProperties={"^s": {"type": "string"}})
    assert ("code-gap", READS, line_of(site, READS, "place.sealed:")) in errors(site)


def test_a_required_name_that_no_object_may_have_takes_no_value(tmp_path: Path) -> None:
    """``required`` names it, ``additionalProperties: false`` forbids it."""
    site = small_site(tmp_path)
    schema = json.loads((site / OFFICE).read_text(encoding="utf-8"))
    del schema["properties"]["state"]
    (site / OFFICE).write_text(json.dumps(schema), encoding="utf-8")
    assert ("code-gap", READS, line_of(site, READS, "stage:")) in errors(site)


def test_a_choice_at_the_top_of_a_document_is_held(tmp_path: Path) -> None:
    """``oneOf`` of the whole document: one of two properties, and a message may have both."""
    site = small_site(tmp_path)
    narrowed(site, oneOf=[{"required": ["no"]}, {"required": ["accused"]}])
    assert ("choice-twice", READS, line_of(site, READS, "accused[]:")) in errors(site)


def test_a_text_for_nothing_has_to_read_as_nothing(tmp_path: Path) -> None:
    """Where a file goes both ways, ``default: {write: V}`` comes back as V, until ``absent`` says otherwise."""
    site = small_site(tmp_path)
    change(site, READS, "  text: text\n", '  text: {at: text, default: {write: "-"}}\n')
    assert errors(site) == [("bad-value", READS, line_of(site, READS, "text:"))]
    change(site, READS, 'default: {write: "-"}', 'default: {write: "-"}, absent: {read: ["", "-"]}')
    assert errors(site) == []


def test_an_answer_has_to_keep_the_format_too(tmp_path: Path) -> None:
    """``else: {write: V}`` where the validator's own test refuses V."""
    site = small_site(tmp_path)
    narrowed(site, "text", format="email")
    change(site, READS, "  text: text\n", '  text: {at: text, else: {write: "nobody"}}\n')
    assert errors(site) == [("bad-value", READS, line_of(site, READS, "text:"))]
    change(site, READS, '"nobody"', '"nobody@example.org"')
    assert errors(site) == []
