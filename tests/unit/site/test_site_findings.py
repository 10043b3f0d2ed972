"""Findings about the site around the mappings: documents, whole files, files that change or cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.comparing.files import documents_of
from hub.findings import Finding, Findings
from hub.site.site import load_site
from hub.wiring import snapshot
from hub.wiring.snapshot import take_snapshot
from tests.unit.proving.small import READS, WRITES, add, change, small_site

AGENCY = "connectors/agencies/archive/agency.yaml"


def told(site: Path) -> list[Finding]:
    try:
        return list(load_site(site).notes)
    except Findings as error:
        return list(error.findings)


def refused(site: Path, data: Path) -> list[Finding]:
    with pytest.raises(Findings) as caught:
        take_snapshot(site, data)
    return list(caught.value.findings)


@pytest.mark.parametrize("text", ["- number: a:No\n", "a:Note\n"])
def test_a_mapping_that_is_no_table_is_told(tmp_path: Path, text: str) -> None:
    """A list or a text is no mapping."""
    site = small_site(tmp_path)
    add(site, WRITES, text)
    assert [(found.code, found.file, found.line) for found in told(site)] == [("bad-mapping", WRITES, 1)]


def test_a_document_that_no_grant_uses_is_noted(tmp_path: Path) -> None:
    """At its line in agency.yaml: neither contract nor mapping of it is checked."""
    site = small_site(tmp_path)
    assert told(site) == []
    add(site, "connectors/agencies/archive/access.yaml", "agency: archive\ngrants: []\n")
    (found,) = told(site)
    line = (site / AGENCY).read_text(encoding="utf-8").splitlines().index("  note: {format: xml, schema: note.xsd}") + 1
    assert (found.code, found.severity, found.file, found.line) == ("unused-document", "note", AGENCY, line)


def test_parcels_that_no_document_has_room_for_are_noted(tmp_path: Path) -> None:
    """A list with `maxItems`, and parcels of more: they would go one by one and nobody would know why."""
    site = small_site(tmp_path)
    file, office = site / "schemas/agencies/office/notes.json", "connectors/agencies/office/agency.yaml"
    notes = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "array", "maxItems": 3}
    file.write_text(json.dumps({**notes, "items": {"$ref": "note.json"}}), encoding="utf-8")
    change(site, office, "schema: note.json", "schema: notes.json")
    change(site, READS, "fields:\n", 'root: "[]"\nfields:\n')
    for most, noted in ((3, []), (4, [("too-many", "note", office, 8)])):
        (site / office).write_text(
            (site / office).read_text(encoding="utf-8").partition("delivers:")[0]
            + f"delivers: {{transport: memory, endpoint: here, batch: {{most: {most}}}}}\n",
            encoding="utf-8",
        )
        assert [(found.code, found.severity, found.file, found.line) for found in told(site)] == noted


def test_a_site_that_changes_while_it_is_read_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an edit must not come into force; the next attempt takes the whole."""
    site, data = small_site(tmp_path), tmp_path / "data"
    load = snapshot.load_checked_site

    def edited(folder: Path) -> object:
        change(site, AGENCY, "Archive", "Archives")
        return load(folder)

    with monkeypatch.context() as patched:
        patched.setattr(snapshot, "load_checked_site", edited)
        assert [found.code for found in refused(site, data)] == ["site-changed"]
    assert take_snapshot(site, data).site.agencies["archive"].titles["en"] == "Archives"


def test_a_file_of_the_site_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the host's paths: the text may be shown to an agency."""
    site = small_site(tmp_path)

    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(site / AGENCY))

    monkeypatch.setattr(Path, "read_bytes", denied)  # the tests may run as root, whom no mode of a file keeps out
    (found,) = refused(site, tmp_path / "data")
    assert (found.code, found.text) == ("unreadable", "a file of the site cannot be read: Permission denied")


def test_a_file_to_compare_with_needs_its_agency_and_type(tmp_path: Path) -> None:
    """Nothing is guessed from a file's name; its path among the examples or the options say it."""
    (tmp_path / "note.json").write_text("{}", encoding="utf-8")
    pattern = str(tmp_path / "*.json")
    with pytest.raises(Findings) as caught:
        list(documents_of([pattern], "office", None, 0.0))
    (found,) = caught.value.findings
    assert (found.code, found.file) == ("unknown-document", str(tmp_path / "note.json"))
    assert len(list(documents_of([pattern], "office", "note", 0.0))) == 1
