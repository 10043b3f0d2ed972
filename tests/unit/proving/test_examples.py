"""Examples are tests: they run, differences can be read, and lines that none reaches are told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hub.findings import Finding
from hub.proving.examples import load_examples, without_example
from hub.proving.reach import unreached
from hub.proving.run import run_example, update
from hub.site.site import load_site
from tests.unit.proving.small import IN, OUT, READS, TYPE, WRITES, add, change, small_site, with_examples


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Both examples, with what the mappings make of them as expected files."""
    folder = with_examples(small_site(tmp_path))
    settle(folder)
    shutil.copy(folder / IN / "canonical.json", folder / OUT / "canonical.json")
    settle(folder)
    return folder


def settle(folder: Path) -> None:
    loaded = load_site(folder)
    for example in load_examples(loaded)[0]:
        update(run_example(loaded, example))


def findings(folder: Path) -> list[Finding]:
    loaded = load_site(folder)
    examples, found = load_examples(loaded)
    return [*found, *(finding for example in examples for finding in run_example(loaded, example).findings)]


def test_what_was_just_written_holds(site: Path) -> None:
    """After an update nothing is found, in either direction."""
    assert findings(site) == []
    assert (site / OUT / "output.xml").read_text(encoding="utf-8").count("\n") > 10


def test_a_difference_names_the_field_and_both_values(site: Path) -> None:
    """What an agency's document becomes is compared field by field."""
    change(site, f"{IN}/canonical.json", '"stage": "open"', '"stage": "closed"')
    (finding,) = findings(site)
    assert (finding.code, finding.file) == ("example-differs", f"{IN}/canonical.json")
    assert 'stage: "closed" expected, "open" found' in finding.text


def test_a_difference_of_xml_shows_the_lines(site: Path) -> None:
    """An XML document is compared as text, its layout aside."""
    path = site / OUT / "output.xml"
    path.write_text(path.read_text(encoding="utf-8").replace("N-007<", "N-008<"), encoding="utf-8")
    (finding,) = findings(site)
    assert finding.file == f"{OUT}/output.xml"
    assert "-  <a:No>N-008</a:No>" in finding.text


def test_the_layout_of_an_expected_document_does_not_count(site: Path) -> None:
    """The same document in one line is the same document."""
    path = site / OUT / "output.xml"
    path.write_text("".join(line.strip() for line in path.read_text(encoding="utf-8").splitlines()), encoding="utf-8")
    assert findings(site) == []


def test_an_update_makes_a_changed_mapping_hold_again(site: Path) -> None:
    """The expected file is rewritten with what the mapping makes now."""
    change(site, WRITES, "  text: a:Text\n", "")
    change(site, WRITES, "drops: {", "drops: {text: not wanted, ")
    assert [finding.code for finding in findings(site)] == ["example-differs"]
    settle(site)
    assert findings(site) == []
    assert "a:Text" not in (site / OUT / "output.xml").read_text(encoding="utf-8")


def test_a_refused_input_is_told_with_its_place_and_line(site: Path) -> None:
    """The finding stands at the line of the input."""
    change(site, f"{IN}/input.json", '"O"', '"X"')
    (finding,) = findings(site)
    assert (finding.code, finding.file) == ("example-failed", f"{IN}/input.json")
    assert "/state" in finding.text
    assert '"X"' in (site / finding.file).read_text(encoding="utf-8").splitlines()[finding.line - 1]


def test_a_refusal_can_be_what_an_example_expects(site: Path) -> None:
    """``refused`` names the code, and then the input must be refused with it."""
    change(site, f"{IN}/input.json", '"O"', '"X"')
    add(site, f"{IN}/example.yaml", f"{TYPE}direction: in\nrefused: schema-violation\n")
    assert findings(site) == []
    change(site, f"{IN}/input.json", '"X"', '"O"')
    assert [finding.code for finding in findings(site)] == ["example-differs"]


def test_numbers_of_the_agency_can_be_expected(site: Path) -> None:
    """``partner`` is compared where it is given."""
    change(site, READS, "fields:\n", 'fields:\n  $partner.caseNumber: "no"\n')
    add(site, f"{IN}/example.yaml", f"{TYPE}direction: in\npartner: {{caseNumber: other}}\n")
    (finding,) = findings(site)
    assert 'caseNumber: "other" expected' in finding.text


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("type: noet\ndirection: in\n", "unknown-type", 1),
        (f"{TYPE}direction: out\nrule: A-2\n", "unknown-rule", 3),
        (f"{TYPE}direction: sideways\n", "bad-value", 2),
        (f"{TYPE}direction: out\nrule: A-1\nmessage: {{lable: x}}\n", "unknown-source", 4),
        (f"{TYPE}direction: in\ncharste: x\n", "unknown-key", 3),
    ],
)
def test_a_mistake_in_an_example_has_its_line(site: Path, text: str, code: str, line: int) -> None:
    """Examples are checked like every file of a site."""
    add(site, f"{OUT}/example.yaml", text)
    found = {(finding.code, finding.line) for finding in findings(site) if finding.file == f"{OUT}/example.yaml"}
    assert (code, line) in found


def test_lines_that_no_example_reaches_are_told(site: Path) -> None:
    """Only they, and for the direction that a grant uses."""
    loaded = load_site(site)
    examples = load_examples(loaded)[0]
    before = {finding.file for finding in unreached(loaded, examples)}
    line = (site / READS).read_text(encoding="utf-8").splitlines().index("  text: text") + 1
    assert READS not in before
    change(site, f"{IN}/input.json", ',\n "text": "a note"', "")
    after = {finding.file: finding for finding in unreached(loaded, examples)}
    assert after[READS] == Finding("unreached", READS, line, f"no example reads line {line} (text)", severity="note")


def test_a_mapping_without_an_example_is_told(site: Path) -> None:
    """A note for the direction that nothing shows."""
    shutil.rmtree(site / OUT)
    loaded = load_site(site)
    found = without_example(loaded, load_examples(loaded)[0])
    assert {finding.file for finding in found} == {WRITES, READS}  # the office receives notes too
    assert {(finding.code, finding.severity) for finding in found} == {("no-example", "note")}
    assert all("direction out" in finding.text for finding in found)
