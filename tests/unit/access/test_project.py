"""Projection: only granted fields leave, everything else is withheld with the rule that kept it back."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.access.project import Projection
from hub.access.rules import Grant
from hub.findings import Findings
from hub.message import Classification, Envelope
from hub.schema.canonical import CanonicalType, load_canonical

TEXT = {"type": "string", "minLength": 1}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "note.v1.json",
    "x-type": "note",
    "x-version": 1,
    "x-case": {"case": "number"},
    "type": "object",
    "additionalProperties": False,
    "required": ["number"],
    "properties": {
        "number": TEXT,
        "station": {"type": "object", "additionalProperties": False, "properties": {"code": TEXT, "phone": TEXT}},
        "persons": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"id": TEXT, "name": TEXT, "nin": TEXT},
            },
        },
        "accused": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"personId": {**TEXT, "x-ref": "persons[]"}, "plea": TEXT},
            },
        },
        "tags": {"type": "array", "items": TEXT},
    },
}
DATA = {
    "number": "7",
    "station": {"code": "S1", "phone": "123"},
    "persons": [{"id": "p1", "name": "A", "nin": "1"}, {"id": "p2", "nin": "2"}],
    "accused": [{"personId": "p1", "plea": "no"}, {"personId": "p2"}],
    "tags": ["x", "y"],
}
ENVELOPE = Envelope("d1", "m1", "a", "note", "7", "t", Classification.PUBLIC, "1", 1)


@pytest.fixture(scope="module")
def note(tmp_path_factory: pytest.TempPathFactory) -> CanonicalType:
    folder = tmp_path_factory.mktemp("canonical")
    (folder / "note.v1.json").write_bytes(orjson.dumps(SCHEMA))
    return load_canonical(folder)["note"]


def grant(fields: tuple[str, ...], exceptions: tuple[str, ...] = ()) -> Grant:
    return Grant("R1", "b", "receive", "note", (), fields, exceptions, "duty", "access.yaml", 3)


def test_only_granted_fields_are_left(note: CanonicalType) -> None:
    """A container grants all below it, an exception takes a part away again."""
    projected = Projection(grant(("number", "station"), ("station.phone",)), note).apply("b", ENVELOPE, DATA)
    assert projected.data == {"number": "7", "station": {"code": "S1"}}
    assert projected.disclosed == ("number", "station.code")
    assert projected.withheld["station.phone"] == "R1: except"
    assert projected.withheld["tags[]"] == "R1: not granted"
    assert projected.withheld["persons[].nin"] == "R1: not granted"


def test_id_goes_along_with_other_fields_of_its_item_and_links_to_withheld_items_go(note: CanonicalType) -> None:
    """A person without any granted field disappears, and with it the links to that person."""
    projected = Projection(grant(("persons[].name", "accused")), note).apply("b", ENVELOPE, DATA)
    assert projected.data == {
        "persons": [{"id": "p1", "name": "A"}],
        "accused": [{"personId": "p1", "plea": "no"}],
    }


def test_original_is_untouched(note: CanonicalType) -> None:
    """The same data is projected for many agencies."""
    before = orjson.dumps(DATA)
    Projection(grant(("accused",)), note).apply("b", ENVELOPE, DATA)
    assert orjson.dumps(DATA) == before


def test_field_unknown_to_the_schema_is_withheld(note: CanonicalType) -> None:
    """Even a grant of everything gives nothing that no rule can name (P6)."""
    projected = Projection(grant(("*",)), note).apply("b", ENVELOPE, {**DATA, "surprise": "s"})
    assert "surprise" not in projected.data
    assert projected.withheld == {"surprise": "unknown field"}


def test_misspelt_field_is_found_when_the_site_is_loaded(note: CanonicalType) -> None:
    """A grant that names nothing would silently withhold."""
    with pytest.raises(Findings) as caught:
        Projection(grant(("station.cod",)), note)
    (finding,) = caught.value.findings
    assert (finding.code, finding.line) == ("unknown-field", 3)
    assert "station.code" in finding.hint


PATHS = ["number", "station", "station.code", "station.phone", "persons", "persons[].id", "persons[].name"]
PATHS += ["persons[].nin", "accused", "accused[].plea", "tags", "*"]


@given(st.lists(st.sampled_from(PATHS)), st.lists(st.sampled_from(PATHS[:-1])))
def test_no_field_leaves_without_a_grant_that_names_it(
    note: CanonicalType, fields: list[str], exceptions: list[str]
) -> None:
    """Whatever the rule: a value that leaves lies at or below a granted path and at or below no exception (P6)."""
    projected = Projection(grant(tuple(fields), tuple(exceptions)), note).apply("b", ENVELOPE, DATA)
    for path in leaves(projected.data):
        structural = path == "persons.id" and any(other != path for other in leaves(projected.data))
        assert structural or covers(fields, path)
        assert structural or not covers(exceptions, path)
    assert {path.replace("[]", "") for path in projected.disclosed} >= set(leaves(projected.data))


def leaves(value: object, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return {leaf for key, item in value.items() for leaf in leaves(item, f"{path}.{key}".strip("."))}
    if isinstance(value, list):
        return {leaf for item in value for leaf in leaves(item, path)}
    return {path}


def covers(paths: list[str], path: str) -> bool:
    plain = [item.replace("[]", "") for item in paths]
    return any(item == "*" or path == item or path.startswith(item + ".") for item in plain)
