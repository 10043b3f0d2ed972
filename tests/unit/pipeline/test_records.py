"""Which record a schema's complaint is about, and which is about the document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.errors import HubError
from hub.message import Received
from hub.pipeline.translate import translate_in
from hub.site.site import load_site
from tests.unit.proving.small import add, small_site

NIBRS = Path(__file__).parents[2] / "sites" / "nibrs"


def test_record_that_must_not_stand_there_refuses_the_document() -> None:
    """The schema allows one report: with a second one nothing is known to be in order, though each may be refused
    alone."""
    dialect = load_site(NIBRS, only=("nibrs-sender", "crime-report"), prove=False).dialects[
        "nibrs-sender", "crime-report"
    ]
    assert dialect.definition.batch == "each"
    sample = (NIBRS / "samples" / "nibrs_GroupAIncident_Sample.xml").read_text()
    report = sample[sample.index("<nibrs:Report>") : sample.index("</nibrs:Report>") + len("</nibrs:Report>")]
    other = re.sub(r'(s:id|s:ref)="', r'\1="Other', report)
    received = Received("nibrs-sender", "crime-report", "file", sample.replace(report, report + other).encode(), 0.0)
    with pytest.raises(HubError, match="schema-violation") as refused:
        translate_in(dialect, received, str)
    (problem,) = refused.value.problems
    assert (problem.rule, problem.line) == (
        "unexpected-element",
        sample[: sample.index(report)].count("\n") + 1 + report.count("\n"),
    )


LAYOUT = """format: fixed-width
encoding: utf-8
header: {columns: [{name: "No", at: 1-5}, {name: Stage, at: 6, codes: [O, C]}]}
rows: {columns: [{name: Key, at: 1-4, required: true}, {name: Name, at: 5-9}]}
"""
FILES = {
    "schemas/agencies/lines/note.layout.yaml": LAYOUT,
    "connectors/agencies/lines/agency.yaml": (
        "agency: lines\nname: {en: Lines}\nceiling: SECRET\n"
        "documents: {note: {format: fixed-width, schema: note.layout.yaml, batch: each}}\n"
        "accepts: {rest: {credential: key, types: [note]}}\n"
    ),
    "connectors/agencies/lines/access.yaml": "agency: lines\ngrants: [{rule: L-1, may: send, type: note}]\n",
    "mappings/lines/note.yaml": (
        "message: note\nagency: lines\nfields:\n  number: header/No\n  stage: {at: header/Stage, codes: office-stage}\n"
        "  persons[]: {at: rows, id: Key, fields: {name: Name}}\n"
    ),
}


def test_row_of_a_file_that_is_one_message_refuses_the_message(tmp_path: Path) -> None:
    """It is no record of its own that could be refused alone."""
    site = small_site(tmp_path)
    for name, text in FILES.items():
        add(site, name, text)
    dialect = load_site(site, prove=False).dialects["lines", "note"]
    sound = b"N-001O\np1  Ali  \np2  Fahd \n"
    (message,) = translate_in(dialect, Received("lines", "note", "rest", sound, 0.0), str).messages
    assert [person["name"] for person in message.data["persons"]] == ["Ali", "Fahd"]
    with pytest.raises(HubError, match="schema-violation") as refused:
        translate_in(dialect, Received("lines", "note", "rest", sound.replace(b"p2", b"  "), 0.0), str)
    assert refused.value.problems[0].path == "row 2, column Key"
