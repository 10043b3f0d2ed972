"""What a mapping may say of a whole parcel: how many messages it holds, and the highest of their labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hub.mapping.facts import MessageFacts
from hub.message import Classification
from hub.pipeline.translate import parcel_facts, translate_out
from hub.proving.writing import envelope
from hub.site.site import load_site
from tests.unit.proving.small import change
from tests.unit.proving.test_fixed_width import site_with_lines

LAYOUT = "schemas/agencies/lines/note.layout.yaml"
TRAILER = 'pad: "0"}, {at: 10-137, filler: none}]}\n'
LABEL = 'pad: "0"}, {name: Label, at: 10-21, codes: [PUBLIC, RESTRICTED, SECRET]}, {at: 22-137, filler: none}]}\n'


def test_the_highest_label_of_the_parts_wins() -> None:
    """A file is as secret as the most secret of its messages."""
    labels = (Classification.RESTRICTED, Classification.SECRET, Classification.PUBLIC)
    facts = parcel_facts("p", "2026-06-22T10:00:00Z", [envelope("note", "office", label) for label in labels])
    assert facts == {"id": "p", "count": "3", "time": "2026-06-22T10:00:00Z", "classification": "SECRET"}


def test_a_trailer_has_the_label_of_its_file(tmp_path: Path) -> None:
    """Messages of different labels travel in one file; proved against the agency's ceiling."""
    site = site_with_lines(tmp_path)
    change(site, LAYOUT, TRAILER, LABEL)
    mapping = "mappings/lines/note.yaml"
    change(site, mapping, "/header/From: HUB}", "/header/From: HUB, /trailer/Label: $parcel.classification}")
    loaded = load_site(site)
    dialect, projection = loaded.dialects["lines", "note"], loaded.projections["lines", "L-2"]
    labels = (Classification.PUBLIC, Classification.SECRET)
    envelopes = [replace(envelope("note", "office", label), id=label.name) for label in labels]
    parts = [projection.apply("lines", each, {"number": "N-001", "stage": "open"}) for each in envelopes]
    *_, trailer, _ = translate_out(dialect, parts, parcel_facts("p", "", envelopes)).body.decode("cp1256").split("\r\n")
    assert trailer == "T" + "00000004" + "SECRET".ljust(128)
    (known,) = MessageFacts("note", Classification.RESTRICTED).parcel()["classification"]
    assert known.type.codes == ("PUBLIC", "RESTRICTED")
