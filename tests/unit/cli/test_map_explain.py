"""``hub map --explain``: both places of each value and what stands between; errors with the mapping's line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.cli import dispatch
from tests.unit.proving.small import IN, READS, WRITES, change, small_site, with_examples

ROOT = Path(__file__).parents[3]
REFERRAL = "mappings/emirate/examples/referral-of-a-burglary"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return with_examples(small_site(tmp_path))


def mapped(capsys: pytest.CaptureFixture[str], site: Path, *words: str, status: int = 0) -> Any:
    assert dispatch(["map", *words, "--site", str(site), "--json"]) == status
    return json.loads(capsys.readouterr().out)


def line_of(site: Path, name: str, start: str) -> int:
    lines = (site / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.strip().startswith(start))


def canonical(capsys: pytest.CaptureFixture[str], site: Path) -> Path:
    path = site / "canonical.json"
    found = mapped(capsys, site, "office", "note", "--in", str(site / IN / "input.json"))
    path.write_text(json.dumps(found["messages"][0]), encoding="utf-8")
    return path


def test_reading_explains_every_value(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The agency's place, the mapping's line, the row of the code table, our place: nothing of the message is left."""
    found = mapped(capsys, site, "office", "note", "--in", str(site / IN / "input.json"), "--explain")
    by_place = {item["canonical"]["path"]: item for item in found["explained"]}
    assert by_place.keys() == {
        "number", "stage", "place.name", "place.sealed", "persons[0].id", "persons[0].name", "persons[0].sex",
        "accused[0].personId", "accused[0].count", "text",
    }  # fmt: skip
    assert by_place["stage"] == {
        "record": 0,
        "agency": {"path": "/state", "value": "O"},
        "canonical": {"path": "stage", "value": "open"},
        "line": f"{READS}:{line_of(site, READS, 'stage:')}",
        "codes": "office-stage",
        "row": "mappings/codes/office-stage.csv:2",
    }
    assert by_place["persons[0].sex"]["agency"] == {"path": "/people/0/sex", "value": "M"}


def test_writing_explains_every_value(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The other way round, in the receiver's own places."""
    found = mapped(capsys, site, "archive", "note", "--out", str(canonical(capsys, site)), "--explain")
    by_place = {item["agency"]["path"]: item for item in found["explained"]}
    assert by_place["/a:Note/a:Stage"]["row"] == "mappings/codes/archive-stage.csv:2"
    assert by_place["/a:Note/a:Stage"]["line"] == f"{WRITES}:{line_of(site, WRITES, 'stage:')}"
    assert by_place["/a:Note/a:Accused[1]/a:Count"]["canonical"] == {"path": "accused[0].count", "value": 2}


def test_people_get_a_table(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a value, under the mapping's name."""
    words = ["map", "office", "note", "--in", str(site / IN / "input.json"), "--explain", "--site", str(site)]
    assert dispatch(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == READS
    assert any("/state" in line and "office-stage.csv:2" in line and line.endswith("stage") for line in lines)


def test_a_person_without_a_role_is_told_as_dropped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the mapping's line and its reason, to people and as data; only what the grant shows of it."""
    message = json.loads((ROOT / f"{REFERRAL}/canonical.json").read_text(encoding="utf-8"))
    message["persons"].append({**message["persons"][0], "id": "nobody"})
    file = tmp_path / "canonical.json"
    file.write_text(json.dumps(message), encoding="utf-8")
    words = ["emirate", "case-referral", "--out", str(file), "--source", "police-platform", "--explain"]
    (dropped,) = [item for item in mapped(capsys, ROOT, *words)["explained"] if "dropped" in item]
    name = "mappings/emirate/case-referral.yaml"
    line = line_of(ROOT, name, '"persons[]": {drops')
    assert (dropped["line"], dropped["canonical"]["path"]) == (
        f"{name}:{line}",
        f"persons[{len(message['persons']) - 1}]",
    )
    assert dropped["dropped"].startswith("the view has the accused")
    assert dropped["canonical"]["value"].keys() == {"id", "name", "sex", "nationality", "occupation"}
    assert dispatch(["map", *words, "--site", str(ROOT)]) == 0
    assert "(dropped)" in capsys.readouterr().out.splitlines()[-1]


def test_a_refused_document_names_the_mapping_line(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the document's own place and line."""
    change(site, f"{IN}/input.json", '"state": "O"', '"state": "Z"')
    found = mapped(capsys, site, "office", "note", "--in", str(site / IN / "input.json"), status=1)
    (problem,) = found["problems"]
    document = (site / IN / "input.json").read_text(encoding="utf-8").splitlines()
    assert problem["path"] == "/state"
    assert '"Z"' in document[problem["line"] - 1]
    assert problem["mapping"] == f"{READS}:{line_of(site, READS, 'stage:')}"


def test_only_the_mapping_in_question_is_loaded(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake in another agency's mapping does not stop a translation."""
    change(site, WRITES, "text: a:Text", "text: a:Txt")
    assert mapped(capsys, site, "office", "note", "--in", str(site / IN / "input.json"))["messages"]
