"""Which record a schema's complaint is about, and which is about the document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.errors import HubError
from hub.message import Received
from hub.pipeline.translate import translate_in
from hub.site.site import load_site

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
