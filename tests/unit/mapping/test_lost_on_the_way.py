"""What would not come back, or point to nothing, is told: converters of one way, references to what is not written."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.findings import Findings
from tests.unit.mapping.test_mistakes import CANONICAL, CODES, XSD, without
from tests.unit.mapping.workbench import Bench, list_of, object_of, reference, text


def test_a_converter_that_cannot_read_back_is_noted(tmp_path: Path) -> None:
    """In a file that is used both ways: what was written comes back as something else, and that should be meant."""
    canonical = {**CANONICAL, "properties": {**CANONICAL["properties"], "name": object_of(given=text(), whole=text())}}
    mapping = without("note") + "  name: {at: p:Note, pick: first, as: name-whole}\n"
    bench = Bench(tmp_path, schema=XSD, canonical=canonical, mapping=mapping + "drops: {note: no}\n", codes=CODES)
    noted = [(found.line, found.severity) for found in bench.mapping.notes if found.code == "one-way"]
    assert noted == [(12, "note")]


def test_a_reference_to_what_only_links_nest_is_found(tmp_path: Path) -> None:
    """An item that nothing nests is not written, and the reference to it would point nowhere."""
    canonical = {
        **CANONICAL,
        "properties": {**CANONICAL["properties"], "witnesses": list_of(object_of(personId=reference("persons[]")))},
    }
    nested = without("persons").replace(
        'constants: {p:Name: x}, fields: {personId: {ref: "@id", to: "persons[]"}}',
        'fields: {personId: {follow: ., id: "@id", to: "persons[]", fields: {name: p:Name}}}',
    )
    lines = '  witnesses[]: {at: p:Person, constants: {p:Name: x}, fields: {personId: {ref: "@id", to: "persons[]"}}}\n'
    with pytest.raises(Findings) as caught:
        Bench(
            tmp_path,
            schema=XSD,
            canonical=canonical,
            mapping=f"{nested}{lines}unlinked: {{'persons[]': refuse}}\n",
            codes=CODES,
            directions=frozenset({"write"}),
            prove=True,
        )
    assert [(found.code, found.line) for found in caught.value.findings if found.severity == "error"] == [
        ("bad-link", 12)
    ]
